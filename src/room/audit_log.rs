//! The log as auditors read it. Reading the log is an entry of the log.

use zeroize::Zeroizing;

use super::{
    ask::{Granted, Sought, Why},
    core::Room,
    desk_accounts::receipt,
    error::{Failure, StaffError},
    staff::Staff,
};
use crate::{
    access::{Action, Field, Object},
    audit::{Checkpoint, Data, DetailKind, Entry},
    base::{Class, limits},
    keys::KeyError,
    seal::{SealedDetail, open_detail, spend_on_details},
    store::{Queries, StoreError, log},
};

/// One entry as it stands in the log.
#[derive(Debug, Clone)]
pub struct LogEntry {
    /// The line, byte for byte as it was hashed.
    pub line: String,
    /// What it says.
    pub entry: Entry,
}

/// What became of a text beside an entry.
pub enum DetailText {
    /// The text, which is the one that the entry commits to.
    Text(Zeroizing<String>),
    /// Its key is erased: the text is gone, the entry's hash stays valid.
    Erased,
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

impl Staff {
    /// Entries from a position on: ids, names of closed lists and numbers, no customer's value.
    ///
    /// # Errors
    /// [`StaffError`].
    pub fn audit_log(&self, from: u64, limit: usize, why: &Why) -> Result<Vec<LogEntry>, StaffError> {
        let limit = u32::try_from(limit.min(limits::LIST_ROWS_MAX)).unwrap_or(u32::MAX);
        let answered = self.act(
            Action::AuditRead,
            why,
            None,
            |_, turn| Ok(Some((nothing(Vec::new()), read(turn, from, limit)?))),
            |_, _, _, entries| {
                let count = entries.len() as u64;
                Ok(Granted::change(Data::AuditRead { from, count }, entries))
            },
        )?;
        Ok(answered.value)
    }

    /// One entry with the texts beside it.
    ///
    /// # Errors
    /// [`StaffError`].
    pub fn audit_show(&self, position: u64, why: &Why) -> Result<EntryDetail, StaffError> {
        let answered = self.act(
            Action::AuditRead,
            why,
            None,
            |core, turn| {
                let entry = read(turn, position, 1)?
                    .into_iter()
                    .next()
                    .filter(|entry| entry.entry.position == position);
                let details = log::details(turn, position)?;
                let sought = nothing(vec![Field::Detail]);
                let room = vec![Object::Room(core.id)];
                Ok(entry.map(|entry| (Sought { objects: room, ..sought }, (entry, details))))
            },
            |core, _, _, seen| {
                let cells = vec![(Object::Room(core.id), Field::Detail)];
                let data = Data::AuditRead { from: position, count: 1 };
                Ok(Granted::access(data, Class::AuditDetail, cells, seen))
            },
        )?;
        let (entry, stored) = answered.value;
        let core = &*self.room.core;
        spend_on_details(receipt(answered.receipt)?, core.id, core.clock.moment()).map_err(Failure::from)?;
        let details = entry.entry.details.iter().map(|detail| {
            let found = stored.iter().find(|(kind, ..)| *kind == detail.kind);
            let text = match (detail.commitment, found) {
                (None, _) => Ok(DetailText::Erased),
                (Some(_), None) => Ok(DetailText::Broken),
                (Some(commitment), Some((kind, scope, sealed))) => {
                    let sealed =
                        SealedDetail { kind: *kind, scope: *scope, commitment, sealed: sealed.clone() };
                    self.detail_text(&entry.entry, &sealed)
                }
            };
            text.map(|text| (detail.kind, text))
        });
        let details = details.collect::<Result<_, Failure>>()?;
        Ok(EntryDetail { entry, details })
    }

    fn detail_text(&self, entry: &Entry, sealed: &SealedDetail) -> Result<DetailText, Failure> {
        let core = &*self.room.core;
        let key = match core.vault.key_for_reading(Class::AuditDetail, sealed.scope, sealed.generation()) {
            Err(Failure::Key(KeyError::Erased { .. })) => return Ok(DetailText::Erased),
            other => other?,
        };
        let text = open_detail(core.id, &key, &entry.nonce, sealed);
        Ok(text.map_or(DetailText::Broken, DetailText::Text))
    }
}

fn nothing(fields: Vec<Field>) -> Sought {
    Sought { subject: None, objects: Vec::new(), fields }
}

fn read(db: &mut impl Queries, from: u64, limit: u32) -> Result<Vec<LogEntry>, StoreError> {
    let rows = log::entries(db, from, limit)?;
    rows.into_iter()
        .map(|row| {
            let undecodable =
                StoreError::Integrity { what: "an entry of the log cannot be decoded: run `audit verify`" };
            let entry = Entry::decode(&row.entry).map_err(|_| undecodable.clone())?;
            let line = String::from_utf8(row.entry).map_err(|_| undecodable)?;
            Ok(LogEntry { line, entry })
        })
        .collect()
}

impl Room {
    /// How many entries the log has.
    ///
    /// # Errors
    /// The room could not do it.
    pub fn log_size(&self) -> Result<u64, Failure> {
        let book = self.core.store.book();
        Ok(self.core.store.read(|db| book.checked_head(db.as_mut()))?.size)
    }

    /// The newest signed checkpoint, as C2SP signed note: what an auditor keeps.
    ///
    /// # Errors
    /// The room could not do it.
    pub fn checkpoint(&self) -> Result<String, Failure> {
        let notary = self.core.store.book().notary();
        let files = notary.files().map_err(|e| Failure::File { path: "checkpoint".into(), fault: e.kind })?;
        let valid = files.into_iter().flatten().filter_map(|note| {
            let checkpoint = Checkpoint::open(&note, notary.verifier()).ok()?;
            Some((checkpoint.size, String::from_utf8(note).ok()?))
        });
        let newest = valid.max_by_key(|(size, _)| *size);
        newest.map(|(_, note)| note).ok_or(Failure::Internal("there is no valid outside checkpoint"))
    }
}
