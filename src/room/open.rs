//! Opening a room: its parts belong together, nothing was put back, and what a power cut left is settled.

use std::{fs, io, path::Path, time::Duration};

use super::{
    config::Config,
    core::{Core, Room, RoomOptions},
    error::{Failure, OpenRoomError},
    layout::Layout,
    vault::Vault,
};
use crate::{
    access::{
        canonical_text,
        rows::{AuthorityRow, CaseRow, EnrolmentRow, GrantRow, PrincipalRow, SessionRow, TicketRow},
    },
    audit::{Actor, Checkpoint, Data, Draft, Fold, FoldKey, Head, Notary, OutsideFiles, SigningKey, Via},
    base::{Clock, RoomId, Secret, limits},
    crypto::digest,
    keys::{KeyFiles, KeyRing},
    password::{Record, Settings},
    seal::Voucher,
    store::{self, AuthorityTable, BlobDirectory, KeyringDatabase, LogBook, LogTurn, RoomRow, StoreDatabase, StoreError, authority, keyring},
};

/// The log's keys and files, before there is a log.
pub(super) struct LogParts {
    pub(super) notary: Notary,
    pub(super) fold_key: FoldKey,
    pub(super) voucher: Voucher,
    pub(super) query_key: Secret<32>,
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
        let signing = SigningKey::new(&origin, &service.log_seed()).map_err(|_| Failure::Internal("the log's origin"))?;
        let outside = OutsideFiles::new(layout.outside().to_path_buf());
        Ok(Self {
            notary: Notary::new(id, service.head_key(), signing, outside, clock.clone()),
            fold_key: FoldKey::new(service.fold_key()),
            voucher: Voucher::new(id, &service),
            query_key: service.query_key(),
        })
    }

    /// What the head of a log without authority rows stores.
    pub(super) fn empty_fold(&self) -> [u8; 32] {
        let empty = Head::new(1, 1, [0; 32]);
        self.fold_key.veil(Fold::default(), empty.size, &empty.root)
    }
}

