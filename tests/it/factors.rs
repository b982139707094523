//! Second factors: what is fresh takes one in a room that holds people's data, a code and a challenge are taken once,
//! guesses get ever slower, and nobody gets around one by taking its row away.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use strongroom::room::{
    CaseRef, DenialReason, FactorAsked, FactorId, FactorKind, Kind, Page, PrincipalId, Purpose, Room,
    RoomKind, SecondFactor, SecretText, Staff, StaffError, StaffLogin, StaffLoginError, TotpOffer, Why,
};

use crate::{
    carried::{Authenticator, SshKey},
    dba::{Copy, Kept, change, is},
    scene::reason,
    two_people::{self, awaited},
    world::{FIRST, PASSWORD, World, ceremony, options, secret},
};

const MINUTE: Duration = Duration::from_secs(60);

/// A real room in which ada, an access administrator, has a password.
struct Office {
    world: World,
    ada: PrincipalId,
}

impl Office {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = strongroom::room::Clock::manual(crate::world::START);
        let options = options(&directory.path().join("room"), &clock);
        let made = Room::init(options, &ceremony(RoomKind::Real)).unwrap();
        let ada = made.room.enrol(&made.codes[0].code, &secret(PASSWORD)).unwrap();
        // Another administrator, for what colleagues do.
        made.room.enrol(&made.codes[1].code, &secret(PASSWORD)).unwrap();
        Self { world: World { room: made.room, clock, directory }, ada }
    }

    fn room(&self) -> &Room {
        &self.world.room
    }

    /// Ada with a password alone.
    fn ada(&self) -> Staff {
        self.room().staff(&self.room().staff_login("ada", &secret(PASSWORD)).unwrap().token)
    }

    /// Her half of a login.
    fn asked(&self) -> FactorAsked {
        match self.room().staff_login("ada", &secret(PASSWORD)) {
            Err(StaffLoginError::SecondFactor { asked }) => asked,
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("a password alone"),
        }
    }

    /// Her authenticator, from now on.
    fn authenticator(&self, staff: &Staff) -> Authenticator {
        let offer = TotpOffer::fresh().unwrap();
        let authenticator = Authenticator::of(offer.address("ada").expose());
        staff.add_totp(&offer, &authenticator.code(self.world.clock.now())).unwrap();
        authenticator
    }

    fn code(&self, authenticator: &Authenticator) -> Result<StaffLogin, StaffLoginError> {
        let asked = self.asked();
        let code = authenticator.code(self.world.clock.now());
        self.room().second_factor(&asked.challenge, &SecondFactor::Code(code))
    }

    /// The newest entry: event, outcome, reason.
    fn newest(&self) -> (String, String, Option<String>) {
        let store = rusqlite::Connection::open(self.world.path().join("store/store.db")).unwrap();
        let newest = "SELECT entry FROM audit_entry ORDER BY position DESC LIMIT 1";
        let line: Vec<u8> = store.query_row(newest, [], |row| row.get(0)).unwrap();
        let entry: serde_json::Value = serde_json::from_slice(&line).unwrap();
        let text = |key: &str| entry[key].as_str().map(str::to_owned);
        (text("event").unwrap(), text("outcome").unwrap(), text("reason"))
    }
}

/// What takes a fresh factor.
fn fresh(staff: &Staff) -> Result<(), StaffError> {
    staff.open_case(None, &Why::purpose(Purpose::AccessAdmin)).map(drop)
}

fn denied(login: Result<StaffLogin, StaffLoginError>) {
    assert!(matches!(login, Err(StaffLoginError::Denied)), "{:?}", login.err().map(|e| e.to_string()));
}

