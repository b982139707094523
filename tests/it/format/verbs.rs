//! FORMAT.md section 10: each verb leaves the record that the table says, and the table has every verb.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use strongroom::room::{
    AccountId, Action, Answer, AttachmentId, Backups, CaseId, CaseRef, Class, Classes, Clue, Compared,
    Currency, Custody, Field, GrantId, ImportOptions, InvoiceBody, InvoiceLine, InvoiceLines, InvoiceNumber,
    LogPart, Money, Origin, OwnerSession, Page, PaymentFacts, PaymentFields, PaymentResult, PrincipalId,
    PrincipalKind, Processor, ProcessorReference, Proof, Purpose, Registration, Retry, Role, Room, RoomKind,
    SecondFactor, SecretText, Staff, StaffLoginError, Suspension, SuspensionReason, TicketId, TicketQueue,
    TotpOffer, Waivable, Why,
};

use super::reader::{Reader, rows};
use crate::{
    carried::{Authenticator, SshKey},
    codes::by_code,
    disk, fixture,
    post::{emptied, posted, postman, sent},
    source, spans,
    suspended::guarded,
    world::{JANE, PASSWORD, START, World, ceremony, options, secret},
};

/// What the table says of each verb, in the document's words.
pub fn documented() -> BTreeMap<String, String> {
    let text = source::read("FORMAT.md");
    let (_, rest) = text.split_once("<!-- verbs -->\n").unwrap();
    let (table, _) = rest.split_once("<!-- end -->").unwrap();
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    table.lines().skip(2).map(cells).map(|row| (row[0].replace('`', ""), row[1].clone())).collect()
}

/// The public verbs of the room, its owners and its staff, as the source declares them.
fn declared() -> BTreeSet<String> {
    let mut verbs = BTreeSet::new();
    for path in source::files("src/room").into_iter().filter(|path| path.ends_with(".rs")) {
        let mut holder = None;
        for line in source::read(&path).lines() {
            if let Some(rest) = line.strip_prefix("impl ") {
                let name = rest.split([' ', '<']).next().unwrap();
                holder = ["Room", "RoomOptions", "Owner", "Staff"].into_iter().find(|one| *one == name);
            }
            let Some(verb) = line.strip_prefix("    pub fn ") else { continue };
            let verb = verb.split(['(', '<']).next().unwrap();
            // Options are built by `new`, which is no verb; `Room::owner` lends the owner's verbs.
            if let Some(holder) = holder.filter(|_| !matches!(verb, "new" | "owner")) {
                verbs.insert(format!("{holder}::{verb}"));
            }
        }
    }
    verbs
}

/// Whether a record is one that the table's cell allows: `entry NAME [or NAME]`, `activity NAME [, or NAME]` or `none`,
/// up to a semicolon or a colon, behind which the cell explains.
fn allows(cell: &str, record: &str) -> bool {
    let first = cell.split([';', ':']).next().unwrap().replace('`', "");
    let first = first.split(" if ").next().unwrap();
    let (kind, names) = first.split_once(' ').unwrap_or((first, ""));
    let stated: Vec<String> = names
        .split(" or ")
        .map(|name| name.split(',').next().unwrap().trim())
        .map(|name| format!("{kind} {name}").trim().to_owned())
        .collect();
    stated.iter().any(|one| one == record)
}

/// A room at work, and what each verb left.
struct Stage {
    world: World,
    seen: BTreeMap<String, Vec<String>>,
}

/// The log's events and the customers' activities so far.
fn records(reader: &Reader) -> Vec<String> {
    let names = [
        "login",
        "failed login",
        "read",
        "attachment opened",
        "logout",
        "login while the log was stopped",
        "code asked for",
        "code refused",
        "session ended",
        "login to a suspended account",
    ];
    let activities = rows(&reader.store, "SELECT event FROM activity ORDER BY rowid", None, |row| {
        Ok(format!("activity {}", names[usize::from(row.get::<_, u8>(0)?) - 1]))
    });
    let entries =
        reader.log().into_iter().map(|entry| format!("entry {}", entry.json["event"].as_str().unwrap()));
    entries.chain(activities).collect()
}

