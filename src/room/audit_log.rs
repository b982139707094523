//! The log as auditors read it. Reading the log is an entry of the log.

use tracing::instrument;
use zeroize::Zeroizing;

use super::{
    ask::{Granted, Sought, Why},
    core::{Core, Room},
    cursor::Page,
    desk_accounts::receipt,
    error::{Failure, StaffError},
    log_part::{self, Found, LogEntry, LogPage, LogPart, Span},
    paging::List,
    staff::Staff,
};
use crate::{
    access::{Action, Field, Object},
    audit::{Data, DetailKind, Entry, Receipt},
    base::{AccountId, Class, Scope, limits},
    keys::KeyError,
    seal::{OpenDetails, SealedDetail},
    store::{LogTurn, Queries, StoreError, accounts, fences, log},
};

/// What became of a text beside an entry.
pub enum DetailText {
    /// The text, which is the one that the entry commits to.
    Text(Zeroizing<String>),
    /// Its key is erased: the text is gone, the entry's hash stays valid.
    Erased,
    /// It was stated and not kept: its subject was erased already, or is nobody whom the room knows.
    NotKept,
    /// It is not the text that the entry commits to, or is missing: an integrity failure.
    Broken,
}

/// One entry with the texts beside it.
pub struct EntryDetail {
    /// The entry.
    pub entry: LogEntry,
    /// Whose text, and the text.
    pub details: Vec<(DetailKind, DetailText)>,
}

/// A text beside an entry, as the store keeps it.
pub(super) type StoredDetail = (DetailKind, Scope, Vec<u8>);

