//! Asking for a new password, and trying codes for one, takes the same steps whoever has the address.

use crate::{
    base::{SecretText, steps},
    room::{CodesTo, Proof, Registration, Room, RoomOptions, test_room},
};

const PASSWORD: &str = "violet kettle sings at noon";

fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

fn room(directory: &tempfile::TempDir, codes_to: CodesTo) -> Room {
    drop(test_room::demo(directory.path()));
    let options = RoomOptions { codes_to, ..test_room::options(directory.path()) };
    let room = options.open().unwrap_or_else(|e| panic!("{e}"));
    for email in ["jane@example.com", "clara@example.com"] {
        room.register(&Registration { email, name: None, password: &secret(PASSWORD) }).unwrap();
    }
    let clara = room.login("clara@example.com", &secret(PASSWORD)).unwrap().complete().unwrap();
    room.owner(&clara.owner).close(&secret(PASSWORD)).unwrap();
    room
}

#[test]
fn a_forgotten_password_takes_the_same_steps_for_everybody() {
    for codes_to in [CodesTo::Outbox, CodesTo::Asker] {
        forgotten(codes_to);
    }
}

fn forgotten(codes_to: CodesTo) {
    let directory = tempfile::tempdir().unwrap();
    let room = room(&directory, codes_to);
    let ask = |email: &str| {
        let mut asked = None;
        let taken = steps::of(|| asked = room.ask_reset(email).ok());
        (asked.unwrap(), taken)
    };
    let (jane, known) = ask("jane@example.com");
    let is_posted = known.contains(&"outbox.insert");
    assert_eq!((is_posted, jane.unsent.is_empty()), (codes_to == CodesTo::Outbox, is_posted), "{known:?}");
    let guess = |handle: &SecretText| {
        let (code, new) = (secret("12345678"), secret("nine brass lanterns in a row"));
        steps::of(|| assert!(room.reset(&Proof::Code { handle, code: &code }, &new).is_err()))
    };
    let guessed = guess(&jane.handle);
    for email in ["nobody@example.com", "clara@example.com", "no address"] {
        let (asked, taken) = ask(email);
        assert!(asked.unsent.is_empty());
        assert_eq!(taken, known, "{email}");
        assert_eq!(guess(&asked.handle), guessed, "{email}");
    }
}

#[test]
fn a_registration_takes_the_same_steps_for_everybody() {
    let directory = tempfile::tempdir().unwrap();
    let room = room(&directory, CodesTo::Outbox);
    let sign_up = |email: &str| {
        let registration = Registration { email, name: None, password: &secret(PASSWORD) };
        steps::of(|| drop(room.sign_up(&registration).unwrap()))
    };
    let invite = |email: &str| steps::of(|| drop(room.invite(email, None).unwrap()));
    let (registered, invited) = (sign_up("new@example.com"), invite("new@example.com"));
    for email in ["jane@example.com", "clara@example.com"] {
        assert_eq!(sign_up(email), registered, "{email}");
        assert_eq!(invite(email), invited, "{email}");
    }
}