impl Stage {
    /// Does one verb and notes what it left: `none`, or each record. Its span is the verb's, and has the id and the
    /// outcome of each entry that it left.
    fn verb<T>(&mut self, name: &str, run: impl FnOnce(&Room) -> T) -> T {
        let size = |stage: &Self| Reader::open(&stage.world.path()).log().len();
        let (mut before, entries) = (records(&Reader::open(&self.world.path())), size(self));
        let (value, told) = spans::heard(|| run(&self.world.room));
        let of_verb = || told.iter().filter(|span| span.name == spans::name(name));
        for entry in Reader::open(&self.world.path()).log().iter().skip(entries) {
            for field in ["request", "outcome"] {
                let stands = entry.json[field].as_str().unwrap();
                let is_told = of_verb().flat_map(|span| span.said(field)).any(|said| said == stands);
                assert!(is_told, "{name}: its span does not have {field} `{stands}`");
            }
        }
        let mut left = Vec::new();
        for record in records(&Reader::open(&self.world.path())) {
            match before.iter().position(|known| *known == record) {
                Some(at) => drop(before.remove(at)),
                None => left.push(record),
            }
        }
        if left.is_empty() {
            left.push("none".to_owned());
        }
        self.seen.entry(name.to_owned()).or_default().extend(left);
        value
    }

    /// A member of staff whose session was begun off stage.
    fn staff(&self, handle: &str) -> Staff {
        self.world.staff(handle)
    }
}

fn why(purpose: Purpose) -> Why {
    Why::purpose(purpose)
}

#[test]
fn each_verb_leaves_the_record_that_the_table_says() {
    let mut stage = Stage { world: World::demo(), seen: BTreeMap::new() };
    the_room(&mut stage);
    let (owner, ticket, attachment) = customer(&mut stage);
    support(&mut stage, owner.account(), ticket, attachment);
    let billed = stage.world.room.owner(&owner).open_ticket("Refund", "Please.").unwrap().ticket;
    billing(&mut stage, owner.account(), billed);
    stage.verb("Owner::billing", |room| drop(room.owner(&owner).billing(&crate::world::FIRST).unwrap()));
    people(&mut stage);
    auditors(&mut stage, owner.account());
    backups(&mut stage);
    held(&mut stage);
    endings(&mut stage, &owner);
    newcomers(&mut stage);
    own_account(&mut stage);
    outbox(&mut stage);
    stage.seen.extend(of_an_older_room());

    let documented = documented();
    for (verb, left) in &stage.seen {
        let cell = documented.get(verb).unwrap_or_else(|| panic!("`{verb}` is not in the table"));
        for record in left {
            assert!(allows(cell, record), "{verb} left `{record}`, the table says `{cell}`");
        }
    }
    let undone: Vec<_> = documented.keys().filter(|verb| !stage.seen.contains_key(*verb)).collect();
    assert!(undone.is_empty(), "no test does {undone:?}");
}

#[test]
fn the_table_has_every_verb() {
    let documented: BTreeSet<String> = documented().into_keys().collect();
    assert_eq!(documented, declared());
}

fn the_room(stage: &mut Stage) {
    let path = stage.world.path();
    stage.seen.insert("Room::init".to_owned(), records(&Reader::open(&path)));
    let clock = stage.world.clock.clone();
    stage.verb("RoomOptions::open", |_| options(&path, &clock).open().unwrap());
    stage.verb("Room::id", Room::id);
    stage.verb("Room::from", |room| drop(room.from(&Origin::new())));
    stage.verb("Room::clock", |room| room.clock().now());
    stage.verb("Room::verifier_key", Room::verifier_key);
    stage.verb("Room::log_size", |room| room.log_size().unwrap());
    stage.verb("Room::doctor", |room| room.doctor().unwrap());
    stage.verb("Room::cautions", |room| room.cautions().unwrap());
    stage.verb("Room::health", Room::health);
    stage.verb("Room::metrics", |room| room.metrics().to_string());
    stage.verb("Room::settings", Room::settings);
    stage.verb("RoomOptions::configuration", |_| options(&path, &clock).configuration().unwrap());
    stage.verb("RoomOptions::webhook", |_| options(&path, &clock).webhook().unwrap());
    stage.verb("Room::checkpoint", |room| room.checkpoint().unwrap());
}

/// What is done with a room of an older format alone.
fn of_an_older_room() -> BTreeMap<String, Vec<String>> {
    let mut stage = Stage { world: fixture::first(), seen: BTreeMap::new() };
    let backup = stage.world.path().with_file_name("data");
    stage.world.room.backup_data(&backup, |_, _| ()).unwrap();
    stage.verb("Room::upgrade_plan", |room| room.upgrade_plan().unwrap());
    stage.verb("Room::upgrade", |room| room.upgrade(&backup, |_, _| ()).unwrap());
    stage.seen
}

