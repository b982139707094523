//! The audit log's side of the lane: reads and checks the head, appends entries, publishes.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    Engine, Held, Hold, Queries, Row, StoreError, Value,
    lane::{Book, Turn},
    reserve::{Kept, Reserve},
    sql::logs,
};
use crate::{
    access::rows::AuthorityRow,
    audit::DetailKind,
    audit::{
        Actor, Call, Data, Draft, Element, Event, Fold, FoldKey, Hash, Head, NO_LEAF, Notary, Via, leaf_hash,
    },
    base::{Clock, EntryNonce, RequestId, RoomId, Scope, Time, tell},
    seal::{self, SealedDetail},
};

/// What the store does around each batch: the log's head is checked, moved and published.
pub(crate) struct LogBook {
    room: RoomId,
    clock: Clock,
    notary: Notary,
    fold_key: FoldKey,
    hold: Hold,
    keeper: Keeper,
    /// The newest epoch of the keyring that this process knows: the head quotes it.
    epoch: AtomicU64,
}

/// Who tells the log of the reserve.
pub(crate) struct Keeper {
    pub(crate) reserve: Arc<Reserve>,
    /// This process.
    pub(crate) via: Via,
    /// Digest of the matrix that decides and of the published policy.
    pub(crate) policy: Hash,
}

/// The log in an open batch.
#[derive(Clone)]
pub(crate) struct LogState {
    head: Head,
    /// What is wrong with the log that the batch builds on: no entry is appended to it.
    unsound: Option<&'static str>,
    /// The room is resumed in this batch.
    resumes: bool,
    /// How the reserve stands; what this batch tells of it counts as told.
    reserve: Kept,
    /// The batch tells of it.
    tells: bool,
    fold: Fold,
    /// The size before this batch: what was published last.
    published: u64,
    /// The newest entry's leaf hash, which the next one repeats.
    last_leaf: Hash,
    /// The time of what is done at a size: the clock is read once for it, so that an entry and its rows agree.
    now: Cell<Option<(u64, Time)>>,
}

impl LogBook {
    /// The log of a room.
    pub(crate) fn new(
        room: RoomId,
        clock: Clock,
        notary: Notary,
        fold_key: FoldKey,
        hold: Hold,
        keeper: Keeper,
        epoch: u64,
    ) -> Self {
        Self { room, clock, notary, fold_key, hold, keeper, epoch: AtomicU64::new(epoch) }
    }

    /// The room.
    pub(crate) fn room(&self) -> RoomId {
        self.room
    }

    /// Tells of a newer epoch of the keyring.
    pub(crate) fn raise_epoch(&self, epoch: u64) {
        self.epoch.fetch_max(epoch, Ordering::SeqCst);
    }

    /// Whether the room is held for customers alone.
    pub(crate) fn hold(&self) -> &Hold {
        &self.hold
    }

    /// What of the disk is kept for customers.
    pub(crate) fn reserve(&self) -> &Reserve {
        &self.keeper.reserve
    }

    /// Keeps beside the reserve what a batch has told of it.
    fn note_reserve(&self, state: &LogState) {
        if state.tells {
            self.reserve().note(state.reserve);
        }
    }

    /// The key of the sum over rows that confer authority.
    pub(crate) fn fold_key(&self) -> &FoldKey {
        &self.fold_key
    }

    /// Who vouches for the log towards everybody else.
    pub(crate) fn notary(&self) -> &Notary {
        &self.notary
    }

    /// A row's part of the head's sum over rows that confer authority.
    pub(crate) fn element<T: AuthorityRow>(&self, row: &T, mac: &[u8; 32]) -> Element {
        self.fold_key.element(T::KIND.number(), &row.id(), row.changed_at(), mac)
    }

    /// The head row, authentic and whole.
    pub(crate) fn checked_head(&self, db: &mut dyn Engine) -> Result<Head, StoreError> {
        let stored = head(db)?.ok_or(StoreError::Integrity { what: "the log has no head" })?;
        let head = Head::from_canonical(&stored.head, &self.room)
            .ok_or(StoreError::Integrity { what: "the log's head is not one" })?;
        self.notary
            .check(&head, &stored.mac)
            .map_err(|_| StoreError::Integrity { what: "the log's head is not authentic" })?;
        Ok(head)
    }

