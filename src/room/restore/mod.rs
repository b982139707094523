//! Restoring a room from backups, offline. FORMAT.md section 15.
//!
//! What the ledger lists as erased stays erased whatever the backups hold, and the log does not pretend that nothing was
//! lost: it begins a new incarnation, whose first entry says where the old one stood.

mod error;
mod marker;
mod places;
mod reconcile;
mod stage;

use std::{
    fs,
    path::{Path, PathBuf},
};

use tracing::instrument;

use super::{
    config::Config,
    copying,
    core::RoomOptions,
    error::{Failure, OpenRoomError},
    keyed::MissingKeys,
    layout::{Layout, sync_directory},
    manifest::Manifest,
    open::{Assembled, LogParts},
    recover::Unfit,
};
use crate::{
    audit::{BackupKind, Checkpoint, Head, Unpublished, root_of},
    base::{RoomId, Time},
    keys::{KeyFiles, KeyRing, Ledger},
    store::{self, KeyringFiles, LogReader, Presence, Queries, StoreError, StoreFiles, keyring},
};
pub use error::RestoreError;
use marker::Marker;
use stage::Stage;
pub(super) use stage::verified;

/// What a room is restored from: at least one of the two.
#[derive(Debug, Clone, Default)]
pub struct Backups {
    /// A backup of the data.
    pub data: Option<PathBuf>,
    /// A backup of the keyring.
    pub keyring: Option<PathBuf>,
    /// Whether to go on where the keyring that will stand lacks keys of the data: what they seal is lost then.
    pub accept_missing: bool,
}

/// A room that was restored. Whoever was logged in has to log in again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// How often the log has been begun: one more than before.
    pub incarnation: u32,
    /// Entries that the log had as it was restored; the entry `room.restored` is at this position.
    pub size: u64,
    /// When the data's backup was taken, if data were restored.
    pub taken: Option<Time>,
    /// Entries that the newest outside checkpoint of the incarnation that ended stood for.
    pub outside_size: u64,
    /// The old store, which the operator removes when nobody needs it any more; it holds no key.
    pub aside: Option<PathBuf>,
    /// The blobs that only the old store names, to be removed with it.
    pub blobs_aside: Option<PathBuf>,
    /// What the keyring lacks of what the data need, which was accepted.
    pub missing: MissingKeys,
}

impl Restored {
    /// How many entries, at least, were written after the backup and are lost to the log.
    pub fn lost(&self) -> u64 {
        self.outside_size.saturating_sub(self.size)
    }
}

impl RoomOptions {
    /// Restores the room from backups of it, while nobody has it open. `progress` hears of the bytes read and of all.
    ///
    /// # Errors
    /// [`RestoreError`]. Before anything is replaced a failure leaves the room as it was; after that it does not open
    /// until a restore is done.
    #[instrument(name = "options.restore", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn restore(
        self,
        backups: &Backups,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Restored, RestoreError> {
        Restore::begin(self, backups)?.run(&mut progress)
    }
}

/// A restore under way: nobody else is in the room.
struct Restore<'a> {
    options: RoomOptions,
    backups: &'a Backups,
    config: Config,
    id: RoomId,
    layout: Layout,
    stage: Stage,
    presence: Presence,
    /// What a restore that broke off has left.
    unfinished: Option<Marker>,
}

/// Backups that were copied and found whole.
struct Staged {
    data: Option<Manifest>,
    keyring: Option<Manifest>,
    parts: LogParts,
    missing: MissingKeys,
}

impl Staged {
    fn manifests(&self) -> impl Iterator<Item = &Manifest> {
        self.data.iter().chain(&self.keyring)
    }

    /// What an unfinished restore knew, with what was named now.
    fn widen(&self, marker: Marker) -> Marker {
        let epoch = self.manifests().map(|manifest| manifest.epoch).max().unwrap_or(0);
        Marker {
            epoch: marker.epoch.max(epoch),
            data: marker.data || self.data.is_some(),
            keyring: marker.keyring || self.keyring.is_some(),
            ..marker
        }
    }
}

