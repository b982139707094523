//! Customers: registering, logging in, writing.

use std::{
    io::{self, Read},
    panic::{AssertUnwindSafe, catch_unwind},
};

use strongroom::room::{Asked, LoggedIn, Origin, Page, Proof, Registration, Staff};

use super::{
    marks,
    story::{Customer, Story},
};
use crate::{
    post::{posted_by, sent},
    world::secret,
};

pub fn login(story: &Story, email: &str, password: &str) -> Option<LoggedIn> {
    story.room.login(email, &secret(password)).unwrap().complete()
}

/// Registrations and logins, right and wrong.
pub fn a_customer_comes(story: &mut Story) -> Customer {
    let room = story.room.clone();
    for (email, name, password) in [
        (marks::EMAIL_REFUSED, marks::NAME, marks::PASSWORD),
        (marks::EMAIL, marks::NAME_REFUSED, marks::PASSWORD),
        (marks::EMAIL, marks::NAME, marks::PASSWORD_SHORT),
        (marks::EMAIL, marks::NAME, marks::PASSWORD_CONTROL),
        (marks::EMAIL, marks::NAME, marks::EMAIL),
    ] {
        let refused = room.register(&Registration { email, name: Some(name), password: &secret(password) });
        story.refused("registering", refused);
    }
    let register = |email, name: &str, password| {
        room.register(&Registration { email, name: Some(name), password: &secret(password) })
    };
    let registered = register(marks::EMAIL, marks::NAME, marks::PASSWORD).unwrap();
    let with_a_card = format!("{} {}", marks::NAME, marks::CARD_SPACES);
    assert_eq!(register(marks::EMAIL_OTHER, &with_a_card, marks::PASSWORD_OTHER).unwrap().cards_masked, 1);
    story.shown("registered", &registered);
    story.refused("registering twice", register(marks::EMAIL, marks::NAME, marks::PASSWORD_OTHER));

    assert!(login(story, marks::EMAIL, marks::PASSWORD_WRONG).is_none());
    assert!(login(story, marks::EMAIL_UNKNOWN, marks::PASSWORD_WRONG_UNKNOWN).is_none());
    assert!(login(story, marks::EMAIL_REFUSED, marks::PASSWORD_WRONG_UNKNOWN).is_none());
    let ended = login(story, marks::EMAIL, marks::PASSWORD).unwrap();
    story.mark_token("a customer's ended token", &ended.token);
    room.logout(&ended.token).unwrap();
    story.refused("an ended token", room.resume(&ended.token));
    story.refused("no token", room.resume(&secret(marks::TOKEN_WRONG)));
    story.refused("logging out without a token", room.logout(&secret(marks::TOKEN_WRONG)));

    let granted = login(story, marks::EMAIL, marks::PASSWORD).unwrap();
    story.mark_token("a customer's token", &granted.token);
    let session = room.resume(&granted.token).unwrap();
    story.shown("an owner's session", &session);
    let subject = format!("{} {}", marks::SUBJECT, marks::CARD);
    let body = format!("{}\n{}\n{}", marks::BODY, marks::CARD_HYPHENS, marks::CARD_AMEX);
    let opened = room.owner(&session).open_ticket(&subject, &body).unwrap();
    assert_eq!(opened.cards_masked, 3);
    story.shown("a ticket that was opened", &opened);
    Customer { session, ticket: opened.ticket }
}

/// The customer's own words and files, right and wrong; then he reads them all.
pub fn the_customer_writes(story: &mut Story, customer: &Customer) {
    let (room, ticket) = (story.room.clone(), customer.ticket);
    let owner = room.owner(&customer.session);
    story.refused("a subject", owner.open_ticket(marks::SUBJECT_REFUSED, marks::BODY));
    story.refused("a body", owner.open_ticket(marks::SUBJECT, marks::BODY_REFUSED));
    story.refused("a message", owner.write(ticket, marks::BODY_REFUSED));
    owner.write(ticket, marks::BODY_SECOND).unwrap();

    let content = marks::CONTENT.repeat(2000);
    let name = format!("{} {}", marks::FILE_NAME, marks::CARD_SPACES);
    let attached = owner.attach(ticket, &name, marks::MEDIA_TYPE, content.as_bytes()).unwrap();
    story.shown("an attachment", &attached);
    let again = |name: &str, media_type: &str| owner.attach(ticket, name, media_type, content.as_bytes());
    story.refused("a file name", again(marks::FILE_NAME_REFUSED, marks::MEDIA_TYPE));
    story.refused("a media type", again(marks::FILE_NAME, marks::MEDIA_TYPE_REFUSED));
    let broken = Source { text: marks::CONTENT_BROKEN.repeat(5000), then: Then::Fails };
    story.refused("a broken source", owner.attach(ticket, marks::FILE_NAME, marks::MEDIA_TYPE, broken));
    let burst = Source { text: marks::CONTENT_BURST.repeat(5000), then: Then::Panics };
    let burst = || owner.attach(ticket, marks::FILE_NAME, marks::MEDIA_TYPE, burst);
    assert!(catch_unwind(AssertUnwindSafe(burst)).is_err());

    let profile = owner.profile().unwrap();
    assert_eq!(profile.name.unwrap().expose().as_str(), marks::NAME, "what is looked for is what was stored");
    let read = owner.ticket(ticket).unwrap();
    assert_eq!(read.messages.len(), 2);
    assert_eq!(read.attachments[0].media_type.expose().as_str(), marks::MEDIA_TYPE);
    let headers: Vec<_> = read.attachments.iter().map(|own| own.header).collect();
    story.shown("the headers of a ticket", &(read.header, headers));
    let mut own = Vec::new();
    let mut file = owner.open_attachment(attached.attachment).unwrap();
    file.content.read_to_end(&mut own).unwrap();
    assert!(own == content.as_bytes());
    assert_eq!(file.name.expose().as_str(), format!("{} [card •••• 2850]", marks::FILE_NAME));
}

