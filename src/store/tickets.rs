//! Tickets, messages, attachments.

use super::{
    Place, Queries, Row, Slice, StoreError, Value,
    authority::{AuthorityTable, LogTurn},
    sql::tickets,
};
use crate::{
    access::rows::TicketRow,
    base::{
        AccountId, AttachmentId, MessageId, PrincipalId, TicketId, Time,
        limits::{TICKET_ATTACHMENTS_MAX, TICKET_MESSAGES_MAX},
    },
    seal::Unvouched,
};

/// A ticket with its sealed subject.
pub(crate) struct StoredTicket {
    pub(crate) authority: Unvouched<TicketRow>,
    pub(crate) subject: Vec<u8>,
}

fn read_ticket(row: &Row) -> Result<StoredTicket, StoreError> {
    Ok(StoredTicket { authority: TicketRow::read(row)?, subject: row.blob(7)?.to_vec() })
}

/// The ticket with this id, and its subject.
pub(crate) fn find(db: &mut impl Queries, id: TicketId) -> Result<Option<StoredTicket>, StoreError> {
    db.one(&tickets::TICKET, &[id.into()], read_ticket)
}

/// A part of the tickets of an account, newest first.
pub(crate) fn of(
    db: &mut impl Queries,
    account: AccountId,
    slice: &Slice,
) -> Result<Vec<Unvouched<TicketRow>>, StoreError> {
    let [number, id, limit] = slice.values();
    db.all(&tickets::TICKETS_OF, &[account.into(), number, id, limit], TicketRow::read)
}

/// A ticket as its queue has it.
pub(crate) struct Queued {
    pub(crate) authority: Unvouched<TicketRow>,
    /// Since when its customer waits for an answer.
    pub(crate) waiting: Option<Time>,
}

impl Queued {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { authority: TicketRow::read(row)?, waiting: row.optional_time(7)? })
    }

    /// Its place among tickets by age.
    pub(crate) fn by_age(&self) -> Place {
        self.at(self.authority.row.created)
    }

    /// Its place among tickets that wait.
    pub(crate) fn by_waiting(&self) -> Place {
        self.at(self.waiting.unwrap_or(Time::MAX))
    }

    fn at(&self, time: Time) -> Place {
        Place { number: time.as_ms(), id: *self.authority.row.id.as_bytes() }
    }
}

/// A part of the open tickets that somebody works on, oldest first.
pub(crate) fn of_assignee(
    db: &mut impl Queries,
    assignee: PrincipalId,
    slice: &Slice,
) -> Result<Vec<Queued>, StoreError> {
    let [number, id, limit] = slice.values();
    db.all(&tickets::TICKETS_MINE, &[assignee.into(), number, id, limit], Queued::read)
}

/// A part of the open tickets that nobody works on, oldest first.
pub(crate) fn unassigned(db: &mut impl Queries, slice: &Slice) -> Result<Vec<Queued>, StoreError> {
    db.all(&tickets::TICKETS_UNASSIGNED, &slice.values(), Queued::read)
}

/// A part of the open tickets whose customers wait since `until` or longer, the longest first.
pub(crate) fn waiting(db: &mut impl Queries, until: Time, slice: &Slice) -> Result<Vec<Queued>, StoreError> {
    let [number, id, limit] = slice.values();
    db.all(&tickets::TICKETS_WAITING, &[until.into(), number, id, limit], Queued::read)
}

/// How many open tickets' customers wait since `until` or longer.
pub(crate) fn waiting_count(db: &mut impl Queries, until: Time) -> Result<u64, StoreError> {
    Ok(db.one(&tickets::TICKETS_WAITING_COUNT, &[until.into()], |row| row.number(0))?.unwrap_or(0))
}

/// Who wrote a message, and who may read it. The numbers stand in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// The customer.
    Customer = 1,
    /// Staff, to the customer.
    Reply = 2,
    /// Staff, among themselves: never shown to the customer.
    Note = 3,
}

