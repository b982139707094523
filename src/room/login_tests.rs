//! A denied login takes the same steps whoever it is for: there is nothing to measure that tells names apart.

use super::Answer;
use crate::{
    base::{AccountId, SecretText, steps},
    room::{CaseRef, Purpose, Registration, Room, Why, test_room},
};

const PASSWORD: &str = "violet kettle sings at noon";

fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

fn customer(room: &Room, email: &str) -> AccountId {
    room.register(&Registration { email, name: None, password: &secret(PASSWORD) }).unwrap().account
}

fn close(room: &Room, email: &str) {
    let Some(granted) = room.login(email, &secret(PASSWORD)).unwrap().complete() else { panic!("denied") };
    room.owner(&granted.owner).close(&secret(PASSWORD)).unwrap();
}

#[test]
fn a_denied_login_takes_the_same_steps_for_everybody() {
    let directory = tempfile::tempdir().unwrap();
    let room = test_room::demo(directory.path());
    customer(&room, "jane@example.com");
    customer(&room, "clara@example.com");
    let edgar = customer(&room, "edgar@example.com");
    close(&room, "clara@example.com");
    close(&room, "edgar@example.com");
    let priya = room.staff(&room.assume("priya").unwrap().token);
    let why = Why::purpose(Purpose::DataSubjectRequest);
    let case = priya.open_case(Some(edgar), &why).unwrap();
    drop(priya.erase_account(edgar, &why.case(CaseRef::Case(case))).unwrap());

    let denied = |email: &str, password: &str| {
        steps::of(|| assert!(matches!(room.login(email, &secret(password)).unwrap(), Answer::Denied)))
    };
    let wrong = denied("jane@example.com", "not her password at all");
    assert_eq!(wrong.iter().filter(|step| **step == "verify").count(), 1, "{wrong:?}");
    for (email, password) in [
        ("nobody@example.com", PASSWORD),
        ("clara@example.com", PASSWORD),
        ("clara@example.com", "not her password at all"),
        ("edgar@example.com", PASSWORD),
        ("no address", PASSWORD),
    ] {
        assert_eq!(denied(email, password), wrong, "{email}");
    }
}
