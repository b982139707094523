//! What staff ask for: with no session, about nobody, with reasons that cannot be shown.

use std::{io, time::Duration};

use strongroom::room::{
    AccountId, Action, ApprovalId, AttachmentId, CaseId, CaseRef, Class, Classes, Clue, Compared, Currency,
    FactorId, Field, GrantId, HoldId, Kind, LogPart, Money, Object, OwnerSession, Page, PaymentFacts,
    PaymentFields, PaymentResult, PrincipalId, PrincipalKind, Processor, ProcessorReference, Purpose, Role,
    SecretText, Staff, StaffError, Suspension, SuspensionReason, TicketId, TicketQueue, Time, TotpOffer,
    Waivable, WaiverId, Why,
};

use super::{Leaves, bad_lines, is_sound, refused, tickets};
use crate::world::{JANE, PASSWORD, World, secret};

const PRINCIPAL: PrincipalId = PrincipalId::from_bytes([9; 16]);
const GRANT: GrantId = GrantId::from_bytes([9; 16]);
const FACTOR: FactorId = FactorId::from_bytes([9; 16]);
const APPROVAL: ApprovalId = ApprovalId::from_bytes([9; 16]);
const WAIVER: WaiverId = WaiverId::from_bytes([9; 16]);
const DAY: Duration = Duration::from_secs(86_400);
const HOLD: HoldId = HoldId::from_bytes([9; 16]);
const CASE: CaseId = CaseId::from_bytes([9; 16]);

/// Whom and what the verbs are about.
struct About {
    account: AccountId,
    ticket: TicketId,
    attachment: AttachmentId,
}

impl About {
    const NOBODY: Self = Self {
        account: AccountId::from_bytes([9; 16]),
        ticket: TicketId::from_bytes([9; 16]),
        attachment: AttachmentId::from_bytes([9; 16]),
    };
}

type Verb = (&'static str, fn(&Staff, &About, &Why) -> Result<(), StaffError>);

/// A file that is not to be read: the answer is known before.
struct Untouched;

impl io::Read for Untouched {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        panic!("a file was read for nothing")
    }
}

/// The verbs about a customer.
const ON_CUSTOMERS: [Verb; 28] = [
    ("suspend", |staff, about, why| {
        staff.suspend(about.account, Suspension { reason: SuspensionReason::Abuse, until: None }, why)
    }),
    ("reinstate", |staff, about, why| staff.reinstate(about.account, why)),
    ("verify_field", |staff, about, why| {
        staff.verify_field(about.account, Field::Name, &secret("Jane"), why).map(drop)
    }),
    ("take_call", |staff, about, why| staff.take_call(about.account, why).map(drop)),
    ("account", |staff, about, why| staff.account(about.account, why).map(drop)),
    ("reveal_email", |staff, about, why| staff.reveal_email(about.account, why).map(drop)),
    ("reveal_name", |staff, about, why| staff.reveal_name(about.account, why).map(drop)),
    ("ask_account", |staff, about, why| {
        staff.ask_account(about.account, &[Field::Email], Action::AccountReadMasked, why).map(drop)
    }),
    ("ticket", |staff, about, why| staff.ticket(about.ticket, why).map(drop)),
    ("attachment", |staff, about, why| staff.attachment(about.attachment, why).map(drop)),
    ("reply", |staff, about, why| staff.reply(about.ticket, "Reply", why).map(drop)),
    ("note", |staff, about, why| staff.note(about.ticket, "Note", why).map(drop)),
    ("attach", |staff, about, why| staff.attach(about.ticket, "a", "a/b", Untouched, why).map(drop)),
    ("assign", |staff, about, why| staff.assign(about.ticket, PRINCIPAL, why)),
    ("close_ticket", |staff, about, why| staff.close_ticket(about.ticket, why)),
    ("open_case", |staff, about, why| staff.open_case(Some(about.account), why).map(drop)),
    ("billing", |staff, about, why| staff.billing(about.account, &crate::world::FIRST, why).map(drop)),
    ("billing_detail", |staff, about, why| {
        staff.billing_detail(about.account, &crate::world::FIRST, why).map(drop)
    }),
    ("record_payment", |staff, about, why| {
        let (facts, fields) = super::values::payment();
        staff.record_payment(about.account, &facts, fields, why).map(drop)
    }),
    ("record_invoice", |staff, about, why| {
        staff.record_invoice(about.account, crate::world::START, super::values::invoice(), why).map(drop)
    }),
    ("find", |staff, _, why| staff.find("nobody@example.com", why).map(drop)),
    ("search", |staff, _, why| staff.search(&Clue::Words("nobody at all"), why).map(drop)),
    ("attachment_from", |staff, about, why| staff.attachment_from(about.attachment, 1, why).map(drop)),
    ("close_account", |staff, about, why| staff.close_account(about.account, why)),
    ("plan_erasure", |staff, about, why| staff.plan_erasure(about.account, why).map(drop)),
    ("erase_account", |staff, about, why| staff.erase_account(about.account, why).map(drop)),
    ("place_hold", |staff, about, why| {
        let review = crate::world::START.plus(Duration::from_secs(86_400));
        staff.place_hold(about.account, Classes::of(&[Class::Support]), review, why).map(drop)
    }),
    ("release_hold", |staff, _, why| staff.release_hold(HOLD, why).map(drop)),
];

