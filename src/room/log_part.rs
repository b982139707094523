//! Which entries of the log a reading is about, and how they are found: by a scan of the whole log, verified on the
//! way. There is no index to trust.

use super::{core::Core, cursor::Cursor, error::Failure, paging::Paging};
use crate::{
    access::Object,
    audit::{Data, Entry, Frontier, Hash, NO_LEAF, Named, What, leaf_hash},
    base::{AccountId, EnrolmentId, GrantId, PrincipalId, limits},
    store::{LogReader, Place, Queries, StoreError, log, log::LogRow},
};

/// Which entries somebody asks for. Each is a right of its own: an auditor reads all, a privacy officer what is about
/// one person, an access administrator what is about staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogPart {
    /// All of them.
    All,
    /// Those about this person: who did what with her data.
    About(AccountId),
    /// Those that name principals, grants and enrolment codes and nothing else, and the ceremony that appointed the
    /// first people.
    Staff,
}

impl LogPart {
    fn holds(self, entry: &Entry) -> bool {
        match self {
            Self::All => true,
            Self::About(account) => entry.subjects.contains(&account),
            Self::Staff => entry.subjects.is_empty() && is_about_staff(entry),
        }
    }
}

fn is_about_staff(entry: &Entry) -> bool {
    let is_ceremony = matches!(entry.what, What::Known(Data::RoomInitialised { .. }));
    is_ceremony
        || (!entry.objects.is_empty() && entry.objects.iter().all(|named| staff_object(named).is_some()))
}

/// The thing of staff that this names, if it is one.
fn staff_object(named: &Named) -> Option<Object> {
    match named.noun.as_str() {
        "principal" => Some(Object::Principal(PrincipalId::from_bytes(named.id))),
        "grant" => Some(Object::Grant(GrantId::from_bytes(named.id))),
        "enrolment" => Some(Object::Enrolment(EnrolmentId::from_bytes(named.id))),
        _ => None,
    }
}

/// One entry as it stands in the log.
#[derive(Debug, Clone)]
pub struct LogEntry {
    /// The line, byte for byte as it was hashed.
    pub line: String,
    /// What it says.
    pub entry: Entry,
}

/// A part of a list of the log's entries, in the order of their positions.
#[derive(Debug, Clone)]
pub struct LogPage {
    /// The entries.
    pub entries: Vec<LogEntry>,
    /// Where the next part begins.
    pub next: Option<Cursor>,
    /// How many entries the log had when the first part was read. All parts together are of these: what was written
    /// since, the readings themselves too, stands from this position on.
    pub size: u64,
    /// What was read through for them. Nothing for a page of all entries, each of which was held against its own leaf
    /// hash alone.
    pub searched: Option<Searched>,
}

/// A log that was read from its first entry to its last, and was whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Searched {
    /// How many entries it had.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// The entry of a row that should stand at `position`: its line is what was hashed, and says so itself.
pub(super) fn entry_at(position: u64, row: LogRow) -> Result<LogEntry, StoreError> {
    let whole = row.position == position && leaf_hash(&row.entry) == row.leaf;
    let entry = Entry::decode(&row.entry).ok().filter(|entry| whole && entry.position == position);
    let line = String::from_utf8(row.entry).ok();
    entry.zip(line).map(|(entry, line)| LogEntry { line, entry }).ok_or(BROKEN)
}

/// The entry at `position`.
pub(super) fn one(db: &mut impl Queries, position: u64) -> Result<LogEntry, StoreError> {
    let row = log::entries(db, position, 1)?.into_iter().next();
    row.ok_or(BROKEN).and_then(|row| entry_at(position, row))
}

const BROKEN: StoreError =
    StoreError::Integrity { what: "an entry of the log is not what was written: run `audit verify`" };

/// One reading of one part of a list of the log: of the entries from `from` on, as many as there were when its first part
/// was read. So it comes to an end though each reading is an entry.
pub(super) struct Span<'a> {
    paging: Paging<'a>,
    /// From where it reads.
    pub(super) from: u64,
    /// The first position that is in none of its parts; nothing for its first part.
    end: Option<u64>,
}