fn backups(stage: &mut Stage) {
    let (path, clock) = (stage.world.path(), stage.world.clock.clone());
    let at = |name: &str| path.with_file_name(name);
    stage.verb("Room::backup_data", |room| room.backup_data(&at("data"), |_, _| ()).unwrap());
    stage.verb("Room::backup_keyring", |room| room.backup_keyring(&at("kept"), |_, _| ()).unwrap());
    stage.verb("Room::format", |room| room.format().unwrap());
    // A copy, because nobody may have the room open.
    let (copy, backups) =
        (at("copy"), Backups { data: Some(at("data")), keyring: Some(at("kept")), ..Backups::default() });
    disk::copy(&path, &copy);
    options(&copy, &clock).restore(&backups, |_, _| ()).unwrap();
    let entries = Reader::open(&copy).log();
    let newest = entries.last().unwrap().json["event"].as_str().unwrap().to_owned();
    let left = vec![format!("entry {newest}")];
    stage.seen.insert("RoomOptions::restore".to_owned(), left);
    // A room of its own: its shares are told once.
    let made = Room::init(options(&at("other"), &clock), &ceremony(RoomKind::Demo)).unwrap();
    let shares: Vec<_> = made.shares.into_iter().map(|share| share.text).collect();
    drop(made.room);
    options(&at("other"), &clock).recover(&shares, &["rita".to_owned()], Custody::default()).unwrap();
    let newest = Reader::open(&at("other")).log().last().unwrap().json["event"].as_str().unwrap().to_owned();
    stage.seen.insert("RoomOptions::recover".to_owned(), vec![format!("entry {newest}")]);
}

/// A copy whose outside checkpoint is lost, and two people.
fn held(stage: &mut Stage) {
    let (path, clock) = (stage.world.path(), stage.world.clock.clone());
    let copy = path.with_file_name("held");
    disk::copy(&path, &copy);
    for name in ["checkpoint.a", "checkpoint.b"] {
        std::fs::remove_file(copy.join("outside").join(name)).unwrap();
    }
    let newest = || Reader::open(&copy).log().last().unwrap().json["event"].as_str().unwrap().to_owned();
    let before = records(&Reader::open(&copy));
    let room = options(&copy, &clock).open_or_hold().unwrap();
    assert_eq!(records(&Reader::open(&copy)), before);
    stage.seen.insert("RoomOptions::open_or_hold".to_owned(), vec!["none".to_owned()]);
    let staff = |handle| room.staff(&room.assume(handle).unwrap().token);
    let (ada, alan, why) = (staff("ada"), staff("alan"), why(Purpose::AccessAdmin));
    assert!(ada.resume(&why).is_err());
    let asked = newest();
    let waits = alan.approvals(&crate::world::FIRST, &Why::unstated()).unwrap().rows;
    let waits = waits.iter().find(|one| one.action == strongroom::room::Action::RoomResume).unwrap();
    alan.approve(waits.approval, &Why::unstated()).unwrap();
    ada.resume(&why).unwrap();
    let left = [asked, newest()].map(|event| format!("entry {event}"));
    stage.seen.insert("Staff::resume".to_owned(), left.to_vec());
}

fn customer(stage: &mut Stage) -> (OwnerSession, TicketId, AttachmentId) {
    let password = secret(PASSWORD);
    let registration = Registration { email: JANE, name: Some("Jane Doe"), password: &password };
    let account = stage.verb("Room::register", |room| room.register(&registration).unwrap().account);
    let line = crate::import::line("old@example.com");
    let options = ImportOptions::default();
    let import = |room: &Room| room.import_accounts(line.as_bytes(), options, |_| Ok(()), |_| ()).unwrap();
    assert_eq!(stage.verb("Room::import_accounts", import).accepted, 1);
    assert_eq!(stage.verb("Room::find", |room| room.find(JANE).unwrap()), Some(account));
    for (typed, wrong) in [(JANE, "not her password at all"), ("nobody@example.com", PASSWORD)] {
        let answer = stage.verb("Room::login", |room| room.login(typed, &secret(wrong)).unwrap());
        assert!(matches!(answer, Answer::Denied));
    }
    let login = |room: &Room| match room.login(JANE, &secret(PASSWORD)).unwrap().complete() {
        Some(granted) => granted,
        None => panic!("the right password was denied"),
    };
    let first = stage.verb("Room::login", login);
    let owner = stage.verb("Room::resume", |room| room.resume(&first.token).unwrap());
    assert_eq!(owner.account(), account);
    stage.verb("Owner::profile", |room| drop(room.owner(&owner).profile().unwrap()));
    let ticket = stage
        .verb("Owner::open_ticket", |room| room.owner(&owner).open_ticket("Login", "Fails.").unwrap().ticket);
    stage.verb("Owner::write", |room| room.owner(&owner).write(ticket, "Still.").unwrap());
    stage.verb("Owner::activity", |room| room.owner(&owner).activity(&crate::world::FIRST).unwrap());
    stage.verb("Owner::tickets", |room| room.owner(&owner).tickets(&crate::world::FIRST).unwrap());
    stage.verb("Owner::ticket", |room| drop(room.owner(&owner).ticket(ticket).unwrap()));
    let attach =
        |room: &Room| room.owner(&owner).attach(ticket, "a.txt", "text/plain", &b"text"[..]).unwrap();
    let attachment = stage.verb("Owner::attach", attach).attachment;
    stage
        .verb("Owner::open_attachment", |room| drop(room.owner(&owner).open_attachment(attachment).unwrap()));
    let second = login(&stage.world.room);
    stage.verb("Room::logout", |room| room.logout(&second.token).unwrap());
    (owner, ticket, attachment)
}

