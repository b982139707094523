//! Two who come with one address at once, step by step.

use super::{Belongings, Newcomer, Prepared, Standing};
use crate::{
    audit::{Actor, Data},
    base::{AccountId, SecretText},
    password::{NewPassword, Record},
    room::error::Failure,
    room::{Letter, Proof, Registration, Room, test_room},
    seal::{Email, Name},
    store::LogTurn,
};

const EMAIL: &str = "jane@example.com";

fn claimed(room: &Room, newcomer: &Newcomer) -> Vec<Prepared> {
    let prepared = room.core.prepare(newcomer, None).ok().unwrap();
    room.core.claim_all(vec![prepared]).ok().unwrap()
}

fn stored(room: &Room, claimed: &[Prepared]) -> Vec<AccountId> {
    room.core.store(claimed, nothing, record).ok().unwrap()
}

fn standing(room: &Room, newcomer: &Newcomer) -> Standing {
    room.core.standing(&newcomer.indexes).ok().unwrap()
}

fn two_rooms() -> (tempfile::TempDir, [Room; 2]) {
    let directory = tempfile::tempdir().unwrap();
    let made = test_room::demo(directory.path());
    let again = test_room::options(directory.path()).open().unwrap_or_else(|e| panic!("{e}"));
    (directory, [made, again])
}

fn newcomer(room: &Room, email: &str) -> Newcomer {
    let password = SecretText::new("violet kettle sings at noon".to_owned());
    let password = NewPassword::accept(&password, &[]).ok().unwrap();
    let record = Record::hash(&password, &room.core.settings.passwords).ok().unwrap();
    let name = Some(Name::new("Jane Doe".to_owned()));
    let with =
        Belongings { email: Email::new(email.to_owned()), name, record, created: None, cards_masked: 0 };
    room.core.newcomer(&SecretText::new(email.to_owned()), with).ok().unwrap()
}

fn record(_: &[&Prepared]) -> (Data, Actor) {
    (Data::AccountRegistered { cards_masked: 0 }, Actor::System)
}

fn nothing(_: &mut LogTurn<'_>) -> Result<(), Failure> {
    Ok(())
}

/// The first claims and is slow, or crashes: the second takes the claim, and comes in; the first is too late then.
#[test]
fn of_one_claim_there_is_one_account() {
    let (_directory, [one, two]) = two_rooms();
    let (first, mut second) = (newcomer(&one, EMAIL), newcomer(&two, EMAIL));
    let claimed = claimed(&one, &first);
    assert!(matches!(standing(&two, &second), Standing::Claim(_)));
    let came = two.core.admit(std::slice::from_mut(&mut second), record).ok().unwrap();
    assert_eq!(came, [true]);
    assert_eq!(second.id, first.id, "the claim's account");
    let size = one.log_size().unwrap();
    assert_eq!(stored(&one, &claimed), []);
    assert_eq!(one.log_size().unwrap(), size, "an entry of nothing");
    one.core.go_live(claimed.iter()).ok().unwrap();
    assert_eq!(one.find(EMAIL).unwrap(), Some(first.id));
    assert!(one.account_seals(first.id).is_ok());
}

/// The first is faster than the second, who has taken the same claim.
#[test]
fn who_takes_a_claim_of_somebody_on_his_way_may_find_him_there() {
    let (_directory, [one, two]) = two_rooms();
    let (first, mut second) = (newcomer(&one, EMAIL), newcomer(&two, EMAIL));
    let claimed = claimed(&one, &first);
    let Standing::Claim(row) = standing(&two, &second) else { panic!("no claim") };
    second.id = first.id;
    let shared = two.core.prepare_claimed(&second, row.nonce).ok().unwrap();
    let shared = two.core.claim_all(vec![shared]).ok().unwrap();
    assert_eq!(stored(&one, &claimed), [first.id]);
    assert_eq!(stored(&two, &shared), []);
    // The first crashes here: the account is there, and its address leads to it.
    assert_eq!(two.find(EMAIL).unwrap(), Some(first.id));
    let again = two.core.admit(std::slice::from_mut(&mut second), record).ok().unwrap();
    assert_eq!(again, [false], "the address is taken");
}

/// Who has an account, and the link that he is sent to confirm that this address is to be his.
fn moving(room: &Room) -> (AccountId, SecretText) {
    let password = SecretText::new("violet kettle sings at noon".to_owned());
    let registration = Registration { email: "old@example.com", name: None, password: &password };
    let account = room.register(&registration).unwrap().account;
    let login = room.login("old@example.com", &password).unwrap().complete().unwrap();
    let asked = room.owner(&login.owner).ask_address(&password, EMAIL).unwrap();
    match asked.unsent.into_iter().next().unwrap().letter {
        Letter::Code { link, .. } => (account, link),
        Letter::Notice { .. } => panic!("no code"),
    }
}

/// A registration has claimed the address and is slow, or crashes, and somebody with an account confirms that address.
#[test]
fn a_registration_that_broke_off_gives_way_to_who_reads_the_mail() {
    let (_directory, [one, two]) = two_rooms();
    let newcomer = newcomer(&two, EMAIL);
    let claimed = claimed(&two, &newcomer);
    let (account, link) = moving(&one);
    assert_eq!(one.confirm_address(&Proof::Link(&link)).unwrap(), account);
    assert_eq!(two.find(EMAIL).unwrap(), Some(account));
    assert_eq!(stored(&two, &claimed), [], "it comes too late");
    assert_eq!(two.find(EMAIL).unwrap(), Some(account));
    assert!(two.account_seals(newcomer.id).is_err());
}

/// Who was to take the claim crashes before he has it: it is not taken as it is, because nobody comes in by it any more.
#[test]
fn a_claim_that_gave_way_to_nobody_is_anybodys() {
    let (_directory, [one, two]) = two_rooms();
    let (first, mut second) = (newcomer(&two, EMAIL), newcomer(&one, EMAIL));
    claimed(&two, &first);
    let Standing::Claim(claim) = standing(&one, &first) else { panic!("no claim") };
    assert!(one.core.gives_way(&claim).ok().unwrap());
    assert!(matches!(standing(&two, &first), Standing::Left(_)));
    assert_eq!(one.core.admit(std::slice::from_mut(&mut second), record).ok().unwrap(), [true]);
    assert_ne!(second.id, first.id);
    assert_eq!(two.find(EMAIL).unwrap(), Some(second.id));
}