impl MessageKind {
    fn from_number(number: i64) -> Option<Self> {
        [Self::Customer, Self::Reply, Self::Note].into_iter().find(|kind| *kind as i64 == number)
    }
}

/// A row of `ticket_message`.
pub(crate) struct MessageRow {
    pub(crate) id: MessageId,
    pub(crate) kind: MessageKind,
    /// The account or principal that wrote it.
    pub(crate) author: [u8; 16],
    pub(crate) created: Time,
    pub(crate) body: Vec<u8>,
}

/// Writes a message; `at` is the position of its entry, which gives messages their order. A customer's makes the
/// ticket wait for an answer, if it does not yet; a reply ends that.
pub(crate) fn insert_message(
    turn: &mut LogTurn<'_>,
    ticket: TicketId,
    account: AccountId,
    row: &MessageRow,
) -> Result<(), StoreError> {
    let at = turn.position();
    let values = [
        row.id.into(),
        ticket.into(),
        account.into(),
        Value::Int(row.kind as i64),
        Value::from(&row.author),
        at.into(),
        row.created.into(),
        row.body.clone().into(),
    ];
    turn.change_one(&tickets::MESSAGE_INSERT, &values)?;
    match row.kind {
        MessageKind::Customer => {
            turn.change_one(&tickets::TICKET_WAITS, &[ticket.into(), row.created.into()])
        }
        MessageKind::Reply => turn.change_one(&tickets::TICKET_ANSWERED, &[ticket.into()]),
        MessageKind::Note => Ok(()),
    }
}

/// How many messages a ticket has.
pub(crate) fn message_count(db: &mut impl Queries, ticket: TicketId) -> Result<usize, StoreError> {
    Ok(db.one(&tickets::MESSAGE_COUNT, &[ticket.into()], |row| row.number(0))?.unwrap_or(0))
}

/// A message without its text: what an entry names.
#[derive(Clone, Copy)]
pub(crate) struct MessageHeader {
    pub(crate) id: MessageId,
    pub(crate) kind: MessageKind,
}

/// The messages of a ticket without their texts, oldest first.
pub(crate) fn message_headers(
    db: &mut impl Queries,
    ticket: TicketId,
) -> Result<Vec<MessageHeader>, StoreError> {
    let limit = u32::try_from(TICKET_MESSAGES_MAX).unwrap_or(u32::MAX);
    db.all(&tickets::MESSAGE_HEADERS, &[ticket.into(), limit.into()], |row| {
        Ok(MessageHeader { id: row.id(0)?, kind: kind(row, 1)? })
    })
}

/// One message of a ticket.
pub(crate) fn message(
    db: &mut impl Queries,
    ticket: TicketId,
    id: MessageId,
) -> Result<Option<MessageRow>, StoreError> {
    db.one(&tickets::MESSAGE, &[id.into(), ticket.into()], read_message)
}

/// The messages of a ticket, oldest first.
pub(crate) fn messages(db: &mut impl Queries, ticket: TicketId) -> Result<Vec<MessageRow>, StoreError> {
    let limit = u32::try_from(TICKET_MESSAGES_MAX).unwrap_or(u32::MAX);
    db.all(&tickets::MESSAGES, &[ticket.into(), limit.into()], read_message)
}

fn kind(row: &Row, column: usize) -> Result<MessageKind, StoreError> {
    MessageKind::from_number(row.int(column)?).ok_or_else(|| row.corrupt())
}

fn read_message(row: &Row) -> Result<MessageRow, StoreError> {
    Ok(MessageRow {
        id: row.id(0)?,
        kind: kind(row, 1)?,
        author: row.bytes(2)?,
        created: row.time(3)?,
        body: row.blob(4)?.to_vec(),
    })
}

/// A row of `attachment`.
pub(crate) struct AttachmentRow {
    pub(crate) id: AttachmentId,
    pub(crate) ticket: TicketId,
    pub(crate) account: AccountId,
    /// Generation of the data key that sealed the blob.
    pub(crate) generation: u32,
    /// The plaintext's length.
    pub(crate) bytes: u64,
    pub(crate) created: Time,
    pub(crate) name: Vec<u8>,
    pub(crate) media_type: Vec<u8>,
}

