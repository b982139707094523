//! What a customer changes about his account himself: name, password, sessions, address.

use std::time::Duration;

use strongroom::{
    password::{Common, Rejected},
    room::{
        AccountId, ActivityEvent, CaseRef, Claimed, CodeError, Contact, EnrolError, Kind, Letter, NoticeKind,
        OwnerSession, Page, PrincipalKind, Proof, Purpose, Receiver, Room, Topic, Why, WriteError,
    },
};

use crate::{
    codes::{OTHER, by_code, is_let_in},
    dba::log,
    disk::{Census, sql},
    post::{emptied, posted, sent, told},
    world::{FIRST, JANE, PASSWORD, World, secret},
};

const NEW: &str = "jane.new@example.org";

fn name_of(room: &Room, owner: &OwnerSession) -> Option<String> {
    room.owner(owner).profile().unwrap().name.map(|name| name.expose().as_str().to_owned())
}

/// The newest entry of this event: whose it is.
fn entry(room: &Room, event: &str) -> AccountId {
    let mut entries = log(room).into_iter().map(|entry| entry.entry);
    let entry = entries.rfind(|entry| entry.what.name() == event).unwrap();
    assert_eq!(entry.actor.to_string(), format!("account:{}", entry.subjects[0]));
    entry.subjects[0]
}

#[test]
fn a_customer_has_the_name_that_he_gives_himself() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let owner = world.room.owner(&jane);
    assert_eq!(owner.change_name(Some("  Jane Miller ")).unwrap(), 0);
    assert_eq!(name_of(&world.room, &jane).as_deref(), Some("Jane Miller"));
    assert_eq!(owner.change_name(Some("Jane 4929730188462271")).unwrap(), 1);
    assert_eq!(name_of(&world.again(), &jane).as_deref(), Some("Jane [card •••• 2271]"));
    assert_eq!(entry(&world.room, "account.renamed"), jane.account());
    owner.change_name(None).unwrap();
    assert_eq!(name_of(&world.room, &jane), None);
    let before = Census::of(&world.path());
    let refused = owner.change_name(Some("a\nb")).err().unwrap();
    assert!(matches!(refused, WriteError::Text { field: "name", .. }), "{refused}");
    assert!(before.changed(&Census::of(&world.path())).is_empty());
}

#[test]
fn a_new_password_takes_the_old_one_and_ends_the_other_sessions() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let room = &world.room;
    let elsewhere = room.login(JANE, &secret(PASSWORD)).unwrap().complete().unwrap();
    let owner = room.owner(&jane);
    let wrong = owner.change_password(&secret(OTHER), &secret(OTHER)).err().unwrap();
    assert!(matches!(wrong, WriteError::Password) && wrong.kind() == Kind::Denied);
    let short = owner.change_password(&secret(PASSWORD), &secret("short")).err().unwrap();
    assert!(matches!(short, WriteError::NewPassword { .. }) && short.kind() == Kind::Invalid);
    assert!(room.resume(&elsewhere.token).is_ok());

    owner.change_password(&secret(PASSWORD), &secret(OTHER)).unwrap();
    assert!(owner.profile().is_ok(), "this session goes on");
    assert!(room.resume(&elsewhere.token).is_err() && world.again().resume(&elsewhere.token).is_err());
    assert!(is_let_in(room, JANE, OTHER) && !is_let_in(room, JANE, PASSWORD));
    assert_eq!(entry(room, "credential.changed"), jane.account());
    let floor = "SELECT version FROM version_floor WHERE class = 2 ORDER BY version DESC";
    let keyring = rusqlite::Connection::open(world.path().join("keyring/keyring.db")).unwrap();
    assert_eq!(keyring.query_row(floor, [], |row| row.get::<_, i64>(0)).unwrap(), 2);
}

/// The old record, put back by who runs the database, is below the floor and opens nothing.
#[test]
fn an_old_password_that_is_put_back_opens_nothing() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let store = world.path().join("store/store.db");
    sql(&store, "CREATE TABLE kept AS SELECT * FROM credential");
    world.room.owner(&jane).change_password(&secret(PASSWORD), &secret(OTHER)).unwrap();
    sql(&store, "DELETE FROM credential; INSERT INTO credential SELECT * FROM kept; DROP TABLE kept");
    assert!(!is_let_in(&world.room, JANE, PASSWORD) && !is_let_in(&world.room, JANE, OTHER));
}

#[test]
fn a_customer_sees_his_sessions_and_ends_them() {
    let world = World::demo();
    let (jane, joe) = (world.customer(JANE), world.customer("joe@example.com"));
    let room = &world.room;
    world.later(Duration::from_secs(1));
    let phone = room.login(JANE, &secret(PASSWORD)).unwrap().complete().unwrap();
    let owner = room.owner(&jane);
    let sessions = owner.sessions(&Page::first(500)).unwrap().rows;
    let seen: Vec<_> = sessions.iter().map(|one| (one.session, one.is_this)).collect();
    assert_eq!(seen, [(phone.owner.session(), false), (jane.session(), true)]);
    assert_eq!(sessions[1].expires, jane.expires());
    owner.end_session(phone.owner.session()).unwrap();
    assert!(room.resume(&phone.token).is_err());
    for not_his in [phone.owner.session(), joe.session()] {
        assert!(matches!(owner.end_session(not_his), Err(WriteError::NotFound)));
    }
    assert!(room.owner(&joe).profile().is_ok());
    let activity = owner.activity(&FIRST).unwrap();
    assert!(activity.rows.iter().any(|(_, event)| *event == ActivityEvent::SessionEnded));
    world.later(Duration::from_secs(24 * 3600 - 2));
    assert_eq!(owner.sessions(&Page::first(500)).unwrap().rows.len(), 1);
}

