//! The last part of a restore, in the databases: keyring and store are made to fit each other and the ledger, and the
//! log begins a new incarnation.

use std::path::PathBuf;

use super::{
    super::{core::Core, error::Failure},
    error::RestoreError,
    marker::Marker,
    places,
};
use crate::{
    access::rows::{SessionRow, SessionState},
    audit::{Actor, Data, Draft},
    base::{AccountId, Class, PrincipalId, Scope, limits},
    store::{LogTurn, StoreError, accounts, authority, challenges, clues, keyring_restore, tickets},
};

/// Where the new incarnation begins.
pub(super) struct Begun {
    /// Position of `room.restored`: the size of the log as it was restored.
    pub(super) position: u64,
}

impl Core {
    /// Makes the keyring fit the store that is beside it now.
    pub(super) fn reconcile_keyring(&self, marker: &Marker) -> Result<(), RestoreError> {
        self.vault.database.commit(|turn| keyring_restore::raise_epoch(turn, marker.epoch))?;
        if marker.data {
            self.lower_floors()?;
            self.forget_lost_indexes()?;
            self.forget_lost_clues()?;
        }
        Ok(())
    }

    /// Puts floors where the restored rows are: a password that was changed after the backup is the old one again.
    fn lower_floors(&self) -> Result<(), Failure> {
        let mut after = None;
        loop {
            let read = |db: &mut _| keyring_restore::floors(db, after, limits::BACKUP_PAGE_ROWS);
            let page = self.vault.database.read(read)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(*last);
            let mut lower = Vec::new();
            for floor in page {
                let version = self.store.read(|db| stored_version(db, floor.class, floor.owner))?;
                lower.extend(version.filter(|version| *version < floor.version).map(|to| (floor, to)));
            }
            self.vault.database.commit(|turn| {
                lower.iter().try_for_each(|(floor, to)| keyring_restore::lower_floor(turn, floor, *to))
            })?;
        }
    }

    /// Removes indexes of addresses and handles whose account or principal came after the backup.
    fn forget_lost_indexes(&self) -> Result<(), Failure> {
        let mut after = None;
        loop {
            let read = |db: &mut _| keyring_restore::index_targets(db, after, limits::BACKUP_PAGE_ROWS);
            let page = self.vault.database.read(read)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(*last);
            let mut lost = Vec::new();
            for target in page {
                if !self.store.read(|db| has_target(db, target))? {
                    lost.push(target);
                }
            }
            self.vault.database.commit(|turn| {
                lost.iter().try_for_each(|target| keyring_restore::forget_indexes(turn, target))
            })?;
        }
    }

    /// Removes what led to accounts that came after the backup. What led to a bill that did leads nowhere.
    fn forget_lost_clues(&self) -> Result<(), Failure> {
        let mut after = None;
        loop {
            let read = |db: &mut _| clues::owners(db, after, limits::BACKUP_PAGE_ROWS);
            let page = self.vault.database.read(read)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(*last);
            let mut lost = Vec::new();
            for owner in page {
                if self.store.read(|db| accounts::state(db, AccountId::from_bytes(owner)))?.is_none() {
                    lost.push(owner);
                }
            }
            self.vault
                .database
                .commit(|turn| lost.iter().try_for_each(|owner| clues::forget_owner(turn, owner)))?;
        }
    }

    /// Moves aside what the restored store does not name.
    pub(super) fn blobs_aside(&self, marker: &Marker) -> Result<Option<PathBuf>, Failure> {
        places::unnamed_blobs_aside(&self.layout, marker, |id| {
            Ok(self.store.read(|db| tickets::attachment(db, id))?.is_some())
        })
    }

    /// Ends all sessions and begins the new incarnation with its first entry, whose checkpoint is published.
    pub(super) fn begin_again(&self, marker: &Marker, incarnation: u32) -> Result<Begun, RestoreError> {
        let (_, epoch) = self.vault.database.identity()?;
        let opening = self.opening_of_program()?;
        let settled = self.store.settle(|turn| {
            turn.begin_incarnation(incarnation, epoch);
            self.end_sessions(turn)?;
            let (size, root) = (turn.head().size, turn.head().root);
            let data = Data::RoomRestored {
                incarnation: incarnation.into(),
                size,
                root,
                outside_size: marker.size,
                outside_root: marker.root,
            };
            let draft = Draft::done(data, Actor::System, self.call(&opening));
            let position = turn.append(draft, opening.nonce, &opening.details)?;
            Ok::<_, Failure>(Begun { position })
        })?;
        Ok(settled.value)
    }

    fn end_sessions(&self, turn: &mut LogTurn<'_>) -> Result<(), Failure> {
        authority::remove_owners_sessions(turn)?;
        challenges::remove_all(turn)?;
        for stored in authority::all::<SessionRow>(turn, u32::MAX)? {
            let session = self.vouch(Some(stored)).ok_or(Failure::Forged { what: "session" })?;
            if session.state == SessionState::Live {
                let changed_at = turn.position();
                let ended =
                    SessionRow { state: SessionState::Ended, changed_at, ..SessionRow::clone(&session) };
                self.change(turn, &*session, &ended)?;
            }
        }
        Ok(())
    }
}

/// The version of an owner's row; `None` if there is no such row.
fn stored_version(
    db: &mut impl crate::store::Queries,
    class: Class,
    owner: [u8; 16],
) -> Result<Option<u64>, StoreError> {
    let (account, principal) = (AccountId::from_bytes(owner), PrincipalId::from_bytes(owner));
    Ok(match class {
        Class::Identity => accounts::find(db, account)?.map(|row| row.email_version),
        Class::Credential => match accounts::credential(db, Scope::Account(account))? {
            Some(row) => Some(row.version),
            None => accounts::credential(db, Scope::Principal(principal))?.map(|row| row.version),
        },
        _ => None,
    })
}

fn has_target(db: &mut impl crate::store::Queries, target: [u8; 16]) -> Result<bool, StoreError> {
    Ok(accounts::find(db, AccountId::from_bytes(target))?.is_some()
        || authority::principal(db, PrincipalId::from_bytes(target))?.is_some())
}
