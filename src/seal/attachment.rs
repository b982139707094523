//! Attachments: C2SP chunked encryption under the blob key, behind `format 02 | generation u32be`.

use std::io::{self, Read, Seek, SeekFrom, Write};

use super::{Column, OpenError, Place, open::spend_on};
use crate::{
    access::{Field, Object, OwnerSession, View},
    audit::Receipt,
    base::{AttachmentId, Class, Clock, Moment, RoomId, Scope, limits::STREAM_LIFETIME},
    crypto::chunked,
    keys::DataKey,
};

/// C2SP chunked encryption with AES-256-GCM.
const FORMAT: u8 = 2;
/// Bytes before the C2SP message.
const HEADER: u64 = 5;

/// Which attachment, of whom.
#[derive(Clone, Copy)]
pub(crate) struct AttachmentSource {
    pub(crate) room: RoomId,
    pub(crate) scope: Scope,
    pub(crate) attachment: AttachmentId,
}

impl AttachmentSource {
    fn place(&self) -> Place {
        Place {
            room: self.room,
            class: Class::Support,
            scope: self.scope,
            column: Column::AttachmentContent,
            row: *self.attachment.as_bytes(),
            version: 0,
        }
    }

    fn context(&self, key: &DataKey) -> Option<Vec<u8>> {
        let place = self.place();
        place.fits(key).then(|| place.associated_data(FORMAT, key.generation()))
    }
}

/// Seals a stream into a blob, in constant memory.
pub(crate) struct AttachmentSealer<W: Write> {
    inner: chunked::Writer<W>,
}

impl<W: Write> AttachmentSealer<W> {
    /// Writes the blob's head.
    ///
    /// # Errors
    /// The blob cannot be written, or the key is not the attachment's.
    pub(crate) fn new(key: &DataKey, source: &AttachmentSource, mut blob: W) -> io::Result<Self> {
        let context = source.context(key).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        blob.write_all(&[FORMAT])?;
        blob.write_all(&key.generation().to_be_bytes())?;
        Ok(Self { inner: chunked::Writer::new(key.blob_key().expose(), &context, blob).map_err(failed)? })
    }

    /// Seals these bytes.
    ///
    /// # Errors
    /// The blob cannot be written.
    pub(crate) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.inner.write_all(bytes).map_err(failed)
    }

    /// Writes the last chunk, without which nothing of the blob opens.
    ///
    /// # Errors
    /// The blob cannot be written.
    pub(crate) fn finish(self) -> io::Result<W> {
        self.inner.finish().map_err(failed)
    }
}

/// An attachment's plaintext from any offset; every chunk is verified before a byte of it is released, and the
/// length before the first.
///
/// It ends [`STREAM_LIFETIME`] after it was opened: reading then fails with [`io::ErrorKind::TimedOut`].
pub struct AttachmentReader {
    inner: chunked::RandomReader<Blob>,
    /// Nothing before it is released: the entry of the reading says so.
    from: u64,
    position: u64,
    clock: Clock,
    opened: Moment,
}

impl AttachmentReader {
    /// Opens by a receipt, which the stream consumes: what lies from `from` on, where the entry says that reading starts.
    ///
    /// # Errors
    /// The receipt does not fit, or the blob is truncated, extended, or another's.
    pub(crate) fn open(
        receipt: Receipt,
        key: &DataKey,
        source: &AttachmentSource,
        blob: impl Source + 'static,
        from: u64,
        clock: &Clock,
    ) -> Result<Self, OpenError> {
        let object = Object::Attachment(source.attachment);
        spend_on(receipt, &source.place(), object, Field::Content, View::Clear, clock.moment())?;
        Ok(Self { from, position: from, ..Self::authenticated(key, source, blob, clock)? })
    }

    /// Opens the owner's own.
    ///
    /// # Errors
    /// The attachment is another's, or the blob is not authentic.
    pub(crate) fn open_own(
        owner: &OwnerSession,
        key: &DataKey,
        source: &AttachmentSource,
        blob: impl Source + 'static,
        clock: &Clock,
    ) -> Result<Self, OpenError> {
        if source.scope.owner() != *owner.account().as_bytes() {
            return Err(OpenError::NotYours);
        }
        Self::authenticated(key, source, blob, clock)
    }

    fn authenticated(
        key: &DataKey,
        source: &AttachmentSource,
        mut blob: impl Source + 'static,
        clock: &Clock,
    ) -> Result<Self, OpenError> {
        let context = source.context(key).ok_or(OpenError::Unauthentic)?;
        let mut head = [0; 5];
        blob.seek(SeekFrom::Start(0))
            .and_then(|_| blob.read_exact(&mut head))
            .map_err(|_| OpenError::Unauthentic)?;
        let [g0, g1, g2, g3] = key.generation().to_be_bytes();
        if head != [FORMAT, g0, g1, g2, g3] {
            return Err(OpenError::Unauthentic);
        }
        let inner = chunked::RandomReader::new(key.blob_key().expose(), &context, Blob(Box::new(blob)))
            .map_err(|_| OpenError::Unauthentic)?;
        Ok(Self { inner, from: 0, position: 0, clock: clock.clone(), opened: clock.moment() })
    }

    /// Where reading starts; seeking to before it fails with [`io::ErrorKind::InvalidInput`].
    pub fn from(&self) -> u64 {
        self.from
    }

    /// The plaintext's length in bytes, authenticated.
    pub fn len(&self) -> u64 {
        self.inner.len()
    }

    /// Whether the plaintext has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Read for AttachmentReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.clock.moment().since(self.opened) > STREAM_LIFETIME {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let read = self.inner.read_at(self.position, out).map_err(|e| match e {
            chunked::Unreadable::Io(e) => e,
            other => io::Error::new(io::ErrorKind::InvalidData, other),
        })?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for AttachmentReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(delta) => self.len().checked_add_signed(delta),
            SeekFrom::Current(delta) => self.position.checked_add_signed(delta),
        };
        let target = target.filter(|target| *target >= self.from);
        self.position = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

/// The length of the content in a blob of so many bytes; `None` if no blob has that length.
pub(crate) fn content_bytes(blob: u64) -> Option<u64> {
    chunked::text_length(blob.checked_sub(HEADER)?)
}

fn failed(e: chunked::Unwritten) -> io::Error {
    match e {
        chunked::Unwritten::Io(e) => e,
        other => io::Error::other(other),
    }
}

/// Where a blob's bytes come from.
pub(crate) trait Source: Read + Seek + Send {}
impl<T: Read + Seek + Send> Source for T {}

/// The C2SP message behind the blob's head.
struct Blob(Box<dyn Source>);

impl Read for Blob {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out)
    }
}

impl Seek for Blob {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(offset) => SeekFrom::Start(offset.saturating_add(HEADER)),
            other => other,
        };
        self.0
            .seek(to)
            .and_then(|at| at.checked_sub(HEADER).ok_or_else(|| io::ErrorKind::InvalidInput.into()))
    }
}
