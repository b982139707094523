//! How an erasure is carried out: each step may be done twice, by this process or by another one.

use super::{
    super::{core::Core, error::Failure},
    begin::{Begun, classes, years},
    receipt::{Counted, ErasureReceipt, kept},
};
use crate::{
    access::{
        NoticeKind, Object,
        rows::{IntentRow, IntentState},
    },
    audit::{Actor, Data, Draft, Entry, What},
    base::{
        AccountState, Class, Scope,
        limits::{ERASURE_LOG_TRIES_MAX, VERIFY_PAGE_ENTRIES},
    },
    keys::LedgerLine,
    seal::Unvouched,
    store::{KeyTurn, LogTurn, StoreError, clues, erasure, fences, log},
};

impl Core {
    /// Carries an erasure to its end, and looks whether anything is left.
    pub(super) fn carry_out(&self, begun: &Begun) -> Result<ErasureReceipt, Failure> {
        let mut counted = Counted::default();
        for (class, scope) in &begun.doomed {
            let rows = self.store.read(|db| erasure::rows(db, *class, *scope))?;
            counted.rows.push((*class, *scope, rows));
        }
        counted.indexes = self.index_count(begun)?;
        let epoch = self.destroy_keys(begun)?;
        self.tell_ledger(begun, epoch)?;
        self.remove_blobs(begun, &mut counted)?;
        self.remove_rows(begun)?;
        for (class, scope) in begun.keyed() {
            let keys = self.vault.database.read(|db| fences::count(db, class, scope))?;
            counted.keys.push((class, scope, keys.destroyed));
        }
        let done = match self.say_done(begun, epoch, &counted)? {
            Some(position) => position,
            None => self.done_by_another(begun)?,
        };
        let emptied = self.store.empty_log()?;
        self.receipt(begun, done, epoch, &counted, emptied)
    }

    fn index_count(&self, begun: &Begun) -> Result<u64, Failure> {
        self.vault.database.read(|db| {
            let mut indexes = match begun.forgotten() {
                Some(target) => fences::indexes_of(db, target)?,
                None => 0,
            };
            for (class, scope) in begun.keyed() {
                indexes += clues::count(db, class, scope)?;
            }
            Ok(indexes)
        })
    }

    /// In one transaction of the keyring: the keys, the fences, the indexes, the epoch.
    fn destroy_keys(&self, begun: &Begun) -> Result<u64, Failure> {
        let doomed: Vec<_> = begun.keyed().collect();
        let target = begun.forgotten();
        let destroyed =
            |turn: &mut KeyTurn<'_>| fences::destroy(turn, &doomed, target, begun.position, &begun.may);
        let epoch = self.vault.commit(&self.store, destroyed)?;
        self.store.book().raise_epoch(epoch);
        Ok(epoch)
    }

    /// Leaves no older page in the keyring's log, and then tells the ledger, durably: from here on a keyring of
    /// yesterday is refused.
    fn tell_ledger(&self, begun: &Begun, epoch: u64) -> Result<(), Failure> {
        let line = |(class, scope): &(Class, Scope)| LedgerLine {
            epoch,
            class: *class,
            scope: *scope,
            position: begun.position,
        };
        let lines: Vec<_> = begun.doomed.iter().map(line).collect();
        for _ in 0..ERASURE_LOG_TRIES_MAX {
            if self.vault.database.emptied(|| self.ledger.append(&lines).map_err(Failure::from))?.is_some() {
                return Ok(());
            }
        }
        Err(Failure::Unfinished { what: "another program reads an older state of the keyring" })
    }