/// The verbs about the room and its staff.
const ON_THE_ROOM: [Verb; 30] = [
    ("inbox", |staff, _, why| staff.inbox(&Page::first(500), why).map(drop)),
    ("close_case", |staff, _, why| staff.close_case(CASE, why)),
    ("appoint", |staff, _, why| staff.appoint("newcomer", PrincipalKind::Human, why).map(drop)),
    ("give", |staff, _, why| staff.give(PRINCIPAL, Role::Support, DAY, why).map(drop)),
    ("waive", |staff, _, why| staff.waive(Waivable::SecondPerson, DAY, why).map(drop)),
    ("resume", |staff, _, why| staff.resume(why).map(drop)),
    ("approvals", |staff, _, why| staff.approvals(&crate::world::FIRST, why).map(drop)),
    ("approval", |staff, _, why| staff.approval(APPROVAL, why).map(drop)),
    ("approval_reason", |staff, _, why| staff.approval_reason(APPROVAL, why).map(drop)),
    ("carry_out", |staff, _, why| staff.carry_out(APPROVAL, why).map(drop)),
    ("end_waiver", |staff, _, why| staff.end_waiver(WAIVER, why)),
    ("approve", |staff, _, why| staff.approve(APPROVAL, why).map(drop)),
    ("disapprove", |staff, _, why| staff.disapprove(APPROVAL, why).map(drop)),
    ("revoke", |staff, _, why| staff.revoke(GRANT, why)),
    ("disable", |staff, _, why| staff.disable(PRINCIPAL, why)),
    ("reenrol", |staff, _, why| staff.reenrol(PRINCIPAL, why).map(drop)),
    ("link", |staff, about, why| staff.link(PRINCIPAL, Some(about.account), why)),
    ("people", |staff, _, why| staff.people(&crate::world::FIRST, why).map(drop)),
    ("audit_log", |staff, _, why| staff.audit_log(LogPart::All, 0, &Page::first(10), why).map(drop)),
    ("audit_show", |staff, _, why| staff.audit_show(0, why).map(drop)),
    ("verify", |staff, _, why| staff.verify(None, why, |_| ()).map(drop)),
    ("checkpoint", |staff, _, why| staff.checkpoint(why).map(drop)),
    ("health", |staff, _, why| staff.health(why).map(drop)),
    ("holds", |staff, _, why| staff.holds(None, &crate::world::FIRST, why).map(drop)),
    ("tickets", |staff, _, why| staff.tickets(TicketQueue::Due, &crate::world::FIRST, why).map(drop)),
    ("check_policy", |staff, _, why| staff.check_policy(&[], why, |_| ()).map(drop)),
    ("reset_factors", |staff, _, why| staff.reset_factors(PRINCIPAL, why).map(drop)),
    ("remove_factor", |staff, _, _| staff.remove_factor(FACTOR)),
    ("add_totp", |staff, _, _| {
        let offer = TotpOffer::fresh().unwrap();
        staff.add_totp(&offer, &secret("123456")).map(drop)
    }),
    ("add_ssh_key", |staff, _, _| staff.add_ssh_key(&secret("x"), "x").map(drop)),
];

