//! An erasure against everybody else: readers, writers, uploads, logins, and people who come with the same address, in
//! two handles on one room as of two processes.

use std::{
    io::Read,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use strongroom::room::{
    AccountState, Answer, Kind, Purpose, RegisterError, Registration, Room, StaffError, Why, WriteError,
    verify,
};

use super::{Jane, SCAN, close, erase, pay, support};
use crate::{
    scene::{on, staff},
    world::{JANE, PASSWORD, START, secret},
};

/// The kinds by which a request about somebody who is going may fail.
pub(super) fn bearable(kind: Kind) -> bool {
    matches!(kind, Kind::Erased | Kind::NotFound | Kind::Denied | Kind::Conflict | Kind::Busy)
}

#[test]
fn nobody_sees_half_an_erasure() {
    let jane = Jane::new();
    let (first, second) = (&jane.world.room, &jane.world.again());
    let (account, over, read) = (jane.account(), AtomicBool::new(false), AtomicUsize::new(0));
    close(first, account);
    std::thread::scope(|scope| {
        for reader in 0..16 {
            let room = if reader % 2 == 0 { first } else { second };
            let (jane, over, read) = (&jane, &over, &read);
            scope.spawn(move || {
                let sam = staff(room, "sam");
                loop {
                    let last = over.load(Ordering::SeqCst);
                    let account = sam.account(jane.account(), &support());
                    let ticket = sam.ticket(jane.ticket, &on(jane.ticket));
                    let scan = sam.attachment(jane.scan, &on(jane.ticket)).map(|mut view| {
                        let mut bytes = Vec::new();
                        view.content.read_to_end(&mut bytes).map(|_| assert!(bytes == SCAN))
                    });
                    for (what, answer) in [
                        ("account", account.map(drop)),
                        ("ticket", ticket.map(drop)),
                        ("scan", scan.map(drop)),
                    ] {
                        match answer {
                            Ok(()) => assert!(!last, "{what} after the erasure"),
                            Err(e) => assert!(bearable(e.kind()), "{what}: {e}"),
                        }
                    }
                    read.fetch_add(1, Ordering::SeqCst);
                    if last {
                        return;
                    }
                }
            });
        }
        while read.load(Ordering::SeqCst) < 16 {
            std::thread::yield_now();
        }
        let receipt = erase(first, account).unwrap();
        assert_eq!(receipt.probe.left, []);
        over.store(true, Ordering::SeqCst);
    });
    let verified = verify(&jane.world.path(), None, |_| {}).unwrap();
    assert!(verified.is_sound(), "{:?}", verified.report.faults);
}

/// An upload that ends after the erasure: a source that erases before it gives its last byte.
struct Slow<'a> {
    room: &'a Room,
    jane: &'a Jane,
    left: usize,
}

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 1 {
            close(self.room, self.jane.account());
            erase(self.room, self.jane.account()).unwrap();
        }
        let given = usize::from(self.left > 0);
        self.left -= given;
        buffer[..given].fill(7);
        Ok(given)
    }
}

fn blobs(jane: &Jane) -> usize {
    let directories = std::fs::read_dir(jane.world.path().join("store/blobs")).unwrap();
    directories.map(|directory| std::fs::read_dir(directory.unwrap().path()).unwrap().count()).sum()
}

#[test]
fn an_upload_that_ends_after_the_erasure_leaves_nothing() {
    for by_staff in [false, true] {
        let jane = Jane::new();
        let other = jane.world.again();
        let source = Slow { room: &other, jane: &jane, left: 3 };
        let kind = if by_staff {
            let sam = staff(&jane.world.room, "sam");
            sam.attach(jane.ticket, "late.pdf", "application/pdf", source, &on(jane.ticket))
                .unwrap_err()
                .kind()
        } else {
            let owner = jane.world.room.owner(&jane.owner);
            owner.attach(jane.ticket, "late.pdf", "application/pdf", source).unwrap_err().kind()
        };
        assert!(bearable(kind), "{kind:?}");
        assert_eq!(blobs(&jane), 0);
        jane.world.again();
    }
}

