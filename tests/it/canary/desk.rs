//! Staff at their desks, and values that are refused before there is a desk.

use std::io::Read;

use strongroom::room::{
    AccountId, BillingAddress, Brand, CaseRef, Clue, Country, Currency, DetailText, Expiry, Field,
    InvoiceBody, InvoiceLine, InvoiceLines, InvoiceNumber, LastFour, LogPart, MaskedCard, Money, Object,
    Page, PaymentFacts, PaymentFields, PaymentResult, PrincipalKind, Processor, ProcessorReference, Purpose,
    Role, TicketId, WaiverId, Why,
};

use super::{
    marks,
    search::Mark,
    story::{Customer, Desk, Story},
};
use crate::world::START;

fn support() -> Why {
    Why::purpose(Purpose::SupportRequest).because(marks::REASON)
}

/// Finding, reading, answering, attaching; with reasons, and with card numbers where none belong.
pub fn support_works(story: &mut Story, desk: &Desk, customer: &Customer) {
    let (sam, principal) = (&desk.support.0, desk.support.1);
    let ticket = customer.ticket;
    let account = sam.find(marks::EMAIL, &support()).unwrap();
    story.shown("a reason", &support());
    let unknown = Why::purpose(Purpose::SupportRequest).because(marks::REASON_UNKNOWN);
    story.refused("finding nobody", sam.find(marks::EMAIL_SOUGHT, &unknown));
    story.refused("finding no address", sam.find(marks::EMAIL_REFUSED, &unknown));
    for clue in [Clue::Email(marks::EMAIL), Clue::Words(marks::NAME)] {
        let search = sam.search(&clue, &support()).unwrap();
        let found = &search.accounts[0];
        story
            .places
            .add("a masked view", format!("{} {}", found.email.text(), found.name.as_ref().unwrap().text()));
    }
    for nobody in [marks::NAME_SOUGHT, marks::EMAIL_SOUGHT, marks::PASSWORD, marks::PASTED] {
        for clue in [Clue::Words(nobody), Clue::Invoice(nobody), Clue::Reference(nobody), Clue::Email(nobody)]
        {
            if let Err(refusal) = sam.search(&clue, &unknown) {
                story.refused("searching", Err::<(), _>(refusal));
            }
        }
    }
    for card in [marks::CARD, marks::CARD_SPACES] {
        story.refused("searching", sam.search(&Clue::Words(card), &support()).map(drop));
    }
    let view = sam.account(account, &support()).unwrap();
    story.places.add("a masked view", format!("{} {}", view.email.text(), view.name.unwrap().text()));
    let denied = Why::purpose(Purpose::Retention).because(marks::REASON_DENIED);
    story.refused("a wrong purpose", sam.account(account, &denied).map(drop));
    story.refused("revealing", sam.reveal_email(account, &support()).map(drop));
    story.refused("revealing", sam.reveal_name(account, &support().case(CaseRef::Ticket(ticket))).map(drop));
    let long = Why::purpose(Purpose::SupportRequest).because(&marks::REASON_LONG.repeat(100));
    story.refused("a long reason", sam.account(account, &long).map(drop));

    let call = sam.take_call(account, &support()).unwrap().ticket;
    let on_call = support().case(CaseRef::Ticket(call));
    for said in [marks::NAME, marks::NAME_REFUSED, marks::PASTED] {
        let told = sam.verify_field(account, Field::Name, &crate::world::secret(said), &on_call);
        story.shown("what a caller said", &told);
    }
    let phone = sam.verify_field(account, Field::Phone, &crate::world::secret(marks::PASTED), &on_call);
    story.refused("a field", phone.map(drop));
    let work = sam.work_on(CaseRef::Ticket(call), None).unwrap();
    story.shown("work", &(work, support().working_on(&work)));
    story.shown("an inbox", &sam.inbox(&Page::first(500), &support()).unwrap());
    sam.assign(ticket, principal, &support()).unwrap();
    let with_a_card = support().because(&format!("{} {}", marks::REASON, marks::CARD_HYPHENS));
    let read = sam.ticket(ticket, &with_a_card).unwrap();
    story.shown("a ticket's header", &(read.header, read.attachments.clone()));
    sam.reply(ticket, &format!("{} {}", marks::REPLY, marks::CARD), &support()).unwrap();
    sam.note(ticket, &format!("{} {}", marks::NOTE, marks::CARD_SPACES), &support()).unwrap();
    story.refused("a reply", sam.reply(ticket, marks::BODY_REFUSED, &support()));
    story.refused("a note", sam.note(ticket, marks::BODY_REFUSED, &support()));
    let content = marks::CONTENT_STAFF.repeat(1000);
    sam.attach(ticket, marks::FILE_NAME_STAFF, marks::MEDIA_TYPE, content.as_bytes(), &support()).unwrap();
    let refused =
        sam.attach(ticket, marks::FILE_NAME_REFUSED, marks::MEDIA_TYPE, content.as_bytes(), &support());
    story.refused("a file name", refused);
    let mut opened = sam.attachment(read.attachments[0].attachment, &support()).unwrap();
    opened.content.read_to_end(&mut Vec::new()).unwrap();

    let nobody = story.room.staff(&crate::world::secret(marks::TOKEN_WRONG));
    story.refused("a wrong token", nobody.find(marks::EMAIL, &support()));
    story.refused("a wrong token", nobody.reply(ticket, marks::REPLY, &support()));
}

