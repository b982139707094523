//! Webhooks: written with what they tell, sent by the program to a receiver that a test plays, signed, tried again.

mod queue;
pub mod receiver;
mod served;
mod signed;
mod unwell;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::{Command, Output, Stdio},
};

use strongroom::room::Room;

use crate::{
    examples::now,
    world::{JANE, World},
};

/// Two secrets of webhooks.
pub const SECRETS: [&str; 2] = [
    "whsec_NDN0ZDJrSzNqZ1pyQ2hTUzVYNnJ0cnZ2cFFvUmVqS2U=",
    "whsec_b2xkLXNlY3JldC1iZWZvcmUtaXQtd2FzLXJlcGxhY2Vk",
];

/// Names this place in the room's configuration, with both secrets; gives the room back as a program opens it then.
pub fn configured(world: &World, url: &str, more: &str) -> Room {
    for (number, secret) in SECRETS.iter().enumerate() {
        let path = world.path().join(format!("webhook.{number}"));
        fs::write(&path, format!("{secret}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let path = world.path().join("room.toml");
    let text = fs::read_to_string(&path).unwrap();
    let text = text.split("\n[webhook]").next().unwrap();
    let section = format!("url = \"{url}\"\nsecrets = [\"webhook.0\", \"webhook.1\"]\n{more}");
    fs::write(&path, format!("{text}\n[webhook]\n{section}")).unwrap();
    world.again()
}

/// A room that sends its webhooks there, in which Jane has registered: there is one webhook.
fn with_one(url: &str) -> World {
    let world = now();
    registered(&configured(&world, url, ""));
    world
}

/// Jane registers: one webhook.
fn registered(room: &Room) -> strongroom::room::AccountId {
    let password = crate::world::secret(crate::world::PASSWORD);
    let registration =
        strongroom::room::Registration { email: JANE, name: Some("Jane Doe"), password: &password };
    room.register(&registration).unwrap().account
}

/// The program, in this room.
fn program(world: &World) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_strongroom"));
    // What the environment says of proxies is nothing to it.
    command.env_clear().env("TZ", "UTC").env("http_proxy", "http://127.0.0.1:9").stdin(Stdio::null());
    command.arg("--room").arg(world.path());
    command
}

/// `outbox deliver`: how it ends, and what it says.
fn delivered(world: &World) -> (i32, String) {
    let Output { status, stdout, stderr } = program(world).args(["outbox", "deliver"]).output().unwrap();
    let said = [stdout, stderr].concat();
    (status.code().unwrap(), String::from_utf8(said).unwrap())
}
