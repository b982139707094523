//! Verifying a room's log from its files: also of a room that does not open, and without its keys.

use std::path::Path;

use super::{
    authority::{self, Forgery},
    config::Config,
    error::{Failure, OpenRoomError},
    layout::Layout,
    open::LogParts,
};
use crate::{
    access::rows::{ApprovalRow, FactorRow, GrantRow, HoldRow, WaiverRow},
    audit::{
        Approval, Evidence, Factor, Grant, Head, HeadRow, Hold, Key, OutsideFiles, Report, Row, VerifierKey,
        Waiver, verify as verify_log,
    },
    base::{Clock, RoomId, limits},
    keys::{KeyFiles, KeyRing},
    store::{self, LogReader, Queries, StoreDatabase, StoreError, authority::Rows, keyring},
};

/// What a verification found.
pub struct Verified {
    /// Which room.
    pub room: RoomId,
    /// The log.
    pub report: Report,
    /// Whether the rows that confer authority are readable, genuine and those of the log's head; `None` without the
    /// room's keys.
    pub authority: Option<bool>,
    /// Rows that confer authority and were written past this program: their MAC is wrong.
    pub forged: Vec<Forgery>,
    /// The entry that records the verification; nothing if it was made from the files alone.
    pub recorded: Option<u64>,
}

impl Verified {
    /// How many things are wrong.
    pub fn faults(&self) -> u64 {
        let log = (self.report.faults.len() as u64).saturating_add(self.report.faults_left_out);
        let authority = u64::from(self.authority == Some(false) && self.forged.is_empty());
        log.saturating_add(self.forged.len() as u64).saturating_add(authority)
    }

    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.faults() == 0
    }
}

/// Which room is in `directory`, by what its store says. It is not opened, and nothing changes.
///
/// # Errors
/// There is no room, or its configuration cannot be understood.
pub fn identify(directory: &Path) -> Result<RoomId, OpenRoomError> {
    let layout = Layout::new(directory, None);
    Config::read(&layout.config())?;
    Ok(StoreDatabase::stated_room(&layout.store())?.id)
}

/// Verifies the log of the room in `directory`. `pinned` is the log's public key as the auditor has it from
/// elsewhere; without it a sound log is consistent, not authenticated. `progress` is called with the number of
/// entries read. It changes nothing.
///
/// # Errors
/// The room cannot be read at all. What is wrong with its log is no error but the report.
pub fn verify(
    directory: &Path,
    pinned: Option<&VerifierKey>,
    progress: impl FnMut(u64),
) -> Result<Verified, OpenRoomError> {
    let config = Config::read(&Layout::new(directory, None).config())?;
    let layout = Layout::new(directory, config.outside.as_deref());
    // Its parts are of two rooms, neither of them whole.
    if layout.unfinished_restore().exists() {
        return Err(OpenRoomError::Unfinished);
    }
    let room = StoreDatabase::stated_room(&layout.store())?.id;
    // Before the snapshot of the log: a room at work is then ahead of these checkpoints, never behind them.
    let outside = OutsideFiles::new(layout.outside().to_path_buf());
    let files = outside.read().map_err(|e| Failure::File { path: layout.outside().into(), fault: e.kind })?;
    let mut log = LogReader::open(&layout.store())?;
    let stored = store::log::head(log.engine())?;
    let head = stored.as_ref().and_then(|stored| Head::from_canonical(&stored.head, &room));
    let parts = match &head {
        Some(head) => parts(&layout, &config, room, head.incarnation),
        None => None,
    };
    let authentic = |parts: &LogParts, head: &Head| {
        stored.as_ref().is_some_and(|stored| parts.notary.check(head, &stored.mac).is_ok())
    };
    let grants = readable(store::authority::all::<GrantRow>(&mut log, u32::MAX))?;
    let grants = grants.map(|rows| rows.iter().map(|stored| Grant::from(&stored.row)).collect::<Vec<_>>());
    let holds = readable(store::authority::all::<HoldRow>(&mut log, u32::MAX))?;
    let holds = holds.map(|rows| rows.iter().map(|stored| Hold::from(&stored.row)).collect::<Vec<_>>());
    let approvals = readable(store::authority::all::<ApprovalRow>(&mut log, u32::MAX))?;
    let approvals = approvals.map(|rows| rows.iter().map(|one| Approval::from(&one.row)).collect::<Vec<_>>());
    let waivers = readable(store::authority::all::<WaiverRow>(&mut log, u32::MAX))?;
    let waivers = waivers.map(|rows| rows.iter().map(|one| Waiver::from(&one.row)).collect::<Vec<_>>());
    let factors = readable(store::authority::all::<FactorRow>(&mut log, u32::MAX))?;
    let factors = factors.map(|rows| rows.iter().map(|one| Factor::from(&one.row)).collect::<Vec<_>>());
    let lives = readable(store::accounts::lives(&mut log))?;
    let evidence = Evidence {
        head: head
            .clone()
            .map(|head| HeadRow { authentic: parts.as_ref().map(|parts| authentic(parts, &head)), head }),
        files: files.each_ref().map(Option::as_deref),
        key: match (pinned, &parts) {
            (Some(key), _) => Key::Pinned(key),
            (None, Some(parts)) => Key::OfRoom(parts.notary.verifier()),
            (None, None) => Key::Unknown,
        },
        grants: grants.as_deref(),
        holds: holds.as_deref(),
        approvals: approvals.as_deref(),
        waivers: waivers.as_deref(),
        factors: factors.as_deref(),
        lives: lives.as_deref(),
    };
    let report = verify_log(Entries::new(&mut log), &evidence, progress)?;
    let second = approvals.is_some() && waivers.is_some() && factors.is_some();
    let all_read = grants.is_some() && holds.is_some() && second && lives.is_some();
    let authority = (!all_read).then_some(false);
    let mut verified = Verified { room, report, authority, forged: Vec::new(), recorded: None };
    if let (Some(parts), Some(head)) = (&parts, &head) {
        let sum = readable(authority::sum(&mut log, &parts.fold_key, &parts.voucher, Rows::All))?;
        let stated = parts.fold_key.unveil(&head.authority, head.size, &head.root);
        verified.authority =
            Some(sum.as_ref().is_some_and(|sum| sum.fold == stated && sum.forged.is_empty()));
        verified.forged = sum.map(|sum| sum.forged).unwrap_or_default();
    }
    Ok(verified)
}

