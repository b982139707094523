//! The power is cut while customers register and a machine delivers: no account is without its letter, no letter without
//! its account, and none that was acknowledged comes back.

use std::{collections::BTreeSet, path::Path, time::Duration};

use strongroom::room::{
    AccountId, Clock, NoticeKind, Page, Receiver, Registration, Retry, Room, RoomKind, Time, verify,
};

use crate::{
    post::{emptied, unstated},
    powercut::{Ack, Child, Policy, Scenario, Verdict, scenario},
    scene::staff,
    workload::entries,
    world::{PASSWORD, START, ceremony, options, secret},
};

const DELIVERING: Scenario = scenario("customers register and a machine delivers", delivering);

/// For [`crate::powercut`].
pub const SCENARIOS: &[Scenario] = &[DELIVERING];

const LEASE: Duration = Duration::from_secs(300);
const CUSTOMERS: u32 = 24;

fn open(root: &Path, now: Time) -> Room {
    options(&root.join("room"), &Clock::manual(now)).open().unwrap()
}

/// A room without customers, whose machine has nothing to deliver.
fn prepare(root: &Path) {
    let options = options(&root.join("room"), &Clock::manual(START));
    let room = Room::init(options, &ceremony(RoomKind::Demo)).unwrap().room;
    drop(emptied(&room));
}

/// Of three letters the machine keeps one, gives one back, and delivers one.
fn delivering(root: &Path, ack: &Ack) -> Verdict {
    let room = open(root, START);
    let robot = staff(&room, "robot");
    let password = secret(PASSWORD);
    for number in 0..CUSTOMERS {
        let email = format!("customer.{number}@example.com");
        let account =
            room.register(&Registration { email: &email, name: None, password: &password })?.account;
        ack.done(format!("registered {account}"));
        for one in robot.claim(10, LEASE, &unstated())? {
            ack.done(format!("claimed {account}"));
            match number % 3 {
                0 => {}
                1 => robot.nack(&one.lease, Retry::Later, &unstated())?,
                _ => {
                    ack.done(format!("sending {account}"));
                    robot.ack(&one.lease, &unstated())?;
                    ack.done(format!("sent {account}"));
                }
            }
        }
    }
    Ok(())
}

/// Every account that there is.
fn accounts(root: &Path) -> Result<BTreeSet<AccountId>, rusqlite::Error> {
    let store = rusqlite::Connection::open(root.join("room/store/store.db"))?;
    let mut all = store.prepare("SELECT id FROM account")?;
    all.query_map([], |row| row.get(0).map(AccountId::from_bytes))?.collect()
}

/// Whom the outbox has to be told that he has registered.
fn waiting(room: &Room) -> Vec<AccountId> {
    let rows = room.outbox_rows(false, &Page::first(500)).unwrap().unwrap().rows.into_iter();
    let letters = rows.filter(|row| row.kind == NoticeKind::Registered);
    letters
        .map(|row| match row.to {
            Receiver::Account(account) => account,
            Receiver::Principal(_) => panic!("a colleague registers"),
        })
        .collect()
}

fn holds(root: &Path, acked: &[Vec<u8>]) -> Verdict {
    let said: Vec<_> = acked.iter().map(|said| std::str::from_utf8(said).unwrap()).collect();
    let of = |word: &str| -> BTreeSet<AccountId> {
        let of_it = said.iter().filter_map(|said| said.strip_prefix(word)?.strip_prefix(' '));
        of_it.map(|account| account.parse().unwrap()).collect()
    };
    let room = open(root, START.plus(LEASE));
    let (accounts, letters) = (accounts(root)?, waiting(&room));
    let waiting: BTreeSet<_> = letters.iter().copied().collect();
    let fault = |what: &str, whose: Vec<&AccountId>| match whose.first() {
        Some(account) => Err(format!("{what}: {account}")),
        None => Ok(()),
    };
    fault("lost an account", of("registered").difference(&accounts).collect())?;
    fault("a letter without its account", waiting.difference(&accounts).collect())?;
    let told = &waiting | &of("sending");
    fault("an account without its letter", accounts.difference(&told).collect())?;
    fault("a letter that was acknowledged is back", of("sent").intersection(&waiting).collect())?;
    let log = entries(&room)?;
    let is_recorded = |account: &&AccountId| {
        let account = account.to_string();
        log.iter().any(|line| line.contains("outbox.claimed") && line.contains(&account))
    };
    fault(
        "a claim without its entry",
        of("claimed").iter().filter(|account| !is_recorded(account)).collect(),
    )?;

    // Who held a letter is gone: another machine has them all, each with the address of its account.
    let claimed = staff(&room, "robot").claim(100, LEASE, &unstated())?;
    if claimed.len() != letters.len() {
        return Err(format!("{} of {} letters are claimed", claimed.len(), letters.len()).into());
    }
    for one in claimed {
        let address = one.address.ok_or("a letter without an address")?;
        let leads_to = room.find(address.expose().as_str())?;
        if leads_to.map(Receiver::Account) != Some(one.delivery.to) {
            return Err(format!("another's address: {leads_to:?}").into());
        }
    }
    drop(room);
    let verified = verify(&root.join("room"), None, |_| {})?;
    if verified.is_sound() { Ok(()) } else { Err(format!("unsound: {:?}", verified.report.faults).into()) }
}

fn no_cut_parts(cuts: usize, seed: u64) {
    let run = Child::new(DELIVERING).prepared(prepare).record();
    let mut kept = Vec::new();
    let failures = run.cuts(cuts, seed, &Policy::honest(), |disk, acked| {
        kept.push(acked.len());
        holds(disk, acked)
    });
    failures.assert_none();
    let (most, early) = (kept.iter().max(), kept.iter().filter(|acked| **acked < 40).count());
    assert!(most.is_some_and(|most| *most > 40) && early > cuts / 8, "cuts everywhere: {kept:?}");
}

#[test]
fn no_cut_parts_an_account_from_its_letter() {
    no_cut_parts(24, 1);
}

#[test]
#[ignore = "200 cuts, each with a room to be opened and verified: minutes"]
fn no_cut_of_two_hundred_parts_an_account_from_its_letter() {
    no_cut_parts(200, 2);
}
