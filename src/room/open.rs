//! Opening a room: its parts belong together, nothing was put back, and what a power cut left is settled.

use std::{fs, io, path::Path, sync::Arc, time::Duration};

use tracing::instrument;

use super::{
    authority,
    clock_watch::ClockWatch,
    config::Config,
    core::{Core, Device, Parts, Room, RoomOptions},
    error::{Failure, OpenRoomError},
    layout::Layout,
    origin,
    policy::policy_digest,
    recover::{Checked, Tail, Unfit},
    settings::RoomSettings,
    space::Space,
    tally::{Logins, Sent},
    trouble::Trouble,
    uploads::Uploads,
    vault::Vault,
};
use crate::{
    access::rows::{AuthorityRow, SettingRow},
    audit::{Actor, Data, Draft, Fold, FoldKey, Head, Notary, OutsideFiles, SigningKey, Via},
    base::{Clock, RoomId, Secret},
    keys::{KeyFiles, KeyRing, LedgerFile},
    password::Record,
    retention::Policy,
    seal::{Codes, Voucher},
    store::{
        self, BlobDirectory, Held, Hold, Keeper, KeyringDatabase, LogBook, LogTurn, Presence, Reserve,
        RoomRow, StoreDatabase, StoreError, authority::Rows, keyring, room_row,
    },
};

/// The log's keys and files, before there is a log.
pub(super) struct LogParts {
    pub(super) notary: Notary,
    pub(super) fold_key: FoldKey,
    pub(super) voucher: Voucher,
    pub(super) query_key: Secret<32>,
    pub(super) ledger_key: Secret<32>,
    pub(super) backup_key: Secret<32>,
    pub(super) codes: Codes,
}

impl LogParts {
    pub(super) fn new(
        ring: &KeyRing,
        id: RoomId,
        origin: &str,
        incarnation: u32,
        layout: &Layout,
        clock: &Clock,
    ) -> Result<Self, Failure> {
        let service = ring.service()?;
        let origin = format!("{origin}/{incarnation}");
        let signing = SigningKey::new(&origin, service.log_seed())
            .map_err(|_| Failure::Internal("the log's origin"))?;
        let outside = OutsideFiles::new(layout.outside().to_path_buf());
        Ok(Self {
            notary: Notary::new(id, service.head_key(), signing, outside, clock.clone()),
            fold_key: FoldKey::new(service.fold_key()),
            voucher: Voucher::new(id, &service),
            query_key: service.query_key(),
            ledger_key: service.ledger_key(),
            backup_key: service.backup_key(),
            codes: Codes::new(service.code_key()),
        })
    }

    /// What the head of an empty log stores over the room's settings, the one row that is there before an entry.
    pub(super) fn first_fold(&self, settings: &SettingRow, mac: &[u8; 32]) -> [u8; 32] {
        let empty = Head::new(1, 1, [0; 32]);
        let mut fold = Fold::default();
        let (id, changed_at) = (settings.id(), settings.changed_at());
        fold.toggle(&self.fold_key.element(SettingRow::KIND.number(), &id, changed_at, mac));
        self.fold_key.veil(fold, empty.size, &empty.root)
    }
}

