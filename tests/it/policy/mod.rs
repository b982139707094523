//! The published policy, executed: each clause is kept in a room with a history, and each is broken on purpose, by the
//! means that a database administrator or a fault has, and found with what is broken.

mod account;
mod at_work;
mod erase;
mod financial;
mod least;
mod logged;
mod payment;

use rusqlite::Connection;
use strongroom::{
    audit::What,
    room::{
        CaseRef, ClauseVerdict, DenialReason, Kept, Policy, PrincipalId, PrincipalKind, Purpose, StaffError,
        Why,
    },
};

use crate::{
    dba::{log, unguarded},
    format::bill,
    scene::{Scene, on, reason},
    world::{PASSWORD, World, secret},
};

/// A room in which something of everything has happened: customers, tickets, files, billing, people who came, lost a
/// role, and went.
pub struct Busy {
    pub scene: Scene,
    /// Lea's, who is disabled.
    pub lea: PrincipalId,
}

impl Busy {
    pub fn new() -> Self {
        let scene = Scene::new();
        for owner in [&scene.jane, &scene.joe] {
            bill(&scene.world, owner);
        }
        scene.world.room.owner(&scene.jane).write(scene.ticket, "My card is 4111 1111 1111 1111.").unwrap();
        scene.world.staff("sam").reply(scene.ticket, "Do not send it.", &on(scene.ticket)).unwrap();
        assert_eq!(
            reason(scene.world.staff("bill").ticket(scene.joes, &on(scene.joes))),
            DenialReason::PurposeNotAllowed
        );
        let ada = scene.world.staff("ada");
        let plain = Why::purpose(Purpose::AccessAdmin);
        let why = plain.clone().case(CaseRef::Case(ada.open_case(None, &plain).unwrap()));
        let nina = ada.appoint("nina", PrincipalKind::Human, &why).unwrap();
        ada.disable(nina.principal, &why).unwrap();
        let lea = scene.id("lea");
        ada.disable(lea, &why).unwrap();
        ada.revoke(scene.grant("bill"), &why).unwrap();
        scene.world.room.owner(&scene.joe).close(&secret(PASSWORD)).unwrap();
        Self { scene, lea }
    }

    pub fn world(&self) -> &World {
        &self.scene.world
    }

    /// What one check says.
    pub fn check(&self, clause: &str) -> ClauseVerdict {
        let vera = self.world().staff("vera");
        vera.check_policy(&[clause], &Why::unstated(), |_| ()).unwrap().verdicts.remove(0)
    }

    /// `store.db`, with the guards taken off, under the open room.
    pub fn store(&self) -> Connection {
        unguarded(&self.world().path().join("store/store.db"))
    }

    /// `keyring.db`, likewise.
    pub fn keyring(&self) -> Connection {
        unguarded(&self.world().path().join("keyring/keyring.db"))
    }

    /// What a check finds, each as it is told: `place: what is wrong`.
    pub fn broken(&self, clause: &str) -> Vec<String> {
        let verdict = self.check(clause);
        match verdict.kept {
            Kept::Broken { counter_examples, left_out: 0 } => {
                counter_examples.iter().map(ToString::to_string).collect()
            }
            other => panic!("{clause}: {other:?}"),
        }
    }
}

/// The evidence of this name.
pub fn count(verdict: &ClauseVerdict, what: &str) -> u64 {
    verdict
        .evidence
        .iter()
        .find(|evidence| evidence.what == what)
        .unwrap_or_else(|| panic!("{verdict:?}"))
        .count
}

#[test]
fn every_clause_that_has_a_check_is_kept_in_an_untouched_room() {
    let busy = Busy::new();
    let verdicts = busy.world().staff("vera").check_policy(&[], &Why::unstated(), |_| ()).unwrap().verdicts;
    let policy = Policy::in_force().unwrap();
    assert_eq!(verdicts.len(), policy.clauses.len());
    for (verdict, clause) in verdicts.iter().zip(&policy.clauses) {
        assert_eq!(verdict.clause, clause.id);
        match clause.step {
            Some(step) => assert_eq!(verdict.kept, Kept::NotChecked { step }),
            // Nobody is erased in it: `erase` has such a room.
            None if clause.id == "right.erase" => assert_eq!(verdict.kept, Kept::NotApplicable),
            None => assert_eq!(verdict.kept, Kept::Kept, "{verdict:?}"),
        }
    }
}

#[test]
fn a_check_is_an_entry_that_says_how_many_are_broken() {
    let busy = Busy::new();
    busy.store().execute("ALTER TABLE account ADD COLUMN phone TEXT", []).unwrap();
    let priya = busy.world().staff("priya");
    priya.check_policy(&["data.payment", "protect.least", "data.order"], &Why::unstated(), |_| ()).unwrap();
    let last = log(&busy.world().room)
        .into_iter()
        .map(|entry| entry.entry)
        .rfind(|entry| entry.what.name() == "policy.checked");
    let last = last.unwrap();
    assert_eq!(last.actor.to_string(), format!("principal:{}", busy.scene.id("priya")));
    let What::Known(data) = last.what else { panic!("refused") };
    assert_eq!(
        format!("{data:?}"),
        "PolicyChecked { clauses: 2, broken: 1 }",
        "what has no check is not counted"
    );
}

#[test]
fn who_may_not_check_is_refused_on_record_and_a_strange_clause_too() {
    let busy = Busy::new();
    let sam = busy.world().staff("sam");
    assert_eq!(reason(sam.check_policy(&[], &Why::unstated(), |_| ())), DenialReason::NotAllowed);
    let vera = busy.world().staff("vera");
    let strange = vera.check_policy(&["keep.everything"], &Why::unstated(), |_| ()).unwrap_err();
    assert!(matches!(strange, StaffError::Input { field: "clause", .. }), "{strange}");
    let checked: Vec<_> = log(&busy.world().room)
        .into_iter()
        .map(|entry| entry.entry)
        .filter(|entry| entry.what.name() == "policy.checked")
        .map(|entry| (entry.outcome.name(), entry.reason.unwrap()))
        .collect();
    assert_eq!(checked, [("denied", "not_allowed".to_owned()), ("failed", "bad_input".to_owned())]);
}

#[test]
fn a_row_that_says_nothing_is_a_counter_example_and_no_dead_end() {
    let busy = Busy::new();
    let revoked = "UPDATE role_grant SET role = 99 WHERE state = 2";
    assert_eq!(busy.store().execute(revoked, []).unwrap(), 2);
    let found = busy.broken("protect.least");
    assert_eq!(found, ["statement grants: reads what no version of this program writes"]);
}