/// Registrations, invitations and forgotten passwords.
fn newcomers(stage: &mut Stage) {
    let password = secret(PASSWORD);
    let registration = Registration { email: "new@example.com", name: None, password: &password };
    let asked = stage.verb("Room::sign_up", |room| room.sign_up(&registration).unwrap());
    let asked = posted(&stage.world.room, asked);
    let (_, link) = sent(&asked);
    stage.verb("Room::look", |room| room.look(link).unwrap());
    let wrong = secret("00000000");
    assert!(stage.world.room.confirm(&by_code(&asked, &wrong)).is_err());
    stage.verb("Room::confirm", |room| room.confirm(&Proof::Link(link)).unwrap());
    let invited = stage.verb("Room::invite", |room| room.invite("guest@example.com", None).unwrap());
    let invited = posted(&stage.world.room, invited);
    stage.verb("Room::accept", |room| room.accept(&Proof::Link(sent(&invited).1), &password).unwrap());
    for email in ["new@example.com", "nobody@example.com"] {
        let asked = stage.verb("Room::ask_reset", |room| room.ask_reset(email).unwrap());
        assert!(stage.world.room.reset(&by_code(&asked, &wrong), &password).is_err());
        let asked = posted(&stage.world.room, asked);
        if !asked.unsent.is_empty() {
            stage.verb("Room::reset", |room| room.reset(&Proof::Link(sent(&asked).1), &password).unwrap());
        }
    }
    drop(stage.world.room.invite("late@example.com", None).unwrap());
    stage.world.in_use(Duration::from_secs(7 * 24 * 3600));
    stage.world.later(Duration::from_secs(6 * 3600));
    assert!(stage.verb("Room::beat", |room| room.beat().unwrap()).is_some());
    stage.verb("Room::sweep", |room| assert_eq!(room.sweep().unwrap().registrations, 1));
}

/// What is delivered, and what is not.
fn outbox(stage: &mut Stage) {
    let robot = postman(&stage.world.room);
    let (minute, why) = (Duration::from_secs(60), Why::unstated());
    assert!(stage.verb("Room::outbox", |room| room.outbox().unwrap()).pending > 0);
    drop(emptied(&stage.world.room));
    for email in ["first@example.com", "second@example.com"] {
        stage.world.customer(email);
    }
    let claimed = stage.verb("Staff::claim", |_| robot.claim(2, minute, &why).unwrap());
    stage.verb("Staff::ack", |_| robot.ack(&claimed[0].lease, &why).unwrap());
    stage.verb("Staff::nack", |_| robot.nack(&claimed[1].lease, Retry::Never, &why).unwrap());
    let dead =
        stage.verb("Staff::dead_letters", |_| robot.dead_letters(&Page::first(500), &why).unwrap().rows);
    stage.verb("Staff::redrive", |_| robot.redrive(dead[0].notice, &why).unwrap());
    webhooks(stage);
}