impl Staff {
    /// Entries of a part of the log from the position `from` on, the oldest first, at most 500 at once: ids, names of closed
    /// lists and numbers, no customer's value. The reading's own entry names the person, or the things of staff, that it
    /// was about; a next part is another reading, of the log as it was at the first.
    ///
    /// # Errors
    /// [`StaffError`]; that an entry is not what was written is an integrity failure, and nothing is shown.
    #[instrument(name = "staff.audit_log", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn audit_log(&self, part: LogPart, from: u64, page: &Page, why: &Why) -> Result<LogPage, StaffError> {
        let (list, subject) = match part {
            LogPart::All => (List::Log, None),
            LogPart::About(account) => (List::LogAbout, Some(account)),
            LogPart::Staff => (List::LogStaff, None),
        };
        let span = Span::new(self.paging(list, subject, page, limits::LIST_ROWS_MAX)?, from);
        match part {
            LogPart::All => self.read_log(&span, why, None, |_, turn| {
                let size = turn.position();
                Ok(Some((about(None, Vec::new()), log_part::page(turn, &span, size)?)))
            }),
            LogPart::About(account) => self.log_about(account, &span, why),
            LogPart::Staff => self.log_of_staff(&span, why),
        }
    }

    fn log_about(&self, account: AccountId, span: &Span<'_>, why: &Why) -> Result<LogPage, StaffError> {
        let core = &*self.room.core;
        if core.store.read(|db| accounts::find(db, account))?.is_none() {
            return Err(self.absent(Action::AuditRead, why));
        }
        let sought = || about(Some(account), vec![Object::Account(account)]);
        // Nobody has the whole log read for him who may not see what is found.
        self.foresee(Action::AuditRead, why, sought())?;
        let found = log_part::search(core, LogPart::About(account), span)?;
        self.read_log(span, why, Some(account), |_, _| Ok(Some((sought(), found.page))))
    }

    /// What was found names the things of staff; where nothing was, the reader alone.
    fn log_of_staff(&self, span: &Span<'_>, why: &Why) -> Result<LogPage, StaffError> {
        let reader: Vec<Object> = self.principal()?.map(Object::Principal).into_iter().collect();
        self.foresee(Action::AuditRead, why, about(None, reader.clone()))?;
        let Found { page, objects } = log_part::search(&self.room.core, LogPart::Staff, span)?;
        let objects = if objects.is_empty() { reader } else { objects };
        self.read_log(span, why, None, |_, _| Ok(Some((about(None, objects), page))))
    }

    fn read_log(
        &self,
        span: &Span<'_>,
        why: &Why,
        subject: Option<AccountId>,
        seek: impl FnOnce(&Core, &mut LogTurn<'_>) -> Result<Option<(Sought, LogPage)>, StoreError>,
    ) -> Result<LogPage, StaffError> {
        let answered = self.act(Action::AuditRead, why, subject, seek, |_, _, _, page| {
            let count = page.entries.len() as u64;
            Ok(Granted::change(Data::AuditRead { from: span.from, count }, page))
        })?;
        Ok(answered.value)
    }

    /// One entry with the texts beside it. If it is about a person, this reading is too, and is on record before a
    /// text about her is opened. An entry that names several people, with no text about one of them beside it, is about
    /// nobody in particular: who may read what is about one person finds its line among [`LogPart::About`] her, and is
    /// refused here.
    ///
    /// # Errors
    /// [`StaffError`]; that the entry is not what was written is an integrity failure, and nothing is shown.
    #[instrument(name = "staff.audit_show", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn audit_show(&self, position: u64, why: &Why) -> Result<EntryDetail, StaffError> {
        let core = &*self.room.core;
        let subject = core.store.read(|db| stored(db, position))?.and_then(|seen| whose(&seen));
        let answered = self.act(
            Action::AuditRead,
            why,
            subject,
            |core, turn| {
                let seen = stored(turn, position)?;
                let sought = |seen: &_| Sought {
                    fields: vec![Field::Detail],
                    ..about(whose(seen), vec![Object::Room(core.id)])
                };
                Ok(seen.map(|seen| (sought(&seen), seen)))
            },
            |core, _, _, seen| {
                let cells = vec![(Object::Room(core.id), Field::Detail)];
                let data = Data::AuditRead { from: position, count: 1 };
                Ok(Granted::access(data, Class::AuditDetail, cells, seen))
            },
        )?;
        let (entry, stored) = answered.value;
        let details = self.texts(receipt(answered.receipt)?, &entry, &stored)?;
        Ok(EntryDetail { entry, details })
    }

    /// The texts beside an entry, which the receipt opens.
    pub(super) fn texts(
        &self,
        receipt: Receipt,
        entry: &LogEntry,
        stored: &[StoredDetail],
    ) -> Result<Vec<(DetailKind, DetailText)>, StaffError> {
        let core = &*self.room.core;
        let open = OpenDetails::by(receipt, core.id, core.clock.moment()).map_err(Failure::from)?;
        let details = entry.entry.details.iter().map(|detail| {
            let found = stored.iter().find(|(kind, ..)| *kind == detail.kind);
            let text = match (detail.commitment, found) {
                (None, _) => Ok(DetailText::NotKept),
                (Some(_), None) => self.missing_text(&entry.entry, detail.kind),
                (Some(commitment), Some((kind, scope, sealed))) => {
                    let sealed =
                        SealedDetail { kind: *kind, scope: *scope, commitment, sealed: sealed.clone() };
                    self.detail_text(&open, &entry.entry, &sealed)
                }
            };
            text.map(|text| (detail.kind, text))
        });
        Ok(details.collect::<Result<_, Failure>>()?)
    }

    /// A text that is not there: it went with the person it is about, or somebody took it away.
    fn missing_text(&self, entry: &Entry, kind: DetailKind) -> Result<DetailText, Failure> {
        let core = &*self.room.core;
        for subject in entry.subjects.iter().filter(|_| kind == DetailKind::Subject) {
            let scope = Scope::Account(*subject);
            let key = core.vault.database.read(|db| fences::count(db, Class::AuditDetail, scope))?;
            if key.fenced_at.is_some() {
                return Ok(DetailText::Erased);
            }
        }
        Ok(DetailText::Broken)
    }

    fn detail_text(
        &self,
        open: &OpenDetails,
        entry: &Entry,
        sealed: &SealedDetail,
    ) -> Result<DetailText, Failure> {
        let core = &*self.room.core;
        let key = match core.vault.key_for_reading(Class::AuditDetail, sealed.scope, sealed.generation()) {
            Err(Failure::Key(KeyError::Erased { .. })) => return Ok(DetailText::Erased),
            other => other?,
        };
        let text = open.text(core.id, &key, &entry.nonce, sealed);
        Ok(text.map_or(DetailText::Broken, DetailText::Text))
    }
}

fn about(subject: Option<AccountId>, objects: Vec<Object>) -> Sought {
    Sought { subject, objects, fields: Vec::new() }
}

/// An entry, which must be what was written, with the texts beside it.
pub(super) fn stored(
    db: &mut impl Queries,
    position: u64,
) -> Result<Option<(LogEntry, Vec<StoredDetail>)>, StoreError> {
    let row = log::entries(db, position, 1)?.into_iter().next();
    let Some(row) = row else { return Ok(None) };
    Ok(Some((log_part::entry_at(position, row)?, log::details(db, position)?)))
}

/// Whom a reading of this entry is about: whose text lies beside it, if she is one of those whom it names, or the one
/// whom it names.
fn whose((entry, details): &(LogEntry, Vec<StoredDetail>)) -> Option<AccountId> {
    let subjects = &entry.entry.subjects;
    let owner = details.iter().find_map(|(_, scope, _)| match scope {
        Scope::Account(account) => subjects.contains(account).then_some(*account),
        _ => None,
    });
    owner.or(match subjects.as_slice() {
        [one] => Some(*one),
        _ => None,
    })
}

impl Room {
    /// How many entries the log has.
    ///
    /// # Errors
    /// The room could not do it.
    #[instrument(name = "room.log_size", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn log_size(&self) -> Result<u64, Failure> {
        let book = self.core.store.book();
        Ok(self.core.store.read(|db| book.checked_head(db.as_mut()))?.size)
    }
}
