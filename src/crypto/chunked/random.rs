//! Reading a blob at any offset, from anything that reads and seeks.

use std::io::{Read, Seek, SeekFrom, Write};

use zeroize::{Zeroize, Zeroizing};

use super::{CHUNK_BYTES, CHUNKS_MAX, ChunkCipher, Derived, PREFIX_BYTES, SEALED_CHUNK_BYTES, Unreadable};
use crate::crypto::gcm::{KEY_BYTES, TAG_BYTES};

/// The widths above as offsets.
const PREFIX: u64 = PREFIX_BYTES as u64;
const CHUNK: u64 = CHUNK_BYTES as u64;
const SEALED_CHUNK: u64 = SEALED_CHUNK_BYTES as u64;

/// Opens single chunks of a blob whose length is authenticated before the first byte is released, in 16 KiB of
/// memory. Keeps the chunk it opened last, so small reads side by side open it once.
pub(crate) struct RandomReader<R> {
    inner: R,
    cipher: Box<ChunkCipher>,
    length: u64,
    chunk: Zeroizing<Vec<u8>>,
    /// Which chunk `chunk` holds.
    held: Option<u64>,
}

impl<R: Read + Seek> RandomReader<R> {
    /// Checks that the blob was made under `key` and `context`, then opens its last chunk: only the right length
    /// puts a chunk there that is short and has this number, so a cut or extended blob is refused here.
    ///
    /// # Errors
    /// [`Unreadable::Unauthentic`], [`Unreadable::Io`].
    pub(crate) fn new(key: &[u8; KEY_BYTES], context: &[u8], mut inner: R) -> Result<Self, Unreadable> {
        inner.rewind()?;
        let cipher = Derived::from_prefix(key, context, &mut inner)?.cipher();
        let length = text_length(inner.seek(SeekFrom::End(0))?).ok_or(Unreadable::Unauthentic)?;
        let chunk = Zeroizing::new(Vec::with_capacity(SEALED_CHUNK_BYTES));
        let mut reader = Self { inner, cipher, length, chunk, held: None };
        reader.hold(length / CHUNK)?;
        Ok(reader)
    }

    /// The text's length, bytes, as it was written: authenticated.
    pub(crate) fn len(&self) -> u64 {
        self.length
    }

    /// Copies the text from `offset` on into `out` and says how many bytes: all of `out`, or fewer at the
    /// text's end, none behind it.
    ///
    /// # Errors
    /// [`Unreadable::Unauthentic`], [`Unreadable::Io`]. Then all of `out` is wiped, verified chunks included:
    /// half an answer is none. Other offsets may still be read.
    pub(crate) fn read_at(&mut self, offset: u64, out: &mut [u8]) -> Result<usize, Unreadable> {
        let copied = self.copy_from(offset, out);
        if copied.is_err() {
            out.zeroize();
        }
        copied
    }

    fn copy_from(&mut self, offset: u64, mut out: &mut [u8]) -> Result<usize, Unreadable> {
        let (mut at, mut copied) = (offset, 0);
        while at < self.length && !out.is_empty() {
            self.hold(at / CHUNK)?;
            let skip = usize::try_from(at % CHUNK).ok();
            let ready = skip.and_then(|skip| self.chunk.get(skip..)).unwrap_or_default();
            let count = out.write(ready)?;
            // A verified chunk has a byte at every offset below the length; if it had none, this would not end.
            if count == 0 {
                return Err(Unreadable::Unauthentic);
            }
            at += count as u64;
            copied += count;
        }
        Ok(copied)
    }

    /// Opens chunk `index` in place of the one held.
    fn hold(&mut self, index: u64) -> Result<(), Unreadable> {
        if self.held == Some(index) {
            return Ok(());
        }
        self.held = None;
        self.chunk.zeroize();
        self.inner.seek(SeekFrom::Start(PREFIX + index * SEALED_CHUNK))?;
        self.cipher.read(index, &mut self.inner, &mut self.chunk)?;
        self.held = Some(index);
        Ok(())
    }
}

/// The length of the text in a blob of so many bytes, if a blob can have that length: the last chunk has its
/// tag and is not full.
pub(crate) fn text_length(blob: u64) -> Option<u64> {
    let chunks = blob.checked_sub(PREFIX)?;
    let full = chunks / SEALED_CHUNK;
    let last = (chunks % SEALED_CHUNK).checked_sub(TAG_BYTES as u64)?;
    (full < CHUNKS_MAX).then_some(full * CHUNK + last)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::{CHUNK, CHUNKS_MAX, RandomReader, SEALED_CHUNK, Unreadable, text_length};
    use crate::crypto::chunked::CHUNK_BYTES;
    use crate::crypto::chunked::chunked_tests::{CONTEXT, KEY, sealed, text};

    #[test]
    fn knows_which_lengths_a_blob_can_have() {
        for blob in [0, 55, 56, 56 + 15, 56 + SEALED_CHUNK, 56 + SEALED_CHUNK + 15, 56 + 7 * SEALED_CHUNK] {
            assert_eq!(text_length(blob), None, "{blob} bytes");
        }
        assert_eq!(text_length(56 + 16), Some(0));
        assert_eq!(text_length(56 + SEALED_CHUNK - 1), Some(CHUNK - 1));
        assert_eq!(text_length(56 + SEALED_CHUNK + 16), Some(CHUNK));
        let longest = 56 + CHUNKS_MAX * SEALED_CHUNK - 1;
        assert_eq!(text_length(longest), Some((1 << 52) - 1));
        assert_eq!(text_length(longest + 1 + 16), None);
    }

    #[test]
    fn a_damaged_chunk_wipes_the_answer_and_spares_the_others() {
        let text = text(3 * CHUNK_BYTES + 10);
        let mut blob = sealed(&text);
        blob[56 + 16_400 + 77] ^= 4;
        let mut reader = RandomReader::new(&KEY, CONTEXT, Cursor::new(blob)).unwrap();
        let mut out = vec![0xee; 2 * CHUNK_BYTES];
        assert!(matches!(reader.read_at(5, &mut out), Err(Unreadable::Unauthentic)));
        assert!(out.iter().all(|byte| *byte == 0), "bytes of chunk 0 stayed in the answer");
        assert!(reader.chunk.is_empty() && reader.held.is_none());
        assert_eq!(reader.read_at(2 * CHUNK, &mut out).unwrap(), CHUNK_BYTES + 10);
        assert_eq!(out[..CHUNK_BYTES + 10], text[2 * CHUNK_BYTES..]);
    }

    #[test]
    fn storage_cut_after_opening_gives_an_error_and_no_bytes() {
        let mut reader =
            RandomReader::new(&KEY, CONTEXT, Cursor::new(sealed(&text(3 * CHUNK_BYTES)))).unwrap();
        reader.inner.get_mut().truncate(56 + 16_400 + 500);
        let mut out = [0xee; 64];
        assert_eq!(reader.read_at(CHUNK - 64, &mut out).unwrap(), 64);
        assert!(matches!(reader.read_at(CHUNK - 32, &mut out), Err(Unreadable::Unauthentic)));
        assert_eq!(out, [0; 64]);
    }
}
