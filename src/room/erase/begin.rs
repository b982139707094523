//! How an erasure begins: holds are read again, the plan is made, and the store says what is about to go, all in the
//! transaction of the entry.

use super::{
    super::{
        core::{Core, Opening},
        error::{Failure, StaffError},
    },
    shown::erased_at,
};
use crate::{
    access::{
        Object, Vouched,
        rows::{IntentRow, IntentState},
    },
    audit::{Data, Draft},
    base::{AccountId, AccountState, Class, Classes, RequestId, Scope, Time},
    retention::{AccountFacts, MayDestroy, Plan, Policy, Schedule, plan},
    store::{LogTurn, Queries, StoreError, accounts, authority, erasure},
};

/// An erasure that has begun.
pub(in super::super) struct Begun {
    pub(super) account: AccountId,
    /// Of the entry that says so.
    pub(super) position: u64,
    /// By which that entry is found, if this call wrote it.
    pub(super) request: Option<RequestId>,
    /// What goes now.
    pub(super) doomed: Vec<(Class, Scope)>,
    /// What goes when a hold ends.
    pub(super) deferred: Vec<(Class, Scope)>,
    /// The leave under which that was decided.
    pub(super) may: MayDestroy,
}

impl Begun {
    /// What its entry says.
    pub(super) fn data(&self) -> Data {
        Data::ErasureBegun {
            classes: classes(&self.doomed),
            years: years(&self.doomed),
            deferred: classes(&self.deferred),
        }
    }

    /// What goes, as far as the keyring holds keys for it.
    pub(super) fn keyed(&self) -> impl Iterator<Item = (Class, Scope)> {
        self.doomed.iter().copied().filter(|(class, _)| is_keyed(*class))
    }

    /// Whose indexes go: those of whom no address is left.
    pub(super) fn forgotten(&self) -> Option<&[u8; 16]> {
        let identity = self.doomed.iter().any(|(class, _)| *class == Class::Identity);
        identity.then_some(self.account.as_bytes())
    }
}

/// Whether the keyring has keys of this class for each account: records of activity are sealed by the day for the whole
/// room, and their key goes with the day's period.
pub(super) fn is_keyed(class: Class) -> bool {
    class != Class::Activity
}

/// Each class once.
pub(super) fn classes(scopes: &[(Class, Scope)]) -> Vec<Class> {
    Class::ALL.into_iter().filter(|class| scopes.iter().any(|(known, _)| known == class)).collect()
}

/// The years of billing.
pub(super) fn years(scopes: &[(Class, Scope)]) -> Vec<u64> {
    let billing = scopes.iter().filter(|(class, _)| *class == Class::Billing);
    billing.map(|(_, scope)| scope.period().into()).collect()
}

fn schedule() -> Result<Schedule, Failure> {
    let policy = Policy::in_force().map_err(|_| Failure::Internal("the policy in force"))?;
    policy.schedule().map_err(|_| Failure::Internal("the periods of the policy in force"))
}

impl Core {
    /// The accounts of which something is intended.
    pub(super) fn intended(&self) -> Result<Vec<AccountId>, Failure> {
        let all = self.store.read(|db| authority::all::<IntentRow>(db, u32::MAX))?;
        let mut accounts: Vec<_> = all.into_iter().map(|stored| stored.row.account).collect();
        accounts.dedup();
        Ok(accounts)
    }

    /// What is intended for an account. An intent that was invented or edited past this program destroys nothing.
    pub(super) fn intents(&self, account: AccountId) -> Result<Vec<Vouched<IntentRow>>, Failure> {
        self.store.read(|db| self.intents_in(db, account))
    }

    pub(super) fn intents_in(
        &self,
        db: &mut impl Queries,
        account: AccountId,
    ) -> Result<Vec<Vouched<IntentRow>>, Failure> {
        let stored = erasure::intents_of(db, account)?.into_iter();
        let vouched = stored.map(|row| self.vouch(Some(row)).ok_or(Failure::Forged { what: "intent" }));
        vouched.collect()
    }

    /// The erasure of this account that has begun and is not done.
    pub(super) fn begun_before(&self, account: AccountId) -> Result<Option<Begun>, Failure> {
        let intents = self.intents(account)?;
        let in_state = |state| {
            let found = intents.iter().filter(move |intent| intent.state == state);
            found.map(|intent| (intent.class, intent.scope())).collect::<Vec<_>>()
        };
        let begun = intents.iter().filter(|intent| intent.state == IntentState::Begun);
        let Some(position) = begun.map(|intent| intent.changed_at).max() else { return Ok(None) };
        let (doomed, deferred) = (in_state(IntentState::Begun), in_state(IntentState::Deferred));
        // Nothing is decided by age any more: it was, when the intents that vouch were written.
        let may = MayDestroy::assertion(self.clock.now());
        Ok(Some(Begun { account, position, request: None, doomed, deferred, may }))
    }

    /// The classes of which an erased account may have something left: what law keeps, and what a hold defers.
    pub(in super::super) fn left_of(
        &self,
        turn: &mut LogTurn<'_>,
        account: AccountId,
    ) -> Result<Classes, Failure> {
        let intents = self.intents_in(turn, account)?.into_iter();
        let deferred =
            intents.filter(|intent| intent.state == IntentState::Deferred).map(|intent| intent.class);
        Ok(deferred.chain([Class::Billing]).collect())
    }

    /// What an erasure would do now.
    pub(super) fn plan_now(&self, account: AccountId) -> Result<Plan, StaffError> {
        // In the lane, where holds are held against the log's head; nothing is written.
        let planned = self.store.commit(|turn| {
            let state = accounts::state(turn, account)?.ok_or(StaffError::NotFound)?;
            self.plan_in(turn, account, state, self.clock.now()).map_err(StaffError::from)
        })?;
        Ok(planned.value)
    }