fn verbs() -> impl Iterator<Item = Verb> {
    ON_CUSTOMERS.into_iter().chain(ON_THE_ROOM)
}

/// A room with a customer, whose ticket sam works on.
fn with_a_customer() -> (World, About) {
    let (world, _, about) = with_an_owner();
    (world, about)
}

fn with_an_owner() -> (World, OwnerSession, About) {
    let world = World::demo();
    let session = world.customer(JANE);
    let ticket = world.ticket(&session);
    let attached = world.room.owner(&session).attach(ticket, "a.txt", "text/plain", &b"x"[..]).unwrap();
    let about = About { account: session.account(), ticket, attachment: attached.attachment };
    (world, session, about)
}

/// Tokens without a live session of staff behind them.
fn no_sessions(world: &World) -> Vec<(&'static str, SecretText)> {
    let bad = super::customers::bad_tokens().into_iter().map(|(what, token)| (what, secret(&token)));
    let mut tokens: Vec<_> = bad.take(4).collect();
    let ended = world.room.assume("ada").unwrap().token;
    world.room.staff(&ended).logout().unwrap();
    tokens.push(("an ended session", ended));
    let Some(granted) = world.room.login(JANE, &secret(PASSWORD)).unwrap().complete() else {
        panic!("denied")
    };
    tokens.push(("a customer's session", granted.token));
    tokens
}

#[test]
fn without_a_session_nothing_is_done_and_each_attempt_is_recorded() {
    let (world, about) = with_a_customer();
    for (token, secret) in no_sessions(&world) {
        let staff = world.room.staff(&secret);
        for (verb, call) in verbs() {
            let what = format!("{verb} with {token}");
            let why = Why::purpose(Purpose::SupportRequest);
            let entries = if verb == "ticket" { 2 } else { 1 };
            refused(&world, &what, Kind::Denied, Leaves::Entries(entries), || call(&staff, &about, &why));
        }
        refused(&world, "logout", Kind::Denied, Leaves::Nothing, || staff.logout());
    }
    is_sound(&world);
}

/// Whom nobody knows: the answer is that there is no such thing, on record, and no key is made for the unknown.
#[test]
fn about_nobody_nothing_is_done_and_each_attempt_is_recorded() {
    let world = World::demo();
    for handle in ["sam", "bill", "ada", "vera"] {
        let staff = world.staff(handle);
        for (verb, call) in ON_CUSTOMERS {
            let what = format!("{handle}: {verb}");
            let why = Why::purpose(Purpose::SupportRequest).case(CaseRef::Ticket(About::NOBODY.ticket));
            let before = crate::disk::Census::of(&world.path());
            let error = call(&staff, &About::NOBODY, &why.because("A reason.")).err().unwrap();
            assert!(matches!(error.kind(), Kind::NotFound | Kind::Denied), "{what}: {error}");
            super::left(&world, &what, &before, Leaves::Entries(1));
        }
    }
    is_sound(&world);
}

#[test]
fn a_reason_that_cannot_be_shown_is_refused_before_anything_is_done() {
    let (world, about) = with_a_customer();
    let sam = world.staff("sam");
    for (kind, reason) in bad_lines(2048) {
        if matches!(kind, "a line feed" | "a carriage return") {
            continue;
        }
        for (verb, call) in ON_CUSTOMERS {
            let what = format!("{verb}: a reason: {kind}");
            let why = Why::purpose(Purpose::SupportRequest).because(&reason);
            refused(&world, &what, Kind::Invalid, Leaves::Nothing, || call(&sam, &about, &why));
        }
    }
    is_sound(&world);
}