    /// The head row as it stands, authentic or not; that of an empty log where there is none.
    fn stated_head(&self, db: &mut dyn Engine) -> Result<Head, StoreError> {
        let stored = head(db)?.and_then(|stored| Head::from_canonical(&stored.head, &self.room));
        Ok(stored.unwrap_or_else(|| Head::new(1, 1, [0; 32])))
    }

    /// The sum over authority rows that this head states.
    pub(crate) fn stated_fold(&self, head: &Head) -> Fold {
        self.fold_key.unveil(&head.authority, head.size, &head.root)
    }
}

/// The leaf hash of the newest entry, which must be the last of a log of this size: what was appended past the head
/// by SQL would otherwise stand in the way of the next entry, and what was cut off would be built upon.
fn last_leaf(db: &mut dyn Engine, size: u64) -> Result<Hash, StoreError> {
    let mut newest = None;
    db.query(&logs::NEWEST, &[], &mut |row| {
        newest = Some((row.number::<u64>(0)?, row.bytes(1)?));
        Ok(())
    })?;
    match (newest, size.checked_sub(1)) {
        (None, None) => Ok(NO_LEAF),
        (Some((position, leaf)), Some(last)) if position == last => Ok(leaf),
        (Some((position, _)), last) if last.is_none_or(|last| position > last) => {
            Err(StoreError::Integrity { what: "the log holds entries that its head does not cover" })
        }
        _ => Err(StoreError::Integrity { what: "the log's newest entry is missing" }),
    }
}

/// The head row as stored.
pub(crate) struct StoredHead {
    pub(crate) head: Vec<u8>,
    pub(crate) mac: [u8; 32],
}

/// The head row, unchecked.
pub(crate) fn head(db: &mut dyn Engine) -> Result<Option<StoredHead>, StoreError> {
    let mut found = None;
    db.query(&logs::HEAD, &[], &mut |row| {
        found = Some(StoredHead { head: row.blob(0)?.to_vec(), mac: row.bytes(1)? });
        Ok(())
    })?;
    Ok(found)
}

impl Book for LogBook {
    type State = LogState;

    fn begin(&self, db: &mut dyn Engine) -> Result<LogState, StoreError> {
        let checked = self.checked_head(db).and_then(|head| Ok((last_leaf(db, head.size)?, head)));
        let (last_leaf, head, unsound) = match checked {
            Ok((last_leaf, head)) => (last_leaf, head, None),
            // Customers log in all the same, which takes no entry; whoever would append one is told what is wrong.
            Err(StoreError::Integrity { what }) => (NO_LEAF, self.stated_head(db)?, Some(what)),
            Err(other) => return Err(other),
        };
        let fold = self.stated_fold(&head);
        let (published, now) = (head.size, Cell::default());
        let reserve = match self.reserve().look() {
            // Of another log: a room that was restored, or a file that somebody wrote.
            Kept::Given { told: Some(at) } | Kept::Again { given: at } if at >= head.size => {
                Kept::Given { told: None }
            }
            kept => kept,
        };
        let (resumes, tells) = (false, false);
        Ok(LogState { published, last_leaf, head, unsound, resumes, reserve, tells, fold, now })
    }

    fn finish(&self, db: &mut dyn Engine, state: &mut LogState) -> Result<(), StoreError> {
        let head = &mut state.head;
        if head.size == state.published {
            // No entry, so no row of the sum has changed: the head stands. A batch that breaks this is undone, or
            // the next opening would find rows that the head does not have.
            let unchanged = self.stated_fold(head) == state.fold;
            let what = "a row that confers authority changed without an entry";
            return if unchanged { Ok(()) } else { Err(StoreError::Integrity { what }) };
        }
        head.epoch = head.epoch.max(self.epoch.load(Ordering::SeqCst));
        head.authority = self.fold_key.veil(state.fold, head.size, &head.root);
        let values = [head.canonical(&self.room).into(), Value::from(&self.notary.mac(head))];
        match db.execute(&logs::HEAD_UPDATE, &values)? {
            1 => Ok(()),
            _ => Err(StoreError::Integrity { what: "the log has no head" }),
        }
    }

