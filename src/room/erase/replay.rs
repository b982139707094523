//! What a restore does about erasures: what the ledger lists is erased again, whatever the backups hold, before anybody
//! is served.

use std::collections::BTreeMap;

use super::{
    super::{core::Core, error::Failure},
    begin::{Begun, is_keyed},
};
use crate::{
    base::{AccountId, AccountState, Class, Scope},
    keys::LedgerLine,
    retention::MayDestroy,
    store::{LogTurn, accounts, authority, erasure, fences},
};

impl Core {
    /// Makes ledger, keyring and store agree about what is erased.
    pub(in super::super) fn replay_erasures(&self) -> Result<(), Failure> {
        self.complete_ledger()?;
        let mut listed: BTreeMap<AccountId, Vec<(Class, Scope)>> = BTreeMap::new();
        for LedgerLine { class, scope, .. } in self.ledger.read()?.lines {
            if let Scope::Account(account) | Scope::AccountYear(account, _) = scope {
                let parts = listed.entry(account).or_default();
                if !parts.contains(&(class, scope)) {
                    parts.push((class, scope));
                }
            }
        }
        for (account, parts) in listed {
            if self.is_back(account, &parts)? {
                tracing::warn!("a backup held somebody who was erased since: erased again");
                self.erase_again(account, parts)?;
            }
        }
        Ok(())
    }

    /// A fence whose line was never written: the crash that kept it out of the ledger took the store with its intent.
    fn complete_ledger(&self) -> Result<(), Failure> {
        let (_, epoch) = self.vault.database.identity()?;
        let ledger = self.ledger.read()?;
        if epoch <= ledger.epoch {
            return Ok(());
        }
        let fences = self.vault.database.read(fences::all)?;
        let line = |fence: fences::Fence| LedgerLine {
            epoch,
            class: fence.class,
            scope: fence.scope,
            position: fence.at,
        };
        let known = |line: &LedgerLine| {
            ledger.lines.iter().any(|known| (known.class, known.scope) == (line.class, line.scope))
        };
        let lines: Vec<_> = fences.into_iter().map(line).filter(|line| !known(line)).collect();
        // The newest line once more says the epoch, where that is all that is missing.
        let newest = ledger.lines.last().map(|line| LedgerLine { epoch, ..*line });
        let lines = if lines.is_empty() { newest.into_iter().collect() } else { lines };
        Ok(self.ledger.append(&lines)?)
    }

    /// Whether anything of what was erased is there again.
    fn is_back(&self, account: AccountId, parts: &[(Class, Scope)]) -> Result<bool, Failure> {
        let state = self.store.read(|db| accounts::state(db, account))?;
        if !matches!(state, None | Some(AccountState::Erased)) {
            return Ok(true);
        }
        for (class, scope) in parts {
            if is_keyed(*class) {
                let keys = self.vault.database.read(|db| fences::count(db, *class, *scope))?;
                if keys.live > 0 || keys.fenced_at.is_none() {
                    return Ok(true);
                }
            }
            if self.store.read(|db| erasure::rows(db, *class, *scope))? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn erase_again(&self, account: AccountId, doomed: Vec<(Class, Scope)>) -> Result<(), Failure> {
        // What is seen here need not be looked for in the lane, where it is decided.
        self.clock_doubt()?;
        let opening = self.opening_of_program()?;
        let settled = self.commit(opening.request, |turn| {
            let known = self.intents_in(turn, account)?;
            let position = turn.position();
            let begun = self.asked_again(turn, account, doomed)?;
            erasure::mark_erased(turn, account, position)?;
            authority::end_sessions_of(turn, account)?;
            self.intend(turn, &begun, &known)?;
            self.say_begun(turn, &begun, &opening)?;
            Ok::<_, Failure>(begun)
        })?;
        self.carry_out(&settled.value).map(drop)
    }

    /// What goes again and what a hold defers. A store in which she is not erased knows nothing of her request: then all
    /// that it asked for is asked again, for what was deferred is in no ledger. Where the clock is in doubt, as it is after
    /// a restore of an older backup, what the ledger does not list waits like what a hold defers.
    fn asked_again(
        &self,
        turn: &mut LogTurn<'_>,
        account: AccountId,
        listed: Vec<(Class, Scope)>,
    ) -> Result<Begun, Failure> {
        let (mut doomed, mut deferred) = (listed, Vec::new());
        if matches!(accounts::state(turn, account)?, Some(AccountState::Active | AccountState::Closed)) {
            if let Ok(may) = self.may_destroy(turn)? {
                for part in self.plan_in(turn, account, AccountState::Closed, may.at())?.destroyed() {
                    if !doomed.contains(&part) {
                        doomed.push(part);
                    }
                }
            }
            let all = self.plan_without_holds(turn, account, AccountState::Closed)?;
            deferred.extend(all.destroyed().filter(|part| !doomed.contains(part)));
        }
        // What the ledger lists was destroyed before.
        let may = MayDestroy::assertion(self.clock.now());
        Ok(Begun { account, position: turn.position(), request: None, doomed, deferred, may })
    }
}