#[test]
fn staff_write_nothing_that_cannot_be_shown() {
    let (world, about) = with_a_customer();
    let (sam, why) = (world.staff("sam"), Why::purpose(Purpose::SupportRequest));
    for (kind, body) in tickets::bad_bodies() {
        let what = format!("a body: {kind}");
        refused(&world, &what, Kind::Invalid, Leaves::Nothing, || sam.reply(about.ticket, &body, &why));
        refused(&world, &what, Kind::Invalid, Leaves::Nothing, || sam.note(about.ticket, &body, &why));
    }
    let attach = |name: &str, media: &str| sam.attach(about.ticket, name, media, &b"content"[..], &why);
    for (kind, name) in bad_lines(512) {
        let what = format!("a file name: {kind}");
        refused(&world, &what, Kind::Invalid, Leaves::Nothing, || attach(&name, "text/plain"));
    }
    for (kind, media) in tickets::bad_media_types() {
        let what = format!("a media type: {kind}");
        refused(&world, &what, Kind::Invalid, Leaves::Nothing, || attach("a.txt", &media));
    }
    for (kind, email) in bad_lines(320) {
        let what = format!("an address: {kind}");
        refused(&world, &what, Kind::Invalid, Leaves::Nothing, || sam.find(&email, &why));
    }
    is_sound(&world);
}

/// What could be in no room finds nobody, is no clause, and is what no field says; the answer to a caller is counted.
#[test]
fn staff_learn_nothing_from_what_cannot_be() {
    let (world, about) = with_a_customer();
    let (sam, vera) = (world.staff("sam"), world.staff("vera"));
    let (support, audit) = (Why::purpose(Purpose::SupportRequest), Why::purpose(Purpose::Audit));
    for (kind, line) in bad_lines(512) {
        for clue in [Clue::Email(&line), Clue::Words(&line), Clue::Invoice(&line), Clue::Reference(&line)] {
            let search = || sam.search(&clue, &support).map(drop);
            refused(&world, &format!("a clue: {kind}"), Kind::Invalid, Leaves::Nothing, search);
        }
        let check = || vera.check_policy(&["keep.account", &line], &audit, |_| ()).map(drop);
        refused(&world, &format!("a clause: {kind}"), Kind::Invalid, Leaves::Entries(1), check);
    }
    let why = support.case(CaseRef::Ticket(about.ticket));
    for (kind, line) in bad_lines(512) {
        let sam = world.staff("sam");
        for field in [Field::Email, Field::Name] {
            let answer = sam.verify_field(about.account, field, &secret(&line), &why);
            // After five that are wrong no other is held against anything.
            let is_told = matches!(answer, Ok(Compared::NoMatch) | Err(StaffError::TooOften { .. }));
            assert!(is_told, "an answer: {kind}: {answer:?}");
        }
        world.later(DAY);
    }
    is_sound(&world);
}

#[test]
fn a_request_for_more_than_there_is_gives_nothing() {
    let (world, about) = with_a_customer();
    let (sam, vera) = (world.staff("sam"), world.staff("vera"));
    let why = Why::purpose(Purpose::SupportRequest);
    let ask = |fields: &[Field], action| sam.ask_account(about.account, fields, action, &why);
    let other = || ask(&[Field::Email], Action::BillingWrite);
    refused(&world, "an action that reads no account", Kind::Invalid, Leaves::Nothing, other);
    for field in [Field::Body, Field::Card, Field::Content, Field::Detail] {
        let ask = || ask(&[field], Action::AccountReadMasked);
        refused(&world, field.name(), Kind::Denied, Leaves::Entries(1), ask);
    }
    let many = || ask(&[Field::Body; 10_000], Action::AccountReadMasked);
    refused(&world, "ten thousand fields", Kind::Denied, Leaves::Entries(1), many);
    let audit = Why::purpose(Purpose::Audit);
    let size = world.room.log_size().unwrap();
    let show = |position| vera.audit_show(position, &audit);
    for position in [size, size + 1, 1 << 53] {
        refused(&world, "a position past the end", Kind::NotFound, Leaves::Entries(1), || show(position));
    }
    refused(&world, "no position", Kind::NotFound, Leaves::Entries(1), || show(u64::MAX));
    assert!(
        vera.audit_log(LogPart::All, 1 << 40, &Page::first(usize::MAX), &audit).unwrap().entries.is_empty()
    );
    assert!(vera.audit_log(LogPart::All, 0, &Page::first(0), &audit).unwrap().entries.len() == 1);
    assert!(vera.audit_log(LogPart::All, 0, &Page::first(usize::MAX), &audit).unwrap().entries.len() <= 500);
    refused(&world, "no position", Kind::Invalid, Leaves::Nothing, || {
        vera.audit_log(LogPart::All, u64::MAX, &Page::first(1), &audit)
    });
    is_sound(&world);
}

