//! Writing a blob, front to back.

use std::io::{self, Write};
use std::{error, fmt};

use zeroize::{Zeroize, Zeroizing};

use super::{CHUNK_BYTES, ChunkCipher, Derived, SALT_BYTES, SEALED_CHUNK_BYTES};
use crate::base::random;
use crate::crypto::gcm::{KEY_BYTES, TooLong};

/// Why a blob was not written, or not to its end.
#[derive(Debug)]
pub(crate) enum Unwritten {
    /// The operating system gave no random bytes for the salt.
    NoRandomness,
    /// The text is longer than 2^38 chunks, 4 PiB.
    TooLong,
    /// The storage failed.
    Io(io::Error),
    /// An earlier write failed; what is stored is no blob and never becomes one.
    AlreadyFailed,
}

impl fmt::Display for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoRandomness => "the operating system gave no random bytes for a salt",
            Self::TooLong => "text is longer than a sealed blob takes",
            Self::Io(_) => "sealed blob could not be written",
            Self::AlreadyFailed => "an earlier write of the sealed blob failed",
        })
    }
}

impl error::Error for Unwritten {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::NoRandomness | Self::TooLong | Self::AlreadyFailed => None,
        }
    }
}

/// Seals what is written to it, chunk by chunk, in 16 KiB of memory. Without [`Writer::finish`] there is no last
/// chunk, and what is stored does not open.
pub(crate) struct Writer<W> {
    inner: W,
    /// None after a failure: an index must not seal a second text, so a failed writer can seal nothing.
    cipher: Option<Box<ChunkCipher>>,
    next: u64,
    /// Holds a full chunk and its tag without growing: a vector that grows leaves its old bytes behind.
    chunk: Zeroizing<Vec<u8>>,
}

impl<W: Write> Writer<W> {
    /// Begins a blob with a fresh salt and writes its prefix. `key` is uniformly random and for nothing but
    /// blobs; `context` is not stored: reading needs the same bytes, and they tie the blob to its place.
    ///
    /// # Errors
    /// [`Unwritten::NoRandomness`], [`Unwritten::Io`].
    pub(crate) fn new(key: &[u8; KEY_BYTES], context: &[u8], inner: W) -> Result<Self, Unwritten> {
        let salt = random::bytes().map_err(|_| Unwritten::NoRandomness)?;
        Self::with_salt(key, context, &salt, inner)
    }

    /// For [`Writer::new`] and the vectors: a salt used twice under one key gives the key to forge away.
    pub(super) fn with_salt(
        key: &[u8; KEY_BYTES],
        context: &[u8],
        salt: &[u8; SALT_BYTES],
        mut inner: W,
    ) -> Result<Self, Unwritten> {
        let derived = Derived::new(key, context, salt);
        let prefix = inner.write_all(salt).and_then(|()| inner.write_all(&derived.commitment));
        prefix.map_err(Unwritten::Io)?;
        let chunk = Zeroizing::new(Vec::with_capacity(SEALED_CHUNK_BYTES));
        Ok(Self { inner, cipher: Some(derived.cipher()), next: 0, chunk })
    }

    /// Appends `text`; full chunks go to the storage, the rest waits here.
    ///
    /// # Errors
    /// [`Unwritten`], but not `NoRandomness`. The writer is of no more use then.
    pub(crate) fn write_all(&mut self, mut text: &[u8]) -> Result<(), Unwritten> {
        while !text.is_empty() {
            let space = CHUNK_BYTES.saturating_sub(self.chunk.len());
            let (now, later) = text.split_at(space.min(text.len()));
            self.chunk.extend_from_slice(now);
            if self.chunk.len() >= CHUNK_BYTES {
                self.seal_chunk()?;
            }
            text = later;
        }
        Ok(())
    }

    /// Writes the last chunk, which is short and perhaps empty, and gives the storage back, neither flushed
    /// nor synced.
    ///
    /// # Errors
    /// [`Unwritten`], but not `NoRandomness`. The blob is not whole then.
    pub(crate) fn finish(mut self) -> Result<W, Unwritten> {
        self.seal_chunk()?;
        Ok(self.inner)
    }

    fn seal_chunk(&mut self) -> Result<(), Unwritten> {
        let cipher = self.cipher.take().ok_or(Unwritten::AlreadyFailed);
        let written = cipher.and_then(|cipher| {
            cipher.seal(self.next, &mut self.chunk).map_err(|TooLong| Unwritten::TooLong)?;
            self.inner.write_all(&self.chunk).map_err(Unwritten::Io)?;
            Ok(cipher)
        });
        self.chunk.zeroize();
        self.cipher = Some(written?);
        self.next += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::{Unwritten, Writer};
    use crate::crypto::chunked::{CHUNK_BYTES, CHUNKS_MAX};

    /// Storage with room for so many bytes.
    struct Full(usize);

    impl io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_failed_write_ends_the_writer_and_wipes_its_chunk() {
        let mut writer = Writer::new(&[1; 32], b"", Full(56 + 1000)).unwrap();
        let failed = writer.write_all(&[7; CHUNK_BYTES]);
        assert!(matches!(failed, Err(Unwritten::Io(error)) if error.kind() == io::ErrorKind::StorageFull));
        assert!(writer.chunk.is_empty() && writer.cipher.is_none());
        assert!(matches!(writer.write_all(&[7; CHUNK_BYTES]), Err(Unwritten::AlreadyFailed)));
        assert!(writer.chunk.is_empty());
        assert!(matches!(writer.finish(), Err(Unwritten::AlreadyFailed)));
    }

    #[test]
    fn a_prefix_that_cannot_be_written_makes_no_writer() {
        assert!(matches!(Writer::new(&[1; 32], b"", Full(55)), Err(Unwritten::Io(_))));
    }

    #[test]
    fn stops_at_the_last_chunk_that_the_format_counts() {
        let mut writer = Writer::new(&[1; 32], b"", Vec::new()).unwrap();
        writer.next = CHUNKS_MAX - 1;
        writer.write_all(&[7; CHUNK_BYTES]).unwrap();
        assert!(matches!(writer.finish(), Err(Unwritten::TooLong)));
    }

    #[test]
    fn the_chunk_never_grows() {
        let mut writer = Writer::new(&[1; 32], b"", io::sink()).unwrap();
        let before = writer.chunk.as_ptr();
        writer.write_all(&[7; 3 * CHUNK_BYTES + 5]).unwrap();
        assert_eq!(writer.chunk.as_ptr(), before);
        assert_eq!(writer.chunk.len(), 5);
    }
}
