//! Holds: what the law keeps, by account and class, whoever asks for its erasure.
//!
//! Legal places and releases them, on the strength of a case; who erases may do neither (SSD-4). A hold has a date by
//! which somebody has to look whether it is still needed. That the date has passed ends nothing: it is shown until
//! somebody decides.

use tracing::instrument;

use super::{
    ask::{Granted, Sought, Why},
    authority,
    core::Core,
    cursor::{Listed, Page},
    erase::{ErasureReceipt, erased_at},
    error::{Failure, StaffError},
    paging::List,
    staff::Staff,
    views::HoldHeader,
};
use crate::{
    access::{
        Action, Object, Vouched,
        rows::{HoldRow, HoldState},
    },
    audit::Data,
    base::{AccountId, AccountState, Classes, HoldId, Time, limits},
    retention::Held,
    store::{LogTurn, Place, Queries, StoreError, accounts, authority as rows},
};

impl Staff {
    /// Keeps classes of an account from being destroyed until somebody releases the hold, to be looked at again by
    /// `review`: at most a year from now.
    ///
    /// # Errors
    /// [`StaffError::Input`] for classes that are never destroyed, and for a review in the past or too far away;
    /// [`StaffError::State`] for classes of an erased account that are gone.
    #[instrument(name = "staff.place_hold", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn place_hold(
        &self,
        account: AccountId,
        classes: Classes,
        review: Time,
        why: &Why,
    ) -> Result<HoldId, StaffError> {
        let hold = HoldId::random().map_err(Failure::from)?;
        self.act(
            Action::HoldPlace,
            why,
            Some(account),
            |_, turn| {
                let state = accounts::state(turn, account)?;
                Ok(state.map(|state| (about(hold, account), state)))
            },
            |core, turn, permit, state| {
                let case = permit.case().ok_or(StaffError::State { what: "a hold needs a case" })?;
                core.check_classes(turn, account, classes, state)?;
                check_review(review, turn.time())?;
                let row = HoldRow {
                    id: hold,
                    account,
                    classes,
                    placed_by: permit.actor(),
                    case,
                    review,
                    state: HoldState::Live,
                    changed_at: turn.position(),
                };
                rows::insert_hold(turn, &row, &core.voucher.mac(&row))?;
                let data = Data::HoldPlaced { hold, classes: classes.iter().collect(), review };
                Ok(Granted::change(data, ()))
            },
        )?;
        Ok(hold)
    }

    /// Ends a hold. What was to be erased and it kept goes now, unless another hold keeps it: then there is the
    /// receipt of that erasure.
    ///
    /// # Errors
    /// [`StaffError::State`] if it was ended before; [`Failure::Unfinished`] if the hold is ended and the erasure that
    /// it stopped is not: whoever opens the room carries on.
    #[instrument(name = "staff.release_hold", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn release_hold(&self, hold: HoldId, why: &Why) -> Result<Option<ErasureReceipt>, StaffError> {
        let core = &*self.room.core;
        let stored = core.store.read(|db| rows::hold(db, hold))?;
        let seen = core.vouch(stored).ok_or_else(|| self.absent(Action::HoldRelease, why))?;
        self.act(
            Action::HoldRelease,
            why,
            Some(seen.account),
            |core, turn| {
                let row: Option<Vouched<HoldRow>> = core.vouch(rows::hold(turn, hold)?);
                Ok(row.map(|row| (about(hold, row.account), row)))
            },
            |core, turn, _, row| {
                match row.state {
                    HoldState::Live => {}
                    HoldState::Released => {
                        return Err(StaffError::State { what: "the hold is released already" });
                    }
                }
                let next = HoldRow {
                    state: HoldState::Released,
                    changed_at: turn.position(),
                    ..HoldRow::clone(&row)
                };
                core.change(turn, &*row, &next)?;
                Ok(Granted::change(Data::HoldReleased { hold }, ()))
            },
        )?;
        Ok(core.resume_deferred(seen.account)?)
    }

    /// The holds in force, of one account or of all, the one whose review is next first.
    ///
    /// # Errors
    /// [`StaffError`]; [`Failure::Forged`] if a hold was written past this program.
    #[instrument(name = "staff.holds", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn holds(
        &self,
        account: Option<AccountId>,
        page: &Page,
        why: &Why,
    ) -> Result<Listed<HoldHeader>, StaffError> {
        let paging = self.paging(List::Holds, account, page, limits::LIST_ROWS_MAX)?;
        let answered = self.act(
            Action::HoldRead,
            why,
            account,
            |_, turn| {
                if let Some(account) = account
                    && accounts::state(turn, account)?.is_none()
                {
                    return Ok(None);
                }
                let objects = account.map(Object::Account).into_iter().collect();
                Ok(Some((Sought { subject: account, objects, fields: Vec::new() }, ())))
            },
            |core, turn, _, ()| {
                let live = core.holds_in_force(turn)?;
                let wanted = live.iter().filter(|row| account.is_none_or(|account| row.account == account));
                let mut holds: Vec<_> = wanted.map(|row| HoldHeader::of(row)).collect();
                let behind = paging.slice().behind;
                holds.retain(|hold| place(hold) > behind);
                holds.sort_by_key(place);
                let part = paging.cut(holds, place);
                Ok(Granted::change(Data::HoldRead { count: part.rows.len() as u64 }, part))
            },
        )?;
        Ok(answered.value)
    }
}