impl<'a> Span<'a> {
    /// The part that is asked for, of the entries from `from` on.
    pub(super) fn new(paging: Paging<'a>, from: u64) -> Self {
        let behind = paging.behind();
        let (end, _) = behind.id.split_at(size_of::<u64>());
        let end = u64::from_be_bytes(end.try_into().unwrap_or_default());
        let next = u64::try_from(behind.number).map_or(0, |behind| behind + 1);
        Self { paging, from: from.max(next), end: (end > 0).then_some(end) }
    }

    /// Where the list ends in a log of this size.
    fn size(&self, size: u64) -> u64 {
        self.end.map_or(size, |end| end.min(size))
    }

    /// Where the next part begins, if this one ends before `next`.
    fn cursor(&self, next: u64, size: u64) -> Cursor {
        let mut id = [0; 16];
        id.iter_mut().zip(size.to_be_bytes()).for_each(|(byte, part)| *byte = part);
        let number = i64::try_from(next).unwrap_or(i64::MAX) - 1;
        self.paging.cursor(Place { number, id })
    }
}

/// A part of the whole log, which has `size` entries.
pub(super) fn page(db: &mut impl Queries, span: &Span<'_>, size: u64) -> Result<LogPage, StoreError> {
    let size = span.size(size);
    let limit = size.saturating_sub(span.from).min(span.paging.limit() as u64);
    let rows = log::entries(db, span.from, u32::try_from(limit).unwrap_or(u32::MAX))?;
    let entries = rows.into_iter().zip(span.from..).map(|(row, position)| entry_at(position, row));
    let entries = entries.collect::<Result<Vec<_>, _>>()?;
    let next = span.from.saturating_add(entries.len() as u64);
    let goes_on = !entries.is_empty() && next < size;
    Ok(LogPage { next: goes_on.then(|| span.cursor(next, size)), entries, size, searched: None })
}

/// What a search found: the entries, and the things of staff that they name together.
pub(super) struct Found {
    pub(super) page: LogPage,
    pub(super) objects: Vec<Object>,
}

/// Those of the span that are in a part of the log. The whole log is read for them, in one snapshot: every line against
/// its leaf hash, every link, and the root over all of them against the head's.
pub(super) fn search(core: &Core, part: LogPart, span: &Span<'_>) -> Result<Found, Failure> {
    let mut log = LogReader::open(&core.layout.store())?;
    let head = core.store.book().checked_head(log.engine())?;
    let (mut tree, mut prev) = (Frontier::empty(), NO_LEAF);
    let size = span.size(head.size);
    let page = LogPage { entries: Vec::new(), next: None, size, searched: None };
    let mut found = Found { page, objects: Vec::new() };
    while tree.size() < head.size {
        let rows = log::entries(&mut log, tree.size(), limits::VERIFY_PAGE_ENTRIES)?;
        if rows.is_empty() {
            return Err(BROKEN.into());
        }
        for row in rows {
            let leaf = row.leaf;
            let entry = entry_at(tree.size(), row)?;
            if entry.entry.prev != prev {
                return Err(BROKEN.into());
            }
            tree.push(leaf);
            prev = leaf;
            if (span.from..size).contains(&entry.entry.position) && part.holds(&entry.entry) {
                found.take(entry, span);
            }
        }
    }
    if tree.size() != head.size || tree.root() != head.root {
        return Err(BROKEN.into());
    }
    found.page.searched = Some(Searched { size: head.size, root: head.root });
    Ok(found)
}

impl Found {
    /// Keeps an entry, unless the page is full: of entries, or of things that the entry of the reading has to name.
    fn take(&mut self, entry: LogEntry, span: &Span<'_>) {
        if self.page.next.is_some() {
            return;
        }
        let mut objects = self.objects.clone();
        for object in entry.entry.objects.iter().filter_map(staff_object) {
            if !objects.contains(&object) {
                objects.push(object);
            }
        }
        if self.page.entries.len() >= span.paging.limit() || objects.len() > limits::ENTRY_OBJECTS_MAX {
            self.page.next = Some(span.cursor(entry.entry.position, self.page.size));
        } else {
            self.objects = objects;
            self.page.entries.push(entry);
        }
    }
}
