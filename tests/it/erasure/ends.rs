//! From the request to the receipt.

use std::{fs, io::Read as _, time::Duration};

use strongroom::{
    audit::Outcome,
    room::{
        AccountState, Answer, Class, DetailKind, DetailText, ErasureReceipt, Fate, Kind, LogPart, Page,
        Purpose, Registration, StaffError, Time, Why, verify,
    },
};

use super::{Jane, SCAN, asked, close, erase, pay, support};
use crate::{
    scene::staff,
    world::{JANE, PASSWORD, World, secret},
};

fn entries(world: &World, event: &str) -> Vec<strongroom::room::LogEntry> {
    let page = world.staff("vera").audit_log(LogPart::All, 0, &Page::first(500), &Why::unstated()).unwrap();
    page.entries.into_iter().filter(|entry| entry.entry.what.name() == event).collect()
}

#[test]
fn an_erased_customer_is_gone_and_the_receipt_says_what_stays() {
    let jane = Jane::new();
    let (room, account) = (&jane.world.room, jane.account());
    let receipt = jane.erase();
    assert_eq!(receipt.probe.left, [], "{receipt:?}");
    assert!(receipt.probe.looked > 10 && receipt.log_emptied && !receipt.is_deferred(), "{receipt:?}");
    assert_eq!(
        (receipt.account, receipt.indexes, receipt.epoch),
        (account, 4, 2),
        "address, two words of her name, the old payment"
    );
    let counted: Vec<_> = receipt
        .destroyed
        .iter()
        .map(|gone| (gone.class, gone.year, gone.keys, gone.rows, gone.blobs))
        .collect();
    assert_eq!(
        counted,
        [
            // The account's, a code that was sent, and what she was still to be told.
            (Class::Identity, None, 1, 7, 0),
            // The password, and a key of a program.
            (Class::Credential, None, 1, 2, 0),
            (Class::Billing, Some(2015), 1, 1, 0),
            // A ticket, its message and its note, and the attachment.
            (Class::Support, None, 1, 4, 1),
            (Class::Activity, None, 0, 3, 0),
            (Class::AuditDetail, None, 1, 1, 0),
        ]
    );
    let bytes: u64 = receipt.destroyed.iter().map(|gone| gone.bytes).sum();
    assert_eq!(bytes, SCAN.len() as u64);
    let kept: Vec<_> = receipt.kept.iter().map(|line| (line.class, line.year, line.fate)).collect();
    assert!(
        matches!(
            kept.as_slice(),
            [
                (Class::Billing, Some(2026), Fate::Keep { until: Some(until), .. }),
                (Class::Accountability, None, Fate::Keep { until: None, .. }),
            ] if until.to_string() == "2034-01-01T12:00:00.000Z"
        ),
        "{kept:?}"
    );
    let begun = entries(&jane.world, "erasure.begun").pop().unwrap();
    assert_eq!((begun.entry.position, begun.entry.outcome), (receipt.begun, Outcome::Begun));
    assert_eq!((Some(begun.entry.request), begun.entry.subjects), (receipt.request, vec![account]));
    let done = entries(&jane.world, "erasure.done").pop().unwrap();
    assert_eq!((done.entry.position, done.entry.outcome), (receipt.done, Outcome::Done));
    assert!(done.line.contains(r#""epoch":2,"keys":5,"indexes":4,"rows":18,"blobs":1"#), "{}", done.line);

    assert_eq!(room.account_seals(account).unwrap().state, AccountState::Erased);
    let blobs = fs::read_dir(jane.world.path().join("store/blobs")).unwrap();
    assert_eq!(blobs.map(|dir| fs::read_dir(dir.unwrap().path()).unwrap().count()).sum::<usize>(), 0);
    let ledger = fs::read_to_string(jane.world.path().join("outside/erasure.ledger")).unwrap();
    assert_eq!(ledger.lines().count(), 6, "{ledger}");
}

#[test]
fn whoever_asks_for_the_erased_is_told_so() {
    let jane = Jane::new();
    let (room, account) = (&jane.world.room, jane.account());
    let receipt = jane.erase();
    let erased = |error: StaffError| match error {
        StaffError::Erased { at } => assert_eq!(at, receipt.begun),
        other => panic!("{other}"),
    };
    erased(staff(room, "sam").account(account, &support()).err().unwrap());
    let case = asked(room, account);
    let priya = staff(room, "priya");
    erased(priya.reveal_email(account, &case).err().unwrap());
    erased(priya.reveal_name(account, &case).err().unwrap());
    erased(priya.erase_account(account, &case).err().unwrap());
    erased(priya.close_account(account, &case).err().unwrap());
    let failed = entries(&jane.world, "account.reveal");
    assert!(
        failed.iter().all(|entry| entry.entry.reason.as_deref() == Some("erased")),
        "no access was granted"
    );

    // The words are gone with the person; that there were some stays.
    let vera = staff(room, "vera");
    let shown = vera.audit_show(jane.reasoned, &Why::unstated()).unwrap();
    let texts: Vec<_> =
        shown.details.iter().map(|(kind, text)| (*kind, matches!(text, DetailText::Erased))).collect();
    assert_eq!(texts, [(DetailKind::Subject, true)]);
    // What law keeps opens as before.
    let bill = staff(room, "bill");
    assert_eq!(
        bill.billing(account, &crate::world::FIRST, &Why::purpose(Purpose::Contract)).unwrap().rows.len(),
        1
    );
    let verified = verify(&jane.world.path(), None, |_| {}).unwrap();
    assert!(verified.is_sound(), "{:?}", verified.report.faults);
}

#[test]
fn a_returning_customer_is_somebody_else() {
    let jane = Jane::new();
    let (room, before) = (&jane.world.room, jane.account());
    let token = match room.login(JANE, &secret(PASSWORD)).unwrap().complete() {
        Some(granted) => granted.token,
        None => panic!("denied"),
    };
    jane.erase();
    assert!(room.resume(&token).is_err());
    assert!(matches!(room.login(JANE, &secret(PASSWORD)).unwrap(), Answer::Denied));
    assert!(room.owner(&jane.owner).profile().is_err());
    let found = staff(room, "sam").find(JANE, &support());
    assert!(matches!(found, Err(StaffError::NotFound)));
    let again = Registration { email: JANE, name: None, password: &secret(PASSWORD) };
    let after = room.register(&again).unwrap().account;
    assert_ne!(after, before);
    assert_eq!(staff(room, "sam").find(JANE, &support()).unwrap(), after);
    assert!(matches!(room.login(JANE, &secret(PASSWORD)).unwrap(), Answer::Granted(_)));

    let later = jane.world.again();
    assert!(matches!(later.login(JANE, &secret(PASSWORD)).unwrap(), Answer::Granted(_)));
    assert_eq!(later.account_seals(before).unwrap().state, AccountState::Erased);
}

#[test]
fn an_account_in_use_is_not_erased_and_a_plan_erases_nothing() {
    let jane = Jane::new();
    let (room, account) = (&jane.world.room, jane.account());
    let refused = erase(room, account).unwrap_err();
    assert_eq!(refused.kind(), Kind::Conflict, "{refused}");
    let priya = staff(room, "priya");
    let plan = priya.plan_erasure(account, &asked(room, account)).unwrap();
    assert!(plan.lines().iter().all(|line| matches!(line.fate, Fate::Keep { .. })), "in use: all is kept");
    close(room, account);
    let case = asked(room, account);
    let size = room.log_size().unwrap();
    let plan = priya.plan_erasure(account, &case).unwrap();
    assert_eq!(room.log_size().unwrap(), size, "a plan is no entry");
    let going = plan.lines().iter().filter(|line| line.fate == Fate::Destroy).count();
    assert_eq!(going, 6);
    let mut scan = Vec::new();
    let seals = room.account_seals(account).unwrap();
    assert_eq!(seals.state, AccountState::Closed);
    staff(room, "sam").attachment(jane.scan, &support()).unwrap().content.read_to_end(&mut scan).unwrap();
    assert_eq!(scan, SCAN);
    let denied = staff(room, "sam").plan_erasure(account, &support());
    assert!(matches!(denied, Err(StaffError::Denied { .. })));
    assert!(matches!(staff(room, "sam").erase_account(account, &support()), Err(StaffError::Denied { .. })));
    let nobody = strongroom::room::AccountId::from_bytes([9; 16]);
    assert!(matches!(priya.erase_account(nobody, &case), Err(StaffError::NotFound)));
}

#[test]
fn a_year_that_law_kept_goes_when_it_is_asked_for_again() {
    let jane = Jane::new();
    let (room, account) = (&jane.world.room, jane.account());
    pay(room, account, jane.ticket, Time::from_ms(1_560_000_000_000)).unwrap();
    let kept = |receipt: &ErasureReceipt| {
        let billing = receipt.kept.iter().filter(|line| line.class == Class::Billing);
        billing.map(|line| line.year.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(kept(&jane.erase()), [2019, 2026]);
    // From noon of the first of January 2027 on: until then it is 2026 somewhere on Earth.
    let noon = Time::from_ms(1_798_804_800_000);
    jane.world.in_use(noon.since(jane.world.clock.now()) - Duration::from_secs(1));
    assert!(matches!(erase(room, account), Err(StaffError::Erased { .. })));
    jane.world.later(Duration::from_secs(1));
    let receipt = erase(room, account).unwrap();
    assert_eq!(kept(&receipt), [2026]);
    let gone: Vec<_> =
        receipt.destroyed.iter().map(|gone| (gone.class, gone.year, gone.keys, gone.rows)).collect();
    assert_eq!((gone, receipt.epoch), (vec![(Class::Billing, Some(2019), 1, 1)], 3));
    assert!(matches!(erase(room, account), Err(StaffError::Erased { .. })));
    jane.world.again();
}
