//! Two who want one address at once, and crashes between the databases, step by step: at each of them an account is found
//! by one address, the one that it had or the one that it is to have.

use super::{Change, CodeError};
use crate::{
    access::{
        Vouched,
        rows::{ChallengeRow, Topic},
    },
    base::{AccountId, SecretText},
    room::{Letter, Proof, RegisterError, Registration, Room, newcomers::Standing, test_room},
    store::keyring,
};

const PASSWORD: &str = "violet kettle sings at noon";
const JANE: &str = "jane@example.com";
const NEW: &str = "jane.new@example.com";
const THIRD: &str = "jane.third@example.com";

fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

/// Two programs in one room, and a customer.
struct Two {
    _directory: tempfile::TempDir,
    one: Room,
    two: Room,
    jane: AccountId,
}

impl Two {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let one = test_room::demo(directory.path());
        let two = test_room::options(directory.path()).open().unwrap_or_else(|e| panic!("{e}"));
        let jane = register(&one, JANE).unwrap();
        Self { _directory: directory, one, two, jane }
    }

    /// What she is sent to confirm an address.
    fn asked(&self, email: &str) -> SecretText {
        let hers = [JANE, NEW].into_iter().find(|email| self.one.find(email).unwrap() == Some(self.jane));
        self.asked_by(hers.unwrap(), email)
    }

    /// What whoever has an address is sent to confirm another.
    fn asked_by(&self, who: &str, email: &str) -> SecretText {
        let login = self.one.login(who, &secret(PASSWORD)).unwrap().complete().unwrap();
        let asked = self.one.owner(&login.owner).ask_address(&secret(PASSWORD), email).unwrap();
        match asked.unsent.into_iter().next().unwrap().letter {
            Letter::Code { link, .. } => link,
            Letter::Notice { .. } => panic!("no code"),
        }
    }

    fn shown(&self, link: &SecretText) -> Vouched<ChallengeRow> {
        self.one.core.proved(&Proof::Link(link), Topic::Address).unwrap()
    }

    /// The first steps of confirming: the address is claimed, and nothing else has happened.
    fn claimed(&self, link: &SecretText) -> (Vouched<ChallengeRow>, Change) {
        let shown = self.shown(link);
        let change = self.one.core.claimed_address(&shown).unwrap();
        (shown, change)
    }

    /// She is found by this address and by no other, in either program and by who logs in.
    #[track_caller]
    fn has(&self, email: &str) {
        for room in [&self.one, &self.two] {
            for other in [JANE, NEW, THIRD] {
                let found = room.find(other).unwrap() == Some(self.jane);
                assert_eq!(found, other == email, "`{other}` leads to her");
            }
        }
        let login = self.two.login(email, &secret(PASSWORD)).unwrap().complete().unwrap();
        assert_eq!(login.owner.account(), self.jane);
        assert_eq!(self.two.owner(&login.owner).profile().unwrap().email.expose().as_str(), email);
    }
}

fn register(room: &Room, email: &str) -> Result<AccountId, RegisterError> {
    let registration = Registration { email, name: None, password: &secret(PASSWORD) };
    room.register(&registration).map(|registered| registered.account)
}

#[test]
fn who_takes_a_claim_leaves_the_other_the_address_that_she_had() {
    let two = Two::new();
    let (shown, change) = two.claimed(&two.asked(NEW));
    two.has(JANE);
    let other = register(&two.two, NEW).unwrap();
    two.has(JANE);
    assert!(matches!(two.one.core.store_address(&shown, &change), Err(CodeError::Code)));
    two.has(JANE);
    assert_eq!(two.one.find(NEW).unwrap(), Some(other));
}

#[test]
fn an_address_that_a_row_repeats_is_nobody_elses() {
    let two = Two::new();
    let (shown, change) = two.claimed(&two.asked(NEW));
    let others = two.one.core.store_address(&shown, &change).unwrap();
    two.has(NEW);
    assert!(matches!(register(&two.two, NEW), Err(RegisterError::AddressTaken)));
    two.has(NEW);
    two.one.core.settle_address(&change, &others).unwrap();
    two.has(NEW);
    assert_ne!(register(&two.two, JANE).unwrap(), two.jane);
    two.has(NEW);
}