impl Core {
    /// The holds in force on an account, for whoever is about to destroy something of it.
    pub(super) fn holds_of(&self, turn: &mut LogTurn<'_>, account: AccountId) -> Result<Vec<Held>, Failure> {
        let live = self.holds_in_force(turn)?.into_iter().filter(|row| row.account == account);
        Ok(live.map(|row| Held { hold: row.id, classes: row.classes, review: row.review }).collect())
    }

    /// The holds in force. One that was edited, moved, invented or taken away past this program stops whoever asks:
    /// when in doubt nothing is destroyed.
    ///
    /// A row that was taken away leaves no trace among the others. So all rows that confer authority are held against
    /// the log's head, as at opening.
    fn holds_in_force(&self, turn: &mut LogTurn<'_>) -> Result<Vec<Vouched<HoldRow>>, Failure> {
        let live = self.vouched_holds(turn)?;
        let sum = authority::sum(turn, self.store.book().fold_key(), &self.voucher, rows::Rows::Live)?;
        if sum.fold != turn.fold() {
            let what = "rows that confer authority are not those of the log's head: run `audit verify`";
            return Err(StoreError::Integrity { what }.into());
        }
        Ok(live)
    }

    /// Every hold that nobody has released.
    ///
    /// # Errors
    /// [`Failure::Forged`] if one of all rows, live or not, is not vouched for.
    fn vouched_holds(&self, db: &mut impl Queries) -> Result<Vec<Vouched<HoldRow>>, Failure> {
        let forged = |_| Failure::Forged { what: "hold" };
        let all = rows::all::<HoldRow>(db, u32::MAX)?.into_iter();
        let vouched: Vec<_> =
            all.map(|stored| self.voucher.vouch(stored).map_err(forged)).collect::<Result<_, _>>()?;
        Ok(vouched.into_iter().filter(|row| row.state == HoldState::Live).collect())
    }

    /// Of an erased account what law or another hold keeps is left to hold, and nothing else.
    fn check_classes(
        &self,
        turn: &mut LogTurn<'_>,
        account: AccountId,
        classes: Classes,
        state: AccountState,
    ) -> Result<(), StaffError> {
        let input = |why: &str| StaffError::Input { field: "class", why: why.to_owned() };
        if classes.is_empty() {
            return Err(input("a hold keeps one at least"));
        }
        if !classes.is_within(Held::HOLDABLE) {
            return Err(input("it is of no account, or never destroyed"));
        }
        match state {
            AccountState::Active | AccountState::Closed => Ok(()),
            AccountState::Erased if classes.is_within(self.left_of(turn, account)?) => Ok(()),
            AccountState::Erased => Err(StaffError::Erased { at: erased_at(turn, account)? }),
        }
    }

    /// How many holds are in force, and of how many of them the review is overdue.
    pub(super) fn count_holds(&self, db: &mut impl Queries) -> Result<(usize, usize), Failure> {
        let (live, now) = (self.vouched_holds(db)?, self.clock.now());
        Ok((live.len(), live.iter().filter(|row| row.review <= now).count()))
    }
}

/// Where a hold stands in its list: the next review comes first.
fn place(hold: &HoldHeader) -> Place {
    Place { number: hold.review.as_ms(), id: *hold.hold.as_bytes() }
}

fn about(hold: HoldId, account: AccountId) -> Sought {
    let objects = vec![Object::Hold(hold), Object::Account(account)];
    Sought { subject: Some(account), objects, fields: Vec::new() }
}

fn check_review(review: Time, now: Time) -> Result<(), StaffError> {
    let input = |why: &str| Err(StaffError::Input { field: "review", why: why.to_owned() });
    if review <= now {
        return input("it is not in the future");
    }
    if review.since(now) > limits::HOLD_REVIEW_MAX {
        return input("it is more than a year away");
    }
    Ok(())
}
