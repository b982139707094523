//! Staff on tickets, attachments and cases.

use std::io::Read;

use tracing::instrument;

use super::{
    ask::{Granted, Sought, Why},
    core::Core,
    desk_accounts::{Receipts, receipt},
    erase::shown,
    error::{Failure, StaffError, WriteError},
    notices::Says,
    staff::Staff,
    standing::{By, writable},
    tickets::{Attached, Author, Written, guarded_body, guarded_line, media_type},
    views::{AttachmentHeader, TicketHeader},
};
use crate::{
    access::{
        Action, CaseRef, Field, NoticeKind, Object, Vouched,
        rows::{CaseRow, CaseState, TicketRow, TicketState},
    },
    audit::Data,
    base::{AccountId, AttachmentId, CaseId, Class, MessageId, PrincipalId, Scope, TicketId, Time, limits},
    seal::{
        At, AttachmentReader, AttachmentSource, Clear, FileName, MediaType, MessageBody, NoteBody, Sealed,
        Subject,
    },
    store::{
        LogTurn, StoreError, accounts, authority,
        tickets::{self, AttachmentRow, MessageHeader, MessageKind, MessageRow},
    },
};

/// The text of a message, by who may read it.
pub enum Words {
    /// Of the customer, or to him.
    Message(Clear<MessageBody>),
    /// Among staff.
    Note(Clear<NoteBody>),
}

/// One message of a ticket.
pub struct MessageView {
    /// Its id.
    pub message: MessageId,
    /// Customer, reply or note.
    pub kind: MessageKind,
    /// When it was written.
    pub created: Time,
    /// What it says.
    pub words: Words,
}

/// A ticket as staff who may read it see it.
pub struct TicketView {
    /// What needs no key.
    pub header: TicketHeader,
    /// The subject line.
    pub subject: Clear<Subject>,
    /// The messages, oldest first.
    pub messages: Vec<MessageView>,
    /// The attachments: names open with their files.
    pub attachments: Vec<AttachmentHeader>,
    /// The entry that records this reading.
    pub position: u64,
}

/// An opened attachment.
pub struct AttachmentView {
    /// The file name.
    pub name: Clear<FileName>,
    /// The media type.
    pub media_type: Clear<MediaType>,
    /// The content, from any offset.
    pub content: AttachmentReader,
    /// The entry that records this opening.
    pub position: u64,
}

/// What the lane reads of a ticket: what its entry names. Texts may be many, and are read after the commit.
struct Seen {
    header: TicketHeader,
    subject: Vec<u8>,
    messages: Vec<MessageHeader>,
    attachments: Vec<AttachmentRow>,
}