/// What another program is told.
fn webhooks(stage: &mut Stage) {
    let sends = crate::webhooks::configured(&stage.world, "https://example.com/", "");
    for email in ["third@example.com", "fourth@example.com"] {
        let password = secret(PASSWORD);
        sends.register(&Registration { email, name: None, password: &password }).unwrap();
    }
    let minute = Duration::from_secs(60);
    assert_eq!(stage.verb("Room::webhooks", |_| sends.webhooks().unwrap()).pending, 2);
    let first = stage.verb("Room::next_webhook", |_| sends.next_webhook(minute).unwrap().unwrap());
    stage.verb("Room::webhook_delivered", |_| assert!(sends.webhook_delivered(&first).unwrap()));
    let second = sends.next_webhook(minute).unwrap().unwrap();
    stage.verb("Room::webhook_failed", |_| assert!(sends.webhook_failed(&second, Retry::Never).unwrap()));
    let dead = stage
        .verb("Room::outbox_rows", |_| sends.outbox_rows(true, &Page::first(500)).unwrap().unwrap().rows);
    stage.verb("Room::redrive", |_| assert!(sends.redrive(dead[0].notice).unwrap()));
}

/// What customers change themselves.
fn own_account(stage: &mut Stage) {
    let joe = stage.world.customer("joseph@example.com");
    let (password, other) = (secret(PASSWORD), secret("nine brass lanterns in a row"));
    stage.verb("Owner::change_name", |room| room.owner(&joe).change_name(Some("Joe")).unwrap());
    stage.verb("Owner::change_password", |room| room.owner(&joe).change_password(&password, &other).unwrap());
    let login = |room: &Room| room.login("joseph@example.com", &other).unwrap().complete().unwrap();
    let second = login(&stage.world.room).owner.session();
    stage.verb("Owner::sessions", |room| {
        assert_eq!(room.owner(&joe).sessions(&Page::first(500)).unwrap().rows.len(), 2);
    });
    stage.verb("Owner::end_session", |room| room.owner(&joe).end_session(second).unwrap());
    let change = stage
        .verb("Owner::ask_address", |room| room.owner(&joe).ask_address(&other, "joe@example.org").unwrap());
    let change = posted(&stage.world.room, change);
    let link = sent(&change).1;
    stage.verb("Room::confirm_address", |room| room.confirm_address(&Proof::Link(link)).unwrap());
    let expires = stage.world.clock.now().plus(Duration::from_secs(60));
    let made =
        stage.verb("Owner::make_api_key", |room| room.owner(&joe).make_api_key(&["dns"], expires).unwrap());
    stage.verb("Room::api_key", |room| assert!(room.api_key(&made.key).unwrap().is_some()));
    stage.verb("Owner::api_keys", |room| room.owner(&joe).api_keys(&Page::first(500)).unwrap());
    stage.verb("Owner::revoke_api_key", |room| room.owner(&joe).revoke_api_key(made.id).unwrap());
    let (world, sven, why) = guarded();
    let eve = world.customer("eve@example.com").account();
    let why = why(eve);
    // In a room of its own, in which somebody guards accounts.
    let main = std::mem::replace(&mut stage.world, world);
    let suspension = Suspension { reason: SuspensionReason::Abuse, until: None };
    stage.verb("Staff::suspend", |_| sven.suspend(eve, suspension, &why).unwrap());
    stage.verb("Room::login", |room| {
        assert!(matches!(room.login("eve@example.com", &password).unwrap(), Answer::Suspended(_)));
    });
    stage.verb("Staff::reinstate", |_| sven.reinstate(eve, &why).unwrap());
    stage.world = main;
}