    /// What may go at `now` and what has to stay, as this transaction reads it.
    pub(super) fn plan_in(
        &self,
        turn: &mut LogTurn<'_>,
        account: AccountId,
        state: AccountState,
        now: Time,
    ) -> Result<Plan, Failure> {
        let holds = self.holds_of(turn, account)?;
        let facts = AccountFacts { account, state, billing_years: erasure::billing_years(turn, account)? };
        Ok(plan(&facts, &holds, &schedule()?, now))
    }

    /// What would go if there were no holds.
    pub(super) fn plan_without_holds(
        &self,
        turn: &mut LogTurn<'_>,
        account: AccountId,
        state: AccountState,
    ) -> Result<Plan, Failure> {
        let facts = AccountFacts { account, state, billing_years: erasure::billing_years(turn, account)? };
        Ok(plan(&facts, &[], &schedule()?, self.clock.now()))
    }

    /// Begins the erasure of an account in the transaction of its entry.
    pub(super) fn begin(
        &self,
        turn: &mut LogTurn<'_>,
        account: AccountId,
        state: AccountState,
    ) -> Result<Begun, StaffError> {
        let intents = self.intents_in(turn, account)?;
        if intents.iter().any(|intent| intent.state == IntentState::Begun) {
            return Err(StaffError::State { what: "the account is being erased: ask again" });
        }
        let may = self.may_destroy(turn)?.map_err(|jump| StaffError::ClockInDoubt { jump })?;
        let going: Vec<_> = self.plan_in(turn, account, state, may.at())?.destroyed().collect();
        let position = turn.position();
        let (doomed, deferred) = match state {
            AccountState::Active => return Err(StaffError::State { what: "the account is in use" }),
            AccountState::Closed => {
                let all = self.plan_without_holds(turn, account, state)?;
                let deferred = all.destroyed().filter(|part| !going.contains(part)).collect();
                (going, deferred)
            }
            AccountState::Erased => {
                // Of what went at the first time nothing is left; a year that law kept may have ended since.
                let asked = |part: &(Class, Scope)| {
                    part.0 == Class::Billing
                        || intents.iter().any(|intent| (intent.class, intent.scope()) == *part)
                };
                let doomed: Vec<_> = going.into_iter().filter(asked).collect();
                if doomed.is_empty() {
                    return Err(StaffError::Erased { at: erased_at(turn, account)? });
                }
                (doomed, Vec::new())
            }
        };
        erasure::mark_erased(turn, account, position)?;
        authority::end_sessions_of(turn, account)?;
        let begun = Begun { account, position, request: None, doomed, deferred, may };
        self.intend(turn, &begun, &intents)?;
        Ok(begun)
    }

    /// Begins what a hold deferred and no hold stops any more, by the program itself; nothing while the clock is in doubt.
    pub(super) fn begin_deferred(&self, account: AccountId) -> Result<Option<Begun>, Failure> {
        let waits = |intents: &[Vouched<IntentRow>]| {
            intents.iter().any(|intent| intent.state == IntentState::Deferred)
        };
        if !waits(&self.intents(account)?) {
            return Ok(None);
        }
        // What is seen here need not be looked for in the lane, where it is decided.
        if self.clock_doubt()?.is_some() {
            return Ok(None);
        }
        let opening = self.opening_of_program()?;
        let settled = self.commit(opening.request, |turn| {
            let Ok(may) = self.may_destroy(turn)? else { return Ok(None) };
            let intents = self.intents_in(turn, account)?;
            let plan = self.plan_in(turn, account, AccountState::Erased, may.at())?;
            let going: Vec<_> = plan.destroyed().collect();
            let free = intents.iter().filter(|intent| intent.state == IntentState::Deferred);
            let free = free.map(|intent| (intent.class, intent.scope()));
            let doomed: Vec<_> = free.filter(|part| going.contains(part)).collect();
            if doomed.is_empty() {
                return Ok(None);
            }
            let position = turn.position();
            let begun = Begun { account, position, request: None, doomed, deferred: Vec::new(), may };
            self.intend(turn, &begun, &intents)?;
            self.say_begun(turn, &begun, &opening)?;
            Ok::<_, Failure>(Some(Begun { request: Some(opening.request), ..begun }))
        })?;
        Ok(settled.value)
    }

    /// Writes the intents; what was deferred before becomes begun.
    pub(super) fn intend(
        &self,
        turn: &mut LogTurn<'_>,
        begun: &Begun,
        known: &[Vouched<IntentRow>],
    ) -> Result<(), StoreError> {
        let begins = begun.doomed.iter().map(|part| (part, IntentState::Begun));
        let waits = begun.deferred.iter().map(|part| (part, IntentState::Deferred));
        for ((class, scope), state) in begins.chain(waits) {
            let row = IntentRow {
                account: begun.account,
                class: *class,
                period: scope.period(),
                state,
                changed_at: begun.position,
            };
            match known.iter().find(|known| (known.class, known.period) == (row.class, row.period)) {
                Some(before) => self.change(turn, &**before, &row)?,
                None => erasure::insert_intent(turn, &row, &self.voucher.mac(&row), &begun.may)?,
            }
        }
        Ok(())
    }

    /// Appends the entry of what the program begins by itself.
    pub(super) fn say_begun(
        &self,
        turn: &mut LogTurn<'_>,
        begun: &Begun,
        opening: &Opening,
    ) -> Result<(), StoreError> {
        let draft = Draft::begun_by_itself(begun.data(), self.call(opening))
            .about(&[begun.account])
            .on(&[Object::Account(begun.account)]);
        turn.append(draft, opening.nonce, &opening.details).map(drop)
    }
}