#[test]
fn what_must_be_fresh_takes_a_second_factor_in_a_real_room() {
    let office = Office::new();
    let staff = office.ada();
    assert_eq!(reason(fresh(&staff)), DenialReason::StaleFactor, "a password is not enough");
    staff.people(&FIRST, &Why::unstated()).unwrap();

    let offer = TotpOffer::fresh().unwrap();
    let address = offer.address("ada of the office");
    assert!(address.expose().starts_with("otpauth://totp/strongroom:ada%20of%20the%20office?secret="));
    let authenticator = Authenticator::of(address.expose());
    let late = authenticator.code(office.world.clock.now().plus(2 * MINUTE));
    let wrong = staff.add_totp(&offer, &late).err().unwrap();
    assert_eq!(wrong.kind(), Kind::Invalid, "{wrong}");
    let (event, outcome, why) = office.newest();
    assert_eq!(
        (event.as_str(), outcome.as_str(), why.as_deref()),
        ("factor.added", "failed", Some("bad_input"))
    );
    staff.add_totp(&offer, &authenticator.code(office.world.clock.now())).unwrap();
    fresh(&staff).unwrap();
    let kinds: Vec<_> = staff.factors().unwrap().iter().map(|factor| factor.kind).collect();
    assert_eq!(kinds, [FactorKind::Totp]);

    // Ten minutes, and ten: the session is in use, the factor is old.
    for _ in 0..2 {
        office.world.later(10 * MINUTE);
        staff.people(&FIRST, &Why::unstated()).unwrap();
    }
    assert_eq!(reason(fresh(&staff)), DenialReason::StaleFactor);
    let login = office.code(&authenticator).unwrap();
    fresh(&office.room().staff(&login.token)).unwrap();
}

#[test]
fn a_demonstration_room_and_machines_ask_for_none() {
    let world = World::demo();
    fresh(&world.staff("ada")).unwrap();
    let ada = world.staff("ada");
    let why = Why::purpose(Purpose::AccessAdmin);
    let why = why.clone().case(CaseRef::Case(ada.open_case(None, &why).unwrap()));
    let robot = ada.appoint("robot", strongroom::room::PrincipalKind::Machine, &why).unwrap();
    world.room.enrol(&robot.code, &secret(PASSWORD)).unwrap();
    let login = world.room.staff_login("robot", &secret(PASSWORD)).unwrap();
    let added = SshKey::plain(1).add(&world.room.staff(&login.token));
    assert_eq!(added.err().unwrap().kind(), Kind::Conflict, "a machine has none");
}

#[test]
fn a_code_is_taken_once_and_no_older_one_after_it() {
    let office = Office::new();
    let authenticator = office.authenticator(&office.ada());
    denied(office.code(&authenticator));
    let (event, outcome, why) = office.newest();
    assert_eq!(
        (event.as_str(), outcome.as_str(), why.as_deref()),
        ("staff.login", "failed", Some("factor_refused"))
    );
    let now = office.world.clock.now();
    let (asked, ahead) = (office.asked(), authenticator.code(now.plus(MINUTE / 2)));
    office.room().second_factor(&asked.challenge, &SecondFactor::Code(ahead)).unwrap();
    // Half a minute later the code of the step that the clock is in was used; a minute later it is the next.
    office.world.later(MINUTE / 2);
    denied(office.code(&authenticator));
    office.world.later(MINUTE / 2);
    office.code(&authenticator).unwrap();
    denied(office.code(&authenticator));
}

#[test]
fn guesses_get_slower_and_the_right_code_waits_too() {
    let office = Office::new();
    let authenticator = office.authenticator(&office.ada());
    office.world.later(MINUTE);
    let guess = || {
        let asked = office.asked();
        office.room().second_factor(&asked.challenge, &SecondFactor::Code(secret("no code")))
    };
    for _ in 0..5 {
        denied(guess());
    }
    denied(office.code(&authenticator));
    office.world.later(14 * MINUTE);
    denied(office.code(&authenticator));
    office.world.later(MINUTE);
    denied(guess());
    office.world.later(14 * MINUTE);
    denied(office.code(&authenticator));
    office.world.later(MINUTE);
    office.code(&authenticator).unwrap();
    // From the start again.
    office.world.later(MINUTE);
    denied(guess());
    office.code(&authenticator).unwrap();
}