impl Staff {
    /// Reads a ticket: as its assignee, or by a right to read any.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.ticket", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn ticket(&self, ticket: TicketId, why: &Why) -> Result<TicketView, StaffError> {
        let header = self.ticket_header(ticket, Action::TicketReadAssigned, why)?;
        let mine = why.or_case(CaseRef::Ticket(ticket));
        match self.read_ticket(Action::TicketReadAssigned, &header, &mine) {
            // What the assignee's right refuses, a right to read any ticket may allow; both are entries.
            Err(StaffError::Denied { refused }) => {
                let any = self.read_ticket(Action::TicketReadAny, &header, why);
                any.map_err(|e| match e {
                    StaffError::Denied { .. } => StaffError::Denied { refused },
                    other => other,
                })
            }
            other => other,
        }
    }

    fn read_ticket(
        &self,
        action: Action,
        header: &TicketHeader,
        why: &Why,
    ) -> Result<TicketView, StaffError> {
        let (ticket, account) = (header.ticket, header.account);
        let answered = self.act(
            action,
            why,
            Some(account),
            |core, turn| {
                let Some(seen) = see(core, turn, ticket)? else { return Ok(None) };
                let objects = std::iter::once(Object::Ticket(ticket))
                    .chain(seen.messages.iter().map(|message| Object::Message(message.id)))
                    .collect();
                let mut fields = vec![Field::Subject, Field::Body];
                if seen.messages.iter().any(|message| message.kind == MessageKind::Note) {
                    fields.push(Field::Note);
                }
                Ok(Some((Sought { subject: Some(seen.header.account), objects, fields }, seen)))
            },
            |_, turn, _, seen| {
                shown(turn, account)?;
                let mut cells = vec![(Object::Ticket(ticket), Field::Subject)];
                cells.extend(
                    seen.messages.iter().map(|message| (Object::Message(message.id), field(message.kind))),
                );
                Ok(Granted::access(Data::TicketRead {}, Class::Support, cells, seen))
            },
        )?;
        let whole = receipt(answered.receipt)?;
        let position = whole.position();
        self.open_ticket_view(answered.value, &mut Receipts::of(Some(whole))?, position)
    }

    fn open_ticket_view(
        &self,
        seen: Seen,
        receipts: &mut Receipts,
        position: u64,
    ) -> Result<TicketView, StaffError> {
        let scope = Scope::Account(seen.header.account);
        let at = |row| At { room: self.room.id(), scope, row };
        let ticket = seen.header.ticket;
        let subject =
            Sealed::<Subject>::from_row(&at(*ticket.as_bytes()), 0, Object::Ticket(ticket), seen.subject);
        let subject = self.room.open(receipts.take(&subject)?, &subject)?;
        let mut messages = Vec::new();
        for MessageHeader { id, kind } in seen.messages {
            let row = self.room.core.store.read(|db| tickets::message(db, ticket, id))?;
            let MessageRow { created, body, .. } = row.ok_or(StaffError::NotFound)?;
            let (at, object) = (at(*id.as_bytes()), Object::Message(id));
            let words = if kind == MessageKind::Note {
                let note = Sealed::<NoteBody>::from_row(&at, 0, object, body);
                Words::Note(self.room.open(receipts.take(&note)?, &note)?)
            } else {
                let message = Sealed::<MessageBody>::from_row(&at, 0, object, body);
                Words::Message(self.room.open(receipts.take(&message)?, &message)?)
            };
            messages.push(MessageView { message: id, kind, created, words });
        }
        let attachments = seen.attachments.iter().map(AttachmentHeader::of).collect();
        Ok(TicketView { header: seen.header, subject, messages, attachments, position })
    }

    /// Opens an attachment: the first byte is given out after the entry.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.attachment", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn attachment(&self, id: AttachmentId, why: &Why) -> Result<AttachmentView, StaffError> {
        self.opened_attachment(id, 0, why)
    }

    /// Opens an attachment from an offset on, which the entry names: what lies before it stays shut.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(
        name = "staff.attachment_from",
        skip_all,
        err(level = "info"),
        fields(trace, request, outcome)
    )]
    pub fn attachment_from(
        &self,
        id: AttachmentId,
        from: u64,
        why: &Why,
    ) -> Result<AttachmentView, StaffError> {
        self.opened_attachment(id, from, why)
    }

    fn opened_attachment(
        &self,
        id: AttachmentId,
        from: u64,
        why: &Why,
    ) -> Result<AttachmentView, StaffError> {
        let found = self.room.core.store.read(|db| tickets::attachment(db, id))?;
        let row = found.ok_or_else(|| self.absent(Action::AttachmentOpen, why))?;
        let object = Object::Attachment(id);
        let fields = [Field::FileName, Field::MediaType, Field::Content];
        let why = why.or_case(CaseRef::Ticket(row.ticket));
        let answered = self.act(
            Action::AttachmentOpen,
            &why,
            Some(row.account),
            |_, turn| {
                let found = tickets::attachment(turn, id)?;
                Ok(found.map(|row| {
                    let objects = vec![object, Object::Ticket(row.ticket)];
                    (Sought { subject: Some(row.account), objects, fields: fields.to_vec() }, row)
                }))
            },
            |_, turn, _, row| {
                shown(turn, row.account)?;
                if from > row.bytes {
                    let why = format!("it is beyond the attachment's {} bytes", row.bytes);
                    return Err(StaffError::Input { field: "offset", why });
                }
                let cells = fields.iter().map(|field| (object, *field)).collect();
                let data = Data::AttachmentOpened { attachment: id, from };
                Ok(Granted::access(data, Class::Support, cells, row))
            },
        )?;
        let (row, whole) = (answered.value, receipt(answered.receipt)?);
        let position = whole.position();
        self.open_attachment_view(row, whole, from, position)
    }

    fn open_attachment_view(
        &self,
        row: AttachmentRow,
        whole: crate::audit::Receipt,
        from: u64,
        position: u64,
    ) -> Result<AttachmentView, StaffError> {
        let core = &*self.room.core;
        let (id, scope) = (row.id, Scope::Account(row.account));
        let at = At { room: core.id, scope, row: *id.as_bytes() };
        let mut receipts = Receipts::of(Some(whole))?;
        let name = Sealed::<FileName>::from_row(&at, 0, Object::Attachment(id), row.name);
        let media_type = Sealed::<MediaType>::from_row(&at, 0, Object::Attachment(id), row.media_type);
        let name = self.room.open(receipts.take(&name)?, &name)?;
        let media_type = self.room.open(receipts.take(&media_type)?, &media_type)?;
        let key = core.vault.key_for_reading(Class::Support, scope, Some(row.generation))?;
        let blob = core.blobs.open(id).map_err(|e| Failure::file(core.layout.root(), &e))?;
        let source = AttachmentSource { room: core.id, scope, attachment: id };
        let last = receipts.rest()?;
        let content = AttachmentReader::open(last, &key, &source, blob, from, &core.clock)?;
        Ok(AttachmentView { name, media_type, content, position })
    }

    /// Answers the customer.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.reply", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn reply(&self, ticket: TicketId, body: &str, why: &Why) -> Result<Written, StaffError> {
        self.write(ticket, MessageKind::Reply, body, why)
    }

    /// Leaves an internal note, which the customer never sees.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.note", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn note(&self, ticket: TicketId, body: &str, why: &Why) -> Result<Written, StaffError> {
        self.write(ticket, MessageKind::Note, body, why)
    }

    fn write(
        &self,
        ticket: TicketId,
        kind: MessageKind,
        body: &str,
        why: &Why,
    ) -> Result<Written, StaffError> {
        let header = self.ticket_header(ticket, Action::TicketWrite, why)?;
        let body = guarded_body("message", body)?;
        let core = &*self.room.core;
        // The author's id is put in inside the lane, where the session says who he is.
        let author = Author { kind, id: [0; 16] };
        let mut sealed = core.seal_message(header.account, ticket, author, body.text)?;
        let (message, cards_masked) = (sealed.row.id, body.cards_masked);
        let why = why.or_case(CaseRef::Ticket(ticket));
        let answered = self.act(
            Action::TicketWrite,
            &why,
            Some(header.account),
            |core, turn| {
                let objects = vec![Object::Ticket(ticket), Object::Message(message)];
                Ok(header_in(core, turn, ticket)?.map(|row| {
                    (Sought { subject: Some(row.account), objects, fields: vec![field(kind)] }, row)
                }))
            },
            |core, turn, permit, row| {
                open(turn, &row)?;
                sealed.row.author = *permit.actor().as_bytes();
                core.insert_message(turn, sealed)?;
                if kind == MessageKind::Reply {
                    let about = Some(Object::Ticket(ticket));
                    core.tell(turn, row.account, Says { kind: NoticeKind::TicketReplied, about })?;
                }
                let cards_masked = cards_masked as u64;
                let data = match kind {
                    MessageKind::Note => Data::TicketNoted { message, cards_masked },
                    MessageKind::Customer | MessageKind::Reply => {
                        Data::TicketWritten { message, cards_masked }
                    }
                };
                Ok(Granted::change(data, Written { message, cards_masked: body.cards_masked }))
            },
        )?;
        Ok(answered.value)
    }

    /// Attaches a file to a ticket, streamed in constant memory.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.attach", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn attach(
        &self,
        ticket: TicketId,
        name: &str,
        media_type_text: &str,
        mut source: impl Read,
        why: &Why,
    ) -> Result<Attached, StaffError> {
        let header = self.ticket_header(ticket, Action::AttachmentPut, why)?;
        let name = guarded_line("file name", name, limits::FILE_NAME_BYTES_MAX)?;
        let media = media_type(media_type_text)?;
        let cards_masked = name.cards_masked + media.cards_masked;
        let why = why.or_case(CaseRef::Ticket(ticket));
        let fields = vec![Field::FileName, Field::MediaType, Field::Content];
        let sought = || Sought {
            subject: Some(header.account),
            objects: vec![Object::Ticket(ticket)],
            fields: fields.clone(),
        };
        self.foresee(Action::AttachmentPut, &why, sought())?;
        if header.state == TicketState::Closed {
            let closed = StaffError::State { what: "the ticket is closed" };
            return Err(self.refuse(Action::AttachmentPut, &why, sought(), closed));
        }
        let core = &*self.room.core;
        let sealed = core.store_blob(ticket, header.account, name.text, media.text, &mut source)?;
        let (attachment, bytes) = (sealed.row.id, sealed.row.bytes);
        let answered = self.act(
            Action::AttachmentPut,
            &why,
            Some(header.account),
            |core, turn| {
                let objects = vec![Object::Ticket(ticket), Object::Attachment(attachment)];
                Ok(header_in(core, turn, ticket)?
                    .map(|row| (Sought { subject: Some(row.account), objects, fields }, row)))
            },
            |core, turn, _, row| {
                open(turn, &row)?;
                core.insert_attachment(turn, &sealed)?;
                let data = Data::AttachmentPut { attachment, bytes, cards_masked: cards_masked as u64 };
                Ok(Granted::change(data, ()))
            },
        );
        match answered {
            Ok(_) => Ok(Attached { attachment, bytes, cards_masked }),
            Err(error) => {
                // A row may name it after a crash.
                if !matches!(&error, StaffError::Failed(failure) if failure.may_be_committed()) {
                    core.drop_blob(&sealed);
                }
                Err(error)
            }
        }
    }

    /// Says who works on a ticket; without the right to say it for others, one takes an unassigned one.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.assign", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn assign(&self, ticket: TicketId, assignee: PrincipalId, why: &Why) -> Result<(), StaffError> {
        let why = why.or_case(CaseRef::Ticket(ticket));
        self.change_ticket(Action::TicketAssign, ticket, Some(assignee), &why, move |row, changed_at| {
            let next = TicketRow { assignee: Some(assignee), changed_at, ..row.clone() };
            (next, Data::TicketAssigned { ticket, assignee })
        })
    }

    /// Closes a ticket.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.close_ticket", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn close_ticket(&self, ticket: TicketId, why: &Why) -> Result<(), StaffError> {
        let why = why.or_case(CaseRef::Ticket(ticket));
        self.change_ticket(Action::TicketClose, ticket, None, &why, move |row, changed_at| {
            (
                TicketRow { state: TicketState::Closed, changed_at, ..row.clone() },
                Data::TicketClosed { ticket },
            )
        })
    }

    fn change_ticket(
        &self,
        action: Action,
        ticket: TicketId,
        assignee: Option<PrincipalId>,
        why: &Why,
        change: impl FnOnce(&TicketRow, u64) -> (TicketRow, Data),
    ) -> Result<(), StaffError> {
        let header = self.ticket_header(ticket, action, why)?;
        self.act(
            action,
            why,
            Some(header.account),
            |core, turn| {
                let mut objects = vec![Object::Ticket(ticket)];
                objects.extend(assignee.map(Object::Principal));
                Ok(header_in(core, turn, ticket)?
                    .map(|row| (Sought { subject: Some(row.account), objects, fields: Vec::new() }, row)))
            },
            |core, turn, _, row| {
                open(turn, &row)?;
                if assignee.is_some() && core.active(turn, assignee)?.is_none() {
                    return Err(StaffError::NotFound);
                }
                let (next, data) = change(&row, turn.position());
                core.change(turn, &*row, &next)?;
                Ok(Granted::change(data, ()))
            },
        )?;
        Ok(())
    }

    /// Opens a case: why data is read where no ticket says so.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.open_case", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn open_case(&self, account: Option<AccountId>, why: &Why) -> Result<CaseId, StaffError> {
        let purpose = why.stated_purpose();
        let case = CaseId::random().map_err(Failure::from)?;
        let answered = self.act(
            Action::CaseOpen,
            why,
            account,
            |_, turn| {
                if let Some(account) = account
                    && accounts::find(turn, account)?.is_none()
                {
                    return Ok(None);
                }
                let mut objects = vec![Object::Case(case)];
                objects.extend(account.map(Object::Account));
                Ok(Some((Sought { subject: account, objects, fields: Vec::new() }, ())))
            },
            |core, turn, permit, ()| {
                let purpose = purpose.ok_or(StaffError::State { what: "a case needs a purpose" })?;
                let created = turn.time();
                let expires = created.plus(CaseRow::lifetime(account));
                let row = CaseRow {
                    id: case,
                    account,
                    purpose,
                    opened_by: permit.actor(),
                    created,
                    expires,
                    state: CaseState::Open,
                    changed_at: turn.position(),
                };
                core.close_cases_over(turn, permit.actor())?;
                authority::insert_case(turn, &row, &core.voucher.mac(&row))?;
                Ok(Granted::change(Data::CaseOpened { case, expires }, ()))
            },
        );
        answered.map(|_| case)
    }

    /// Closes a case.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.close_case", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn close_case(&self, case: CaseId, why: &Why) -> Result<(), StaffError> {
        let why = why.or_case(CaseRef::Case(case));
        self.act(
            Action::CaseClose,
            &why,
            None,
            |core, turn| {
                let row: Option<Vouched<CaseRow>> = core.vouch(authority::case(turn, case)?);
                let objects = vec![Object::Case(case)];
                Ok(row.map(|row| (Sought { subject: row.account, objects, fields: Vec::new() }, row)))
            },
            |core, turn, _, row| {
                let next =
                    CaseRow { state: CaseState::Closed, changed_at: turn.position(), ..CaseRow::clone(&row) };
                core.change(turn, &*row, &next)?;
                Ok(Granted::change(Data::CaseClosed { case }, ()))
            },
        )?;
        Ok(())
    }

    /// A ticket's header before the transaction: whom a reason is sealed for.
    fn ticket_header(&self, ticket: TicketId, action: Action, why: &Why) -> Result<TicketHeader, StaffError> {
        let core = &*self.room.core;
        let stored = core.store.read(|db| authority::ticket(db, ticket))?;
        core.vouch(stored).map(|row| TicketHeader::of(&row)).ok_or_else(|| self.absent(action, why))
    }
}

