//! What keeps the house: suspensions, waivers, webhooks, the way back, and whatever else staff and operators do.

use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

use strongroom::room::{
    Action, ApprovalId, AttachmentId, CaseId, CaseRef, Custody, FactorId, Field, GrantId, ImportOptions,
    NoticeId, Origin, Page, PrincipalId, Purpose, Retry, SecretText, SessionId, StaffError, Suspension,
    SuspensionReason, TicketQueue, Time, TraceId, Waivable, WebhookKey, Why,
};

use super::{
    customers::login,
    damage::{copied, keep},
    marks,
    story::{Customer, Desk, Story, options},
};
use crate::world::{FIRST, secret};

const DAY: Duration = Duration::from_secs(86_400);
const HERE: &str = "house";
const NONE: [u8; 16] = [9; 16];

/// A suspension, with a reason that its owner is not told.
pub fn suspended(story: &mut Story, desk: &Desk, customer: &Customer) {
    let (sven, account) = (&desk.security, customer.session.account());
    let why = Why::purpose(Purpose::SecurityIncident).because(marks::REASON_SUSPENDED);
    let case = sven.open_case(Some(account), &why).unwrap();
    let why = why.case(CaseRef::Case(case));
    let until = Some(story.clock.now().plus(DAY));
    let suspend = |until| sven.suspend(account, Suspension { reason: SuspensionReason::Abuse, until }, &why);
    story.refused("a suspension that is over", suspend(Some(Time::ZERO)));
    keep(story, HERE, "suspending", suspend(until));
    assert!(login(story, marks::EMAIL, marks::PASSWORD).is_none(), "nobody logs in to it");
    keep(story, HERE, "reinstating", sven.reinstate(account, &why));
    story.refused("reinstating twice", sven.reinstate(account, &why));
}

/// A waiver is asked for, refused by one, and asked for again.
pub fn waived(story: &mut Story, desk: &Desk) {
    let why = Why::purpose(Purpose::AccessAdmin).because(marks::REASON_WAIVED);
    let case = desk.admin.open_case(None, &why).unwrap();
    let why = why.case(CaseRef::Case(case));
    let waive = |rule| desk.admin.waive(rule, DAY, &why);
    let Err(StaffError::Awaits { awaited }) = waive(Waivable::SecondPerson) else {
        panic!("one waived a rule")
    };
    story.refused("a waiver that waits", waive(Waivable::SecondPerson));
    keep(story, HERE, "showing", desk.admin.approval(awaited.approval, &why).map(drop));
    keep(story, HERE, "refusing", desk.auditor.disapprove(awaited.approval, &why).map(drop));
    story.refused("refusing nothing", desk.auditor.disapprove(ApprovalId::from_bytes(NONE), &why));
    story.refused("a waiver for ever", desk.admin.waive(Waivable::SecondPerson, DAY * 4000, &why));
    keep(story, HERE, "what waits", desk.admin.waiting().map(drop));
    keep(story, HERE, "who it is", desk.admin.session().map(drop));
    let nobody = PrincipalId::from_bytes(NONE);
    story.refused("factors of nobody", desk.admin.reset_factors(nobody, &why));
    story.refused("a factor that is none", desk.admin.remove_factor(FactorId::from_bytes(NONE)));
    story.refused("a grant that is none", desk.admin.revoke(GrantId::from_bytes(NONE), &why));
    story.refused("disabling nobody", desk.admin.disable(nobody, &why));
    keep(story, HERE, "logging out", desk.legal.logout());
    story.refused("closing no case", desk.admin.close_case(CaseId::from_bytes(NONE), &why));
    story.refused("resuming what goes on", desk.admin.resume(&why));
}

/// A receiver of webhooks, whose secret is in a file of its own elsewhere.
pub fn webhooks_are_taken(story: &mut Story) {
    let elsewhere = tempfile::tempdir().unwrap();
    let (file, text) = (elsewhere.path().join("webhook"), crate::webhooks::SECRETS[0]);
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    story.marks.extend(marks::webhook_secret(text));
    let key = WebhookKey::parse(&SecretText::new(text.to_owned())).unwrap();
    assert!(WebhookKey::parse(&secret(marks::PASTED)).is_none());
    let path = story.directory().join("room.toml");
    let right = fs::read_to_string(&path).unwrap();
    let own = options(story.directory(), &story.clock);
    let section = format!("url = \"https://receiver.example/\"\nsecrets = \"{text}\"");
    fs::write(&path, format!("{right}\n[webhook]\n{section}\n")).unwrap();
    story.refused("a secret in place of a list of files", own.configuration());
    for pasted in [text, marks::PASTED, marks::CARD] {
        let section = format!("url = \"https://user:{pasted}@receiver.example/\"\nsecrets = [\"{pasted}\"]");
        fs::write(&path, format!("{right}\n[webhook]\n{section}\n")).unwrap();
        story.refused("a secret in place of a file", own.webhook());
        story.refused("a secret in an address", own.configuration());
    }
    let section = format!("url = \"https://receiver.example/\"\nsecrets = [\"{}\"]", file.display());
    fs::write(&path, format!("{right}\n[webhook]\n{section}\n")).unwrap();
    story.shown("where webhooks go", &own.webhook().unwrap());
    story.shown("what is set", &own.configuration().unwrap());
    let sends = own.open().unwrap();
    let granted = login(story, marks::EMAIL, marks::PASSWORD).unwrap();
    story.mark_token("a customer's token", &granted.token);
    let owner = sends.owner(&granted.owner);
    for name in [marks::NAME_CHANGED, marks::NAME] {
        owner.change_name(Some(name)).unwrap();
    }
    owner.change_password(&secret(marks::PASSWORD), &secret(marks::PASSWORD)).unwrap();
    let mut taken = 0;
    while let Some(event) = sends.next_webhook(DAY).unwrap() {
        story.shown("a webhook", &event);
        let message = event.message(std::slice::from_ref(&key), story.clock.now());
        story.places.add("a webhook", format!("{message:?}\n{}", message.body));
        if taken == 0 {
            assert!(sends.webhook_failed(&event, Retry::Never).unwrap());
        } else {
            assert!(sends.webhook_delivered(&event).unwrap());
        }
        taken += 1;
    }
    assert!(taken > 0, "nothing was sent");
    let dead = sends.outbox_rows(true, &Page::first(500)).unwrap().unwrap().rows;
    story.shown("dead letters", &dead);
    for one in &dead {
        assert!(sends.redrive(one.notice).unwrap());
    }
    let event = sends.next_webhook(DAY).unwrap().unwrap();
    assert!(sends.webhook_delivered(&event).unwrap());
    let state = format!("{:?} {:?}", sends.outbox(), sends.webhooks());
    story.places.add("the outbox", state);
    fs::write(&path, right).unwrap();
}

