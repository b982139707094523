//! What a hold keeps waits for its end, and goes then: in the verb that ends it, or at the next opening.

use std::time::Duration;

use strongroom::room::{
    AccountId, CaseRef, Class, Classes, Fate, HoldId, Kind, Purpose, Room, StaffError, Why,
};

use super::{Jane, asked, close, erase, support};
use crate::{scene::staff, world::START};

pub fn order(room: &Room, account: AccountId) -> Why {
    let why = Why::purpose(Purpose::LegalObligation);
    let case = staff(room, "lena").open_case(Some(account), &why).unwrap();
    why.case(CaseRef::Case(case))
}

fn hold(room: &Room, account: AccountId, classes: &[Class]) -> Result<HoldId, StaffError> {
    let review = START.plus(Duration::from_secs(30 * 24 * 3600));
    staff(room, "lena").place_hold(account, Classes::of(classes), review, &order(room, account))
}

fn gone(receipt: &strongroom::room::ErasureReceipt) -> Vec<Class> {
    receipt.destroyed.iter().map(|gone| gone.class).collect()
}

#[test]
fn a_hold_keeps_its_classes_and_its_release_lets_them_go() {
    let jane = Jane::new();
    let (room, account) = (&jane.world.room, jane.account());
    close(room, account);
    let first = hold(room, account, &[Class::Support]).unwrap();
    let receipt = erase(room, account).unwrap();
    assert!(receipt.is_deferred() && receipt.probe.left.is_empty(), "{receipt:?}");
    assert!(!gone(&receipt).contains(&Class::Support));
    let held: Vec<_> = receipt.kept.iter().filter(|line| matches!(line.fate, Fate::Held(_))).collect();
    assert_eq!(held.iter().map(|line| line.class).collect::<Vec<_>>(), [Class::Support]);

    // Kept is not shown; and asked for again, nothing more may go.
    assert!(matches!(staff(room, "sam").ticket(jane.ticket, &support()), Err(StaffError::Erased { .. })));
    assert!(matches!(staff(room, "sam").attachment(jane.scan, &support()), Err(StaffError::Erased { .. })));
    assert!(matches!(erase(room, account), Err(StaffError::Erased { .. })));
    let again = jane.world.again();
    assert!(matches!(erase(&again, account), Err(StaffError::Erased { .. })));
    // What is gone is not held any more; what waits may be held by another, too.
    assert!(matches!(hold(room, account, &[Class::Identity]), Err(StaffError::Erased { .. })));
    let second = hold(room, account, &[Class::Support]).unwrap();

    let lena = staff(room, "lena");
    assert!(lena.release_hold(first, &order(room, account)).unwrap().is_none(), "the other one keeps it");
    let receipt = lena.release_hold(second, &order(room, account)).unwrap().unwrap();
    assert_eq!(gone(&receipt), [Class::Support]);
    assert!(!receipt.is_deferred() && receipt.probe.left.is_empty(), "{receipt:?}");
    let blobs = std::fs::read_dir(jane.world.path().join("store/blobs")).unwrap();
    assert_eq!(blobs.map(|dir| std::fs::read_dir(dir.unwrap().path()).unwrap().count()).sum::<usize>(), 0);
    jane.world.again();
}

#[test]
fn what_is_held_altogether_is_erased_altogether_later() {
    let jane = Jane::new();
    let (room, account) = (&jane.world.room, jane.account());
    close(room, account);
    let all = [
        Class::Identity,
        Class::Credential,
        Class::Billing,
        Class::Support,
        Class::Activity,
        Class::AuditDetail,
    ];
    let hold = hold(room, account, &all).unwrap();
    let receipt = erase(room, account).unwrap();
    assert!(receipt.destroyed.is_empty() && receipt.is_deferred(), "{receipt:?}");
    assert!(matches!(staff(room, "sam").account(account, &support()), Err(StaffError::Erased { .. })));
    let receipt = staff(room, "lena").release_hold(hold, &order(room, account)).unwrap().unwrap();
    assert_eq!(receipt.destroyed.len(), 6, "{receipt:?}");
    assert!(receipt.destroyed.iter().all(|gone| gone.year.is_none_or(|year| year == 2015)), "{receipt:?}");
    let found = staff(room, "sam").find(crate::world::JANE, &support());
    assert!(matches!(found, Err(StaffError::NotFound)));
}

#[test]
fn a_hold_that_was_tampered_with_stops_the_erasure() {
    let jane = Jane::new();
    let (room, account) = (&jane.world.room, jane.account());
    close(room, account);
    hold(room, account, &[Class::Support]).unwrap();
    let case = asked(room, account);
    let sql = rusqlite::Connection::open(jane.world.path().join("store/store.db")).unwrap();
    sql.execute("DELETE FROM hold", []).unwrap();
    drop(sql);
    let refused = staff(room, "priya").erase_account(account, &case).unwrap_err();
    assert_eq!(refused.kind(), Kind::Integrity, "{refused}");
    assert!(room.account_seals(account).unwrap().state == strongroom::room::AccountState::Closed);
}
