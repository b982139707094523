//! Who is connected: how many, of which user, and who is in the middle of something.

use std::{
    collections::BTreeMap,
    net::Shutdown,
    os::unix::net::UnixStream,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::wire::Refused;

/// Connections at a time.
const CONNECTIONS_MAX: usize = 512;
/// Connections of one system user at a time: nobody keeps all others out.
const CONNECTIONS_OF_ONE_MAX: usize = 256;

/// Everybody who is connected.
#[derive(Default)]
pub struct Guests {
    state: Mutex<State>,
    left: Condvar,
}

#[derive(Default)]
struct State {
    is_stopping: bool,
    next: u64,
    guests: BTreeMap<u64, Guest>,
}

struct Guest {
    user: u32,
    stream: UnixStream,
    is_busy: bool,
}

/// One who is connected, until this value goes.
pub struct Present<'g> {
    guests: &'g Guests,
    id: u64,
}

/// A call that runs, until this value goes.
pub struct Busy<'g> {
    guests: &'g Guests,
    id: u64,
}

fn refused(kind: &str, message: &str, hint: &str) -> Refused {
    Refused { kind: kind.to_owned(), message: message.to_owned(), hint: Some(hint.to_owned()) }
}

fn stopping() -> Refused {
    refused("unavailable", "the room's daemon is stopping", "try again when it is back")
}

impl Guests {
    fn state(&self) -> MutexGuard<'_, State> {
        // Each change is one statement: a thread that panicked has left nothing half.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets somebody in.
    ///
    /// # Errors
    /// What he is told instead.
    pub fn enter(&self, user: u32, stream: &UnixStream) -> Result<Present<'_>, Refused> {
        let busy = |whose: &str| {
            refused("busy", &format!("{whose} too many connections to the room"), "try again in a second")
        };
        let stream = stream.try_clone().map_err(|_| busy("there are"))?;
        let mut state = self.state();
        if state.is_stopping {
            return Err(stopping());
        }
        if state.guests.len() >= CONNECTIONS_MAX {
            return Err(busy("there are"));
        }
        if state.guests.values().filter(|guest| guest.user == user).count() >= CONNECTIONS_OF_ONE_MAX {
            return Err(busy("this user has"));
        }
        let id = state.next;
        state.next += 1;
        state.guests.insert(id, Guest { user, stream, is_busy: false });
        Ok(Present { guests: self, id })
    }

    /// Lets nobody in any more, and goes on with nobody who is not in the middle of something.
    pub fn stop(&self) {
        let mut state = self.state();
        state.is_stopping = true;
        for guest in state.guests.values().filter(|guest| !guest.is_busy) {
            // Whoever hung up himself is gone already.
            let _ = guest.stream.shutdown(Shutdown::Both);
        }
    }

    /// Waits until everybody has left. How many have not after `patience`.
    pub fn wait(&self, patience: Duration) -> usize {
        let state = self.state();
        let waited = self.left.wait_timeout_while(state, patience, |state| !state.guests.is_empty());
        waited.unwrap_or_else(PoisonError::into_inner).0.guests.len()
    }
}

impl Present<'_> {
    /// Begins a call.
    ///
    /// # Errors
    /// What he is told instead.
    pub fn begin(&self) -> Result<Busy<'_>, Refused> {
        let mut state = self.guests.state();
        if state.is_stopping {
            return Err(stopping());
        }
        if let Some(guest) = state.guests.get_mut(&self.id) {
            guest.is_busy = true;
        }
        Ok(Busy { guests: self.guests, id: self.id })
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        let mut state = self.guests.state();
        let is_stopping = state.is_stopping;
        if let Some(guest) = state.guests.get_mut(&self.id) {
            guest.is_busy = false;
            if is_stopping {
                // What was sent arrives all the same.
                let _ = guest.stream.shutdown(Shutdown::Both);
            }
        }
    }
}

impl Drop for Present<'_> {
    fn drop(&mut self) {
        self.guests.state().guests.remove(&self.id);
        self.guests.left.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Read, os::unix::net::UnixStream, time::Duration};

    use super::{CONNECTIONS_MAX, CONNECTIONS_OF_ONE_MAX, Guests};

    #[test]
    fn one_user_keeps_nobody_else_out_and_all_have_a_limit() {
        let guests = Guests::default();
        let (stream, _other) = UnixStream::pair().unwrap();
        let mut present: Vec<_> =
            (0..CONNECTIONS_OF_ONE_MAX).map(|_| guests.enter(1, &stream).ok().unwrap()).collect();
        let refused = guests.enter(1, &stream).err().unwrap();
        assert_eq!((refused.kind.as_str(), refused.message.contains("this user")), ("busy", true));
        present.extend(
            (CONNECTIONS_OF_ONE_MAX..CONNECTIONS_MAX).map(|_| guests.enter(2, &stream).ok().unwrap()),
        );
        assert!(guests.enter(3, &stream).err().unwrap().message.contains("there are"));
        present.pop();
        assert!(guests.enter(3, &stream).is_ok());
    }

    #[test]
    fn who_is_idle_goes_at_once_and_who_works_ends_first() {
        let guests = Guests::default();
        let (idle, mut hung_up) = UnixStream::pair().unwrap();
        let (busy, _at_work) = UnixStream::pair().unwrap();
        let idle = guests.enter(1, &idle).ok().unwrap();
        let present = guests.enter(1, &busy).ok().unwrap();
        let call = present.begin().ok().unwrap();
        guests.stop();
        assert_eq!(hung_up.read(&mut [0]).unwrap(), 0);
        drop(idle);
        assert_eq!(guests.wait(Duration::from_millis(10)), 1);
        assert_eq!(guests.enter(1, &busy).err().unwrap().kind, "unavailable");
        drop(call);
        assert_eq!(present.begin().err().unwrap().kind, "unavailable");
        drop(present);
        assert_eq!(guests.wait(Duration::from_millis(10)), 0);
    }
}
