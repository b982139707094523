//! Tickets and their attachments, as both sides write them. Card numbers are masked before anything is sealed.

use std::io::{self, Read};

use super::{
    core::Core,
    error::{Failure, WriteError},
    uploads::Upload,
};
use crate::{
    access::rows::{TicketRow, TicketState},
    base::{AccountId, AttachmentId, Class, MessageId, PrincipalId, Scope, TicketId, Time, limits, text},
    billing::guard,
    seal::{
        self, At, AttachmentSealer, AttachmentSource, FileName, MediaType, MessageBody, NoteBody, Subject,
    },
    store::{
        BlobWriter, LogTurn, StoreError, authority,
        tickets::{self, AttachmentRow, MessageKind, MessageRow},
    },
};

/// A text without card numbers and the codes beside them, and how many were masked in it.
pub(super) struct Guarded {
    pub(super) text: String,
    pub(super) cards_masked: usize,
}

/// A line without card numbers.
pub(super) fn guarded_line(field: &'static str, text: &str, bytes_max: usize) -> Result<Guarded, WriteError> {
    let line = text::line(text, bytes_max).map_err(|why| WriteError::Text { field, why })?;
    Ok(guarded(&line))
}

/// A body without card numbers.
pub(super) fn guarded_body(field: &'static str, text: &str) -> Result<Guarded, WriteError> {
    let body = text::body(text, limits::MESSAGE_BYTES_MAX).map_err(|why| WriteError::Text { field, why })?;
    Ok(guarded(&body))
}

fn guarded(text: &str) -> Guarded {
    let masked = guard::mask(text);
    Guarded { text: masked.text, cards_masked: masked.count + masked.codes }
}

/// A ticket that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TicketOpened {
    /// Its id.
    pub ticket: TicketId,
    /// Card numbers that stood in it and were masked before storing.
    pub cards_masked: usize,
}

/// A message that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Its id.
    pub message: MessageId,
    /// Card numbers that stood in it and were masked before storing.
    pub cards_masked: usize,
}

/// A file that was attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attached {
    /// Its id.
    pub attachment: AttachmentId,
    /// Its length.
    pub bytes: u64,
    /// Card numbers that stood in its name and were masked before storing. The content is not searched.
    pub cards_masked: usize,
}

/// A message, sealed and ready for the lane.
pub(super) struct SealedMessage {
    pub(super) row: MessageRow,
    pub(super) ticket: TicketId,
    pub(super) account: AccountId,
    /// Of the key that sealed it: read again in the lane.
    generation: u32,
}

/// A new ticket with its first message, sealed and ready for the lane.
pub(super) struct SealedTicket {
    pub(super) id: TicketId,
    pub(super) subject: Vec<u8>,
    pub(super) message: SealedMessage,
}

/// Who writes, and what kind of message that makes.
#[derive(Clone, Copy)]
pub(super) struct Author {
    pub(super) kind: MessageKind,
    pub(super) id: [u8; 16],
}

impl Core {
    pub(super) fn seal_ticket(
        &self,
        account: AccountId,
        author: Author,
        subject: String,
        body: String,
    ) -> Result<SealedTicket, Failure> {
        let id = TicketId::random()?;
        let scope = Scope::Account(account);
        let key = self.vault.key_for_writing(&self.store, Class::Support, scope)?;
        let at = At { room: self.id, scope, row: *id.as_bytes() };
        let subject = seal::seal(&key, &at, 0, &Subject::new(subject))?;
        Ok(SealedTicket { id, subject, message: self.seal_message(account, id, author, body)? })
    }

    pub(super) fn seal_message(
        &self,
        account: AccountId,
        ticket: TicketId,
        author: Author,
        body: String,
    ) -> Result<SealedMessage, Failure> {
        let scope = Scope::Account(account);
        let key = self.vault.key_for_writing(&self.store, Class::Support, scope)?;
        let id = MessageId::random()?;
        let at = At { room: self.id, scope, row: *id.as_bytes() };
        let body = match author.kind {
            MessageKind::Note => seal::seal(&key, &at, 0, &NoteBody::new(body))?,
            MessageKind::Customer | MessageKind::Reply => seal::seal(&key, &at, 0, &MessageBody::new(body))?,
        };
        let row = MessageRow { id, kind: author.kind, author: author.id, created: Time::ZERO, body };
        Ok(SealedMessage { row, ticket, account, generation: key.generation() })
    }

    /// Writes a ticket and its first message, for somebody who works on it from the start or for nobody.
    pub(super) fn insert_ticket(
        &self,
        turn: &mut LogTurn<'_>,
        ticket: SealedTicket,
        assignee: Option<PrincipalId>,
    ) -> Result<(), WriteError> {
        let row = TicketRow {
            id: ticket.id,
            account: ticket.message.account,
            state: TicketState::Open,
            assignee,
            created: turn.time(),
            changed_at: turn.position(),
        };
        authority::insert_ticket(turn, &row, &self.voucher.mac(&row), ticket.subject)?;
        self.insert_message(turn, ticket.message)
    }

    /// Writes a message, if the key that sealed it still seals: an erasure may have come since.
    pub(super) fn insert_message(
        &self,
        turn: &mut LogTurn<'_>,
        message: SealedMessage,
    ) -> Result<(), WriteError> {
        self.still_sealed(Class::Support, Scope::Account(message.account), message.generation)?;
        if tickets::message_count(turn, message.ticket)? >= limits::TICKET_MESSAGES_MAX {
            return Err(WriteError::Full);
        }
        let created = turn.time();
        let row = MessageRow { created, ..message.row };
        Ok(tickets::insert_message(turn, message.ticket, message.account, &row)?)
    }