/// Transactions and invoices.
pub fn billing_works(story: &mut Story, desk: &Desk, customer: &Customer) {
    let (bill, account) = (&desk.billing, customer.session.account());
    let why = Why::purpose(Purpose::BillingDispute).because(marks::REASON);
    let case = bill.open_case(Some(account), &why).unwrap();
    let why = why.case(CaseRef::Case(case));
    let euro = Currency::from_code("EUR").unwrap();
    let card = || MaskedCard::new(Brand::Visa, LastFour::parse("2271").unwrap(), Expiry::new(11, 2029).ok());
    story.marks.push(Mark { name: "a card's stored form".to_owned(), bytes: card().to_bytes().to_vec() });
    let facts = PaymentFacts {
        result: PaymentResult::Approved,
        amount: Money::new(1990, euro).unwrap(),
        date: START,
    };
    let reference = ProcessorReference::parse(Processor::Stripe, marks::REFERENCE).unwrap();
    let fields = PaymentFields { reference, card: Some(card()) };
    bill.record_payment(account, &facts, fields, &why).unwrap();
    let line = InvoiceLine::new(marks::INVOICE_LINE, 2, Money::new(995, euro).unwrap()).unwrap();
    let body = InvoiceBody {
        number: InvoiceNumber::accept(marks::INVOICE_NUMBER).unwrap(),
        address: Some(BillingAddress::accept(&[marks::NAME, marks::STREET], "CZ").unwrap()),
        lines: InvoiceLines::new(vec![line]).unwrap(),
    };
    bill.record_invoice(account, START, body, &why).unwrap();
    for clue in [Clue::Reference(marks::REFERENCE), Clue::Invoice(marks::INVOICE_NUMBER)] {
        let search = desk.support.0.search(&clue, &support()).unwrap();
        assert_eq!(search.accounts[0].account, account);
    }
    let detail = bill.billing_detail(account, &crate::world::FIRST, &why).unwrap();
    assert_eq!(detail.payments[0].reference.expose().get().expose(), marks::REFERENCE);
    let masked = desk.support.0.billing(account, &crate::world::FIRST, &support()).unwrap();
    story.places.add("a masked view", masked.rows[0].card.as_ref().unwrap().text());
    let own = story.room.owner(&customer.session).billing(&crate::world::FIRST).unwrap();
    story.places.add("a masked view", own.payments[0].card.as_ref().unwrap().text());
    assert_eq!(own.invoices[0].body.expose().get().number.expose(), marks::INVOICE_NUMBER);
    let denied = Why::purpose(Purpose::Contract).because(marks::REASON_DENIED);
    story.refused(
        "billing in detail",
        desk.support.0.billing_detail(account, &crate::world::FIRST, &denied).map(drop),
    );
}