    fn settle(&self, db: &mut dyn Engine, state: &LogState) -> Result<(), StoreError> {
        if state.head.size == state.published {
            // No entry, no receipt: there is nothing to vouch for. Customers' logins go on in a log that has stopped.
            return Ok(());
        }
        // What is signed is what the file holds, not what this process remembers; an entry that a foreign trigger
        // took away or changed in the same transaction gives nobody a receipt.
        let head = self.checked_head(db)?;
        let newest = last_leaf(db, head.size)?;
        if head.size != state.head.size || head.root != state.head.root || newest != state.last_leaf {
            return Err(StoreError::Integrity { what: "the log is not what was just committed" });
        }
        let published = match self.hold.now() {
            Some(_) if !matches!(self.notary.newest(), Ok(Some(_))) => {
                if !state.resumes {
                    // There is nothing outside to build on, and these entries open nothing: they stand under the head, and under
                    // the checkpoint of the entry that two people resume the room with.
                    self.note_reserve(state);
                    return Ok(());
                }
                self.notary.publish(0, &head)
            }
            _ => self.notary.publish(state.published, &head),
        };
        published.map_err(|e| {
            tracing::error!(error = %e, "the checkpoint could not be published: writing stops");
            StoreError::Unsettled
        })?;
        self.note_reserve(state);
        Ok(())
    }

    fn full(&self) {
        self.reserve().give_back();
    }

    fn idle(&self) {
        // A sync that fails here fails again at the next publish, which stops writing.
        let _retried = self.notary.sync();
    }
}