/// What a table of authority says; `None` if a row in it says nothing that this program knows. That is no reason to
/// leave the log unread.
fn readable<T>(read: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match read {
        Err(StoreError::Corrupt { .. }) => Ok(None),
        other => other.map(Some),
    }
}

/// The room's own keys; `None` where they cannot be had, and the verification does without.
fn parts(layout: &Layout, config: &Config, room: RoomId, incarnation: u32) -> Option<LogParts> {
    let rows = store::read_keyring(&layout.keyring(), keyring::wrapping_keys);
    let ring = rows
        .map_err(Failure::from)
        .and_then(|rows| Ok(KeyRing::load(&KeyFiles::new(layout.keys()), room, &rows, &[])?));
    let parts = ring
        .and_then(|ring| LogParts::new(&ring, room, &config.origin, incarnation, layout, &Clock::system()));
    parts
        .inspect_err(|e| tracing::warn!(error = %e, "the room's keys cannot be had: verifying without them"))
        .ok()
}

/// The rows of a log, read page by page in one snapshot.
pub(super) struct Entries<'a, Q> {
    log: &'a mut Q,
    page: std::vec::IntoIter<store::log::LogRow>,
    next: u64,
    ended: bool,
}

impl<'a, Q: Queries> Entries<'a, Q> {
    pub(super) fn new(log: &'a mut Q) -> Self {
        Self { log, page: Vec::new().into_iter(), next: 0, ended: false }
    }

    fn turn_page(&mut self) -> Result<(), StoreError> {
        let page = store::log::entries(self.log, self.next, limits::VERIFY_PAGE_ENTRIES)?;
        self.ended = page.is_empty();
        self.next = page.last().map_or(self.next, |row| row.position.saturating_add(1));
        self.page = page.into_iter();
        Ok(())
    }
}

impl<Q: Queries> Iterator for Entries<'_, Q> {
    type Item = Result<Row, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.len() == 0
            && !self.ended
            && let Err(e) = self.turn_page()
        {
            self.ended = true;
            return Some(Err(e));
        }
        let row = self.page.next()?;
        Some(Ok(Row { position: row.position, entry: Some(row.entry), leaf: row.leaf }))
    }
}