#[test]
fn a_new_address_is_had_once_its_mail_is_read() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let room = &world.room;
    let owner = room.owner(&jane);
    assert!(matches!(owner.ask_address(&secret(OTHER), NEW), Err(WriteError::Password)));
    assert!(matches!(owner.ask_address(&secret(PASSWORD), "none"), Err(WriteError::Text { .. })));
    drop(told(room));
    let asked = owner.ask_address(&secret(PASSWORD), NEW).unwrap();
    let id = asked.handle.expose()[..21].to_owned();
    let mut sent_out = emptied(room);
    assert_eq!(sent_out.len(), 2);
    let (warning, code) = (sent_out.pop().unwrap(), sent_out.pop().unwrap());
    assert!(matches!(
        warning.delivery.letter,
        Letter::Notice { kind: NoticeKind::AddressChanging, about: None }
    ));
    let to = |one: &Claimed| {
        let address = one.address.as_ref().unwrap().expose().as_str().to_owned();
        (one.delivery.to, one.delivery.contact, address)
    };
    let her = Receiver::Account(jane.account());
    assert_eq!(to(&warning), (her, Contact::Address, JANE.to_owned()));
    assert_eq!(to(&code), (her, Contact::NewAddress, NEW.to_owned()));
    let Letter::Code { topic: Topic::Address, code, link, .. } = &code.delivery.letter else {
        panic!("no code is sent")
    };
    assert!(link.expose().starts_with(&id));
    assert!(is_let_in(room, JANE, PASSWORD) && !is_let_in(room, NEW, PASSWORD), "nothing has changed yet");

    let account = room.confirm_address(&by_code(&asked, code)).unwrap();
    let changed = |to: &str| (NoticeKind::AddressChanged, to.to_owned());
    assert_eq!(told(room), [changed(NEW), changed(JANE)], "both are told");
    assert_eq!((account, entry(room, "account.readdressed")), (jane.account(), jane.account()));
    for room in [room, &world.again()] {
        assert!(is_let_in(room, NEW, PASSWORD) && !is_let_in(room, JANE, PASSWORD));
        assert_eq!((room.find(NEW).unwrap(), room.find(JANE).unwrap()), (Some(account), None));
    }
    assert_eq!(owner.profile().unwrap().email.expose().as_str(), NEW);
    // The old one is free, and somebody else may have it.
    let other = world.customer(JANE);
    assert_ne!(other.account(), account);
}

#[test]
fn an_address_that_has_an_account_is_nobody_elses() {
    let world = World::demo();
    let (jane, joe) = (world.customer(JANE), world.customer("joe@example.com"));
    let room = &world.room;
    let asked = posted(room, room.owner(&joe).ask_address(&secret(PASSWORD), JANE).unwrap());
    let refused = room.confirm_address(&Proof::Link(sent(&asked).1)).err().unwrap();
    assert!(matches!(refused, CodeError::AddressTaken), "{refused}");
    assert_eq!(room.find(JANE).unwrap(), Some(jane.account()));
    assert_eq!(room.find("joe@example.com").unwrap(), Some(joe.account()));
    // His own, written in another way, is his.
    let asked = posted(room, room.owner(&joe).ask_address(&secret(PASSWORD), "Joe@example.com").unwrap());
    room.confirm_address(&Proof::Link(sent(&asked).1)).unwrap();
    assert_eq!(room.owner(&joe).profile().unwrap().email.expose().as_str(), "Joe@example.com");
    assert!(is_let_in(&world.again(), "joe@example.com", PASSWORD));
    // Of two that were asked for, the first that is confirmed wins.
    let (one, two) = ("one@example.com", "two@example.com");
    let asked =
        [one, two].map(|email| posted(room, room.owner(&joe).ask_address(&secret(PASSWORD), email).unwrap()));
    room.confirm_address(&Proof::Link(sent(&asked[1]).1)).unwrap();
    assert!(matches!(room.confirm_address(&Proof::Link(sent(&asked[0]).1)), Err(CodeError::Code)));
    assert_eq!((room.find(one).unwrap(), room.find(two).unwrap()), (None, Some(joe.account())));
}

/// Asking for an address is the same whether somebody has it or not.
#[test]
fn asking_for_an_address_tells_nobody_who_has_it() {
    let world = World::demo();
    let (_, joe) = (world.customer(JANE), world.customer("joe@example.com"));
    let ask = |email: &str| {
        let before = Census::of(&world.path());
        world.room.owner(&joe).ask_address(&secret(PASSWORD), email).unwrap();
        let after = Census::of(&world.path());
        let more = |table| after.rows(table) - before.rows(table);
        (before.changed(&after), more("challenge"), more("activity"), more("outbox"))
    };
    assert_eq!(ask(JANE), ask("nobody@example.com"));
}