#[test]
fn nothing_is_written_behind_the_fence() {
    let jane = Jane::new();
    let room = &jane.world.room;
    jane.erase();
    let owner = room.owner(&jane.owner);
    assert!(matches!(owner.open_ticket("Late", "Late."), Err(WriteError::SessionEnded)));
    assert!(owner.write(jane.ticket, "Late.").is_err());
    let sam = staff(room, "sam");
    assert!(bearable(sam.reply(jane.ticket, "Late.", &on(jane.ticket)).unwrap_err().kind()));
    let paid = pay(room, jane.account(), jane.ticket, START).unwrap_err();
    assert!(matches!(paid, StaffError::Denied { .. } | StaffError::Erased { .. }), "{paid}");
    let why = Why::purpose(Purpose::SupportRequest).because("She came again.");
    assert!(matches!(sam.account(jane.account(), &why), Err(StaffError::Erased { .. })));
    let sql = rusqlite::Connection::open(jane.world.path().join("store/store.db")).unwrap();
    let id = crate::dba::bytes(jane.account());
    for (table, column) in [
        ("activity", "account"),
        ("ticket", "account"),
        ("attachment", "account"),
        ("audit_detail", "owner"),
        ("credential", "owner"),
    ] {
        let count = format!("SELECT count(*) FROM {table} WHERE {column} = ?1");
        assert_eq!(sql.query_row(&count, [&id], |row| row.get::<_, i64>(0)).unwrap(), 0, "{table}");
    }
    let sql = rusqlite::Connection::open(jane.world.path().join("keyring/keyring.db")).unwrap();
    let minted = "INSERT INTO data_key SELECT class, scope_kind, owner, period, 2, 1, zeroblob(73), check_value, NULL \
                  FROM data_key WHERE owner = ?1 AND class = 1";
    assert!(sql.execute(minted, [&id]).unwrap_err().to_string().contains("erased"));
}

/// Sixty-four at once, in two handles: logins and registrations of the address while its account is erased.
#[test]
fn whoever_comes_with_the_address_meanwhile_is_somebody_else_or_too_early() {
    let jane = Jane::new();
    let (first, second) = (&jane.world.room, &jane.world.again());
    let before = jane.account();
    close(first, before);
    let came = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for caller in 0..64 {
            let room = if caller % 2 == 0 { first } else { second };
            let came = &came;
            scope.spawn(move || {
                if caller % 8 == 0 {
                    let registration = Registration { email: JANE, name: None, password: &secret(PASSWORD) };
                    match room.register(&registration) {
                        Ok(new) => came.lock().unwrap().push(new.account),
                        Err(RegisterError::AddressTaken) => {}
                        Err(e) => assert!(bearable(e.kind()), "{e}"),
                    }
                } else if let Ok(Answer::Granted(_)) = room.login(JANE, &secret("not her password at all")) {
                    panic!("an erased customer is let in");
                }
            });
        }
        scope.spawn(|| assert_eq!(erase(first, before).unwrap().probe.left, []));
    });
    let came = came.into_inner().unwrap();
    assert!(came.len() <= 1 && !came.contains(&before), "{came:?}");
    assert_eq!(first.account_seals(before).unwrap().state, AccountState::Erased);
    let found = staff(second, "sam").find(JANE, &support());
    match came.first() {
        Some(new) => assert_eq!(found.unwrap(), *new),
        None => assert!(matches!(found, Err(StaffError::NotFound))),
    }
    let sql = rusqlite::Connection::open(jane.world.path().join("store/store.db")).unwrap();
    let left = "SELECT count(*) FROM activity WHERE account = ?1";
    let left: i64 = sql.query_row(left, [crate::dba::bytes(before)], |row| row.get(0)).unwrap();
    assert_eq!(left, 0, "no failed login of hers stands behind the fence");
}

/// Two handles finish one erasure: it is done once.
#[test]
fn two_who_erase_the_same_account_are_done_once() {
    let jane = Jane::new();
    let (first, second) = (&jane.world.room, &jane.world.again());
    let account = jane.account();
    close(first, account);
    let done: Vec<_> = std::thread::scope(|scope| {
        let both = [first, second].map(|room| scope.spawn(move || erase(room, account)));
        both.map(|thread| thread.join().unwrap()).into()
    });
    let receipts: Vec<_> = done.iter().flatten().collect();
    assert!(!receipts.is_empty());
    for receipt in &receipts {
        assert_eq!((receipt.probe.left.len(), receipt.done), (0, receipts[0].done));
    }
    for error in done.iter().filter_map(|done| done.as_ref().err()) {
        assert!(bearable(error.kind()), "{error}");
    }
    let ledger = std::fs::read_to_string(jane.world.path().join("outside/erasure.ledger")).unwrap();
    assert_eq!(ledger.lines().count(), 6);
    jane.world.again();
}