impl<'a> Restore<'a> {
    fn begin(options: RoomOptions, backups: &'a Backups) -> Result<Self, RestoreError> {
        if backups.data.is_none() && backups.keyring.is_none() {
            return Err(RestoreError::Nothing);
        }
        for (of, backup) in [(BackupKind::Data, &backups.data), (BackupKind::Keyring, &backups.keyring)] {
            backup.as_deref().map(|backup| stage::text_of(backup, of)).transpose()?;
        }
        let config = config(&options.directory, backups)?;
        let layout = Layout::new(&options.directory, config.outside.as_deref());
        let id = config.room().ok_or(integrity("room.toml names no room"))?;
        let store = layout.store().directory;
        copying::directory(&store).map_err(|e| Failure::file(&store, &e))?;
        let presence = Presence::alone(&layout.store()).map_err(|e| match e {
            StoreError::Busy => RestoreError::InUse,
            other => other.into(),
        })?;
        let unfinished = Marker::read(&layout)?;
        let enough = unfinished.is_none_or(|marker| {
            (backups.data.is_some() || !marker.data) && (backups.keyring.is_some() || !marker.keyring)
        });
        if !enough {
            return Err(RestoreError::More);
        }
        let stage = Stage::clear(&layout)?;
        Ok(Self { options, backups, config, id, layout, stage, presence, unfinished })
    }

    fn run(self, progress: &mut dyn FnMut(u64, u64)) -> Result<Restored, RestoreError> {
        let staged = match self.stage_all(progress) {
            Ok(staged) => staged,
            Err(error) => {
                // What was copied is of no use, and in nobody's way if it stays.
                let _removed = self.stage.remove();
                return Err(error);
            }
        };
        let marker = match self.unfinished {
            Some(marker) => staged.widen(marker),
            None => self.marker(&staged)?,
        };
        let newest = self.newest(&staged.parts)?;
        let known = newest.as_ref().map_or(0, |(checkpoint, _)| checkpoint.incarnation());
        let backed_up = staged.data.as_ref().map_or(0, |data| data.incarnation);
        let incarnation = marker.incarnation.max(known).max(backed_up) + 1;
        marker.write(&self.layout)?;
        let (taken, missing) = (staged.data.map(|data| data.taken), staged.missing);
        self.replace(&marker, newest, incarnation)
            .map(|restored| Restored { taken, missing, ..restored })
            .map_err(|why| RestoreError::Unfinished { why: Box::new(why) })
    }

    /// From here on there is no way back: the room does not open before a restore is done.
    fn replace(
        self,
        marker: &Marker,
        newest: Option<(Checkpoint, Vec<u8>)>,
        incarnation: u32,
    ) -> Result<Restored, RestoreError> {
        if let Some((checkpoint, note)) = newest {
            self.keep_checkpoint(&checkpoint, &note)?;
        }
        places::exchange(&self.layout, &self.stage, marker)?;
        self.restore_config()?;
        self.finish(marker, incarnation)
    }