fn support(stage: &mut Stage, account: AccountId, ticket: TicketId, attachment: AttachmentId) {
    let login = stage.verb("Room::assume", |room| room.assume("sam").unwrap());
    stage.verb("Room::in_roles", |room| drop(room.in_roles(&[Role::Support])));
    let sam = stage.verb("Room::staff", |room| room.staff(&login.token));
    let why = why(Purpose::SupportRequest);
    stage.verb("Staff::find", |_| sam.find(JANE, &why).unwrap());
    stage.verb("Staff::find", |_| sam.find("nobody@example.com", &why).is_err());
    stage.verb("Staff::search", |_| drop(sam.search(&Clue::Words("jane"), &why).unwrap()));
    stage.verb("Staff::search", |_| drop(sam.search(&Clue::Invoice("R-0"), &why).unwrap()));
    stage.verb("Staff::account", |_| drop(sam.account(account, &why).unwrap()));
    stage.verb("Staff::ticket", |_| drop(sam.ticket(ticket, &why).err().unwrap()));
    stage.verb("Staff::assign", |_| sam.assign(ticket, login.principal, &Why::unstated()).unwrap());
    stage.verb("Staff::ticket", |_| drop(sam.ticket(ticket, &why).unwrap()));
    let (mine, page) = (TicketQueue::Mine, Page::first(10));
    let listed = stage.verb("Staff::tickets", |_| sam.tickets(mine, &page, &Why::unstated()).unwrap());
    assert_eq!(listed.rows[0].header.ticket, ticket);
    stage.verb("Staff::reply", |_| sam.reply(ticket, "We look.", &why).unwrap());
    stage.verb("Staff::note", |_| sam.note(ticket, "Odd.", &why).unwrap());
    stage.verb("Staff::attachment", |_| drop(sam.attachment(attachment, &why).unwrap()));
    stage.verb("Staff::attachment_from", |_| drop(sam.attachment_from(attachment, 2, &why).unwrap()));
    stage.verb("Staff::attach", |_| sam.attach(ticket, "b.txt", "text/plain", &b"more"[..], &why).unwrap());
    let receipt = stage.verb("Staff::ask_account", |_| {
        sam.ask_account(account, &[Field::Email], Action::AccountReadMasked, &why).unwrap()
    });
    let seals = stage.verb("Room::account_seals", |room| room.account_seals(account).unwrap());
    stage.verb("Room::open_masked", |room| room.open_masked(receipt, &seals.email).unwrap());
    let refused = sam.reveal_email(account, &why);
    assert!(refused.is_err(), "support reveals with an elevation, which is not built yet");
    reveal(stage, account);
    let call = stage.verb("Staff::take_call", |_| sam.take_call(account, &why).unwrap().ticket);
    let on = why.clone().case(CaseRef::Ticket(call));
    let answer = secret("Jane Doe");
    let told =
        stage.verb("Staff::verify_field", |_| sam.verify_field(account, Field::Name, &answer, &on).unwrap());
    assert_eq!(told, Compared::Match);
    stage.verb("Staff::work_on", |_| sam.work_on(CaseRef::Ticket(call), None).unwrap());
    stage.verb("Staff::inbox", |_| sam.inbox(&Page::first(500), &why).unwrap());
    stage.verb("Staff::close_ticket", |_| sam.close_ticket(ticket, &why).unwrap());
    stage.verb("Staff::logout", |_| sam.logout().unwrap());
}

/// What a privacy officer sees on the strength of a case.
fn reveal(stage: &mut Stage, account: AccountId) {
    let priya = stage.staff("priya");
    let plain = why(Purpose::DataSubjectRequest);
    let case: CaseId = stage.verb("Staff::open_case", |_| priya.open_case(Some(account), &plain).unwrap());
    let why = plain.clone().case(CaseRef::Case(case));
    stage.verb("Staff::reveal_email", |_| drop(priya.reveal_email(account, &why).unwrap()));
    stage.verb("Staff::reveal_name", |_| drop(priya.reveal_name(account, &why).unwrap()));
    let ask = || priya.ask_account(account, &[Field::Email], Action::AccountRevealField, &why).unwrap();
    let receipt = stage.verb("Staff::ask_account", |_| ask());
    let seals = stage.world.room.account_seals(account).unwrap();
    stage.verb("Room::open", |room| drop(room.open(receipt, &seals.email).unwrap()));
    stage.verb("Staff::close_case", |_| priya.close_case(case, &plain).unwrap());
}

fn billing(stage: &mut Stage, account: AccountId, ticket: TicketId) {
    let login = stage.world.room.assume("bill").unwrap();
    let bill = stage.world.room.staff(&login.token);
    bill.assign(ticket, login.principal, &Why::unstated()).unwrap();
    let why = why(Purpose::BillingDispute).case(CaseRef::Ticket(ticket));
    let amount = Money::new(999, Currency::from_code("EUR").unwrap()).unwrap();
    let facts = PaymentFacts { result: PaymentResult::Approved, amount, date: START };
    let reference = ProcessorReference::parse(Processor::Other, "order-2026-17").ok().unwrap();
    let fields = PaymentFields { reference, card: None };
    stage.verb("Staff::record_payment", |_| bill.record_payment(account, &facts, fields, &why).unwrap());
    let lines = InvoiceLines::new(vec![InvoiceLine::new("Hosting", 1, amount).ok().unwrap()]).ok().unwrap();
    let number = InvoiceNumber::accept("R-1").ok().unwrap();
    let invoice = InvoiceBody { number, address: None, lines };
    stage.verb("Staff::record_invoice", |_| bill.record_invoice(account, START, invoice, &why).unwrap());
    stage.verb("Staff::billing", |_| drop(bill.billing(account, &crate::world::FIRST, &why).unwrap()));
    stage.verb("Staff::billing_detail", |_| {
        drop(bill.billing_detail(account, &crate::world::FIRST, &why).unwrap());
    });
}