enum Then {
    Fails,
    Panics,
}

/// A file that ends badly.
struct Source {
    text: String,
    then: Then,
}

impl Read for Source {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match (self.text.is_empty(), &self.then) {
            (false, _) => {
                let text = std::mem::take(&mut self.text).into_bytes();
                let length = text.len().min(out.len());
                out[..length].copy_from_slice(&text[..length]);
                self.text = String::from_utf8_lossy(&text[length..]).into_owned();
                Ok(length)
            }
            (true, Then::Fails) => Err(io::Error::other("the source broke")),
            (true, Then::Panics) => panic!("the source burst"),
        }
    }
}

/// What a customer is sent is a secret too: the outbox has it, and it is in no file.
fn mark_sent(story: &mut Story, postman: &Staff, asked: Asked) -> Asked {
    let asked = posted_by(postman, asked);
    story.mark_token("a handle", &asked.handle);
    story.mark_token("a link", sent(&asked).1);
    asked
}

fn link(asked: &Asked) -> Proof<'_> {
    Proof::Link(sent(asked).1)
}

/// Somebody registers, forgets the password, and changes whatever can be changed.
pub fn another_comes_and_changes(story: &mut Story, postman: &Staff) {
    let room = story.room.clone();
    let (first, second) = (secret(marks::PASSWORD_SIGNED_UP), secret(marks::PASSWORD_FORGOTTEN));
    let sign_up =
        |email| room.sign_up(&Registration { email, name: Some(marks::NAME_SIGNED_UP), password: &first });
    story.refused("signing up", sign_up(marks::EMAIL_REFUSED));
    let asked = sign_up(marks::EMAIL_SIGNED_UP).unwrap();
    let asked = mark_sent(story, postman, asked);
    let wrong = secret(marks::CODE_TYPED_WRONG);
    let proof = Proof::Code { handle: &asked.handle, code: &wrong };
    story.refused("a wrong code", room.confirm(&proof));
    story.refused("a wrong link", room.look(&wrong));
    let registered = room.confirm(&link(&asked)).unwrap();
    story.shown("confirmed", &registered);
    story.refused("a link that was used", room.confirm(&link(&asked)));
    for (email, password) in [(marks::EMAIL_INVITED, Some(&first)), (marks::EMAIL_NEVER_CONFIRMED, None)] {
        let asked = room.invite(email, Some(marks::NAME_SIGNED_UP)).unwrap();
        let asked = mark_sent(story, postman, asked);
        story.refused("a short password", room.accept(&link(&asked), &secret(marks::PASSWORD_SHORT)));
        if let Some(password) = password {
            room.accept(&link(&asked), password).unwrap();
        }
    }
    let asked = room.ask_reset(marks::EMAIL_SIGNED_UP).unwrap();
    let asked = mark_sent(story, postman, asked);
    drop(room.ask_reset(marks::EMAIL_UNKNOWN).unwrap());
    room.reset(&link(&asked), &second).unwrap();

    let granted = login(story, marks::EMAIL_SIGNED_UP, marks::PASSWORD_FORGOTTEN).unwrap();
    story.mark_token("another customer's token", &granted.token);
    let owner = room.owner(&granted.owner);
    owner.change_name(Some(marks::NAME_CHANGED)).unwrap();
    story.refused("another name", owner.change_name(Some(marks::NAME_REFUSED)));
    let changed = secret(marks::PASSWORD_CHANGED);
    story.refused("changing the password", owner.change_password(&first, &changed));
    owner.change_password(&second, &changed).unwrap();
    story.refused("another address", owner.ask_address(&changed, marks::EMAIL_REFUSED));
    let change = owner.ask_address(&changed, marks::EMAIL_CHANGED).unwrap();
    let change = mark_sent(story, postman, change);
    room.confirm_address(&link(&change)).unwrap();
    let expires = story.clock.now().plus(std::time::Duration::from_secs(3600));
    let made = owner.make_api_key(&["dns:write"], expires).unwrap();
    story.marks.extend(marks::api_key(&made.key));
    story.refused("a key for nothing", owner.make_api_key(&[marks::PASTED], expires));
    story.shown("whose key it is", &room.api_key(&made.key).unwrap());
    story.shown("keys", &owner.api_keys(&Page::first(500)).unwrap());
    // With the password went what was known of devices.
    let here = room.from(&Origin::new().device(None));
    let device = here.login(marks::EMAIL_CHANGED, &changed).unwrap().complete().unwrap().device.unwrap();
    story.mark_token("the token of a device", &device);
    let here = room.from(&Origin::new().device(Some(&device)));
    assert!(here.login(marks::EMAIL_CHANGED, &changed).unwrap().complete().unwrap().device.is_none());
    story.shown("sessions", &owner.sessions(&Page::first(500)).unwrap());
}
