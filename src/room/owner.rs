//! What a customer does with his own data. Reads are Activity records, durable before the answer; what changes a
//! case is an entry.

use std::io::Read;

use tracing::instrument;

use super::{
    core::{Core, Room},
    cursor::{Listed, Page},
    error::{Failure, WriteError},
    login,
    paging::{For, List},
    standing::{By, writable},
    tickets::{Attached, Author, TicketOpened, Written, guarded_body, guarded_line, media_type},
    views::{AttachmentHeader, TicketHeader},
};
use crate::{
    access::{
        Object, OwnerSession,
        rows::{TicketRow, TicketState},
    },
    audit::{Actor, Data, Draft},
    base::{AccountId, AttachmentId, Class, Scope, TicketId, Time, limits},
    seal::{
        At, AttachmentReader, AttachmentSource, Clear, Email, FileName, MediaType, MessageBody, Name,
        Sealable, Sealed, Subject, Unvouched, open_own,
    },
    store::{
        Place, StoreError,
        accounts::{self, ActivityEvent},
        authority,
        tickets::{self, AttachmentRow, MessageKind},
    },
};

/// An owner at work: borrowed from his session, so that it ends with it.
pub struct Owner<'a> {
    pub(super) core: &'a Core,
    pub(super) session: &'a OwnerSession,
}

/// An owner's own profile.
pub struct Profile {
    /// The address.
    pub email: Clear<Email>,
    /// The name.
    pub name: Option<Clear<Name>>,
}

/// An owner's own ticket.
pub struct OwnTicket {
    /// What needs no key.
    pub header: TicketHeader,
    /// The subject line.
    pub subject: Clear<Subject>,
    /// The messages, oldest first; notes are not among them.
    pub messages: Vec<OwnMessage>,
    /// The attachments.
    pub attachments: Vec<OwnAttachment>,
}

/// A message of an owner's own ticket.
pub struct OwnMessage {
    /// Whether staff wrote it.
    pub by_staff: bool,
    /// When it was written.
    pub created: Time,
    /// What it says.
    pub body: Clear<MessageBody>,
}

/// An attachment of an owner's own ticket.
pub struct OwnAttachment {
    /// What needs no key.
    pub header: AttachmentHeader,
    /// The file name.
    pub name: Clear<FileName>,
    /// The media type.
    pub media_type: Clear<MediaType>,
}

/// An owner's own attachment, opened.
pub struct OwnFile {
    /// The file name.
    pub name: Clear<FileName>,
    /// The media type.
    pub media_type: Clear<MediaType>,
    /// The content, from any offset.
    pub content: AttachmentReader,
}

impl Room {
    /// The verbs of an account's owner.
    pub fn owner<'a>(&'a self, session: &'a OwnerSession) -> Owner<'a> {
        Owner { core: &self.core, session }
    }
}