/// The taker has seen the claim, and the other's row is first.
#[test]
fn a_claim_gives_way_to_nobody_once_a_row_repeats_it() {
    let two = Two::new();
    let (shown, change) = two.claimed(&two.asked(NEW));
    let indexes = [change.claim.unwrap()];
    let Standing::Left(claim) = two.two.core.standing(&indexes).unwrap() else { panic!("no claim") };
    two.one.core.store_address(&shown, &change).unwrap();
    assert!(!two.two.core.gives_way(&claim).unwrap());
    two.has(NEW);
}

#[test]
fn one_code_confirmed_twice_at_once_changes_the_address_once() {
    let two = Two::new();
    let link = two.asked(NEW);
    let ((shown, first), (again, second)) = (two.claimed(&link), two.claimed(&link));
    let others = two.one.core.store_address(&again, &second).unwrap();
    two.has(NEW);
    assert!(matches!(two.one.core.store_address(&shown, &first), Err(CodeError::Code)));
    two.has(NEW);
    two.one.core.settle_address(&second, &others).unwrap();
    two.has(NEW);
}

/// Each stops before its last step, as by a crash.
#[test]
fn back_to_an_address_whose_index_a_crash_left() {
    let two = Two::new();
    let (shown, change) = two.claimed(&two.asked(NEW));
    two.one.core.store_address(&shown, &change).unwrap();
    two.has(NEW);
    let (shown, back) = two.claimed(&two.asked(JANE));
    two.has(NEW);
    let others = two.one.core.store_address(&shown, &back).unwrap();
    two.has(JANE);
    two.one.core.settle_address(&back, &others).unwrap();
    two.has(JANE);
    assert_ne!(register(&two.two, NEW).unwrap(), two.jane);
}

/// The first is slow in its last step, and the second crashes before its own.
#[test]
fn a_late_last_step_takes_no_later_address_away() {
    for is_settled in [false, true] {
        let two = Two::new();
        let (shown, first) = two.claimed(&two.asked(NEW));
        let gone = two.one.core.store_address(&shown, &first).unwrap();
        let (shown, second) = two.claimed(&two.asked(THIRD));
        let others = two.one.core.store_address(&shown, &second).unwrap();
        if is_settled {
            two.one.core.settle_address(&second, &others).unwrap();
            let late = two.one.core.settle_address(&first, &gone);
            assert!(matches!(late, Err(CodeError::Changed)));
        } else {
            two.one.core.settle_address(&first, &gone).unwrap();
        }
        two.has(THIRD);
    }
}

/// As the program of the first release takes claims, in the same room.
#[test]
fn who_loses_his_claim_all_the_same_keeps_what_he_had() {
    let two = Two::new();
    let (shown, change) = two.claimed(&two.asked(NEW));
    let others = two.one.core.store_address(&shown, &change).unwrap();
    let claim = change.claim.unwrap();
    two.two.core.give_up_claim(&claim, change.to.nonce, None).unwrap();
    let lost = two.one.core.settle_address(&change, &others);
    assert!(matches!(lost, Err(CodeError::AddressTaken)));
    two.has(JANE);
}

#[test]
fn a_claim_that_was_left_is_carried_out_by_the_same_code() {
    let two = Two::new();
    let link = two.asked(NEW);
    let (_, left) = two.claimed(&link);
    two.two.confirm_address(&Proof::Link(&link)).unwrap();
    two.has(NEW);
    let index = left.claim.unwrap();
    let row = two.one.core.vault.database.read(|db| keyring::index(db, &index)).unwrap();
    assert!(row.unwrap().live);
}

#[test]
fn a_claim_that_was_left_is_taken_by_who_reads_the_mail_now() {
    let two = Two::new();
    let joe = register(&two.one, "joe@example.com").unwrap();
    drop(two.claimed(&two.asked(NEW)));
    let link = two.asked_by("joe@example.com", NEW);
    assert_eq!(two.two.confirm_address(&Proof::Link(&link)).unwrap(), joe);
    assert_eq!(two.one.find(NEW).unwrap(), Some(joe));
    two.has(JANE);
}