fn field(kind: MessageKind) -> Field {
    match kind {
        MessageKind::Note => Field::Note,
        MessageKind::Customer | MessageKind::Reply => Field::Body,
    }
}

/// Whether staff may write into the ticket: it is open, and its account not erased.
fn open(turn: &mut LogTurn<'_>, row: &TicketRow) -> Result<(), StaffError> {
    writable(turn, row.account, By::Staff)?;
    match row.state {
        TicketState::Open => Ok(()),
        TicketState::Closed => Err(StaffError::State { what: "the ticket is closed" }),
    }
}

fn header_in(
    core: &Core,
    turn: &mut LogTurn<'_>,
    ticket: TicketId,
) -> Result<Option<Vouched<TicketRow>>, StoreError> {
    Ok(core.vouch(authority::ticket(turn, ticket)?))
}

/// A ticket with everything that its entry names.
fn see(core: &Core, turn: &mut LogTurn<'_>, ticket: TicketId) -> Result<Option<Seen>, StoreError> {
    let Some(stored) = tickets::find(turn, ticket)? else { return Ok(None) };
    let Some(row) = core.vouch(Some(stored.authority)) else { return Ok(None) };
    Ok(Some(Seen {
        header: TicketHeader::of(&row),
        subject: stored.subject,
        messages: tickets::message_headers(turn, ticket)?,
        attachments: tickets::attachments(turn, ticket)?,
    }))
}

impl From<WriteError> for StaffError {
    fn from(e: WriteError) -> Self {
        match e {
            WriteError::NotFound => Self::NotFound,
            WriteError::Text { field, why } => Self::Input { field, why: why.to_string() },
            WriteError::CardNumber { field } => {
                Self::Input { field, why: "it holds a card number".to_owned() }
            }
            WriteError::Closed => Self::State { what: "the ticket is closed" },
            WriteError::Full => Self::State { what: "the ticket is full" },
            WriteError::Cursor { why } => why.into(),
            WriteError::Failed(failure) => Self::Failed(failure),
            other @ (WriteError::Quota { .. }
            | WriteError::Source { .. }
            | WriteError::Password
            | WriteError::NewPassword { .. }
            | WriteError::ApiKey { .. }
            | WriteError::TooManyKeys
            | WriteError::Changed
            | WriteError::SessionEnded) => Self::Input { field: "attachment", why: other.to_string() },
        }
    }
}
