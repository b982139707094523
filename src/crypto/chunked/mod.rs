//! Chunked encryption (C2SP chunked-encryption, the instance Cobblestone-256: SHA-512 and AES-256-GCM) for
//! blobs of any size in constant memory.
//!
//! | Bytes | What |
//! |---|---|
//! | 24 | salt, random |
//! | 32 | commitment: no second key and context opens this blob |
//! | 16,400 each | full chunks: 16,384 bytes of ciphertext ‖ tag (16) |
//! | 16 to 16,399 | the last chunk: less than 16,384 bytes, perhaps none, ‖ tag (16) |
//!
//! key (32) ‖ base nonce (12) ‖ commitment (32) = HKDF-Expand-SHA-512 of the input key, where info is the
//! label, the salt and the context. Chunk `k` has the nonce base XOR `k`, so a chunk opens at its own place in
//! its own blob only. That the last chunk is short is what marks the end: a blob cut or extended anywhere has a
//! last chunk that does not open. A text has one sealed form for a salt, and one length.
//!
//! [`RandomReader`] reads at any offset, knows the length before the first byte, and releases no byte of a chunk
//! that it has not verified. Whoever reads on has got the earlier chunks by the time a later one fails: what they
//! said was right, but whoever acts on a whole text waits for its end.

use std::io::{self, Read};
use std::{error, fmt};

use zeroize::{Zeroize, Zeroizing};

use super::gcm::{Gcm, KEY_BYTES, NONCE_BYTES, TAG_BYTES, TooLong, Unauthentic};
use super::{hkdf, mac};

mod random;
#[cfg(test)]
mod reader;
mod writer;

pub(crate) use random::{RandomReader, text_length};
#[cfg(test)]
pub(crate) use reader::Reader;
pub(crate) use writer::{Unwritten, Writer};

/// What the derived keys are for; the name of the cipher is IANA's.
const LABEL: &[u8] = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0";
/// The salt, bytes.
const SALT_BYTES: usize = 24;
/// The commitment, bytes.
const COMMITMENT_BYTES: usize = 32;
/// Salt and commitment, bytes.
const PREFIX_BYTES: usize = SALT_BYTES + COMMITMENT_BYTES;
/// The text of a full chunk, bytes.
const CHUNK_BYTES: usize = 16 * 1024;
/// A full chunk as stored, bytes.
const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES + TAG_BYTES;
/// Chunks of one blob: 4 PiB of text. Past this, AES's counter and the spread of nonces lose their margin.
const CHUNKS_MAX: u64 = 1 << 38;

/// Why a blob was not read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// Another key or context, or bytes that are not those written: changed, cut, extended, out of order.
    Unauthentic,
    /// The storage failed.
    Io(io::Error),
    /// An earlier read of this stream failed; it goes no further.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the stream decoder, which tests hold the other against")
    )]
    AlreadyFailed,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unauthentic => "sealed blob does not authenticate",
            Self::Io(_) => "sealed blob could not be read",
            Self::AlreadyFailed => "an earlier read of the sealed blob failed",
        })
    }
}

impl error::Error for Unreadable {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Unauthentic | Self::AlreadyFailed => None,
        }
    }
}

/// Through [`Read`] and back: the error of a reader's `read` turns into the [`Unreadable`] that it was.
impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        error.downcast().unwrap_or_else(Self::Io)
    }
}

impl From<Unreadable> for io::Error {
    fn from(error: Unreadable) -> Self {
        match error {
            Unreadable::Io(error) => error,
            Unreadable::Unauthentic | Unreadable::AlreadyFailed => {
                Self::new(io::ErrorKind::InvalidData, error)
            }
        }
    }
}

/// What one input key, context and salt give.
struct Derived {
    key: Zeroizing<[u8; KEY_BYTES]>,
    base_nonce: [u8; NONCE_BYTES],
    commitment: [u8; COMMITMENT_BYTES],
}