    fn remove_blobs(&self, begun: &Begun, counted: &mut Counted) -> Result<(), Failure> {
        if !begun.doomed.iter().any(|(class, _)| *class == Class::Support) {
            return Ok(());
        }
        let mut after = None;
        loop {
            let page = self.store.read(|db| erasure::blobs_of(db, begun.account, after))?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.id);
            let ids: Vec<_> = page.iter().map(|blob| blob.id).collect();
            self.blobs.remove_all(&ids).map_err(|e| Failure::file(self.layout.root(), &e))?;
            counted.blobs += page.len() as u64;
            counted.bytes += page.iter().map(|blob| blob.bytes).sum::<u64>();
            counted.removed.extend(ids);
        }
    }

    /// The rows that no sum holds, slice by slice.
    fn remove_rows(&self, begun: &Begun) -> Result<(), Failure> {
        for (class, scope) in &begun.doomed {
            while self.remove_slice(begun, *class, *scope)? > 0 {}
        }
        Ok(())
    }

    fn remove_slice(&self, begun: &Begun, class: Class, scope: Scope) -> Result<usize, Failure> {
        Ok(self.store.commit(|turn| erasure::remove_slice(turn, class, scope, &begun.may))?.value)
    }

    /// Removes the rest and the intents, with the entry that says so; `None` if another process was first.
    fn say_done(&self, begun: &Begun, epoch: u64, counted: &Counted) -> Result<Option<u64>, Failure> {
        let opening = self.opening_of_program()?;
        let settled = self.commit(opening.request, |turn| {
            let intents = self.begun_in(turn, begun)?;
            if intents.is_empty() && !begun.doomed.is_empty() {
                return Ok(None);
            }
            for (class, scope) in &begun.doomed {
                erasure::finish(turn, *class, *scope, &begun.may)?;
            }
            for intent in &intents {
                erasure::remove_intent(turn, intent, &begun.may)?;
            }
            if begun.forgotten().is_some() {
                self.tell(turn, begun.account, NoticeKind::Erased)?;
            }
            let data = Data::ErasureDone {
                classes: classes(&begun.doomed),
                years: years(&begun.doomed),
                epoch,
                keys: counted.keys.iter().map(|(.., keys)| keys).sum(),
                indexes: counted.indexes,
                rows: counted.rows.iter().map(|(.., rows)| rows).sum(),
                blobs: counted.blobs,
            };
            let draft = Draft::done(data, Actor::System, self.call(&opening))
                .about(&[begun.account])
                .on(&[Object::Account(begun.account)]);
            turn.append(draft, opening.nonce, &opening.details).map(Some).map_err(Failure::from)
        })?;
        Ok(settled.value)
    }

    /// The intents that this erasure carries out, as the lane has them.
    fn begun_in(&self, turn: &mut LogTurn<'_>, begun: &Begun) -> Result<Vec<Unvouched<IntentRow>>, Failure> {
        self.intents_in(turn, begun.account)?;
        let stored = erasure::intents_of(turn, begun.account)?.into_iter();
        let ours = |row: &IntentRow| {
            row.state == IntentState::Begun && begun.doomed.contains(&(row.class, row.scope()))
        };
        Ok(stored.filter(|stored| ours(&stored.row)).collect())
    }

    /// The entry by which another process has finished this erasure.
    fn done_by_another(&self, begun: &Begun) -> Result<u64, Failure> {
        let mut from = begun.position;
        loop {
            let page = self.store.read(|db| log::entries(db, from, VERIFY_PAGE_ENTRIES))?;
            let Some(last) = page.last() else {
                return Err(StoreError::Integrity { what: "an erasure has no end in the log" }.into());
            };
            from = last.position + 1;
            let found = page.iter().filter_map(|row| Entry::decode(&row.entry).ok()).find(|entry| {
                matches!(entry.what, What::Known(Data::ErasureDone { .. }))
                    && entry.subjects.contains(&begun.account)
            });
            if let Some(entry) = found {
                return Ok(entry.position);
            }
        }
    }

    fn receipt(
        &self,
        begun: &Begun,
        done: u64,
        epoch: u64,
        counted: &Counted,
        emptied: bool,
    ) -> Result<ErasureReceipt, Failure> {
        let probe = self.probe(begun, &counted.removed)?;
        let plan = self
            .store
            .commit(|turn| self.plan_in(turn, begun.account, AccountState::Erased, self.clock.now()))?
            .value;
        Ok(ErasureReceipt {
            account: begun.account,
            begun: begun.position,
            done,
            request: begun.request,
            epoch,
            indexes: counted.indexes,
            destroyed: counted.destroyed(begun),
            kept: kept(&plan, begun),
            log_emptied: emptied,
            probe,
        })
    }
}