impl RoomOptions {
    /// Opens the room. It never migrates.
    ///
    /// # Errors
    /// [`OpenRoomError`]; with [`super::Kind::Integrity`] nothing may go on before somebody has looked.
    pub fn open(self) -> Result<Room, OpenRoomError> {
        let options = self;
        let root = &options.directory;
        let config = Config::read(&Layout::new(root, None).config())?;
        let layout = Layout::new(root, config.outside.as_deref());
        let row = StoreDatabase::room(&layout.store())?;
        let id = check_identity(&row, &config)?;
        let database = KeyringDatabase::open(&layout.keyring(), id, options.clock.clone())?;
        let (_, epoch) = database.identity()?;
        let ring = KeyRing::load(&KeyFiles::new(layout.keys()), id, &database.read(keyring::wrapping_keys)?)?;
        let incarnation = StoreDatabase::stated_incarnation(&layout.store(), &id)?;
        let parts = LogParts::new(&ring, id, &config.origin, incarnation, &layout, &options.clock)?;
        let book = LogBook::new(id, options.clock.clone(), parts.notary, parts.fold_key, epoch);
        let store = StoreDatabase::open(&layout.store(), book, options.clock.clone())?;
        let settings = Settings::default();
        let core = Core {
            id,
            blobs: Box::new(BlobDirectory::new(layout.store().blobs())),
            layout,
            config,
            via: Via::new(&options.component, &options.host),
            clock: options.clock,
            origin: options.origin,
            store,
            vault: Vault { ring, database },
            voucher: parts.voucher,
            query_key: parts.query_key,
            policy: digest::sha256(&[canonical_text().as_bytes()]),
            decoy: Record::decoy(&settings).map_err(|_| Failure::Internal("the decoy record"))?,
            settings,
        };
        core.settle_opening(epoch)?;
        remove_abandoned(&core.layout.store().blobs(), &core.clock).map_err(|e| Failure::file(core.layout.root(), &e))?;
        Ok(Room { core: std::sync::Arc::new(core) })
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
    if row.format > store::FORMAT && row.writes_from > store::FORMAT {
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

/// Why the check of an opening ends its batch.
enum Checked {
    /// Nothing to settle: the batch is rolled back.
    Fine,
    Refused(OpenRoomError),
}

impl From<StoreError> for Checked {
    fn from(e: StoreError) -> Self {
        Self::Refused(e.into())
    }
}

impl Core {
    /// Holds head, checkpoint, keyring and authority rows against each other. In the lane, because another process
    /// may be between its commit and its checkpoint.
    fn settle_opening(&self, epoch: u64) -> Result<(), OpenRoomError> {
        let opening = self.opening(None, None)?;
        let settled = self.store.commit(|turn| {
            let head = turn.head().clone();
            if epoch < head.epoch {
                return Err(refused("the keyring is older than the log's head: restore the newer one"));
            }
            let recovered = self.unpublished(&head)?;
            if self.fold(turn)?.is_some_and(|fold| fold != turn.fold()) {
                return Err(refused("rows that confer authority are not those of the log's head: one was put back, removed or added"));
            }
            let Some(from) = recovered else { return Err(Checked::Fine) };
            tracing::warn!(from, to = head.size, "entries past the outside checkpoint recovered");
            let data = Data::LogRecovered { from, to: head.size };
            let draft = Draft::done(data, Actor::System, self.call(&opening));
            turn.append(draft, opening.nonce, &opening.details)?;
            Ok(())
        });
        match settled {
            Ok(_) | Err(Checked::Fine) => Ok(()),
            Err(Checked::Refused(error)) => Err(error),
        }
    }

    /// From where on entries have no outside checkpoint.
    fn unpublished(&self, head: &Head) -> Result<Option<u64>, Checked> {
        let newest = self.store.book().notary().newest().map_err(|e| {
            tracing::error!(error = %e, "the outside checkpoint");
            refused("there is no valid outside checkpoint where one should be")
        })?;
        let Some(Checkpoint { size, root, .. }) = newest else {
            return Err(refused("there is no outside checkpoint where one should be"));
        };
        if size > head.size {
            return Err(refused("the database is behind its outside checkpoint: it was cut or replaced by an older copy"));
        }
        if size == head.size && root != head.root {
            return Err(refused("the log is not the one that the outside checkpoint signed"));
        }
        Ok((size < head.size).then_some(size))
    }

    /// The sum over all rows that confer authority; `None` if there are too many to do it at each opening.
    pub(super) fn fold(&self, turn: &mut LogTurn<'_>) -> Result<Option<Fold>, StoreError> {
        let mut sum = FoldSum { core: self, fold: Fold::default(), rows: 0 };
        sum.add::<PrincipalRow>(turn)?;
        sum.add::<GrantRow>(turn)?;
        sum.add::<SessionRow>(turn)?;
        sum.add::<EnrolmentRow>(turn)?;
        sum.add::<TicketRow>(turn)?;
        sum.add::<CaseRow>(turn)?;
        Ok((sum.rows <= limits::AUTHORITY_ROWS_AT_OPENING_MAX).then_some(sum.fold))
    }
}

fn refused(what: &'static str) -> Checked {
    Checked::Refused(OpenRoomError::Integrity { what })
}

struct FoldSum<'a> {
    core: &'a Core,
    fold: Fold,
    rows: usize,
}

impl FoldSum<'_> {
    fn add<T: AuthorityTable>(&mut self, turn: &mut LogTurn<'_>) -> Result<(), StoreError> {
        let limit = u32::try_from(limits::AUTHORITY_ROWS_AT_OPENING_MAX + 1).unwrap_or(u32::MAX);
        for stored in authority::all::<T>(turn, limit)? {
            // The stored MAC is what counts here: a forged row is found because its MAC is not the one folded in.
            let element = self.core.store.book().element(&stored.row, &stored.mac);
            self.fold.toggle(&element);
            self.rows += 1;
        }
        Ok(())
    }
}

/// How old an unfinished upload must be before it is removed: another process may still write a younger one.
const ABANDONED_AFTER: Duration = Duration::from_secs(24 * 3600);

/// Removes what uploads left behind that a crash ended. It is sealed and no row names it.
fn remove_abandoned(blobs: &Path, clock: &Clock) -> io::Result<()> {
    for directory in fs::read_dir(blobs)? {
        for blob in fs::read_dir(directory?.path())? {
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