#[test]
fn a_challenge_is_half_a_login_for_five_minutes_in_one_room_for_one_password() {
    let office = Office::new();
    let staff = office.ada();
    let (key, other) = (SshKey::plain(1), SshKey::plain(2));
    key.add(&staff).unwrap();
    let show = |room: &Room, challenge: &SecretText, key: &SshKey| {
        let signature = key.signature("strongroom-login", challenge.expose());
        room.second_factor(challenge, &SecondFactor::Signature(signature))
    };
    let asked = office.asked();
    assert_eq!(asked.kinds, [FactorKind::SshKey]);
    assert_eq!(office.newest().0, "factor.asked", "a right password alone is on record");
    assert!(!format!("{asked:?}").contains(asked.challenge.expose()));
    denied(show(office.room(), &asked.challenge, &other));
    let elsewhere = key.signature("git", asked.challenge.expose());
    denied(office.room().second_factor(&asked.challenge, &SecondFactor::Signature(elsewhere)));
    denied(office.room().second_factor(&asked.challenge, &SecondFactor::Code(secret("123456"))));
    denied(show(Office::new().room(), &asked.challenge, &key));
    denied(show(office.room(), &staff.key_challenge().unwrap(), &key));
    // What it states, and what vouches for that.
    for at in (0..asked.challenge.expose().len()).step_by(5) {
        let mut changed = asked.challenge.expose().to_owned();
        changed.replace_range(at..=at, if changed[at..].starts_with('A') { "B" } else { "A" });
        denied(show(office.room(), &secret(&changed), &key));
    }
    for nonsense in ["", "x", &"A".repeat(100_000)] {
        denied(show(office.room(), &secret(nonsense), &key));
    }
    show(office.room(), &asked.challenge, &key).unwrap();
    denied(show(office.room(), &asked.challenge, &key));

    // Younger than the one that was signed: it is its own age that ends it.
    office.world.later(MINUTE);
    let (asked, adding) = (office.asked(), staff.key_challenge().unwrap());
    office.world.later(5 * MINUTE);
    let signature = other.signature("strongroom-login", adding.expose());
    assert_eq!(staff.add_ssh_key(&adding, &signature).err().unwrap().kind(), Kind::Invalid);
    denied(show(office.room(), &asked.challenge, &key));
    // A new password ends what the old one began.
    let asked = office.asked();
    let alan = office.room().staff_login("alan", &secret(PASSWORD)).unwrap();
    let alan = office.room().staff(&alan.token);
    SshKey::plain(3).add(&alan).unwrap();
    let why = Why::purpose(Purpose::AccessAdmin);
    let why = why.clone().case(CaseRef::Case(alan.open_case(None, &why).unwrap()));
    let code = alan.reenrol(office.ada, &why).unwrap().code;
    denied(show(office.room(), &asked.challenge, &key));
    office.room().enrol(&code, &secret("another password of ada")).unwrap();
    denied(show(office.room(), &asked.challenge, &key));
    key.login(office.room(), "ada", "another password of ada").unwrap();
}

#[test]
fn a_security_key_counts_when_somebody_touches_it() {
    let office = Office::new();
    let staff = office.ada();
    let untouched = SshKey::in_security_key(1).untouched();
    assert_eq!(untouched.add(&staff).err().unwrap().kind(), Kind::Invalid);
    SshKey::in_security_key(1).add(&staff).unwrap();
    assert_eq!(staff.factors().unwrap()[0].kind, FactorKind::SecurityKey);
    denied(untouched.login(office.room(), "ada", PASSWORD));
    denied(SshKey::plain(1).login(office.room(), "ada", PASSWORD));
    let login = SshKey::in_security_key(1).login(office.room(), "ada", PASSWORD).unwrap();
    fresh(&office.room().staff(&login.token)).unwrap();
}