impl Owner<'_> {
    /// His own address and name.
    ///
    /// # Errors
    /// The session has ended, or the room could not do it.
    #[instrument(name = "owner.profile", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn profile(&self) -> Result<Profile, WriteError> {
        let account = self.live()?;
        self.record(account, ActivityEvent::Read)?;
        let row = self.core.store.read(|db| accounts::find(db, account))?.ok_or(WriteError::NotFound)?;
        let email = self.open(&self.core.sealed_address(&row)?)?;
        let at = At { room: self.core.id, scope: Scope::Account(account), row: *account.as_bytes() };
        let name = row.name.map(|bytes| Sealed::<Name>::from_row(&at, 0, Object::Account(account), bytes));
        Ok(Profile { email, name: name.map(|name| self.open(&name)).transpose()? })
    }

    /// Opens a ticket.
    ///
    /// # Errors
    /// [`WriteError`]; nothing is stored then.
    #[instrument(name = "owner.open_ticket", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn open_ticket(&self, subject: &str, body: &str) -> Result<TicketOpened, WriteError> {
        let account = self.live()?;
        let subject = guarded_line("subject", subject, limits::SUBJECT_BYTES_MAX)?;
        let body = guarded_body("message", body)?;
        let cards_masked = subject.cards_masked + body.cards_masked;
        let sealed = self.core.seal_ticket(account, self.author(), subject.text, body.text)?;
        let ticket = sealed.id;
        let objects = [Object::Ticket(ticket), Object::Message(sealed.message.row.id)];
        let opening = self.core.opening(None, None)?;
        self.core.commit(opening.request, |turn| {
            writable(turn, account, By::Customer)?;
            self.core.insert_ticket(turn, sealed, None)?;
            let data = Data::TicketOpened { ticket, cards_masked: cards_masked as u64 };
            let draft = self.draft(data, account, &objects, self.core.call(&opening));
            turn.append(draft, opening.nonce, &opening.details).map_err(WriteError::from)
        })?;
        Ok(TicketOpened { ticket, cards_masked })
    }

    /// Writes into his own open ticket.
    ///
    /// # Errors
    /// [`WriteError`]; nothing is stored then.
    #[instrument(name = "owner.write", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn write(&self, ticket: TicketId, body: &str) -> Result<Written, WriteError> {
        let account = self.live()?;
        let stored = self.core.store.read(|db| crate::store::authority::ticket(db, ticket))?;
        self.own_open_ticket(stored, account)?;
        let body = guarded_body("message", body)?;
        let sealed = self.core.seal_message(account, ticket, self.author(), body.text)?;
        let (message, cards_masked) = (sealed.row.id, body.cards_masked);
        let opening = self.core.opening(None, None)?;
        self.core.commit(opening.request, |turn| {
            writable(turn, account, By::Customer)?;
            self.own_open_ticket(authority::ticket(turn, ticket)?, account)?;
            self.core.insert_message(turn, sealed)?;
            let data = Data::TicketWritten { message, cards_masked: cards_masked as u64 };
            let objects = [Object::Ticket(ticket), Object::Message(message)];
            let draft = self.draft(data, account, &objects, self.core.call(&opening));
            turn.append(draft, opening.nonce, &opening.details).map_err(WriteError::from)
        })?;
        Ok(Written { message, cards_masked })
    }

    /// Attaches a file to his own open ticket, streamed in constant memory.
    ///
    /// # Errors
    /// [`WriteError`]; nothing is stored then.
    #[instrument(name = "owner.attach", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn attach(
        &self,
        ticket: TicketId,
        name: &str,
        media_type_text: &str,
        mut source: impl Read,
    ) -> Result<Attached, WriteError> {
        let account = self.live()?;
        let stored = self.core.store.read(|db| authority::ticket(db, ticket))?;
        self.own_open_ticket(stored, account)?;
        let name = guarded_line("file name", name, limits::FILE_NAME_BYTES_MAX)?;
        let media = media_type(media_type_text)?;
        let cards_masked = name.cards_masked + media.cards_masked;
        let sealed = self.core.store_blob(ticket, account, name.text, media.text, &mut source)?;
        let (attachment, bytes) = (sealed.row.id, sealed.row.bytes);
        let opening = self.core.opening(None, None)?;
        let committed = self.core.commit(opening.request, |turn| {
            writable(turn, account, By::Customer)?;
            self.own_open_ticket(authority::ticket(turn, ticket)?, account)?;
            self.core.insert_attachment(turn, &sealed)?;
            let data = Data::AttachmentPut { attachment, bytes, cards_masked: cards_masked as u64 };
            let objects = [Object::Ticket(ticket), Object::Attachment(attachment)];
            let draft = self.draft(data, account, &objects, self.core.call(&opening));
            turn.append(draft, opening.nonce, &opening.details).map_err(WriteError::from)
        });
        match committed {
            Ok(_) => Ok(Attached { attachment, bytes, cards_masked }),
            Err(error) => {
                // A row may name it after a crash.
                if !matches!(&error, WriteError::Failed(failure) if failure.may_be_committed()) {
                    self.core.drop_blob(&sealed);
                }
                Err(error)
            }
        }
    }

    /// A part of his own tickets, newest first; at most 500 at once.
    ///
    /// # Errors
    /// The session has ended, the cursor is none of this list, or the room could not do it.
    #[instrument(name = "owner.tickets", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn tickets(&self, page: &Page) -> Result<Listed<TicketHeader>, WriteError> {
        let account = self.live()?;
        let paging = self.core.paging(List::Tickets, For::owner(account), page, limits::LIST_ROWS_MAX)?;
        let stored = self.core.store.read(|db| tickets::of(db, account, &paging.slice()))?;
        let place = |stored: &Unvouched<TicketRow>| Place {
            number: stored.row.created.as_ms(),
            id: *stored.row.id.as_bytes(),
        };
        let Listed { rows, next } = paging.cut(stored, place);
        let vouched = rows.into_iter().filter_map(|row| self.core.vouch(Some(row)));
        Ok(Listed { rows: vouched.map(|row| TicketHeader::of(&row)).collect(), next })
    }

    /// One of his own tickets.
    ///
    /// # Errors
    /// [`WriteError::NotFound`] if it is not his.
    #[instrument(name = "owner.ticket", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn ticket(&self, ticket: TicketId) -> Result<OwnTicket, WriteError> {
        let account = self.live()?;
        let stored = self.core.store.read(|db| tickets::find(db, ticket))?.ok_or(WriteError::NotFound)?;
        let row = self.core.vouch(Some(stored.authority)).ok_or(WriteError::NotFound)?;
        if row.account != account {
            return Err(WriteError::NotFound);
        }
        self.record(account, ActivityEvent::Read)?;
        let (messages, attachments) = self.core.store.read(|db| {
            Ok::<_, StoreError>((tickets::messages(db, ticket)?, tickets::attachments(db, ticket)?))
        })?;
        let scope = Scope::Account(account);
        let at = |row| At { room: self.core.id, scope, row };
        let subject =
            Sealed::<Subject>::from_row(&at(*ticket.as_bytes()), 0, Object::Ticket(ticket), stored.subject);
        let mut opened = Vec::new();
        for message in messages.into_iter().filter(|message| message.kind != MessageKind::Note) {
            let object = Object::Message(message.id);
            let body = Sealed::<MessageBody>::from_row(&at(*message.id.as_bytes()), 0, object, message.body);
            opened.push(OwnMessage {
                by_staff: message.kind == MessageKind::Reply,
                created: message.created,
                body: self.open(&body)?,
            });
        }
        Ok(OwnTicket {
            header: TicketHeader::of(&row),
            subject: self.open(&subject)?,
            messages: opened,
            attachments: attachments.iter().map(|row| self.attached(row)).collect::<Result<_, _>>()?,
        })
    }

    /// One of his own attachments.
    ///
    /// # Errors
    /// [`WriteError::NotFound`] if it is not his.
    #[instrument(
        name = "owner.open_attachment",
        skip_all,
        err(level = "info"),
        fields(trace, request, outcome)
    )]
    pub fn open_attachment(&self, id: AttachmentId) -> Result<OwnFile, WriteError> {
        let account = self.live()?;
        let row = self.core.store.read(|db| tickets::attachment(db, id))?.ok_or(WriteError::NotFound)?;
        if row.account != account {
            return Err(WriteError::NotFound);
        }
        self.record(account, ActivityEvent::AttachmentOpened)?;
        let scope = Scope::Account(account);
        let key = self.core.vault.key_for_reading(Class::Support, scope, Some(row.generation))?;
        let blob = self.core.blobs.open(id).map_err(|e| Failure::file(self.core.layout.root(), &e))?;
        let source = AttachmentSource { room: self.core.id, scope, attachment: id };
        let content = AttachmentReader::open_own(self.session, &key, &source, blob, &self.core.clock)?;
        let OwnAttachment { name, media_type, .. } = self.attached(&row)?;
        Ok(OwnFile { name, media_type, content })
    }

    /// An attachment with its name and type.
    fn attached(&self, row: &AttachmentRow) -> Result<OwnAttachment, WriteError> {
        let at = At { room: self.core.id, scope: Scope::Account(row.account), row: *row.id.as_bytes() };
        let object = Object::Attachment(row.id);
        let name = Sealed::<FileName>::from_row(&at, 0, object, row.name.clone());
        let media_type = Sealed::<MediaType>::from_row(&at, 0, object, row.media_type.clone());
        Ok(OwnAttachment {
            header: AttachmentHeader::of(row),
            name: self.open(&name)?,
            media_type: self.open(&media_type)?,
        })
    }

    /// A part of what he did here of late, newest first, of the 90 days that are kept; at most 500 at once.
    ///
    /// # Errors
    /// The session has ended, the cursor is none of this list, or the room could not do it.
    #[instrument(name = "owner.activity", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn activity(&self, page: &Page) -> Result<Listed<(Time, ActivityEvent)>, WriteError> {
        let account = self.live()?;
        let paging = self.core.paging(List::Activity, For::owner(account), page, limits::LIST_ROWS_MAX)?;
        let stored = self.core.store.read(|db| accounts::activity_of(db, account, &paging.slice()))?;
        Ok(paging.cut(stored, |(place, ..)| *place).map(|(_, at, event)| (at, event)))
    }

    /// The account, if the session still stands in this room: it may have ended since it was shown, by logout or
    /// with the account, here or in another process, and it may be another room's.
    pub(super) fn live(&self) -> Result<AccountId, WriteError> {
        let account = self.session.account();
        if !self.session.covers(&self.core.id, account, self.core.clock.now()) {
            return Err(WriteError::SessionEnded);
        }
        let stored = self.core.store.read(|db| authority::session_by_id(db, self.session.session()))?;
        let stands = self.core.owner_behind(stored)?.is_some_and(|now| now.account() == account);
        if stands { Ok(account) } else { Err(WriteError::SessionEnded) }
    }

    /// Opens his own value, under the key that sealed it: after a rotation it is not the newest.
    pub(super) fn open<T: Sealable>(&self, sealed: &Sealed<T>) -> Result<Clear<T>, WriteError> {
        let key = self.core.vault.key_for_reading(T::CLASS, sealed.scope(), sealed.generation())?;
        Ok(open_own(self.session, &key, sealed)?)
    }

    fn author(&self) -> Author {
        Author { kind: MessageKind::Customer, id: *self.session.account().as_bytes() }
    }

    pub(super) fn draft(
        &self,
        data: Data,
        account: AccountId,
        objects: &[Object],
        call: crate::audit::Call,
    ) -> Draft {
        let draft = Draft::done(data, Actor::Account(account), call);
        draft.about(&[account]).on(objects).in_session(self.session.session())
    }

    pub(super) fn record(&self, account: AccountId, event: ActivityEvent) -> Result<(), WriteError> {
        let detail = self.core.activity_detail()?;
        self.core.store.commit_for_customer(|turn| {
            writable(turn, account, By::Customer)?;
            login::record(turn, account, event, &detail).map_err(WriteError::from)
        })?;
        Ok(())
    }

    fn own_open_ticket(
        &self,
        stored: Option<crate::seal::Unvouched<TicketRow>>,
        account: AccountId,
    ) -> Result<(), WriteError> {
        let row = self.core.vouch(stored).filter(|row| row.account == account).ok_or(WriteError::NotFound)?;
        match row.state {
            TicketState::Open => Ok(()),
            TicketState::Closed => Err(WriteError::Closed),
        }
    }
}