impl Turn<'_, LogBook> {
    /// The position that the next entry gets: what a row that it changes names.
    pub(crate) fn position(&self) -> u64 {
        self.state.head.size
    }

    /// The time of the next entry and of all that belongs to it: never before the newest entry's.
    pub(crate) fn time(&self) -> Time {
        let size = self.state.head.size;
        if let Some((of, time)) = self.state.now.get()
            && of == size
        {
            return time;
        }
        let time = self.book.clock.now().max(self.state.head.last_time);
        self.state.now.set(Some((size, time)));
        time
    }

    /// What is wrong with the log that this batch builds on.
    pub(crate) fn unsound(&self) -> Option<&'static str> {
        self.state.unsound
    }

    /// Where the log stands in this batch.
    pub(crate) fn head(&self) -> &Head {
        &self.state.head
    }

    /// Begins a new incarnation of the log, under a keyring of this epoch; the next entry says why.
    pub(crate) fn begin_incarnation(&mut self, incarnation: u32, epoch: u64) {
        self.state.head.incarnation = incarnation;
        self.state.head.epoch = self.state.head.epoch.max(epoch);
    }

    /// The sum over rows that confer authority, as the log's head has it.
    pub(crate) fn fold(&self) -> Fold {
        self.state.fold
    }

    /// Whether a change may be made, as the reserve stands: while it is given back, what customers' logins need and no more.
    /// The log is told of it first.
    pub(super) fn may_change(&mut self, for_customers: bool) -> Result<(), StoreError> {
        match self.state.reserve {
            Kept::Whole | Kept::Given { told: Some(_) } => {}
            Kept::Given { told: None } if !for_customers => {}
            Kept::Given { told: None } => {
                let data = Data::ReserveGiven { free: self.book.reserve().free() };
                // A log that takes no entry is no reason to turn customers away: it is told by whoever comes next.
                if let Ok(position) = self.attempt(|turn| turn.tell_of_reserve(data)) {
                    (self.state.reserve, self.state.tells) = (Kept::Given { told: Some(position) }, true);
                }
            }
            Kept::Again { given } => {
                let data = Data::ReserveRestored { given, bytes: self.book.reserve().bytes() };
                match self.attempt(|turn| turn.tell_of_reserve(data)) {
                    Ok(_) => (self.state.reserve, self.state.tells) = (Kept::Whole, true),
                    Err(error) if !for_customers => return Err(error),
                    Err(_) => {}
                }
            }
        }
        if for_customers || self.state.reserve == Kept::Whole { Ok(()) } else { Err(StoreError::DiskFull) }
    }

    fn tell_of_reserve(&mut self, data: Data) -> Result<u64, StoreError> {
        let Keeper { via, policy, .. } = &self.book.keeper;
        let (request, nonce) = (RequestId::random()?, EntryNonce::random()?);
        let call = Call { request, via: via.clone(), policy: *policy, details: Vec::new() };
        self.append(Draft::done(data, Actor::System, call), nonce, &[])
    }

    /// Whether customers go on in a room in which nobody else does: their logins are marked.
    pub(crate) fn is_stopped(&self) -> bool {
        self.may_publish().is_err()
            || self.state.unsound.is_some()
            || self.book.hold.now().is_some()
            || self.state.reserve != Kept::Whole
    }

    /// Appends an entry; its details stand beside it. What it allows becomes a receipt when the batch settles.
    pub(crate) fn append(
        &mut self,
        draft: Draft,
        nonce: EntryNonce,
        details: &[SealedDetail],
    ) -> Result<u64, StoreError> {
        self.may_publish()?;
        self.may_append(&draft)?;
        let (position, time) = (self.position(), self.time());
        let (entry, claim) = draft.at(position, time, self.state.last_leaf, nonce);
        let line = entry.encode().map_err(|_| StoreError::TooLarge)?;
        let leaf = leaf_hash(&line);
        self.change_one(&logs::APPEND, &[position.into(), line.into(), Value::from(&leaf)])?;
        for detail in details {
            self.insert_detail(position, detail)?;
        }
        self.state.head.push(leaf, time);
        self.state.last_leaf = leaf;
        self.claims.extend(claim);
        tell("outcome", entry.outcome.name());
        let (event, outcome) = (entry.what.name(), entry.outcome.name());
        let (subjects, objects) = (entry.subjects.len(), entry.objects.len());
        tracing::debug!(position, event, outcome, subjects, objects, "an entry was appended");
        Ok(position)
    }

    /// Whether the log may grow by this entry.
    fn may_append(&mut self, draft: &Draft) -> Result<(), StoreError> {
        let held = self.book.hold.now();
        if let (Some(what), None | Some(Held { resumable: true, .. })) = (self.state.unsound, held) {
            return Err(StoreError::Integrity { what });
        }
        if let Some(Held { since, resumable }) = held {
            if !resumable || !draft.event().is_some_and(Event::serves_resuming) {
                return Err(StoreError::Held { since, resumable });
            }
            self.state.resumes |= draft.is_done(Event::RoomResumed);
        }
        Ok(())
    }

    fn insert_detail(&mut self, position: u64, detail: &SealedDetail) -> Result<(), StoreError> {
        let scope = &detail.scope;
        let values = [
            position.into(),
            seal::detail_number(detail.kind).into(),
            scope.kind().into(),
            Value::from(&scope.owner()),
            scope.period().into(),
            detail.sealed.clone().into(),
        ];
        self.change_one(&logs::DETAIL_INSERT, &values)
    }

    /// Puts a row that confers authority into the head's sum, or takes it out.
    pub(super) fn fold_in<T: AuthorityRow>(&mut self, row: &T, mac: &[u8; 32]) {
        let element = self.book.element(row, mac);
        self.state.fold.toggle(&element);
    }
}

/// A row of the log, as stored.
pub(crate) struct LogRow {
    pub(crate) position: u64,
    pub(crate) entry: Vec<u8>,
    pub(crate) leaf: Hash,
}

fn read_row(row: &Row) -> Result<LogRow, StoreError> {
    Ok(LogRow { position: row.number(0)?, entry: row.blob(1)?.to_vec(), leaf: row.bytes(2)? })
}

/// Up to `limit` rows of the log from `position` on.
pub(crate) fn entries(db: &mut impl Queries, position: u64, limit: u32) -> Result<Vec<LogRow>, StoreError> {
    db.all(&logs::ENTRIES, &[position.into(), limit.into()], read_row)
}

/// The details beside one entry: kind, scope, sealed bytes.
pub(crate) fn details(
    db: &mut impl Queries,
    position: u64,
) -> Result<Vec<(DetailKind, Scope, Vec<u8>)>, StoreError> {
    db.all(&logs::DETAILS, &[position.into()], |row| {
        let kind = seal::detail_kind(row.int(0)?).ok_or_else(|| row.corrupt())?;
        let scope =
            Scope::from_parts(row.number(1)?, row.bytes(2)?, row.number(3)?).ok_or_else(|| row.corrupt())?;
        Ok((kind, scope, row.blob(4)?.to_vec()))
    })
}