/// Writes an attachment's row; its blob is durable already.
pub(crate) fn insert_attachment(turn: &mut LogTurn<'_>, row: &AttachmentRow) -> Result<(), StoreError> {
    let values = [
        row.id.into(),
        row.ticket.into(),
        row.account.into(),
        row.generation.into(),
        row.bytes.into(),
        row.created.into(),
        row.name.clone().into(),
        row.media_type.clone().into(),
    ];
    turn.change_one(&tickets::ATTACHMENT_INSERT, &values)
}

fn read_attachment(row: &Row) -> Result<AttachmentRow, StoreError> {
    Ok(AttachmentRow {
        id: row.id(0)?,
        ticket: row.id(1)?,
        account: row.id(2)?,
        generation: row.number(3)?,
        bytes: row.number(4)?,
        created: row.time(5)?,
        name: row.blob(6)?.to_vec(),
        media_type: row.blob(7)?.to_vec(),
    })
}

/// The attachment with this id.
pub(crate) fn attachment(
    db: &mut impl Queries,
    id: AttachmentId,
) -> Result<Option<AttachmentRow>, StoreError> {
    db.one(&tickets::ATTACHMENT, &[id.into()], read_attachment)
}

/// How many attachments a ticket has.
pub(crate) fn attachment_count(db: &mut impl Queries, ticket: TicketId) -> Result<usize, StoreError> {
    Ok(db.one(&tickets::ATTACHMENT_COUNT, &[ticket.into()], |row| row.number(0))?.unwrap_or(0))
}

/// The attachments of a ticket, oldest first.
pub(crate) fn attachments(db: &mut impl Queries, ticket: TicketId) -> Result<Vec<AttachmentRow>, StoreError> {
    let limit = u32::try_from(TICKET_ATTACHMENTS_MAX).unwrap_or(u32::MAX);
    db.all(&tickets::ATTACHMENTS, &[ticket.into(), limit.into()], read_attachment)
}

/// Up to `limit` attachments with their plaintexts' lengths, in the order of their ids from behind `after` on.
pub(crate) fn attachment_sizes(
    db: &mut impl Queries,
    after: Option<AttachmentId>,
    limit: u32,
) -> Result<Vec<(AttachmentId, u64)>, StoreError> {
    let after = after.map_or_else(|| Value::Blob(Vec::new()), Value::from);
    db.all(&tickets::ATTACHMENT_SIZES, &[after, limit.into()], |row| Ok((row.id(0)?, row.number(1)?)))
}

/// Bytes that all attachments take, added up.
pub(crate) fn all_attachment_bytes(db: &mut impl Queries) -> Result<u64, StoreError> {
    Ok(db.one(&tickets::ATTACHMENT_BYTES, &[], |row| row.number(0))?.unwrap_or(0))
}

/// Bytes that attachments take, as triggers count them with each row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct AttachmentUse {
    /// An account's.
    pub(crate) account: u64,
    /// The room's.
    pub(crate) room: u64,
}

/// What an account's attachments, and all attachments, take: two rows, however many attachments there are.
pub(crate) fn attachment_use(db: &mut impl Queries, account: AccountId) -> Result<AttachmentUse, StoreError> {
    Ok(AttachmentUse { account: counted(db, account.as_bytes())?, room: counted(db, &[0; 16])? })
}

/// What all attachments take, as it is counted.
pub(crate) fn counted_attachment_bytes(db: &mut impl Queries) -> Result<u64, StoreError> {
    counted(db, &[0; 16])
}

fn counted(db: &mut impl Queries, owner: &[u8; 16]) -> Result<u64, StoreError> {
    Ok(db.one(&tickets::ATTACHMENT_USE, &[Value::from(owner)], |row| row.number(0))?.unwrap_or(0))
}