fn people(stage: &mut Stage) {
    let ada = stage.staff("ada");
    let plain = why(Purpose::AccessAdmin);
    let case = ada.open_case(None, &plain).unwrap();
    let why = plain.case(CaseRef::Case(case));
    let code = stage.verb("Staff::appoint", |_| ada.appoint("nina", PrincipalKind::Human, &why).unwrap());
    stage.verb("Room::enrol", |room| room.enrol(&code.code, &secret(PASSWORD)).unwrap());
    stage.verb("Room::staff_login", |room| drop(room.staff_login("nina", &secret(PASSWORD)).unwrap()));
    let wrong: SecretText = secret("not the password of nina");
    stage.verb("Room::staff_login", |room| assert!(room.staff_login("nina", &wrong).is_err()));
    second_person(stage, code.principal, &ada, &why);
    let people = stage.verb("Staff::people", |_| ada.people(&crate::world::FIRST, &why).unwrap().rows);
    let lea = stage.world.room.assume("lea").unwrap().principal;
    let grant: GrantId = people.iter().find(|one| one.header.principal == lea).unwrap().grants[0].grant;
    stage.verb("Staff::revoke", |_| ada.revoke(grant, &why).unwrap());
    stage.verb("Staff::link", |_| ada.link(code.principal, None, &why).unwrap());
    factors(stage, &ada, code.principal, &why);
    stage.verb("Staff::reenrol", |_| drop(ada.reenrol(code.principal, &why).unwrap()));
    stage.verb("Staff::disable", |_| ada.disable(code.principal, &why).unwrap());
}

/// Nina has an authenticator and a key.
fn factors(stage: &mut Stage, ada: &Staff, nina: PrincipalId, why: &Why) {
    let login = stage.world.room.staff_login("nina", &secret(PASSWORD)).unwrap();
    let staff = stage.world.room.staff(&login.token);
    let offer = TotpOffer::fresh().unwrap();
    let wrong = || staff.add_totp(&offer, &secret("no code")).map(drop);
    stage.verb("Staff::add_totp", |_| assert!(wrong().is_err()));
    let code = Authenticator::of(offer.address("nina").expose()).code(stage.world.clock.now());
    let totp = stage.verb("Staff::add_totp", |_| staff.add_totp(&offer, &code).unwrap());
    let challenge = stage.verb("Staff::key_challenge", |_| staff.key_challenge().unwrap());
    let key = SshKey::plain(1);
    let signature = key.signature("strongroom-login", challenge.expose());
    stage.verb("Staff::add_ssh_key", |_| staff.add_ssh_key(&challenge, &signature).unwrap());
    stage.verb("Staff::factors", |_| assert_eq!(staff.factors().unwrap().len(), 2));
    stage.verb("Staff::remove_factor", |_| staff.remove_factor(totp).unwrap());
    let asked = stage.verb("Room::staff_login", |room| room.staff_login("nina", &secret(PASSWORD)).err());
    let Some(StaffLoginError::SecondFactor { asked }) = asked else { panic!("a password alone") };
    let wrong = SecondFactor::Code(secret("no code"));
    stage.verb("Room::second_factor", |room| drop(room.second_factor(&asked.challenge, &wrong).err()));
    let signed = SecondFactor::Signature(key.signature("strongroom-login", asked.challenge.expose()));
    stage.verb("Room::second_factor", |room| drop(room.second_factor(&asked.challenge, &signed).unwrap()));
    stage.verb("Staff::reset_factors", |_| assert!(ada.reset_factors(nina, why).is_err()));
    let alan = stage.staff("alan");
    let waits = alan.approvals(&crate::world::FIRST, &Why::unstated()).unwrap();
    alan.approve(waits.rows[0].approval, &Why::unstated()).unwrap();
    stage.verb("Staff::reset_factors", |_| assert_eq!(ada.reset_factors(nina, why).unwrap(), 1));
}

