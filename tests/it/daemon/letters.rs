//! Codes and links over the socket: whoever was sent one shows it there, and nobody has one made there.

use std::{fs, os::unix::fs::PermissionsExt};

use strongroom::room::{Receiver, Registration};

use super::Served;
use crate::{
    disk::Census,
    post::{delivery, posted, sent},
    world::{JANE, PASSWORD, secret},
};

/// Anybody may connect: a code that is made for him would be the key to anybody's account.
#[test]
fn nobody_has_a_code_or_a_link_made_over_the_socket() {
    let served = Served::new();
    served.world.customer(JANE);
    let before = Census::of(&served.world.path());
    for words in [
        &["account", "reset", "ask", JANE][..],
        &["account", "signup", "new@example.com"],
        &["account", "invite", "new@example.com"],
        &["account", "address", "ask", "new@example.com"],
    ] {
        let mut line = served.line();
        line.hello();
        let ended = line.call(words);
        assert_eq!((ended.exit, ended.output.as_str()), (3, ""), "{words:?}: {}", ended.error);
        assert!(ended.error.contains("not done over the socket"), "{words:?}: {}", ended.error);
    }
    let after = Census::of(&served.world.path());
    assert_eq!(after.rows("challenge"), before.rows("challenge"));
    assert_eq!(after.rows("activity"), before.rows("activity"));
}

#[test]
fn whoever_was_sent_a_link_shows_it_over_the_socket() {
    let served = Served::new();
    let password = secret(PASSWORD);
    let registration = Registration { email: JANE, name: None, password: &password };
    let asked = posted(&served.world.room, served.world.room.sign_up(&registration).unwrap());
    let Receiver::Account(account) = delivery(&asked).to else { panic!("not to a customer") };
    let link = sent(&asked).1;
    let path = served.world.directory.path().join("link");
    fs::write(&path, link.expose()).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(served.says(&["account", "look", "--link-file", "link"]).starts_with("verify, until "));
    let told = served.says(&["account", "confirm", "--link-file", "link"]);
    assert_eq!(told, format!("registered account {account}\n"));
    assert!(served.world.room.login(JANE, &password).unwrap().complete().is_some());
}
