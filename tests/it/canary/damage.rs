//! Copies of the room that somebody changed past the program: what it says about the damage names no secret.

use std::{fs, io::Read, path::Path};

use strongroom::room::{Answer, CaseRef, Kept, Purpose, Room, Why};

use super::{
    ceremony::second_login,
    marks,
    story::{Customer, Story, options},
};
use crate::{disk, world::secret};

/// What is done to `store.db`, or to `keyring.db` where it says so.
const DAMAGES: [(&str, &str, &str); 11] = [
    (
        "a changed credential",
        "store",
        "UPDATE credential SET record_sealed = CAST(record_sealed || x'00' AS BLOB)",
    ),
    ("a credential without a form", "store", "UPDATE credential SET record_sealed = x'02'"),
    (
        "a moved address",
        "store",
        "UPDATE account SET email_sealed = (SELECT handle_sealed FROM principal LIMIT 1)",
    ),
    (
        "a moved subject",
        "store",
        "UPDATE ticket SET subject_sealed = (SELECT name_sealed FROM account LIMIT 1)",
    ),
    (
        "moved messages",
        "store",
        "UPDATE ticket_message SET body_sealed = (SELECT body_sealed FROM ticket_message LIMIT 1)",
    ),
    (
        "owners' sessions that last",
        "store",
        "UPDATE session SET expires_ms = 9007199254740991 WHERE holder_kind = 2",
    ),
    (
        "staff's sessions that last",
        "store",
        "UPDATE session SET expires_ms = 9007199254740991 WHERE holder_kind = 1",
    ),
    ("a state that is none", "store", "UPDATE account SET state = 77"),
    ("keys that are gone", "keyring", "DELETE FROM data_key WHERE class IN (1, 4) AND fenced_at IS NULL"),
    (
        "keys of others",
        "keyring",
        "UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE fenced_at IS NULL LIMIT 1) WHERE fenced_at IS NULL",
    ),
    ("an index that leads elsewhere", "keyring", "UPDATE blind_index SET target = randomblob(16)"),
];

/// Each damage on a copy of its own, and then what customers and staff ask for.
pub fn a_copy_is_damaged(story: &mut Story, customer: &Customer) {
    for (name, database, statement) in DAMAGES {
        let copy = copied(story);
        disk::sql(&copy.path().join("room").join(format!("{database}/{database}.db")), statement);
        ask_everything(story, name, copy.path(), customer);
    }
    let copy = copied(story);
    for (path, mut bytes) in disk::files(&copy.path().join("room/store/blobs")) {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(copy.path().join("room/store/blobs").join(path), bytes).unwrap();
    }
    ask_everything(story, "changed blobs", copy.path(), customer);
    for (name, slot) in [("no checkpoints", "checkpoint.a"), ("one checkpoint", "checkpoint.b")] {
        fs::remove_file(copy.path().join("outside").join(slot)).unwrap();
        ask_everything(story, name, copy.path(), customer);
    }
}

/// Secrets in the open where none may be, and as names of what nobody made: the policy's checks find them, and repeat
/// none.
pub fn secrets_are_planted_for_the_policy(story: &mut Story) {
    let copy = copied(story);
    let room = copy.path().join("room");
    for statement in [
        format!("CREATE TABLE \"{}\" (\"{}\" TEXT)", marks::EMAIL, marks::CARD),
        format!("UPDATE credential SET scheme = '{}'", marks::CARD),
        format!("UPDATE payment SET card_sealed = CAST('{}' AS BLOB), currency = 'qz2'", marks::CARD_SPACES),
        "DELETE FROM invoice".to_owned(),
        "DELETE FROM attachment".to_owned(),
    ] {
        disk::sql(&room.join("store/store.db"), &statement);
    }
    disk::sql(
        &room.join("keyring/keyring.db"),
        "UPDATE data_key SET wrapped = NULL, fenced_at = 1 WHERE class = 3",
    );
    let room = options(room, &story.clock).open().unwrap();
    story.clock.advance(std::time::Duration::from_secs(1));
    let login = second_login(story, &room, marks::HANDLE_AUDITOR);
    story.mark_token("the auditor's token of a copy", &login.token);
    let verdicts = room.staff(&login.token).check_policy(&[], &Why::unstated(), |_| ()).unwrap().verdicts;
    let broken = verdicts.iter().filter(|verdict| matches!(verdict.kept, Kept::Broken { .. }));
    assert_eq!(broken.count(), 4, "{verdicts:?}");
    story.shown("verdicts", &verdicts);
}

pub fn copied(story: &Story) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    disk::copy(&story.root(), copy.path());
    copy
}

fn ask_everything(story: &mut Story, damage: &str, root: &Path, customer: &Customer) {
    match options(root.join("room"), &story.clock).open() {
        Ok(room) => {
            as_customer(story, damage, &room, customer);
            as_staff(story, damage, &room, customer);
        }
        Err(error) => story.refused(&format!("{damage}: opening"), Err::<(), _>(error)),
    }
    story.places.add_files(damage, root);
}

/// Keeps the errors, if there are any: not every damage reaches every verb.
pub fn keep<T, E: std::error::Error>(
    story: &mut Story,
    damage: &str,
    verb: &str,
    result: Result<T, E>,
) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            story.refused(&format!("{damage}: {verb}"), Err::<(), _>(error));
            None
        }
    }
}

fn as_customer(story: &mut Story, damage: &str, room: &Room, customer: &Customer) {
    let answer = keep(story, damage, "login", room.login(marks::EMAIL, &secret(marks::PASSWORD)));
    if let Some(granted) = answer.and_then(Answer::complete) {
        story.mark_token("a token of a copy", &granted.token);
        keep(story, damage, "resuming", room.resume(&granted.token));
    }
    let owner = room.owner(&customer.session);
    keep(story, damage, "profile", owner.profile().map(drop));
    keep(story, damage, "own billing", owner.billing(&crate::world::FIRST).map(drop));
    keep(story, damage, "tickets", owner.tickets(&crate::world::FIRST));
    keep(story, damage, "writing", owner.write(customer.ticket, marks::BODY_SECOND));
    let Some(ticket) = keep(story, damage, "ticket", owner.ticket(customer.ticket)) else { return };
    for attachment in ticket.attachments {
        let opened = keep(story, damage, "attachment", owner.open_attachment(attachment.header.attachment));
        let read = opened.map(|mut file| file.content.read_to_end(&mut Vec::new()));
        keep(story, damage, "attachment's bytes", read.transpose());
    }
}

fn as_staff(story: &mut Story, damage: &str, room: &Room, customer: &Customer) {
    let login = room.staff_login(marks::HANDLE_SUPPORT, &secret(marks::STAFF_PASSWORD));
    let Some(login) = keep(story, damage, "staff login", login) else { return };
    story.mark_token("a staff token of a copy", &login.token);
    let sam = room.staff(&login.token);
    let why = Why::purpose(Purpose::SupportRequest).because(marks::REASON);
    let account = customer.session.account();
    keep(story, damage, "finding", sam.find(marks::EMAIL, &why));
    keep(story, damage, "account", sam.account(account, &why).map(drop));
    keep(story, damage, "reading", sam.ticket(customer.ticket, &why).map(drop));
    keep(story, damage, "billing", sam.billing(account, &crate::world::FIRST, &why).map(drop));
    let reveal = sam.reveal_name(account, &why.case(CaseRef::Ticket(customer.ticket)));
    keep(story, damage, "revealing", reveal.map(drop));
}