/// The way back, on a copy: with what is no share, with too few, and as it should be.
pub fn somebody_recovers(story: &mut Story) {
    let copy = copied(story);
    let room = copy.path().join("room");
    let own = options(room, &story.clock);
    let share = |at: usize| secret(story.shares[at].text.expose());
    let (all, wrong) = ([share(0), share(1)], [share(0), secret(marks::SHARE_WRONG)]);
    let recover = |shares: &[SecretText], handle: &str| {
        own.clone().recover(shares, &[handle.to_owned()], Custody::default())
    };
    let one = all.get(..1).unwrap();
    story.refused("what is no share", recover(&wrong, marks::HANDLE_RECOVERED).map(drop));
    story.refused("too few shares", recover(one, marks::HANDLE_RECOVERED).map(drop));
    for handle in [marks::HANDLE_REFUSED, marks::HANDLE_ADMIN] {
        story.refused("whom shares appoint", recover(&all, handle).map(drop));
    }
    let made = recover(&all, marks::HANDLE_RECOVERED).unwrap();
    for text in made.codes.iter().map(|code| &code.code).chain(made.shares.iter().map(|share| &share.text)) {
        story.mark_token("what recovering gave", text);
    }
    story.refused("shares that served", recover(&all, marks::HANDLE_UNKNOWN).map(drop));
    story.places.add_files("recovered", copy.path());
}

/// The rest of the verbs.
pub fn others_do(story: &mut Story, desk: &Desk, customer: &Customer) {
    let (sam, account) = (&desk.support.0, customer.session.account());
    let why = Why::purpose(Purpose::SupportRequest).because(marks::REASON);
    let fields = [Field::Email, Field::Name];
    keep(story, HERE, "asking", sam.ask_account(account, &fields, Action::AccountReadMasked, &why).map(drop));
    let part = sam.attachment_from(AttachmentId::from_bytes(NONE), 1, &why);
    story.refused("a part of nothing", part.map(drop));
    keep(story, HERE, "queues", sam.tickets(TicketQueue::Due, &FIRST, &why).map(drop));
    story.refused("closing", sam.close_ticket(strongroom::room::TicketId::from_bytes(NONE), &why));
    let audit = Why::purpose(Purpose::Audit).because(marks::REASON);
    keep(story, HERE, "verifying", desk.auditor.verify(None, &audit, |_| ()).map(drop));
    keep(story, HERE, "a checkpoint", desk.auditor.checkpoint(&audit).map(drop));
    keep(story, HERE, "health", desk.auditor.health(&audit).map(drop));
    let unstated = Why::unstated();
    if let Some(one) = desk.postman.claim(1, Duration::from_secs(60), &unstated).unwrap().pop() {
        keep(story, HERE, "a letter that failed", desk.postman.nack(&one.lease, Retry::Never, &unstated));
    }
    keep(story, HERE, "dead letters", desk.postman.dead_letters(&Page::first(500), &unstated).map(drop));
    story.refused("no dead letter", desk.postman.redrive(NoticeId::from_bytes(NONE), &unstated));

    assert!(TraceId::from_traceparent(marks::TRACE_WRONG).is_none());
    let room = story.room.from(&Origin::new().at(marks::ADDRESS_CALLED_FROM));
    story.places.add("an id", format!("{:?} {:?}", room.find(marks::EMAIL), room.find(marks::EMAIL_SOUGHT)));
    let owner = room.owner(&customer.session);
    keep(story, HERE, "activity", owner.activity(&FIRST).map(drop));
    story.refused("no session", owner.end_session(SessionId::from_bytes(NONE)));
    story.refused("no key", owner.revoke_api_key(strongroom::room::ApiKeyId::from_bytes(NONE)));
    drop((room.sweep(), room.beat()));
    let said = format!("{:?} {:?} {:?}", room.health(), room.cautions(), room.upgrade_plan());
    story.places.add("what the room says of itself", said);
    story.places.add("metrics", format!("{:?}", room.metrics()));
    story.refused("no backup", room.upgrade(&story.root().join(marks::CARD), |_, _| ()));
    let line = format!("{{\"identifier\":\"{}\",\"name\":7}}\n", marks::EMAIL_NOT_IMPORTED);
    let imported = room.import_accounts(line.as_bytes(), ImportOptions::default(), |_| Ok(()), |_| ());
    story.places.add("what was imported", format!("{imported:?}"));
}