#[test]
fn what_is_in_the_wrong_state_stays_as_it_is() {
    let (world, session, about) = with_an_owner();
    let other = world.ticket(&session);
    let (sam, lea, why) = (world.staff("sam"), world.staff("lea"), Why::purpose(Purpose::SupportRequest));
    let ghost = || lea.assign(about.ticket, PRINCIPAL, &why);
    refused(&world, "assigning to nobody", Kind::NotFound, Leaves::Entries(1), ghost);
    sam.close_ticket(about.ticket, &why).unwrap();
    let sams = world.room.assume("sam").unwrap().principal;
    let over = |verb, kind, call: &dyn Fn() -> Result<(), StaffError>| {
        refused(&world, verb, kind, Leaves::Entries(1), call);
    };
    // The closed ticket is itself the case; then an open one of the same customer is stated instead.
    for (kind, why) in [(Kind::Denied, why.clone()), (Kind::Conflict, why.case(CaseRef::Ticket(other)))] {
        over("reply", kind, &|| sam.reply(about.ticket, "Reply", &why).map(drop));
        over("note", kind, &|| sam.note(about.ticket, "Note", &why).map(drop));
        over("attach", kind, &|| sam.attach(about.ticket, "a", "a/b", Untouched, &why).map(drop));
        over("assign", Kind::Denied, &|| lea.assign(about.ticket, sams, &why));
        over("close", Kind::Denied, &|| lea.close_ticket(about.ticket, &why));
    }
    is_sound(&world);
}

/// The object's text in an entry of the log is an id, whatever is asked for.
#[test]
fn an_object_is_parsed_strictly() {
    for text in [
        "",
        ":",
        "ticket",
        "ticket:",
        "ticket:x",
        "Ticket:AAAAAAAAAAAAAAAAAAAAAA",
        "ticket:AAAAAAAAAAAAAAAAAAAAAA ",
    ] {
        assert!(text.parse::<Object>().is_err(), "{text}");
    }
    assert!("ticket:AAAAAAAAAAAAAAAAAAAAAB".parse::<Object>().is_err(), "bits past the end");
    assert!("ticket:".repeat(1024 * 1024).parse::<Object>().is_err());
    assert!("ticket:AAAAAAAAAAAAAAAAAAAAAA".parse::<Object>().is_ok());
}

/// The year of a payment says when its key is destroyed: what lies outside every period is refused, and makes no key.
#[test]
fn a_payment_is_dated_within_reason() {
    let scene = crate::scene::Scene::new();
    let bill = crate::scene::staff(&scene.world.room, "bill");
    let why = Why::purpose(Purpose::BillingDispute);
    let amount = Money::new(1, Currency::from_code("EUR").unwrap()).unwrap();
    let year = Duration::from_secs(366 * 24 * 3600);
    let now = scene.world.clock.now();
    for date in [Time::ZERO, Time::MAX, now.plus(year * 2)] {
        let facts = PaymentFacts { result: PaymentResult::Approved, amount, date };
        let reference = ProcessorReference::parse(Processor::Other, "order-2026-17").ok().unwrap();
        let fields = PaymentFields { reference, card: None };
        let refused = bill.record_payment(scene.account(), &facts, fields, &why).err().unwrap();
        assert!(matches!(refused, StaffError::Input { field: "date", .. }), "{date}: {refused}");
    }
}
