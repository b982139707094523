//! Codes and links: registering, being invited, a forgotten password. Nobody learns from any of it who has an account.

use std::time::Duration;

use rusqlite::Connection;
use strongroom::room::{
    Answer, Asked, CodeError, Contact, Delivery, Kind, Letter, Looked, Proof, Receiver, Registration, Room,
    SecretText, Swept, Topic,
};

use crate::{
    dba::log,
    disk::{Census, sql},
    post::{contact, delivery, posted, sent},
    world::{JANE, PASSWORD, World, secret},
};

/// Another password that the policy takes.
pub const OTHER: &str = "nine brass lanterns in a row";
const MINUTE: Duration = Duration::from_secs(60);

pub fn by_code<'a>(asked: &'a Asked, code: &'a SecretText) -> Proof<'a> {
    Proof::Code { handle: &asked.handle, code }
}

fn sign_up(room: &Room, email: &str) -> Asked {
    let password = secret(PASSWORD);
    posted(room, room.sign_up(&Registration { email, name: Some("Jane Doe"), password: &password }).unwrap())
}

pub fn is_let_in(room: &Room, email: &str, password: &str) -> bool {
    room.login(email, &secret(password)).unwrap().complete().is_some()
}

fn is_no_code<T>(answer: Result<T, CodeError>) -> bool {
    let error = answer.err().expect("it was taken");
    assert_eq!(error.kind(), Kind::Denied);
    matches!(error, CodeError::Code)
}

/// A code of eight digits that is not this one.
fn another(code: &SecretText) -> SecretText {
    let number: u32 = code.expose().parse().unwrap();
    secret(&format!("{:08}", (number + 1) % 100_000_000))
}

fn rows(world: &World, table: &str) -> u64 {
    Census::of(&world.path()).rows(table)
}