impl RoomOptions {
    /// Opens the room. It never migrates.
    ///
    /// # Errors
    /// [`OpenRoomError`]; with [`super::Kind::Integrity`] nothing may go on before somebody has looked.
    #[instrument(name = "options.open", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn open(self) -> Result<Room, OpenRoomError> {
        self.open_if(|alarm| Err(alarm.told()))
    }

    /// Opens the room, and where its evidence is broken opens it for customers alone: they log in, with a mark on the
    /// record of it, and read what is theirs. No entry is appended, so that staff, keys, erasures and exports stop, until two
    /// people have resumed the room ([`super::Staff::resume`]). What was found stays an alarm after its cause is gone:
    /// [`RoomOptions::open`] refuses the room until then.
    ///
    /// # Errors
    /// [`OpenRoomError`], where customers cannot be served either: without the keyring, or with an older one, which would
    /// bring the erased back; without the provider's keys.
    #[instrument(
        name = "options.open_or_hold",
        skip_all,
        err(level = "info"),
        fields(trace, request, outcome)
    )]
    pub fn open_or_hold(self) -> Result<Room, OpenRoomError> {
        self.open_if(|alarm| match alarm {
            Unfit::Alarm(trouble, what) if trouble.leaves_customers() => {
                tracing::error!(what, trouble = trouble.name(), "opened for customers alone");
                // What is there is sound, and what vouched for it is gone; of a log that is not, nothing grows.
                Ok(Held { since: trouble.name(), resumable: trouble == Trouble::CheckpointMissing })
            }
            Unfit::Held(since) => Ok(Held { since: since.name(), resumable: true }),
            other => Err(other.told()),
        })
    }

    fn open_if(self, judged: impl Fn(Unfit) -> Result<Held, OpenRoomError>) -> Result<Room, OpenRoomError> {
        let config = Config::read(&Layout::new(&self.directory, None).config())?;
        let layout = Layout::new(&self.directory, config.outside.as_deref());
        let presence = Presence::shared(&layout.store())?;
        if layout.unfinished_restore().exists() {
            return Err(OpenRoomError::Unfinished);
        }
        let mut core = Assembled::new(self, &config, layout, presence, None)?.core;
        if let Some(held) = core.found_by(judged)? {
            core.store.book().hold().raise(held);
            return Ok(Room { core: Arc::new(core) });
        }
        core.opened = core.store.read(|db| core.store.book().checked_head(db.as_mut()))?.size;
        if core.store.book().reserve().is_given() {
            core.store.tell_of_reserve()?;
        }
        match core.resume_erasures() {
            // Nothing of the person is shown while it waits; `doctor` says that it does.
            Err(Failure::Unfinished { what }) => tracing::warn!(what, "an erasure is not finished"),
            Err(Failure::Store(StoreError::DiskFull)) => tracing::warn!("an erasure waits for the disk"),
            other => other?,
        }
        // A log that cannot be read is no reason to keep customers out: it is found by whoever verifies it.
        if matches!(core.clock_doubt(), Ok(None)) {
            remove_abandoned(&core.layout.store().blobs(), &core.clock)
                .map_err(|e| Failure::file(core.layout.root(), &e))?;
        }
        Ok(Room { core: Arc::new(core) })
    }
}

/// The parts of a room put together. They are one room's; nothing else was held against anything yet.
pub(super) struct Assembled {
    pub(super) core: Core,
}