    /// Copies and checks; nothing of the room is changed.
    fn stage_all(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<Staged, RestoreError> {
        let copied = self.backups.keyring.as_deref().map(|backup| self.stage.copy_keyring(backup));
        let copied = copied.transpose()?;
        let files = if copied.is_some() { self.stage.keyring_files() } else { self.layout.keyring() };
        let parts = self.parts(&files)?;
        let mut keyring = None;
        if let (Some(backup), Some(copied)) = (&self.backups.keyring, copied) {
            let manifest = stage::manifest(backup, BackupKind::Keyring, self.id, &parts.backup_key)?;
            let file = manifest.files.first().ok_or(RestoreError::NoBackup { of: BackupKind::Keyring })?;
            stage::fits(&backup.join("keyring.db"), file, copied)?;
            keyring = Some(manifest);
        }
        let mut data = None;
        if let Some(backup) = &self.backups.data {
            let manifest = stage::manifest(backup, BackupKind::Data, self.id, &parts.backup_key)?;
            self.stage.copy_data(backup, &manifest, &self.layout, progress)?;
            let head = head(&self.stage.store_files(), self.id, &parts)?;
            let stated = |head: &Head| (head.size, head.root) == (manifest.size, manifest.root);
            if !head.is_some_and(|head| stated(&head)) {
                let what = "holds another log than its manifest says";
                return Err(RestoreError::Unfit { path: backup.join("store.db"), what });
            }
            data = Some(manifest);
        }
        let missing = self.missing(&files)?;
        if missing.is_nothing() || self.backups.accept_missing {
            Ok(Staged { data, keyring, parts, missing })
        } else {
            Err(RestoreError::Lacking { missing })
        }
    }

    /// What the keyring that will stand lacks of what the data that will stand need.
    fn missing(&self, keyring: &KeyringFiles) -> Result<MissingKeys, RestoreError> {
        let files = match self.backups.data {
            Some(_) => self.stage.store_files(),
            None => self.layout.store(),
        };
        let mut store = LogReader::open(&files)?;
        Ok(store::read_keyring(keyring, |keys| MissingKeys::between(&mut store, keys))?)
    }

    /// The room's keys by the keyring that will be in force.
    fn parts(&self, files: &KeyringFiles) -> Result<LogParts, RestoreError> {
        let (of, rows) = store::read_keyring(files, |db| {
            Ok((keyring::identity(db.as_mut())?.0, keyring::wrapping_keys(db)?))
        })?;
        if of != self.id {
            return Err(integrity("the keyring is another room's").into());
        }
        let ring = KeyRing::load(&KeyFiles::new(self.layout.keys()), self.id, &rows, &self.options.classes)?;
        Ok(LogParts::new(&ring, self.id, &self.config.origin, 1, &self.layout, &self.options.clock)?)
    }

    /// What is known of the room before anything is replaced. A store that cannot be read any more tells nothing; the
    /// outside does.
    fn marker(&self, staged: &Staged) -> Result<Marker, RestoreError> {
        let ledger = self.ledger(&staged.parts)?;
        let old = head(&self.layout.store(), self.id, &staged.parts).unwrap_or_else(|e| {
            tracing::warn!(error = %e, "the store that is replaced cannot be read");
            None
        });
        let outside = self.newest(&staged.parts)?.map(|(checkpoint, _)| checkpoint);
        let epochs = staged.manifests().map(|manifest| manifest.epoch);
        // Of a store that is replaced, head and intents go together: what its head alone knew was not at its end.
        let stays = old.as_ref().filter(|_| self.backups.data.is_none());
        let epochs = epochs.chain(stays.map(|head| head.epoch));
        let incarnations = [
            old.as_ref().map_or(0, |head| head.incarnation),
            outside.as_ref().map_or(0, Checkpoint::incarnation),
            staged.manifests().map(|manifest| manifest.incarnation).max().unwrap_or(0),
        ];
        Ok(Marker {
            incarnation: incarnations.into_iter().max().unwrap_or(1),
            size: outside.as_ref().map_or(0, |outside| outside.size),
            root: outside.map_or_else(|| root_of([]), |outside| outside.root),
            epoch: epochs.max().unwrap_or(1).max(ledger.epoch),
            data: self.backups.data.is_some(),
            keyring: self.backups.keyring.is_some(),
        })
    }

    /// The newest outside checkpoint with its note; nothing if there is none, which a restore can bear.
    fn newest(&self, parts: &LogParts) -> Result<Option<(Checkpoint, Vec<u8>)>, RestoreError> {
        match parts.notary.newest_note() {
            Ok(newest) => Ok(newest),
            Err(Unpublished::NoneValid) => {
                tracing::warn!("there is no valid outside checkpoint");
                Ok(None)
            }
            Err(Unpublished::Outside(e)) => {
                Err(Failure::File { path: self.layout.outside().to_path_buf(), fault: e.kind }.into())
            }
            Err(_) => Err(integrity("the outside checkpoints contradict each other").into()),
        }
    }

    /// The ledger: without it nobody knows what must not come back.
    fn ledger(&self, parts: &LogParts) -> Result<Ledger, RestoreError> {
        let text = fs::read(self.layout.ledger())
            .map_err(|_| integrity("the erasure ledger is missing: without it the erased would come back"))?;
        Ledger::read(&text, &parts.ledger_key).map_err(|_| integrity("the erasure ledger was changed").into())
    }

    /// Keeps the newest checkpoint of the log that ends: an auditor holds it against the old store.
    fn keep_checkpoint(&self, checkpoint: &Checkpoint, note: &[u8]) -> Result<(), Failure> {
        let path = self.layout.ended_checkpoint(checkpoint.incarnation());
        let making = path.with_extension("part");
        if path.exists() {
            return Ok(());
        }
        marker::remove(&making)
            .and_then(|()| copying::write_new(&making, note))
            .and_then(|()| fs::rename(&making, &path))
            .and_then(|()| sync_directory(self.layout.outside()))
            .map_err(|e| Failure::file(&path, &e))
    }

    /// A room that was lost whole gets its configuration from the data's backup.
    fn restore_config(&self) -> Result<(), Failure> {
        let (path, staged) = (self.layout.config(), self.stage.store.join("room.toml"));
        if path.exists() || !staged.exists() {
            return Ok(());
        }
        let text = fs::read(&staged).map_err(|e| Failure::file(&staged, &e))?;
        copying::write_new(&path, &text)
            .and_then(|()| sync_directory(self.layout.root()))
            .map_err(|e| Failure::file(&path, &e))
    }

    /// Makes the parts fit each other and lets the room open again.
    fn finish(self, marker: &Marker, incarnation: u32) -> Result<Restored, RestoreError> {
        let Self { options, config, layout, stage, presence, .. } = self;
        let assembled = Assembled::new(options, &config, layout.clone(), presence, Some(incarnation))?;
        let core = assembled.core;
        core.reconcile_keyring(marker)?;
        let begun = core.begin_again(marker, incarnation)?;
        core.settle_opening().map_err(Unfit::told)?;
        core.resume_erasures()?;
        core.replay_erasures()?;
        let blobs_aside = if marker.data { core.blobs_aside(marker)? } else { None };
        stage.remove()?;
        places::forget_keyring(&layout, marker)?;
        Marker::clear(&layout)?;
        let aside = layout.store().directory.join(format!("store.db.{}", marker.incarnation));
        Ok(Restored {
            incarnation,
            size: begun.position,
            taken: None,
            outside_size: marker.size,
            aside: (marker.data && aside.exists()).then_some(aside),
            blobs_aside,
            missing: MissingKeys::default(),
        })
    }
}

/// The room's configuration; that of the data's backup where the room has none any more.
fn config(directory: &Path, backups: &Backups) -> Result<Config, OpenRoomError> {
    match (Config::read(&Layout::new(directory, None).config()), &backups.data) {
        (Err(OpenRoomError::NoRoom { .. }), Some(data)) => Config::read(&data.join("room.toml")),
        (read, _) => read,
    }
}

/// The head of a store that nobody has open, its MAC compared.
fn head(files: &StoreFiles, id: RoomId, parts: &LogParts) -> Result<Option<Head>, StoreError> {
    let mut log = LogReader::open(files)?;
    let stored = store::log::head(log.engine())?;
    Ok(stored.and_then(|stored| {
        let head = Head::from_canonical(&stored.head, &id)?;
        parts.notary.check(&head, &stored.mac).is_ok().then_some(head)
    }))
}

const fn integrity(what: &'static str) -> OpenRoomError {
    OpenRoomError::Integrity { what }
}
