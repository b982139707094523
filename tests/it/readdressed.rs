//! An address changes while somebody else comes with the same one, and the power is cut: at any moment one address leads
//! to the account, the one that it had or the one that it was to have.

use std::{error::Error, path::Path, sync::Barrier, thread};

use strongroom::room::{CodeError, Proof, RegisterError, Registration, Room, verify};

use crate::{
    post::sent,
    powercut::{Ack, Child, Policy, Scenario, Verdict, scenario},
    workload::{CUSTOMERS, login, open, prepare},
    world::{PASSWORD, secret},
};

const MOVING: Scenario = scenario("an address is changed and registered at once", moves_and_comes);

/// For [`crate::powercut`].
pub const SCENARIOS: &[Scenario] = &[MOVING];

const WANTED: usize = 4;

fn wanted(number: usize) -> String {
    format!("wanted.{number}@example.com")
}

/// Changes the first customer's address; whether it is his now.
fn moves(room: &Room, from: &str, to: &str, meet: &Barrier) -> Result<bool, Box<dyn Error>> {
    let owner = login(room, from)?;
    let asked = room.owner(&owner).ask_address(&secret(PASSWORD), to)?;
    meet.wait();
    match room.confirm_address(&Proof::Link(sent(&asked).1)) {
        Ok(_) => Ok(true),
        Err(CodeError::AddressTaken | CodeError::Code) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

fn comes(room: &Room, email: &str) -> Result<bool, Box<dyn Error>> {
    match room.register(&Registration { email, name: None, password: &secret(PASSWORD) }) {
        Ok(_) => Ok(true),
        Err(RegisterError::AddressTaken) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

/// Who has what: `m` and `r` stand for the one who moves and the one who registers.
fn moves_and_comes(root: &Path, ack: &Ack) -> Verdict {
    let (one, two, meet) = (open(root)?, open(root)?, Barrier::new(2));
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..WANTED {
                meet.wait();
                if comes(&two, &wanted(number)).unwrap() {
                    ack.done(format!("r{}", wanted(number)));
                }
            }
        });
        let mut has = CUSTOMERS[0].to_owned();
        for number in 0..WANTED {
            if moves(&one, &has, &wanted(number), &meet).unwrap() {
                has = wanted(number);
                ack.done(format!("m{has}"));
            }
        }
    });
    Ok(())
}

/// One address leads to who moves, and it is not before the last that he was told is his; who registered has his own.
fn has_one(root: &Path, acked: &[Vec<u8>]) -> Verdict {
    let room = open(root)?;
    let told: Vec<_> = acked.iter().map(|told| std::str::from_utf8(told).unwrap()).collect();
    let last = told.iter().rev().find_map(|told| told.strip_prefix('m')).unwrap_or(CUSTOMERS[0]);
    let all: Vec<_> = std::iter::once(CUSTOMERS[0].to_owned()).chain((0..WANTED).map(wanted)).collect();
    let moved = moved(root)?;
    let mut leading = Vec::new();
    for email in &all {
        let found = room.find(email)?;
        if found.is_some_and(|account| account.to_string() == moved) {
            leading.push(email);
        }
        if told.contains(&format!("r{email}").as_str()) && login(&room, email)?.account().to_string() == moved
        {
            return Err(format!("{email} is another's").into());
        }
    }
    let [email] = leading.as_slice() else { return Err(format!("lost: {leading:?} lead to him").into()) };
    if all.iter().position(|one| one == *email) < all.iter().position(|one| one == last) {
        return Err(format!("lost: he was told {last}, and has {email}").into());
    }
    assert_eq!(login(&room, email)?.account().to_string(), moved);
    // Whoever comes now comes in, or is told whose it is: no claim stands in anybody's way for good.
    for email in &all {
        comes(&room, email)?;
        login(&room, email)?;
    }
    drop(room);
    let verified = verify(&root.join("room"), None, |_| {})?;
    if verified.is_sound() { Ok(()) } else { Err(format!("unsound: {:?}", verified.report.faults).into()) }
}

/// The one who moves: the first account that was made.
fn moved(root: &Path) -> Result<String, Box<dyn Error>> {
    let store = rusqlite::Connection::open(root.join("room/store/store.db"))?;
    let first = "SELECT id FROM account ORDER BY rowid LIMIT 1";
    let id: Vec<u8> = store.query_row(first, [], |row| row.get(0))?;
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    Ok(Base64UrlUnpadded::encode_string(&id))
}

#[test]
fn no_cut_of_a_change_of_address_leaves_an_account_without_one() {
    let run = Child::new(MOVING).prepared(prepare).record();
    run.cuts(40, 53, &Policy::honest(), has_one).assert_none();
}