impl Assembled {
    /// The room in `layout`, writing as this incarnation of its log, or as the one that the log's head states.
    pub(super) fn new(
        options: RoomOptions,
        config: &Config,
        layout: Layout,
        presence: Presence,
        incarnation: Option<u32>,
    ) -> Result<Self, OpenRoomError> {
        let reserve = Arc::new(Reserve::new(&layout.store().directory, config.reserve_bytes()));
        // On a full disk not even an index of what is open could be made.
        reserve.spare();
        let row = StoreDatabase::stated_room(&layout.store())?;
        let id = check_identity(&row, config)?;
        let database = KeyringDatabase::open(&layout.keyring(), id, options.clock.clone(), &reserve)?;
        let (of, epoch) = database.identity()?;
        if of != id {
            return Err(OpenRoomError::Integrity {
                what: "keyring.db and store.db belong to different rooms",
            });
        }
        let rows = database.read(keyring::wrapping_keys)?;
        let ring = KeyRing::load(&KeyFiles::new(layout.keys()), id, &rows, &options.classes)?;
        let incarnation = match incarnation {
            Some(incarnation) => incarnation,
            None => StoreDatabase::stated_incarnation(&layout.store(), &id)?,
        };
        let log = LogParts::new(&ring, id, &config.origin, incarnation, &layout, &options.clock)?;
        let hold = Hold::new(&layout.store().directory);
        let via = Via::new(&options.component, &options.host);
        let policy = policy_digest();
        let keeper = Keeper { reserve: Arc::clone(&reserve), via: via.clone(), policy };
        let book = LogBook::new(id, options.clock.clone(), log.notary, log.fold_key, hold, keeper, epoch);
        let store = StoreDatabase::open(&layout.store(), book, options.clock.clone())?;
        store.read(room_row::room)?;
        let stored = store.read(|db| store::settings::find(db, id))?;
        let settings = RoomSettings::of(stored.and_then(|row| log.voucher.vouch(row).ok()))?;
        let settings = settings.tightened(options.passwords, options.quotas)?;
        let ledger = layout.ledger();
        let bounds = Policy::in_force().map_err(|_| Failure::Internal("the policy in force"))?.destroying;
        let parts = Parts {
            id,
            blobs: Box::new(BlobDirectory::new(layout.store().blobs())),
            space: Space::new(layout.store().directory, config.attachments_stop_percent(), reserve),
            layout,
            clock: options.clock,
            uploads: Uploads::default(),
            logins: Logins::default(),
            sent: Sent::default(),
            clock_watch: ClockWatch::new(bounds),
            codes_to: options.codes_to,
            classes: options.classes,
            store,
            vault: Vault { ring, database },
            voucher: log.voucher,
            ledger: LedgerFile::new(ledger, log.ledger_key),
            query_key: log.query_key,
            backup_key: log.backup_key,
            codes: log.codes,
            policy,
            sends_webhooks: config.webhook.is_some(),
            outbox: std::sync::atomic::AtomicBool::new(false),
            decoy: Record::decoy(&settings.passwords).map_err(|_| Failure::Internal("the decoy record"))?,
            settings,
            _presence: presence,
        };
        let address = options.origin.as_deref().and_then(origin::fitted);
        let device = Device::default();
        Ok(Self { core: Core { parts: Arc::new(parts), via, address, device, opened: 0, roles: None } })
    }
}

impl Room {
    /// Its id.
    pub fn id(&self) -> RoomId {
        self.core.id
    }

    /// The log's public key, in the text form of C2SP signed notes: what auditors pin.
    pub fn verifier_key(&self) -> String {
        self.core.store.book().notary().verifier().to_string()
    }

    /// The clock that it goes by.
    pub fn clock(&self) -> &Clock {
        &self.core.clock
    }
}

fn check_identity(row: &RoomRow, config: &Config) -> Result<RoomId, OpenRoomError> {
    if row.format == 0 || row.reads_from > store::FORMAT || row.writes_from > store::FORMAT {
        return Err(OpenRoomError::Format { room: row.format, program: store::FORMAT });
    }
    if config.room() != Some(row.id) {
        return Err(OpenRoomError::Integrity { what: "room.toml and store.db belong to different rooms" });
    }
    if row.id.room_kind().is_none() {
        return Err(OpenRoomError::Integrity { what: "the room's id is of no known kind" });
    }
    Ok(row.id)
}

impl Core {
    /// What is wrong with the room's evidence, as `judged`; what was found at an earlier opening, if nobody has resumed
    /// the room since.
    fn found_by(
        &self,
        judged: impl Fn(Unfit) -> Result<Held, OpenRoomError>,
    ) -> Result<Option<Held>, OpenRoomError> {
        let found = self.check_ledger().and_then(|()| self.settle_opening());
        let stated = self.store.book().hold().stated()?;
        match (found, stated) {
            (Err(unfit), _) => judged(unfit).map(Some),
            (Ok(()), None) => Ok(None),
            (Ok(()), Some(name)) => {
                // A name that this program does not know is an alarm all the same.
                let since = Trouble::from_name(&name).unwrap_or(Trouble::Held);
                judged(Unfit::Held(since)).map(Some)
            }
        }
    }

