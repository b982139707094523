//! What an opening does about erasures: the ledger is held against the keyring, and what is not finished goes on.

use super::super::{core::Core, error::Failure, recover::Unfit, trouble::Trouble};
use crate::{access::rows::IntentState, base::AccountId, store::StoreError};

impl Core {
    /// Holds the keyring against the erasure ledger, and the ledger against the keyring: an older keyring would bring
    /// the erased back, and so would, after the next restore, a ledger that has lost its newest lines.
    ///
    /// Others may be at work meanwhile, and an erasure raises the keyring's epoch between its intent and its line. So
    /// whatever epoch was read before no intent was there has its line by now; and whatever line was read has its
    /// epoch by now.
    ///
    /// # Errors
    /// [`Unfit`].
    pub(in super::super) fn check_ledger(&self) -> Result<(), Unfit> {
        let (_, before) = self.vault.database.identity()?;
        let (begun, _) = self.count_erasures()?;
        let ledger = self.ledger.read().map_err(|e| match Failure::from(e) {
            Failure::Store(StoreError::Integrity { what }) => Unfit::Alarm(Trouble::LedgerUnsound, what),
            other => other.into(),
        })?;
        let (_, after) = self.vault.database.identity()?;
        if after < ledger.epoch {
            let what = "the keyring is older than the erasure ledger: restore the newer one";
            return Err(Unfit::Alarm(Trouble::KeyringOlder, what));
        }
        if before > ledger.epoch.max(FIRST_EPOCH) && begun == 0 {
            let what = "the erasure ledger lacks the newest erasures: lines were cut off";
            return Err(Unfit::Alarm(Trouble::LedgerUnsound, what));
        }
        Ok(())
    }

    /// Carries on with every erasure that has begun and is not done, and with those that no hold stops any more.
    ///
    /// # Errors
    /// [`Failure::Unfinished`] if somebody's reading stands in the way of one; the others are done.
    pub(in super::super) fn resume_erasures(&self) -> Result<(), Failure> {
        let mut unfinished = None;
        for account in self.intended()? {
            match self.resume(account) {
                Err(Failure::Unfinished { what }) => unfinished = Some(Failure::Unfinished { what }),
                other => other?,
            }
        }
        unfinished.map_or(Ok(()), Err)
    }

    fn resume(&self, account: AccountId) -> Result<(), Failure> {
        if let Some(begun) = self.begun_before(account)? {
            tracing::warn!(begun_at = begun.position, "an erasure that was not finished goes on");
            self.carry_out(&begun)?;
        }
        self.resume_deferred(account).map(drop)
    }

    /// How many accounts have an erasure that is begun, and how many one that a hold defers.
    pub(in super::super) fn count_erasures(&self) -> Result<(usize, usize), Failure> {
        let (mut begun, mut deferred) = (0, 0);
        for account in self.intended()? {
            let intents = self.intents(account)?;
            let any = |state| usize::from(intents.iter().any(|intent| intent.state == state));
            begun += any(IntentState::Begun);
            deferred += any(IntentState::Deferred);
        }
        Ok((begun, deferred))
    }
}

/// Of a keyring in which nothing was destroyed yet.
const FIRST_EPOCH: u64 = 1;
