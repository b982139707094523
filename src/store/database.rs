//! The two databases of a room, each with its lane and its readers.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Database, Engine, Queries, StoreError, Value,
    authority::LogTurn as Turn,
    formats::{NEWEST, StoreFormat},
    gate::Gate,
    keyring::{self, KeyBook, KeyTurn},
    lane::{Lane, Settled},
    log::{self, LogBook},
    meter::Bounds,
    pace::Pace,
    readers::{OneState, Readers},
    reserve::Reserve,
    room_row::{self, RoomRow},
    settings,
    sql::{self, logs},
    sqlite::Sqlite,
};
use crate::{
    access::rows::SettingRow,
    audit::Head,
    base::{Clock, RoomId, Time},
    keys::WrappingKeyRow,
};

/// Where a store's files are.
pub(crate) struct StoreFiles {
    pub(crate) directory: PathBuf,
}

impl StoreFiles {
    /// The database.
    pub(crate) fn database(&self) -> PathBuf {
        self.directory.join("store.db")
    }

    /// Where the blobs are.
    pub(crate) fn blobs(&self) -> PathBuf {
        self.directory.join("blobs")
    }
}

/// store.db: accounts, tickets, billing, authority, the log.
pub(crate) struct StoreDatabase {
    lane: Lane<LogBook>,
    readers: Readers,
}

impl StoreDatabase {
    /// Makes an empty store with an empty log under this head.
    pub(crate) fn create(
        files: &StoreFiles,
        id: &RoomId,
        now: Time,
        settings: (&SettingRow, &[u8; 32]),
        head: &Head,
        mac: &[u8; 32],
    ) -> Result<(), StoreError> {
        let mut engine: Box<dyn Engine> = Box::new(Sqlite::create(&files.database(), Database::Store)?);
        engine.begin()?;
        let StoreFormat { number, reads_from, writes_from, .. } = NEWEST;
        let room = [Value::from(*id), number.into(), reads_from.into(), writes_from.into(), now.into()];
        engine.change_one(&logs::ROOM_INSERT, &room)?;
        engine.change_one(&sql::settings::SETTING_INSERT, &settings::values(settings.0, settings.1))?;
        engine.change_one(&logs::HEAD_INSERT, &[head.canonical(id).into(), Value::from(mac)])?;
        engine.commit()
    }

    /// The room's row as it stands, of a store that is not open yet.
    pub(crate) fn stated_room(files: &StoreFiles) -> Result<RoomRow, StoreError> {
        let mut engine: Box<dyn Engine> = Box::new(Sqlite::open_reader(&files.database())?);
        room_row::stated(&mut engine)
    }

    /// How often the room was restored, as the head says it before anything is authentic: it chooses the origin, and
    /// a wrong one fails at the first check.
    pub(crate) fn stated_incarnation(files: &StoreFiles, id: &RoomId) -> Result<u32, StoreError> {
        let mut engine: Box<dyn Engine> = Box::new(Sqlite::open_reader(&files.database())?);
        let stored =
            log::head(engine.as_mut())?.ok_or(StoreError::Integrity { what: "the log has no head" })?;
        let head = Head::from_canonical(&stored.head, id)
            .ok_or(StoreError::Integrity { what: "the log's head is not one" })?;
        Ok(head.incarnation)
    }

    /// Opens the store with its log.
    pub(crate) fn open(files: &StoreFiles, book: LogBook, clock: Clock) -> Result<Self, StoreError> {
        let path = files.database();
        let gate = Gate::open(&files.directory.join("lane.lock"), &files.directory.join("lane.turn"))?;
        let lane = Lane::new(book.room(), book, clock, gate, connect(path.clone()))?;
        Ok(Self { lane, readers: Readers::new(path) })
    }

    /// The log's side of each batch.
    pub(crate) fn book(&self) -> &LogBook {
        self.lane.book()
    }

    /// How its lane's work goes.
    pub(crate) fn pace(&self) -> &Pace {
        self.lane.pace()
    }