/// A crash between the databases leaves one address that leads to the account: that of its row.
#[test]
fn between_the_databases_one_address_counts() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let room = &world.room;
    let keyring = world.path().join("keyring/keyring.db");
    sql(&keyring, "CREATE TABLE kept AS SELECT * FROM blind_index WHERE field = 1");
    let asked = posted(room, room.owner(&jane).ask_address(&secret(PASSWORD), NEW).unwrap());
    room.confirm_address(&Proof::Link(sent(&asked).1)).unwrap();
    // As a crash right before the last step leaves the keyring.
    sql(
        &keyring,
        "UPDATE blind_index SET state = 1 WHERE field = 1; INSERT INTO blind_index SELECT * FROM kept",
    );
    sql(&keyring, "DROP TABLE kept; DELETE FROM version_floor WHERE class = 1");
    let room = world.again();
    assert!(is_let_in(&room, NEW, PASSWORD) && !is_let_in(&room, JANE, PASSWORD));
    assert_eq!((room.find(NEW).unwrap(), room.find(JANE).unwrap()), (Some(jane.account()), None));
    // The claim that its account does not repeat is nobody's.
    let other = world.customer(JANE);
    assert_eq!(room.find(JANE).unwrap(), Some(other.account()));
}

/// With its version, and the index that leads to the new one.
#[test]
fn an_old_address_that_is_put_back_is_not_shown() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let (room, owner) = (&world.room, world.room.owner(&jane));
    let store = world.path().join("store/store.db");
    sql(&store, "CREATE TABLE kept AS SELECT email_sealed, email_version FROM account");
    let asked = posted(room, owner.ask_address(&secret(PASSWORD), NEW).unwrap());
    room.confirm_address(&Proof::Link(sent(&asked).1)).unwrap();
    assert_eq!(owner.profile().unwrap().email.expose().as_str(), NEW);
    sql(&store, "UPDATE account SET (email_sealed, email_version) = (SELECT * FROM kept); DROP TABLE kept");
    assert_eq!(owner.profile().err().unwrap().kind(), Kind::Integrity);
}

/// What is tried first on an account is none of its passwords, whichever way it is set.
#[test]
fn nobodys_password_is_his_own_address_or_name() {
    const NAME: &str = "Johanna Doe-Featherstone";
    const INVITED: &str = "johanna.featherstone@example.org";
    let world = World::demo();
    let jane = world.customer(JANE);
    let (room, owner) = (&world.room, world.room.owner(&jane));
    let own = Rejected::Common(Common::Context);
    owner.change_name(Some(NAME)).unwrap();
    for guessed in
        [JANE, "Jane.Doe@EXAMPLE.com", "jane doe example com 26!", NAME, "johanna doe featherstone 7"]
    {
        let changed = owner.change_password(&secret(PASSWORD), &secret(guessed)).err().unwrap();
        assert!(matches!(changed, WriteError::NewPassword { why } if why == own), "{guessed}: {changed}");
        let asked = posted(room, room.ask_reset(JANE).unwrap());
        let reset = room.reset(&Proof::Link(sent(&asked).1), &secret(guessed)).err().unwrap();
        assert!(matches!(reset, CodeError::Password { why } if why == own), "{guessed}: {reset}");
        // Who has no code is told nothing of whose it would be.
        let without = room.reset(&Proof::Link(&secret(PASSWORD)), &secret(guessed)).err().unwrap();
        assert!(matches!(without, CodeError::Code), "{guessed}: {without}");
        assert!(room.look(sent(&asked).1).is_ok(), "{guessed}: the link still stands");
        world.later(Duration::from_secs(1800));
    }
    let invited = posted(room, room.invite(INVITED, Some(NAME)).unwrap());
    for guessed in [INVITED, NAME] {
        let refused = room.accept(&Proof::Link(sent(&invited).1), &secret(guessed)).err().unwrap();
        assert!(matches!(refused, CodeError::Password { why } if why == own), "{guessed}: {refused}");
    }
    room.accept(&Proof::Link(sent(&invited).1), &secret(OTHER)).unwrap();
    assert!(is_let_in(room, JANE, PASSWORD) && is_let_in(room, INVITED, OTHER));
}

#[test]
fn no_colleagues_password_is_his_own_handle() {
    let world = World::demo();
    let (ada, why) = (world.staff("ada"), Why::purpose(Purpose::AccessAdmin));
    let case = ada.open_case(None, &why).unwrap();
    let why = why.case(CaseRef::Case(case));
    let code = ada.appoint("Bartholomew.Smithers", PrincipalKind::Human, &why).unwrap().code;
    let refused = world.room.enrol(&code, &secret("bartholomew smithers 1")).err().unwrap();
    assert!(matches!(refused, EnrolError::Password { why: Rejected::Common(Common::Context) }), "{refused}");
    world.room.enrol(&code, &secret(OTHER)).unwrap();
}