impl Derived {
    fn new(key: &[u8; KEY_BYTES], context: &[u8], salt: &[u8; SALT_BYTES]) -> Self {
        let mut expanded = Zeroizing::new([0; KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES]);
        hkdf::expand_sha512(key, &[LABEL, salt, context], &mut expanded);
        let mut derived = Self {
            key: Zeroizing::new([0; KEY_BYTES]),
            base_nonce: [0; NONCE_BYTES],
            commitment: [0; COMMITMENT_BYTES],
        };
        let slots = derived.key.iter_mut().chain(&mut derived.base_nonce).chain(&mut derived.commitment);
        for (slot, byte) in slots.zip(expanded.iter()) {
            *slot = *byte;
        }
        derived
    }

    /// Reads a blob's prefix and holds its commitment against `key` and `context`, before any chunk is opened.
    fn from_prefix(key: &[u8; KEY_BYTES], context: &[u8], inner: &mut impl Read) -> Result<Self, Unreadable> {
        let (mut salt, mut commitment) = ([0; SALT_BYTES], [0; COMMITMENT_BYTES]);
        let prefix = inner.read_exact(&mut salt).and_then(|()| inner.read_exact(&mut commitment));
        prefix.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Unreadable::Unauthentic,
            _ => Unreadable::from(error),
        })?;
        let derived = Self::new(key, context, &salt);
        if mac::equal(&derived.commitment, &commitment) { Ok(derived) } else { Err(Unreadable::Unauthentic) }
    }

    /// On the heap, so that handing it on does not leave copies of round keys behind.
    fn cipher(&self) -> Box<ChunkCipher> {
        Box::new(ChunkCipher { gcm: Gcm::new(&self.key), base_nonce: self.base_nonce })
    }
}

/// Seals and opens the chunks of one blob. A chunk is a vector with room for its tag, worked on in place.
struct ChunkCipher {
    gcm: Gcm,
    base_nonce: [u8; NONCE_BYTES],
}

impl ChunkCipher {
    /// Encrypts the chunk at `index` and appends its tag. An index seals one chunk only, ever.
    fn seal(&self, index: u64, chunk: &mut Vec<u8>) -> Result<(), TooLong> {
        let sealed = self.nonce(index).ok_or(TooLong).and_then(|nonce| self.gcm.seal(&nonce, &[], chunk));
        match sealed {
            Ok(tag) => chunk.extend_from_slice(&tag),
            Err(TooLong) => chunk.zeroize(),
        }
        sealed.map(|_| ())
    }

    /// Reads the chunk at `index` into `chunk`, which comes empty, from where `inner` stands, and opens it. After
    /// a failure `chunk` is empty again: ciphertext read before the storage failed must not pass for text.
    fn read(&self, index: u64, inner: &mut impl Read, chunk: &mut Vec<u8>) -> Result<(), Unreadable> {
        let read = inner.take(SEALED_CHUNK_BYTES as u64).read_to_end(chunk).map_err(Unreadable::from);
        let opened =
            read.and_then(|_| self.open(index, chunk).map_err(|Unauthentic| Unreadable::Unauthentic));
        if opened.is_err() {
            chunk.zeroize();
        }
        opened
    }

    /// Decrypts the chunk at `index` and takes its tag off.
    fn open(&self, index: u64, chunk: &mut Vec<u8>) -> Result<(), Unauthentic> {
        let nonce = self.nonce(index).ok_or(Unauthentic)?;
        let (text, tag) = chunk.split_last_chunk_mut().ok_or(Unauthentic)?;
        self.gcm.open(&nonce, &[], text, tag)?;
        chunk.truncate(chunk.len().saturating_sub(TAG_BYTES));
        Ok(())
    }

    /// The base nonce XOR `index`, big-endian.
    fn nonce(&self, index: u64) -> Option<[u8; NONCE_BYTES]> {
        let mut nonce = self.base_nonce;
        for (slot, byte) in nonce.iter_mut().rev().zip(index.to_le_bytes()) {
            *slot ^= byte;
        }
        (index < CHUNKS_MAX).then_some(nonce)
    }
}

#[cfg(test)]
mod chunked_tests;
#[cfg(test)]
mod vector_tests;