/// The administrator appoints, the auditor reads.
pub fn others_work(story: &mut Story, desk: &Desk) {
    let why = Why::purpose(Purpose::AccessAdmin).because(marks::REASON);
    let case = desk.admin.open_case(None, &why).unwrap();
    let why = why.case(CaseRef::Case(case));
    let code = desk.admin.appoint(marks::HANDLE_APPOINTED, PrincipalKind::Human, &why).unwrap();
    story.mark_token("a new code", &code.code);
    let appoint = |handle: &str| desk.admin.appoint(handle, PrincipalKind::Human, &why).map(drop);
    story.refused("appointing twice", appoint(marks::HANDLE_APPOINTED));
    story.refused("appointing", appoint(marks::HANDLE_REFUSED));
    story.refused(
        "appointing",
        desk.support.0.appoint(marks::HANDLE_UNKNOWN, PrincipalKind::Human, &why).map(drop),
    );
    let day = std::time::Duration::from_secs(86_400);
    story.refused("giving", desk.admin.give(code.principal, Role::Support, day, &why));
    let waits = desk.admin.approvals(&crate::world::FIRST, &why).unwrap().rows;
    story.shown("what waits", &desk.admin.approval(waits[0].approval, &why).unwrap());
    let said = desk.admin.approval_reason(waits[0].approval, &why).unwrap();
    assert!(matches!(said, Some(DetailText::Text(text)) if text.contains(marks::REASON)));
    let waivers = story.room.waivers(true, &Page::first(500)).unwrap();
    story.shown("waivers", &waivers);
    story.refused("carrying out", desk.admin.carry_out(waits[0].approval, &why));
    story.refused("ending", desk.admin.end_waiver(WaiverId::from_bytes([9; 16]), &why));
    story.refused("approving one's own", desk.admin.approve(waits[0].approval, &why));
    let people = desk.admin.people(&crate::world::FIRST, &why).unwrap();
    // Colleagues see each other's handles: a value, which does not print itself.
    let seen = people.rows.into_iter().map(|one| (one.header, one.handle.is_some(), one.grants));
    story.shown("people", &(seen.collect::<Vec<_>>(), people.next));
    let again = desk.admin.reenrol(code.principal, &why).unwrap();
    story.mark_token("a code issued anew", &again.code);
    desk.admin.link(code.principal, None, &why).unwrap();

    let why = Why::purpose(Purpose::Audit).because(marks::REASON);
    let entries = desk.auditor.audit_log(LogPart::All, 0, &Page::first(500), &why).unwrap().entries;
    for entry in &entries {
        story.places.add("a line of the log", entry.line.as_bytes());
        story.shown("an entry", &entry.entry);
    }
    let shown = desk.auditor.audit_show(3, &why).unwrap();
    story.shown("an entry", &shown.entry);
    story.refused(
        "support reading the log",
        desk.support.0.audit_log(LogPart::All, 0, &Page::first(500), &support()),
    );
    story.places.add("the checkpoint", story.room.checkpoint().unwrap());
    let findings = story.room.doctor().unwrap();
    let told = findings.iter().map(|finding| (finding.check, &finding.found, finding.hint));
    story.shown("the doctor's findings", &told.collect::<Vec<_>>());
    let verdicts = desk.auditor.check_policy(&[], &why, |_| ()).unwrap().verdicts;
    story.shown("verdicts", &verdicts);
    for pasted in [marks::PASTED, marks::CARD, marks::PASSWORD] {
        story.refused("checking a clause", desk.auditor.check_policy(&[pasted], &why, |_| ()));
    }
    let verified = strongroom::room::verify(&story.directory(), None, |_| ()).unwrap();
    assert!(verified.is_sound());
    story.shown("a verification", &verified.report);
}

/// Secrets pasted into the wrong field.
pub fn values_are_refused(story: &mut Story) {
    let euro = Currency::from_code("EUR").unwrap();
    let unit = Money::new(100, euro).unwrap();
    for pasted in [marks::PASTED, marks::CARD, marks::CARD_SPACES, marks::PASSWORD] {
        story.refused("an id", pasted.parse::<AccountId>());
        story.refused("an id", pasted.parse::<TicketId>());
        story.refused("an object", pasted.parse::<Object>());
        story.refused("an object", format!("ticket:{pasted}").parse::<Object>());
        story.refused("a case", pasted.parse::<CaseRef>());
        story.refused("a case", format!("case:{pasted}").parse::<CaseRef>());
        story.refused("a brand", Brand::from_name(pasted));
        story.refused("last four digits", LastFour::parse(pasted).map(drop));
        story.refused("an expiry", Expiry::parse(pasted).map(drop));
        story.refused("a card", MaskedCard::from_bytes(pasted.as_bytes()).map(drop));
        story.refused("an amount", Money::from_decimal(pasted, euro));
        story.refused("a reference", ProcessorReference::parse(Processor::Stripe, pasted).map(drop));
        story.refused("a reference", ProcessorReference::from_bytes(pasted.as_bytes()).map(drop));
        story.refused("lines", InvoiceLines::from_bytes(pasted.as_bytes()).map(drop));
        story.refused("an invoice", InvoiceBody::from_bytes(pasted.as_bytes()).map(drop));
        story.refused("an address", BillingAddress::accept(&[marks::STREET], pasted).map(drop));
        assert!(Country::from_code(pasted).is_none());
        story.refused("facts", PaymentFacts::from_bytes(pasted.as_bytes()));
        assert!(Currency::from_code(pasted).is_none());
    }
    story.refused("an amount", Money::from_decimal(marks::AMOUNT_REFUSED, euro));
    let reference = ProcessorReference::parse(Processor::Adyen, marks::REFERENCE_REFUSED);
    story.refused("a reference", reference.map(drop));
    story.refused("an invoice line", InvoiceLine::new(marks::INVOICE_LINE_REFUSED, 1, unit).map(drop));
    for card in [marks::CARD, marks::CARD_SPACES, marks::CARD_AMEX] {
        let with_a_card = format!("{} {card}", marks::INVOICE_LINE);
        story.refused("an invoice line", InvoiceLine::new(&with_a_card, 1, unit).map(drop));
        story.refused("an invoice number", InvoiceNumber::accept(card).map(drop));
        story.refused("an address", BillingAddress::accept(&[marks::STREET, card], "CZ").map(drop));
    }
    story.refused("an invoice number", InvoiceNumber::accept(marks::INVOICE_LINE_REFUSED).map(drop));
}