    /// Whether nobody has got on in its lane for a while.
    #[cfg(feature = "tokio")]
    pub(crate) fn is_held_up(&self) -> bool {
        self.lane.is_held_up()
    }

    /// Whether no entry is committed any more, because a checkpoint could not be published.
    pub(crate) fn is_stopped(&self) -> bool {
        self.lane.is_stopped()
    }

    /// Runs `run` in a batch; returns when it is on disk and its checkpoint published. On a full disk it is refused.
    pub(crate) fn commit<T, E: From<StoreError>>(
        &self,
        run: impl FnOnce(&mut Turn<'_>) -> Result<T, E>,
    ) -> Result<Settled<T>, E> {
        if self.book().reserve().is_given() {
            self.tell_of_reserve()?;
        }
        self.lane.commit(Bounds::REQUEST, |turn| {
            turn.may_change(false)?;
            run(turn)
        })
    }

    /// Whether what is no customer's login may be written.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`]; the log could not be told that it may again.
    pub(crate) fn is_not_full(&self) -> Result<(), StoreError> {
        let reserve = self.book().reserve();
        if reserve.is_given() {
            self.tell_of_reserve()?;
        }
        if reserve.is_given() { Err(StoreError::DiskFull) } else { Ok(()) }
    }

    /// Has the log told of the reserve, and the reserve made again where there is room for it.
    pub(crate) fn tell_of_reserve(&self) -> Result<(), StoreError> {
        self.lane.commit(Bounds::REQUEST, |turn| turn.may_change(true)).map(drop)
    }

    /// The same for what a customer's login or reading of what is his own must write: it goes on from the reserve. A batch
    /// that found the disk full is run once more.
    pub(crate) fn commit_for_customer<T, E: From<StoreError>>(
        &self,
        run: impl Fn(&mut Turn<'_>) -> Result<T, E>,
    ) -> Result<Settled<T>, E> {
        let once = || {
            self.lane.commit(Bounds::REQUEST, |turn| {
                turn.may_change(true)?;
                run(turn)
            })
        };
        self.book().reserve().twice(once, || self.is_stopped())
    }

    /// The same, on a full disk too, for what must be through before anything else is right, however long it takes.
    pub(crate) fn settle<T, E: From<StoreError>>(
        &self,
        run: impl FnOnce(&mut Turn<'_>) -> Result<T, E>,
    ) -> Result<Settled<T>, E> {
        self.lane.commit(Bounds::OPENING, run)
    }

    /// Reads what is committed.
    pub(crate) fn read<T, E: From<StoreError>>(
        &self,
        read: impl FnOnce(&mut Box<dyn Engine>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.readers.with(read)
    }

    /// Leaves no older page in the database's log; `false` if somebody still reads one.
    pub(crate) fn empty_log(&self) -> Result<bool, StoreError> {
        self.lane.between(|engine| engine.empty_log())
    }

    /// Reads one state of what is committed, however many statements it takes.
    pub(crate) fn read_one_state<T, E: From<StoreError>>(
        &self,
        read: impl FnOnce(&mut OneState<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.readers.with_one_state(read)
    }
}

/// One state of a store's log, for reading: also of a store that does not open.
pub(crate) struct LogReader {
    engine: Box<dyn Engine>,
}

impl LogReader {
    /// The store's state as it is now.
    pub(crate) fn open(files: &StoreFiles) -> Result<Self, StoreError> {
        let mut engine: Box<dyn Engine> = Box::new(Sqlite::open_reader(&files.database())?);
        engine.snapshot()?;
        Ok(Self { engine })
    }
}

impl Queries for LogReader {
    fn engine(&mut self) -> &mut dyn Engine {
        self.engine.as_mut()
    }
}

/// Where a keyring's files are.
pub(crate) struct KeyringFiles {
    pub(crate) directory: PathBuf,
}

impl KeyringFiles {
    /// The database.
    pub(crate) fn database(&self) -> PathBuf {
        self.directory.join("keyring.db")
    }
}

/// keyring.db: wrapped keys, fences, indexes.
pub(crate) struct KeyringDatabase {
    lane: Lane<KeyBook>,
    readers: Readers,
}

impl KeyringDatabase {
    /// Makes a keyring with these wrapping keys.
    pub(crate) fn create(
        files: &KeyringFiles,
        id: &RoomId,
        now: Time,
        wrapping_keys: &[WrappingKeyRow],
    ) -> Result<(), StoreError> {
        let mut engine: Box<dyn Engine> = Box::new(Sqlite::create(&files.database(), Database::Keyring)?);
        engine.begin()?;
        keyring::initialise(&mut engine, id)?;
        for row in wrapping_keys {
            keyring::insert_wrapping_key(&mut engine, row, now)?;
        }
        engine.commit()
    }

    /// Opens the keyring of this room.
    pub(crate) fn open(
        files: &KeyringFiles,
        room: RoomId,
        clock: Clock,
        reserve: &Arc<Reserve>,
    ) -> Result<Self, StoreError> {
        let path = files.database();
        let gate = Gate::open(&files.directory.join("keyring.lock"), &files.directory.join("keyring.turn"))?;
        let shares_disk = reserve.serves(&files.directory);
        let book = KeyBook { room, reserve: Arc::clone(reserve), shares_disk };
        let lane = Lane::new(room, book, clock, gate, connect(path.clone()))?;
        Ok(Self { lane, readers: Readers::new(path) })
    }

    /// How its lane's work goes.
    pub(crate) fn pace(&self) -> &Pace {
        self.lane.pace()
    }

    /// Whether nobody has got on in its lane for a while.
    #[cfg(feature = "tokio")]
    pub(crate) fn is_held_up(&self) -> bool {
        self.lane.is_held_up()
    }

    /// Whose keyring it is, and its epoch.
    pub(crate) fn identity(&self) -> Result<(RoomId, u64), StoreError> {
        self.readers.with(|db| keyring::identity(db.as_mut()))
    }

    /// Runs `run` in a batch; returns when it is on disk.
    pub(crate) fn commit<T, E: From<StoreError>>(
        &self,
        run: impl FnOnce(&mut KeyTurn<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.lane.commit(Bounds::REQUEST, run).map(|settled| settled.value)
    }

    /// The same for what a customer's login must write: it goes on from the reserve. A batch that found the disk full is
    /// run once more.
    pub(crate) fn commit_for_customer<T, E: From<StoreError>>(
        &self,
        run: impl Fn(&mut KeyTurn<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let reserve = &self.lane.book().reserve;
        let once = || self.lane.commit(Bounds::REQUEST, &run);
        reserve.twice(once, || self.lane.is_stopped()).map(|settled| settled.value)
    }

    /// Reads what is committed.
    pub(crate) fn read<T, E: From<StoreError>>(
        &self,
        read: impl FnOnce(&mut Box<dyn Engine>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.readers.with(read)
    }

    /// Leaves no older page in the database's log, and then runs `then` while nobody else in any process has the
    /// keyring's lane. `None` if somebody still reads an older page: `then` did not run.
    pub(crate) fn emptied<T, E: From<StoreError>>(
        &self,
        then: impl FnOnce() -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        self.lane.between(|engine| if engine.empty_log()? { then().map(Some) } else { Ok(None) })
    }

    /// Reads one state of what is committed, however many statements it takes.
    pub(crate) fn read_one_state<T, E: From<StoreError>>(
        &self,
        read: impl FnOnce(&mut OneState<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.readers.with_one_state(read)
    }
}

/// How a lane gets a connection, and a new one after a failure.
fn connect(path: PathBuf) -> Box<dyn Fn() -> Result<Box<dyn Engine>, StoreError> + Send + Sync> {
    Box::new(move || Ok(Box::new(Sqlite::open(Path::new(&path))?)))
}

/// Reads a keyring that is not open.
pub(crate) fn read_keyring<T>(
    files: &KeyringFiles,
    read: impl FnOnce(&mut Box<dyn Engine>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut engine: Box<dyn Engine> = Box::new(Sqlite::open_reader(&files.database())?);
    read(&mut engine)
}