    /// Whether the key that sealed something outside the lane still seals: read again in it.
    pub(super) fn still_sealed(&self, class: Class, scope: Scope, generation: u32) -> Result<(), Failure> {
        match self.vault.live_generation(class, scope)? {
            Some(live) if live == generation => Ok(()),
            // Erased, or rotated, since it was sealed: nothing is stored; the caller tries again or learns why.
            _ => Err(self
                .vault
                .key_for_reading(class, scope, Some(generation))
                .err()
                .unwrap_or(Failure::Store(StoreError::Busy))),
        }
    }

    /// Streams a file into a blob in constant memory and makes the blob durable. Its row comes after, so that no row
    /// names a blob that is not there; a blob that no row names is sealed and harmless.
    pub(super) fn store_blob(
        &self,
        ticket: TicketId,
        account: AccountId,
        name: String,
        media_type: String,
        source: &mut dyn Read,
    ) -> Result<SealedAttachment<'_>, WriteError> {
        self.space.has_room()?;
        let scope = Scope::Account(account);
        let key = self.vault.key_for_writing(&self.store, Class::Support, scope)?;
        let id = AttachmentId::random().map_err(Failure::from)?;
        let at = At { room: self.id, scope, row: *id.as_bytes() };
        // Before the blob: what fails from here on is the blob, and takes itself away.
        let name = seal::seal(&key, &at, 0, &FileName::new(name))?;
        let media_type = seal::seal(&key, &at, 0, &MediaType::new(media_type))?;
        let used = self.store.read(|db| tickets::attachment_use(db, account))?;
        let mut upload = self.uploads.begin(account, self.settings.quotas, used);
        let blob = self.blobs.create(id).map_err(|e| Failure::file(self.layout.root(), &e))?;
        let place = AttachmentSource { room: self.id, scope, attachment: id };
        let sealer =
            AttachmentSealer::new(&key, &place, blob).map_err(|e| Failure::file(self.layout.root(), &e))?;
        let blob = pump(sealer, source, &mut upload, self)?;
        blob.keep().map_err(|e| Failure::file(self.layout.root(), &e))?;
        let row = AttachmentRow {
            id,
            ticket,
            account,
            generation: key.generation(),
            bytes: upload.bytes(),
            created: Time::ZERO,
            name,
            media_type,
        };
        Ok(SealedAttachment { row, _upload: upload })
    }

    /// Writes an attachment's row.
    pub(super) fn insert_attachment(
        &self,
        turn: &mut LogTurn<'_>,
        attachment: &SealedAttachment<'_>,
    ) -> Result<(), WriteError> {
        let row = &attachment.row;
        self.still_sealed(Class::Support, Scope::Account(row.account), row.generation)?;
        if tickets::attachment_count(turn, row.ticket)? >= limits::TICKET_ATTACHMENTS_MAX {
            return Err(WriteError::Full);
        }
        // Other uploads may have ended since this one was let in, here or in another process.
        let bytes_max = self.settings.quotas.left(tickets::attachment_use(turn, row.account)?);
        if row.bytes > bytes_max {
            return Err(WriteError::Quota { bytes_max });
        }
        let row = AttachmentRow {
            created: turn.time(),
            name: row.name.clone(),
            media_type: row.media_type.clone(),
            ..*row
        };
        Ok(tickets::insert_attachment(turn, &row)?)
    }

    /// Removes the blob of an attachment whose row was not written.
    pub(super) fn drop_blob(&self, attachment: &SealedAttachment<'_>) {
        if let Err(e) = self.blobs.remove(attachment.row.id) {
            tracing::warn!(error = %e.kind(), "a blob without a row stays behind");
        }
    }
}

/// An attachment whose blob is durable and whose row is not written yet.
pub(super) struct SealedAttachment<'a> {
    pub(super) row: AttachmentRow,
    /// Counts against the quotas until the row does.
    _upload: Upload<'a>,
}

/// Moves a stream through the sealer; the buffer is wiped.
fn pump(
    mut sealer: AttachmentSealer<Box<dyn BlobWriter>>,
    source: &mut dyn Read,
    upload: &mut Upload<'_>,
    core: &Core,
) -> Result<Box<dyn BlobWriter>, WriteError> {
    let blob_failed = |e: &io::Error| Failure::file(core.layout.root(), e);
    let mut buffer = zeroize::Zeroizing::new(vec![0; 64 * 1024]);
    loop {
        let read = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(WriteError::Source { fault: e.kind() }),
        };
        core.space.is_not_full()?;
        upload.take(read as u64).map_err(|bytes_max| WriteError::Quota { bytes_max })?;
        // A source that says it gave more than fits has given nothing that can be believed.
        let chunk = buffer.get(..read).ok_or(WriteError::Source { fault: io::ErrorKind::InvalidData })?;
        sealer.write_all(chunk).map_err(|e| blob_failed(&e))?;
    }
    Ok(sealer.finish().map_err(|e| blob_failed(&e))?)
}

/// The media type of an attachment as it is stored: `type/subtype` in lower case, or what says nothing.
pub(super) fn media_type(text: &str) -> Result<Guarded, WriteError> {
    let field = "media type";
    let line = guarded_line(field, text, limits::MEDIA_TYPE_BYTES_MAX)?;
    let token = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    match line.text.split_once('/') {
        Some((kind, subtype)) if token(kind) && token(subtype) => {
            Ok(Guarded { text: line.text.to_ascii_lowercase(), ..line })
        }
        _ => Err(WriteError::Text { field, why: text::BadText::NoMediaType }),
    }
}