/// What takes a second person: asked, looked at, approved and carried out.
fn second_person(stage: &mut Stage, nina: PrincipalId, ada: &Staff, why: &Why) {
    let (day, plain, alan) = (Duration::from_secs(86_400), Why::unstated(), stage.staff("alan"));
    let give = || ada.give(nina, Role::Support, day, why);
    stage.verb("Staff::give", |_| assert!(give().is_err()));
    stage.verb("Staff::waiting", |_| alan.waiting().unwrap());
    stage.verb("Staff::session", |_| alan.session().unwrap().unwrap());
    let waits = stage.verb("Staff::approvals", |_| alan.approvals(&crate::world::FIRST, &plain).unwrap());
    let approval = waits.rows[0].approval;
    stage.verb("Staff::approval", |_| alan.approval(approval, &plain).unwrap());
    stage.verb("Staff::approval_reason", |_| drop(alan.approval_reason(approval, &plain).unwrap()));
    stage.verb("Staff::approve", |_| alan.approve(approval, &plain).unwrap());
    stage.verb("Staff::carry_out", |_| ada.carry_out(approval, &plain).unwrap());
    stage.verb("Staff::waive", |_| assert!(ada.waive(Waivable::SecondPerson, day, why).is_err()));
    let waits = alan.approvals(&crate::world::FIRST, &plain).unwrap();
    let waiver =
        stage.verb("Room::waivers", |room| room.waivers(true, &Page::first(500)).unwrap().rows)[0].waiver;
    stage.verb("Staff::end_waiver", |_| ada.end_waiver(waiver, &plain).unwrap());
    stage.verb("Staff::disapprove", |_| alan.disapprove(waits.rows[0].approval, &plain).unwrap());
}

fn auditors(stage: &mut Stage, account: AccountId) {
    stage.world.later(Duration::from_secs(60));
    let vera = stage.staff("vera");
    let log = stage.verb("Staff::audit_log", |_| {
        vera.audit_log(LogPart::All, 0, &Page::first(10), &Why::unstated()).unwrap().entries
    });
    assert_eq!(log[1].entry.subjects, [account]);
    stage.verb("Staff::check_policy", |_| vera.check_policy(&[], &Why::unstated(), |_| ()).unwrap());
    stage.verb("Staff::audit_show", |_| drop(vera.audit_show(1, &Why::unstated()).unwrap()));
    stage.verb("Staff::verify", |_| drop(vera.verify(None, &Why::unstated(), |_| ()).unwrap()));
    stage.verb("Staff::checkpoint", |_| drop(vera.checkpoint(&Why::unstated()).unwrap()));
    stage.verb("Staff::health", |_| drop(vera.health(&Why::unstated()).unwrap()));
}

/// Accounts are held and closed, by staff and by their customers.
fn endings(stage: &mut Stage, owner: &OwnerSession) {
    let (lena, priya, other) =
        (stage.staff("lena"), stage.staff("priya"), stage.world.customer("joe@example.com"));
    let case = lena.open_case(Some(owner.account()), &why(Purpose::LegalObligation)).unwrap();
    let order = why(Purpose::LegalObligation).case(CaseRef::Case(case));
    let (classes, review) =
        (Classes::of(&[Class::Support]), stage.world.clock.now().plus(Duration::from_secs(60)));
    let hold = stage
        .verb("Staff::place_hold", |_| lena.place_hold(owner.account(), classes, review, &order).unwrap());
    let listed =
        stage.verb("Staff::holds", |_| lena.holds(None, &crate::world::FIRST, &Why::unstated()).unwrap());
    assert_eq!(listed.rows.iter().map(|header| header.hold).collect::<Vec<_>>(), [hold]);
    stage.verb("Staff::release_hold", |_| assert!(lena.release_hold(hold, &order).unwrap().is_none()));
    let case = priya.open_case(Some(other.account()), &why(Purpose::DataSubjectRequest)).unwrap();
    let asked = why(Purpose::DataSubjectRequest).case(CaseRef::Case(case));
    stage.verb("Staff::close_account", |_| priya.close_account(other.account(), &asked).unwrap());
    stage.verb("Staff::plan_erasure", |_| drop(priya.plan_erasure(other.account(), &asked).unwrap()));
    stage.verb("Staff::erase_account", |_| drop(priya.erase_account(other.account(), &asked).unwrap()));
    stage.verb("Owner::close", |room| room.owner(owner).close(&secret(PASSWORD)).unwrap());
}

#[test]
fn a_cell_of_the_table_is_read_as_it_is_meant() {
    for (cell, record) in [
        ("none: it opens nothing", "none"),
        ("activity login, or failed login; entry `x.y` if so", "activity failed login"),
        ("activity login, or failed login; entry `x.y` if so", "activity login"),
        ("entry `a.b` or `c.d`", "entry c.d"),
        ("entry `a.b`, done or failed", "entry a.b"),
        ("entry `grant.given`, denied", "entry grant.given"),
    ] {
        assert!(allows(cell, record), "{cell}: {record}");
    }
    for (cell, record) in
        [("none", "entry a.b"), ("entry `a.b`", "none"), ("entry `a.b`; `c.d` too", "entry c.d")]
    {
        assert!(!allows(cell, record), "{cell}: {record}");
    }
}