    /// Holds head, checkpoint, keyring and authority rows against each other. In the lane, because another process
    /// may be between its commit and its checkpoint.
    pub(super) fn settle_opening(&self) -> Result<(), Unfit> {
        match self.store.settle(|turn| Err::<(), _>(self.check_opening(turn).err().unwrap_or(Checked::Fine)))
        {
            Err(Checked::Recover) => {}
            Ok(_) | Err(Checked::Fine) => return Ok(()),
            Err(Checked::Refused(error)) => return Err(error),
        }
        // The entry's detail needs a key, and keys are made outside the lane: the check is done once more in it.
        let opening = self.opening_of_program()?;
        let recovered = self.store.settle(|turn| {
            let Tail::From(from) = self.tail(turn)? else { return Err(Checked::Fine) };
            let to = turn.head().size;
            tracing::warn!(from, to, "entries past the outside checkpoint recovered");
            let draft = Draft::done(Data::LogRecovered { from, to }, Actor::System, self.call(&opening));
            turn.append(draft, opening.nonce, &opening.details).map_err(Checked::from)
        });
        match recovered {
            Ok(_) | Err(Checked::Fine | Checked::Recover) => Ok(()),
            Err(Checked::Refused(error)) => Err(error),
        }
    }

    fn check_opening(&self, turn: &mut LogTurn<'_>) -> Result<(), Checked> {
        let refused = |trouble, what| Checked::Refused(Unfit::Alarm(trouble, what));
        if let Some(what) = turn.unsound() {
            return Err(refused(Trouble::LogUnsound, what));
        }
        // Read now: another process may have raised both since this one has opened the keyring.
        let (_, epoch) = self.vault.database.identity()?;
        if epoch < turn.head().epoch {
            let what = "the keyring is older than the log's head: restore the newer one";
            return Err(refused(Trouble::KeyringOlder, what));
        }
        let tail = self.tail(turn)?;
        let sum = authority::sum(turn, self.store.book().fold_key(), &self.voucher, Rows::Live)?;
        if !sum.forged.is_empty() {
            return Err(refused(
                Trouble::RightsUnsound,
                "rows that confer authority were written past this program: run `audit verify`",
            ));
        }
        if sum.fold != turn.fold() {
            return Err(refused(
                Trouble::RightsUnsound,
                "rows that confer authority are not those of the log's head: one was put back, removed or added",
            ));
        }
        match tail {
            Tail::None => Ok(()),
            Tail::From(_) => Err(Checked::Recover),
        }
    }
}

/// How old an unfinished upload must be before it is removed: another process may still write a younger one.
const ABANDONED_AFTER: Duration = Duration::from_secs(24 * 3600);

/// Removes what uploads left behind that a crash ended. It is sealed and no row names it.
fn remove_abandoned(blobs: &Path, clock: &Clock) -> io::Result<()> {
    for directory in fs::read_dir(blobs)? {
        let directory = directory?;
        if !directory.file_type()?.is_dir() {
            // No reason to keep a room shut; nor is it this program's to remove.
            tracing::warn!("something among the blobs' directories is not this program's");
            continue;
        }
        for blob in fs::read_dir(directory.path())? {
            let path = blob?.path();
            if path.extension().is_some_and(|extension| extension == "part") {
                match remove_if_abandoned(&path, clock) {
                    // Finished or given up meanwhile, by the process that wrote it.
                    Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                    other => other?,
                }
            }
        }
    }
    Ok(())
}

fn remove_if_abandoned(path: &Path, clock: &Clock) -> io::Result<()> {
    let written = fs::metadata(path)?.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let age = clock.now().since(crate::base::Time::ZERO.plus(written));
    if age > ABANDONED_AFTER { fs::remove_file(path) } else { Ok(()) }
}
