//! Reading a blob as a stream, front to back, from anything that reads.

use std::io::{self, Read};
use std::mem;

use zeroize::{Zeroize, Zeroizing};

use super::{CHUNK_BYTES, ChunkCipher, Derived, SEALED_CHUNK_BYTES, Unreadable};
use crate::crypto::gcm::KEY_BYTES;

/// Opens a blob chunk by chunk in 16 KiB of memory and releases, through [`Read`], verified chunks only.
///
/// A read fills a whole chunk before it opens it, so bytes after the last chunk become part of it and it does
/// not open: a cut and an extended blob both fail before the last chunk's text is released. The text of the full
/// chunks before it is out by then; the end of the stream, `Ok(0)`, is what says that it was all.
///
/// The errors of `read` are [`Unreadable`] inside an [`io::Error`] (`Unreadable::from` takes it out again), and
/// every read after a failed one fails too.
pub(crate) struct Reader<R> {
    inner: R,
    state: State,
    next: u64,
    chunk: Zeroizing<Vec<u8>>,
    /// Bytes of `chunk` that are released.
    released: usize,
}

enum State {
    Open(Box<ChunkCipher>),
    /// The last chunk is verified; it may not be released to its end yet.
    Ended,
    Failed,
}

impl<R: Read> Reader<R> {
    /// Reads the prefix and checks that the blob was made under `key` and `context`.
    ///
    /// # Errors
    /// [`Unreadable::Unauthentic`], [`Unreadable::Io`].
    pub(crate) fn new(key: &[u8; KEY_BYTES], context: &[u8], mut inner: R) -> Result<Self, Unreadable> {
        let state = State::Open(Derived::from_prefix(key, context, &mut inner)?.cipher());
        let chunk = Zeroizing::new(Vec::with_capacity(SEALED_CHUNK_BYTES));
        Ok(Self { inner, state, next: 0, chunk, released: 0 })
    }

    /// Wipes the chunk that is released and opens the next one, if there is one.
    fn advance(&mut self) -> Result<(), Unreadable> {
        self.chunk.zeroize();
        self.released = 0;
        match mem::replace(&mut self.state, State::Failed) {
            State::Open(cipher) => {
                cipher.read(self.next, &mut self.inner, &mut self.chunk)?;
                self.next += 1;
                let last = self.chunk.len() < CHUNK_BYTES;
                self.state = if last { State::Ended } else { State::Open(cipher) };
            }
            State::Ended => self.state = State::Ended,
            State::Failed => return Err(Unreadable::AlreadyFailed),
        }
        Ok(())
    }
}

impl<R: Read> Read for Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.released >= self.chunk.len() && !out.is_empty() {
            self.advance()?;
        }
        let mut ready = self.chunk.get(self.released..).unwrap_or_default();
        let count = ready.read(out)?;
        self.released += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use super::Reader;
    use crate::crypto::chunked::chunked_tests::{CONTEXT, KEY, sealed, text};
    use crate::crypto::chunked::{CHUNK_BYTES, Unreadable};

    /// Storage that gives one byte, then an interruption, then the rest in pieces, and then fails for good.
    struct Weak<'a>(&'a [u8], usize);

    impl Read for Weak<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            self.1 += 1;
            match self.1 {
                1 => self.0.by_ref().take(1).read(out),
                2 => Err(io::ErrorKind::Interrupted.into()),
                _ if self.0.is_empty() => Err(io::ErrorKind::TimedOut.into()),
                _ => self.0.by_ref().take(777).read(out),
            }
        }
    }

    /// What came before the failure is ciphertext; no later read may give it out.
    #[test]
    fn goes_on_after_an_interruption_and_not_after_a_failure() {
        let text = text(CHUNK_BYTES + 100);
        let blob = sealed(&text);
        for (stored, released) in [(56, 0), (57, 0), (56 + 16_400, CHUNK_BYTES), (blob.len(), CHUNK_BYTES)] {
            let mut reader = Reader::new(&KEY, CONTEXT, Weak(&blob[..stored], 0)).unwrap();
            let mut whole = Vec::new();
            let failed = reader.read_to_end(&mut whole).map_err(Unreadable::from);
            assert!(matches!(failed, Err(Unreadable::Io(error)) if error.kind() == io::ErrorKind::TimedOut));
            assert_eq!(whole, text[..released]);
            for _ in 0..2 {
                let again = reader.read(&mut [0; 8]).map_err(Unreadable::from);
                assert!(matches!(again, Err(Unreadable::AlreadyFailed)), "{stored} bytes stored");
            }
        }
    }

    #[test]
    fn holds_nothing_after_a_failure_or_the_end() {
        let mut blob = sealed(&text(CHUNK_BYTES + 9));
        let mut reader = Reader::new(&KEY, CONTEXT, &blob[..]).unwrap();
        io::copy(&mut reader, &mut io::sink()).unwrap();
        assert!(reader.chunk.is_empty());
        assert_eq!(reader.read(&mut [0; 8]).unwrap(), 0);

        *blob.last_mut().unwrap() ^= 1;
        let mut reader = Reader::new(&KEY, CONTEXT, &blob[..]).unwrap();
        io::copy(&mut reader, &mut io::sink()).unwrap_err();
        assert!(reader.chunk.is_empty());
    }

    #[test]
    fn an_empty_read_opens_nothing() {
        let blob = sealed(b"words");
        let mut reader = Reader::new(&KEY, CONTEXT, &blob[..56]).unwrap();
        assert_eq!(reader.read(&mut []).unwrap(), 0);
        assert_eq!(reader.next, 0);
    }
}
