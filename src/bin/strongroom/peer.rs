//! The server's end of one connection: nobody at the other end can hold it for longer than it is patient.

use std::{
    cell::RefCell,
    io::{self, ErrorKind, Read, Write},
    os::unix::net::UnixStream,
    rc::Rc,
    time::Duration,
};

use strongroom::room::{Clock, Moment};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    line::Wire,
    wire::{self, Frame, Kind},
};

/// A message comes in whole within this time of its first byte.
const FRAME: Duration = Duration::from_secs(10);
/// What is taken from the system at once, bytes: a call with its session fits.
const AHEAD_BYTES: usize = 2048;

/// A connection.
#[derive(Clone)]
pub struct Peer {
    stream: Rc<UnixStream>,
    ahead: Rc<RefCell<Ahead>>,
    clock: Clock,
    patience: Duration,
}

impl Peer {
    /// The other end of `stream`, which may be silent for `patience`.
    ///
    /// # Errors
    /// The connection is gone.
    pub fn new(stream: UnixStream, clock: &Clock, patience: Duration) -> io::Result<Self> {
        stream.set_write_timeout(Some(patience))?;
        let ahead = Rc::default();
        Ok(Self { stream: Rc::new(stream), ahead, clock: clock.clone(), patience })
    }

    /// The next frame, if it begins within `wait`; none if the other side closes instead.
    ///
    /// # Errors
    /// It does not come, or not in whole, or is none.
    pub fn next(&self, wait: Duration) -> io::Result<Option<Frame>> {
        let mut ahead = self.ahead.borrow_mut();
        let mut patient =
            Patient { stream: &self.stream, ahead: &mut ahead, clock: &self.clock, wait, begun: None };
        wire::receive(&mut patient)
    }

    /// Says something to whoever is there.
    ///
    /// # Errors
    /// He does not take it.
    pub fn tell(&self, said: &wire::Said) -> io::Result<()> {
        wire::send(&mut &*self.stream, Kind::Message, &wire::written(said)?)
    }
}

impl Wire for Peer {
    fn receive(&mut self) -> io::Result<Frame> {
        self.next(self.patience)?.ok_or_else(|| ErrorKind::UnexpectedEof.into())
    }

    fn send(&mut self, frames: &[u8]) -> io::Result<()> {
        (&*self.stream).write_all(frames)
    }
}

/// What has come and was not asked for yet. Tokens pass through it: what leaves it is wiped.
struct Ahead {
    bytes: Zeroizing<Vec<u8>>,
    from: usize,
    to: usize,
}

impl Default for Ahead {
    fn default() -> Self {
        Self { bytes: Zeroizing::new(vec![0; AHEAD_BYTES]), from: 0, to: 0 }
    }
}

impl Ahead {
    /// Moves what there is to `out`, as far as that goes.
    fn take(&mut self, out: &mut [u8]) -> usize {
        let held = self.bytes.get_mut(self.from..self.to).unwrap_or_default();
        let taken = held.len().min(out.len());
        for (out, held) in out.iter_mut().zip(held.iter_mut()) {
            *out = *held;
        }
        held.get_mut(..taken).unwrap_or_default().zeroize();
        self.from += taken;
        taken
    }

    /// Fills itself by one reading of `stream`.
    fn fill(&mut self, mut stream: &UnixStream) -> io::Result<()> {
        (self.from, self.to) = (0, 0);
        self.to = stream.read(&mut self.bytes)?;
        Ok(())
    }
}

/// A stream that gives its first byte within one time, and all others within another.
struct Patient<'p> {
    stream: &'p UnixStream,
    ahead: &'p mut Ahead,
    clock: &'p Clock,
    wait: Duration,
    begun: Option<Moment>,
}

impl Read for Patient<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let held = self.ahead.take(out);
        if held > 0 || out.is_empty() {
            self.begun.get_or_insert_with(|| self.clock.moment());
            return Ok(held);
        }
        let left = match self.begun {
            None => self.wait,
            Some(begun) => FRAME.min(self.wait).saturating_sub(self.clock.moment().since(begun)),
        };
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        // Content goes straight to where it is wanted; the rest of a call comes with its head.
        let read = if out.len() >= AHEAD_BYTES {
            (&*self.stream).read(out)
        } else {
            self.ahead.fill(self.stream).map(|()| self.ahead.take(out))
        };
        let read = read.map_err(|e| match e.kind() {
            ErrorKind::WouldBlock => ErrorKind::TimedOut.into(),
            _ => e,
        })?;
        self.begun.get_or_insert_with(|| self.clock.moment());
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{ErrorKind, Write},
        os::unix::net::UnixStream,
        thread,
        time::Duration,
    };

    use strongroom::room::Clock;

    use super::Peer;

    const SHORT: Duration = Duration::from_millis(50);
    const LONG: Duration = Duration::from_secs(60);

    fn pair(patience: Duration) -> (UnixStream, Peer) {
        let (theirs, ours) = UnixStream::pair().unwrap();
        (theirs, Peer::new(ours, &Clock::system(), patience).unwrap())
    }

    #[test]
    fn who_says_nothing_is_waited_for_so_long_and_no_longer() {
        let (theirs, peer) = pair(LONG);
        assert_eq!(peer.next(SHORT).err().unwrap().kind(), ErrorKind::TimedOut);
        drop(theirs);
        assert!(peer.next(LONG).unwrap().is_none());
    }

    /// A byte now and then keeps no connection: the time of a frame counts from its first byte.
    #[test]
    fn who_says_it_a_byte_at_a_time_is_cut_off() {
        let (mut theirs, peer) = pair(LONG);
        let dripping = thread::spawn(move || {
            for byte in [0, 0, 1, 0, 1].into_iter().chain([b' '; 255]) {
                if theirs.write_all(&[byte]).is_err() {
                    return;
                }
                thread::sleep(SHORT / 5);
            }
        });
        assert_eq!(peer.next(SHORT).err().unwrap().kind(), ErrorKind::TimedOut);
        drop(peer);
        dripping.join().unwrap();
    }

    #[test]
    fn who_takes_nothing_is_given_up() {
        let (_theirs, mut peer) = pair(SHORT);
        let sent = super::Wire::send(&mut peer, &vec![0; 16 * 1024 * 1024]);
        assert!(matches!(sent.err().unwrap().kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
    }
}