/// What a call leaves, table by table.
fn left<T>(world: &World, call: impl FnOnce() -> T) -> (T, Vec<(&'static str, i64)>) {
    let tables = [
        "account",
        "credential",
        "signup",
        "challenge",
        "outbox",
        "activity",
        "session",
        "audit_entry",
        "audit_detail",
    ];
    let count = || {
        let census = Census::of(&world.path());
        tables.map(|table| i64::try_from(census.rows(table)).unwrap())
    };
    let before = count();
    let value = call();
    let now = count();
    (value, tables.into_iter().zip(now.iter().zip(before).map(|(now, before)| now - before)).collect())
}

#[test]
fn a_registration_is_an_account_once_its_address_is_confirmed() {
    let world = World::demo();
    let room = &world.room;
    for by_link in [false, true] {
        let email = if by_link { "link@example.com" } else { "code@example.com" };
        let asked = sign_up(room, email);
        assert_eq!(contact(&asked), Contact::Unconfirmed);
        let (code, link) = sent(&asked);
        assert!(!is_let_in(room, email, PASSWORD) && room.find(email).unwrap().is_none());
        let (proof, again) = if by_link {
            (Proof::Link(link), Proof::Link(link))
        } else {
            (by_code(&asked, code), by_code(&asked, code))
        };
        let registered = room.confirm(&proof).unwrap();
        let to = delivery(&asked).to;
        assert_eq!((Receiver::Account(registered.account), registered.cards_masked), (to, 0));
        let owner = room.login(email, &secret(PASSWORD)).unwrap().complete().unwrap().owner;
        let profile = room.owner(&owner).profile().unwrap();
        assert_eq!(profile.email.expose().as_str(), email);
        assert_eq!(profile.name.unwrap().expose().as_str(), "Jane Doe");
        assert!(is_no_code(room.confirm(&again)), "it counts once");
        assert_eq!(room.find(email).unwrap(), Some(registered.account));
    }
    assert_eq!((rows(&world, "signup"), rows(&world, "challenge")), (0, 0));
    let made = log(room).into_iter().filter(|entry| entry.entry.what.name() == "account.registered");
    assert_eq!(made.count(), 2);
    drop(world.again());
}

/// Whoever typed an address first does not have it: who reads its mail does.
#[test]
fn nobody_owns_an_address_by_typing_it() {
    let world = World::demo();
    let room = &world.room;
    let (squatter, jane) = (sign_up(room, JANE), sign_up(room, "  JANE.doe@Example.com"));
    let account = room.confirm(&Proof::Link(sent(&jane).1)).unwrap().account;
    assert_eq!(room.find(JANE).unwrap(), Some(account));
    let late = room.confirm(&Proof::Link(sent(&squatter).1));
    assert!(matches!(&late, Err(CodeError::AddressTaken)), "who reads the mail may know");
    assert_eq!(late.err().unwrap().kind(), Kind::Conflict);
    assert_eq!(room.find(JANE).unwrap(), Some(account));
}

#[test]
fn a_registration_that_nobody_confirms_is_gone_after_seven_days_with_its_keys() {
    let world = World::demo();
    let room = &world.room;
    let keys = || {
        let keyring = Connection::open(world.path().join("keyring/keyring.db")).unwrap();
        let own = "SELECT count(*) FROM data_key WHERE scope_kind = 1";
        keyring.query_row(own, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let before = keys();
    let asked = sign_up(room, JANE);
    assert_eq!((rows(&world, "signup"), keys()), (1, before + 2));
    world.in_use(7 * 24 * 60 * MINUTE);
    assert!(is_no_code(room.confirm(&Proof::Link(sent(&asked).1))));
    assert!(matches!(room.look(sent(&asked).1), Err(CodeError::Code)));
    assert_eq!(room.sweep().unwrap(), Swept { registrations: 1, left: 0 });
    assert_eq!((rows(&world, "signup"), rows(&world, "challenge"), keys()), (0, 0, before));
    assert_eq!(room.sweep().unwrap(), Swept { registrations: 0, left: 0 });
    // The next to register sweeps as well.
    drop(sign_up(room, JANE));
    world.in_use(7 * 24 * 60 * MINUTE);
    drop(sign_up(room, "late@example.com"));
    assert_eq!((rows(&world, "signup"), rows(&world, "challenge"), keys()), (1, 1, before + 2));
    let sweeps = log(room).into_iter().map(|entry| entry.entry);
    let sweeps: Vec<_> = sweeps.filter(|entry| entry.what.name() == "registrations.expired").collect();
    assert!(sweeps.len() == 2 && sweeps.iter().all(|entry| entry.actor.to_string() == "system"));
}

#[test]
fn a_code_counts_for_ten_minutes_five_times_and_with_its_handle_alone() {
    let world = World::demo();
    world.customer(JANE);
    let room = &world.room;
    let password = secret(OTHER);
    let reset = |proof: &Proof<'_>| room.reset(proof, &password);

    let asked = posted(room, room.ask_reset(JANE).unwrap());
    let code = sent(&asked).0;
    let other = posted(room, room.ask_reset(JANE).unwrap());
    assert!(is_no_code(reset(&by_code(&other, code))), "another browser's handle");
    assert!(is_no_code(reset(&Proof::Code { handle: sent(&asked).1, code })), "a link is no handle");
    assert!(is_no_code(reset(&Proof::Link(&asked.handle))), "and no handle a link");
    assert!(is_no_code(reset(&Proof::Link(code))));
    world.later(10 * MINUTE);
    assert!(is_no_code(reset(&by_code(&asked, code))), "ten minutes are over");
    assert_eq!(room.look(sent(&asked).1).unwrap().topic, Topic::Reset, "its link works on");

    let asked = posted(room, room.ask_reset(JANE).unwrap());
    let (code, wrong) = (sent(&asked).0, another(sent(&asked).0));
    for _ in 0..5 {
        assert!(is_no_code(reset(&by_code(&asked, &wrong))));
    }
    assert!(is_no_code(reset(&by_code(&asked, code))), "five tries are over");
    assert!(is_let_in(room, JANE, PASSWORD) && !is_let_in(room, JANE, OTHER));
    world.later(30 * MINUTE);

    let asked = posted(room, room.ask_reset(JANE).unwrap());
    let wrong = another(sent(&asked).0);
    for _ in 0..4 {
        assert!(is_no_code(reset(&by_code(&asked, &wrong))));
    }
    // As a telephone reads it out.
    let (first, last) = sent(&asked).0.expose().split_at(4);
    let spoken = secret(&format!(" {first} {last} "));
    reset(&by_code(&asked, &spoken)).unwrap();
    assert!(is_let_in(room, JANE, OTHER) && !is_let_in(room, JANE, PASSWORD));
}

#[test]
fn looking_at_a_link_uses_nothing_up() {
    let world = World::demo();
    world.customer(JANE);
    let asked = posted(&world.room, world.room.ask_reset(JANE).unwrap());
    let link = sent(&asked).1;
    let before = Census::of(&world.path());
    let expires = world.clock.now().plus(30 * MINUTE);
    for _ in 0..3 {
        assert_eq!(world.room.look(link).unwrap(), Looked { topic: Topic::Reset, expires });
    }
    assert!(before.changed(&Census::of(&world.path())).is_empty());
    for no_link in ["", "no link", asked.handle.expose(), sent(&asked).0.expose(), &"A".repeat(64)] {
        assert!(matches!(world.room.look(&secret(no_link)), Err(CodeError::Code)), "`{no_link}`");
    }
    world.room.reset(&Proof::Link(link), &secret(OTHER)).unwrap();
    assert!(matches!(world.room.look(link), Err(CodeError::Code)));
}

#[test]
fn a_reset_ends_all_sessions_and_what_else_was_sent_and_begins_none() {
    let world = World::demo();
    let owner = world.customer(JANE);
    let room = &world.room;
    let ask = || posted(room, room.ask_reset(JANE).unwrap());
    let (first, second) = (ask(), ask());
    let too_short = room.reset(&Proof::Link(sent(&first).1), &secret("short"));
    assert!(matches!(&too_short, Err(CodeError::Password { .. })));
    assert_eq!(too_short.err().unwrap().kind(), Kind::Invalid);
    let sessions = rows(&world, "session");
    let account = room.reset(&Proof::Link(sent(&first).1), &secret(OTHER)).unwrap();
    assert_eq!(account, owner.account());
    assert_eq!(rows(&world, "session"), sessions - 1);
    assert!(room.owner(&owner).profile().is_err());
    assert!(is_no_code(room.reset(&Proof::Link(sent(&second).1), &secret(PASSWORD))));
    assert!(is_let_in(room, JANE, OTHER) && !is_let_in(room, JANE, PASSWORD));
    let entry =
        log(room).into_iter().map(|entry| entry.entry).rfind(|entry| entry.what.name() == "credential.reset");
    assert_eq!(entry.unwrap().subjects, vec![account]);
    drop(world.again());
}

/// The old record, put back by who runs the database, is below the floor from the reset on: no opening is waited for.
#[test]
fn a_forgotten_password_that_is_put_back_opens_nothing() {
    let world = World::demo();
    world.customer(JANE);
    let (room, store) = (&world.room, world.path().join("store/store.db"));
    let asked = posted(room, room.ask_reset(JANE).unwrap());
    sql(&store, "CREATE TABLE kept AS SELECT * FROM credential");
    room.reset(&Proof::Link(sent(&asked).1), &secret(OTHER)).unwrap();
    sql(&store, "DELETE FROM credential; INSERT INTO credential SELECT * FROM kept; DROP TABLE kept");
    assert!(!is_let_in(room, JANE, PASSWORD) && !is_let_in(room, JANE, OTHER));
}

/// Two codes of one account: each does what it was asked for and nothing else, and is not used up by being tried on it.
#[test]
fn a_code_does_what_it_was_asked_for() {
    const NEW: &str = "jane.new@example.org";
    let world = World::demo();
    let owner = world.customer(JANE);
    let room = &world.room;
    let change = posted(room, room.owner(&owner).ask_address(&secret(PASSWORD), NEW).unwrap());
    let reset = posted(room, room.ask_reset(JANE).unwrap());
    let proofs = |asked| -> [Proof<'_>; 2] { [Proof::Link(sent(asked).1), by_code(asked, sent(asked).0)] };
    for proof in proofs(&change) {
        assert!(is_no_code(room.reset(&proof, &secret(OTHER))), "who reads the new mail sets no password");
        assert!(is_no_code(room.confirm(&proof)) && is_no_code(room.accept(&proof, &secret(OTHER))));
    }
    for proof in proofs(&reset) {
        assert!(is_no_code(room.confirm_address(&proof)), "who reads the old mail confirms no new one");
        assert!(is_no_code(room.confirm(&proof)) && is_no_code(room.accept(&proof, &secret(OTHER))));
    }
    assert!(is_let_in(room, JANE, PASSWORD) && !is_let_in(room, JANE, OTHER));
    assert_eq!(room.find(NEW).unwrap(), None);
    room.confirm_address(&by_code(&change, sent(&change).0)).unwrap();
    assert!(is_let_in(room, NEW, PASSWORD));
    let reset = posted(room, room.ask_reset(NEW).unwrap());
    room.reset(&by_code(&reset, sent(&reset).0), &secret(OTHER)).unwrap();
    assert!(is_let_in(room, NEW, OTHER));
}

/// Whether somebody has an account is told by no answer, no row and no count.
#[test]
fn asking_for_a_reset_is_the_same_whoever_has_the_address() {
    let world = World::demo();
    world.customer(JANE);
    let gone = world.customer("gone@example.com");
    world.room.owner(&gone).close(&secret(PASSWORD)).unwrap();
    let ask = |email: &str| left(&world, || world.room.ask_reset(email).unwrap());
    let (known, traces) = ask(JANE);
    let known = posted(&world.room, known);
    assert_eq!(contact(&known), Contact::Address);
    assert_eq!(
        traces.iter().map(|(_, more)| more).sum::<i64>(),
        3,
        "a code, its notice and the record of it: {traces:?}"
    );
    for nobody in ["nobody@example.com", "gone@example.com", "no address", ""] {
        let (asked, same) = ask(nobody);
        assert_eq!(same, traces, "`{nobody}`");
        let asked = posted(&world.room, asked);
        assert!(asked.unsent.is_empty(), "`{nobody}`: there is nobody to send it to");
        assert_eq!(asked.handle.expose().len(), known.handle.expose().len());
        // And so is trying.
        let guess = secret("12345678");
        let try_it = |asked: &Asked| {
            left(&world, || world.room.reset(&by_code(asked, &guess), &secret(OTHER)).err().unwrap()).1
        };
        assert_eq!(try_it(&asked), try_it(&known), "`{nobody}`");
    }
}

#[test]
fn registering_is_the_same_whoever_has_the_address() {
    let world = World::demo();
    world.customer(JANE);
    let password = secret(PASSWORD);
    let signed_up = |email| {
        left(&world, || world.room.sign_up(&Registration { email, name: None, password: &password }).unwrap())
    };
    let ((_, fresh), (asked, taken)) = (signed_up("new@example.com"), signed_up(JANE));
    assert_eq!(fresh, taken);
    assert!(!posted(&world.room, asked).unsent.is_empty(), "who reads its mail may know");
    let invited = |email: &str| left(&world, || world.room.invite(email, None).unwrap()).1;
    assert_eq!(invited("new@example.com"), invited(JANE));
}

/// Each known address may be asked about three times at once; the fourth is answered alike, and sent to nobody.
#[test]
fn nobodys_mailbox_is_flooded() {
    let world = World::demo();
    world.customer(JANE);
    let ask = || {
        let (asked, traces) = left(&world, || world.room.ask_reset(JANE).unwrap());
        (!posted(&world.room, asked).unsent.is_empty(), traces)
    };
    let (_, traces) = ask();
    assert!(ask().0 && ask().0);
    let (fourth, same) = ask();
    assert!(!fourth);
    assert_eq!(same, traces);
    world.later(30 * MINUTE);
    assert!(ask().0);
}

#[test]
fn somebody_who_is_invited_chooses_a_password() {
    let world = World::demo();
    let room = &world.room;
    let asked = posted(room, room.invite(JANE, Some("Jane Doe")).unwrap());
    let Delivery { contact: Contact::Unconfirmed, letter: Letter::Code { topic, .. }, .. } = delivery(&asked)
    else {
        panic!("nothing is sent")
    };
    assert_eq!(*topic, Topic::Invite);
    let link = sent(&asked).1;
    assert!(is_no_code(room.confirm(&Proof::Link(link))), "an invitation is no registration");
    assert!(is_no_code(room.reset(&Proof::Link(link), &secret(OTHER))), "and no reset");
    assert!(matches!(room.accept(&Proof::Link(link), &secret("short")), Err(CodeError::Password { .. })));
    room.accept(&Proof::Link(link), &secret(OTHER)).unwrap();
    assert!(is_let_in(room, JANE, OTHER));
    assert!(is_no_code(room.accept(&Proof::Link(link), &secret(PASSWORD))));
    drop(world.again());
}

/// A registration that broke off between the databases has left a claim: whoever confirms the address has its account.
#[test]
fn a_claim_that_stands_becomes_the_account_of_who_confirms() {
    for invited in [false, true] {
        let world = World::demo();
        let room = &world.room;
        let (store, password) = (world.path().join("store/store.db"), secret(PASSWORD));
        let fail = "CREATE TRIGGER fails BEFORE INSERT ON account BEGIN SELECT RAISE(ABORT, 'no'); END";
        sql(&store, fail);
        assert!(room.register(&Registration { email: JANE, name: None, password: &password }).is_err());
        sql(&store, "DROP TRIGGER fails");
        let asked = if invited {
            posted(room, room.invite(JANE, Some("Jane Doe")).unwrap())
        } else {
            sign_up(room, JANE)
        };
        let proof = Proof::Link(sent(&asked).1);
        let registered = if invited { room.accept(&proof, &password) } else { room.confirm(&proof) };
        let account = registered.unwrap().account;
        assert_ne!(Receiver::Account(account), delivery(&asked).to, "the claim names its account");
        let owner = room.login(JANE, &password).unwrap().complete().unwrap().owner;
        let profile = room.owner(&owner).profile().unwrap();
        assert_eq!((owner.account(), profile.email.expose().as_str()), (account, JANE));
        assert_eq!(profile.name.unwrap().expose().as_str(), "Jane Doe");
        let keyring = Connection::open(world.path().join("keyring/keyring.db")).unwrap();
        let owners = "SELECT count(DISTINCT owner) FROM data_key WHERE scope_kind = 1";
        assert_eq!(
            keyring.query_row(owners, [], |row| row.get::<_, i64>(0)).unwrap(),
            1,
            "no key is left over"
        );
        assert_eq!(rows(&world, "signup"), 0);
        drop(world.again());
    }
}

/// A row that was written with SQL confirms nothing, and neither does one whose counter was turned back.
#[test]
fn a_code_that_was_edited_is_none() {
    let world = World::demo();
    world.customer(JANE);
    let asked = posted(&world.room, world.room.ask_reset(JANE).unwrap());
    let (store, link) = (world.path().join("store/store.db"), sent(&asked).1);
    for edit in
        ["tries = tries + 1", "expires_ms = expires_ms + 1", "created_ms = created_ms + 1", "topic = 1"]
    {
        let (column, _) = edit.split_once(' ').unwrap();
        sql(&store, &format!("CREATE TABLE kept AS SELECT id, {column} AS was FROM challenge"));
        sql(&store, &format!("UPDATE challenge SET {edit}"));
        assert!(matches!(world.room.look(link), Err(CodeError::Code)), "{edit}");
        assert!(is_no_code(world.room.reset(&Proof::Link(link), &secret(OTHER))), "{edit}");
        sql(&store, &format!("UPDATE challenge SET {column} = (SELECT was FROM kept); DROP TABLE kept"));
    }
    assert!(world.room.look(link).is_ok(), "as it was");
    assert!(matches!(world.room.login(JANE, &secret(PASSWORD)).unwrap(), Answer::Granted(_)));
}

/// Neither code nor link nor handle is on disk, and who has the databases cannot make them.
#[test]
fn what_is_sent_is_kept_nowhere() {
    let world = World::demo();
    world.customer(JANE);
    let asked = posted(&world.room, world.room.ask_reset(JANE).unwrap());
    let (code, link) = sent(&asked);
    let files = crate::disk::files(&world.path());
    for secret in [code, link, &asked.handle] {
        let bytes = secret.expose().as_bytes();
        for (path, content) in &files {
            assert!(!content.windows(bytes.len()).any(|part| part == bytes), "{}", path.display());
        }
    }
}