/// A file that `ssh-keygen` takes for a key.
fn keygen(directory: &Path, arguments: &[&str], input: &str) -> String {
    let mut program = Command::new("ssh-keygen")
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    program.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = program.wait_with_output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_ssh_keygen_signs_is_taken() {
    if Command::new("ssh-keygen").arg("-?").output().is_err() {
        return crate::postgres::skip("there is no ssh-keygen");
    }
    let office = Office::new();
    let directory = tempfile::tempdir().unwrap();
    for (name, kind) in [("mine", "ed25519"), ("other", "ed25519"), ("rsa", "rsa")] {
        keygen(directory.path(), &["-q", "-t", kind, "-N", "", "-f", name], "");
    }
    let sign = |key: &str, hash: &str, namespace: &str, challenge: &SecretText| {
        let hash = format!("hashalg={hash}");
        let arguments = ["-q", "-Y", "sign", "-O", &hash, "-n", namespace, "-f", key];
        keygen(directory.path(), &arguments, challenge.expose())
    };
    let staff = office.ada();
    let add = |key: &str, namespace: &str| {
        let challenge = staff.key_challenge().unwrap();
        staff.add_ssh_key(&challenge, &sign(key, "sha512", namespace, &challenge))
    };
    assert_eq!(add("rsa", "strongroom-login").err().unwrap().kind(), Kind::Invalid);
    assert_eq!(add("mine", "git").err().unwrap().kind(), Kind::Invalid);
    add("mine", "strongroom-login").unwrap();
    assert_eq!(add("mine", "strongroom-login").err().unwrap().kind(), Kind::Conflict, "twice");
    for hash in ["sha256", "sha512"] {
        let asked = office.asked();
        let shown = sign("mine", hash, "strongroom-login", &asked.challenge);
        let login = office.room().second_factor(&asked.challenge, &SecondFactor::Signature(shown)).unwrap();
        fresh(&office.room().staff(&login.token)).unwrap();
        office.world.later(MINUTE);
    }
    let asked = office.asked();
    let shown = sign("other", "sha512", "strongroom-login", &asked.challenge);
    denied(office.room().second_factor(&asked.challenge, &SecondFactor::Signature(shown)));
    assert!(fs::read_to_string(directory.path().join("mine.pub")).unwrap().starts_with("ssh-ed25519 "));
}

#[test]
fn other_sessions_end_with_a_change_and_a_factor_is_ones_own() {
    let office = Office::new();
    let (other, staff) = (office.ada(), office.ada());
    let first = SshKey::plain(1).add(&staff).unwrap();
    assert_eq!(reason(other.people(&FIRST, &Why::unstated())), DenialReason::SessionEnded);
    let second = SshKey::plain(2).add(&staff).unwrap();
    let alan = office.room().staff_login("alan", &secret(PASSWORD)).unwrap();
    let alan = office.room().staff(&alan.token);
    assert_eq!(alan.remove_factor(first).err().unwrap().kind(), Kind::NotFound, "another's");
    assert!(alan.factors().unwrap().is_empty());
    let hers = staff.key_challenge().unwrap();
    let signature = SshKey::plain(3).signature("strongroom-login", hers.expose());
    assert_eq!(alan.add_ssh_key(&hers, &signature).err().unwrap().kind(), Kind::Invalid, "asked by another");
    // Taken from a colleague by two people alone.
    SshKey::plain(3).add(&alan).unwrap();
    let why = Why::purpose(Purpose::AccessAdmin);
    let why = why.clone().case(CaseRef::Case(alan.open_case(None, &why).unwrap()));
    let waits = alan.reset_factors(office.ada, &why).err().unwrap();
    assert!(waits.to_string().contains("second person"), "{waits}");

    staff.remove_factor(first).unwrap();
    denied(SshKey::plain(1).login(office.room(), "ada", PASSWORD));
    fresh(&staff).unwrap();
    staff.remove_factor(second).unwrap();
    assert_eq!(reason(fresh(&staff)), DenialReason::StaleFactor, "a password alone again");
    office.room().staff_login("ada", &secret(PASSWORD)).unwrap();
    // Long after the login nobody changes his factors.
    office.world.later(10 * MINUTE);
    staff.people(&FIRST, &Why::unstated()).unwrap();
    office.world.later(10 * MINUTE);
    assert_eq!(reason(SshKey::plain(4).add(&staff)), DenialReason::StaleFactor);
    assert_eq!(reason(staff.remove_factor(FactorId::from_bytes([9; 16]))), DenialReason::StaleFactor);
}

#[test]
fn what_a_colleague_lost_is_taken_from_all_his_sessions() {
    let scene = two_people::Scene::new();
    let room = &scene.world.room;
    let sam = scene.world.staff("sam");
    SshKey::plain(1).add(&sam).unwrap();
    let (elsewhere, other) = (scene.world.staff("sam"), scene.world.staff("lea"));
    let (ada, why) = scene.admin("ada");
    let reset = || ada.reset_factors(scene.id("sam"), &why);
    let asked = awaited(reset());
    for staff in [&sam, &elsewhere] {
        staff.inbox(&Page::first(500), &Why::unstated()).unwrap();
    }
    scene.approve("alan", asked.approval).unwrap();
    assert_eq!(reset().unwrap(), 1);
    for staff in [&sam, &elsewhere] {
        assert_eq!(reason(staff.inbox(&Page::first(500), &Why::unstated())), DenialReason::SessionEnded);
    }
    other.inbox(&Page::first(500), &Why::unstated()).unwrap();
    let sam = crate::scene::staff(room, "sam");
    assert_eq!(sam.factors().unwrap(), []);
    sam.inbox(&Page::first(500), &Why::unstated()).unwrap();
}

#[test]
fn nobody_has_more_than_eight_factors() {
    let world = World::demo();
    let ada = world.staff("ada");
    let added: Vec<_> = (1..=8).map(|seed| SshKey::plain(seed).add(&ada).unwrap()).collect();
    assert_eq!(SshKey::plain(9).add(&ada).err().unwrap().kind(), Kind::Conflict);
    assert_eq!(ada.factors().unwrap().len(), 8);
    ada.remove_factor(added[0]).unwrap();
    SshKey::plain(9).add(&ada).unwrap();
}

#[test]
fn a_factor_that_sql_takes_away_is_missed() {
    let office = Office::new();
    let staff = office.ada();
    let before = Kept::of(&Copy::of(&office.world).store(), "principal", &is("id", office.ada));
    SshKey::plain(1).add(&staff).unwrap();
    // Between two openings the room is open: the row goes under its feet.
    let copy = Copy::of(&office.world);
    let open = copy.room();
    change(&copy.store(), "DELETE FROM factor", [], 1);
    let login = open.staff_login("ada", &secret(PASSWORD)).err().unwrap();
    assert_eq!(login.kind(), Kind::Integrity, "{login}");
    drop(open);
    assert!(copy.refused().contains("confer authority"));
    // Another key put in its place, or the count: neither has a MAC.
    for edited in ["UPDATE factor SET public_key = zeroblob(32)", "UPDATE principal SET factors = 0"] {
        let copy = Copy::of(&office.world);
        let open = copy.room();
        copy.store().execute_batch(edited).unwrap();
        let login = open.staff_login("ada", &secret(PASSWORD));
        assert!(matches!(login.err().map(|e| e.kind()), Some(Kind::Integrity | Kind::Denied)), "{edited}");
        drop(open);
        assert!(!copy.authority_is_found().is_empty(), "{edited}");
    }
    let copy = Copy::of(&office.world);
    before.put_back(&copy.store());
    change(&copy.store(), "DELETE FROM factor", [], 1);
    assert!(copy.authority_is_found().is_empty(), "genuine, and old: found by the sum");
}

/// A factor that was taken away, put back as it was: it is genuine, and the log says that it went.
#[test]
fn a_factor_that_is_put_back_or_gone_is_not_what_the_log_says() {
    let office = Office::new();
    let staff = office.ada();
    let kept = SshKey::plain(1).add(&staff).unwrap();
    let gone = SshKey::plain(2).add(&staff).unwrap();
    let before = Copy::of(&office.world);
    staff.remove_factor(gone).unwrap();
    let kinds = |copy: &Copy| -> Vec<(&str, String)> {
        let found = copy.verify().report.faults;
        found.iter().map(|fault| (fault.kind.name(), fault.place.to_string())).collect()
    };
    let copy = Copy::of(&office.world);
    assert_eq!(kinds(&copy), []);
    let open = copy.room();
    Kept::of(&before.store(), "factor", &is("id", gone)).put_back(&copy.store());
    let broken = |open: &Room| {
        let login = open.staff_login("ada", &secret(PASSWORD)).err().unwrap();
        assert_eq!(login.kind(), Kind::Integrity, "more factors than her row counts: {login}");
    };
    broken(&open);
    drop(open);
    assert_eq!(kinds(&copy), [("factors_differ", format!("factor {gone}"))]);
    let copy = Copy::of(&office.world);
    change(&copy.store(), "DELETE FROM factor WHERE id = ?1", [kept.as_bytes().to_vec()], 1);
    assert_eq!(kinds(&copy), [("factors_differ", format!("factor {kept}"))]);
    let copy = Copy::of(&office.world);
    let strange = "INSERT INTO factor SELECT randomblob(16), principal, kind, public_key, application, created_ms, \
                   used, failures, failed_ms, state, secret_sealed, changed_at, mac FROM factor WHERE id = ?1";
    change(&copy.store(), strange, [kept.as_bytes().to_vec()], 1);
    assert_eq!(kinds(&copy).len(), 1);
}
