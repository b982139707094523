//! Rooms that are not made, and the first people of the one that is.

use strongroom::room::{
    Appointment, CaseRef, Ceremony, Code, PrincipalKind, Purpose, Role, Room, SecondFactor, Staff,
    StaffError, StaffLogin, StaffLoginError, TotpOffer, Why,
};

use super::{
    marks,
    search::Mark,
    story::{Desk, Story, first_people, options},
};
use crate::{
    carried::{Authenticator, SshKey},
    world::secret,
};

const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

/// Ceremonies and directories that do not do.
pub fn rooms_are_refused(story: &mut Story) {
    let init = |story: &Story, name: &str, ceremony: &Ceremony| {
        Room::init(options(story.root().join(name), &story.clock), ceremony).map(drop)
    };
    story.refused("init where a room is", init(story, "room", &first_people()));
    for handle in [marks::HANDLE_REFUSED, marks::NAME_REFUSED, marks::HANDLE_SUPPORT] {
        let mut people = first_people();
        people.appointments.push(Appointment { handle: handle.to_owned(), roles: vec![Role::Support] });
        story.refused("init with a handle", init(story, "elsewhere", &people));
    }
    let mut people = first_people();
    people.appointments.truncate(1);
    story.refused("init without an auditor", init(story, "elsewhere", &people));
    story.refused("opening nothing", options(story.root().join("elsewhere"), &story.clock).open().map(drop));
    let options = options(story.directory(), &story.clock);
    story.shown("options", &options);
    story.shown("a ceremony", &first_people());
}

/// Codes, passwords and logins of staff, right and wrong.
pub fn staff_enrol(story: &mut Story, codes: &[Code]) -> Desk {
    let room = story.room.clone();
    let good = secret(marks::STAFF_PASSWORD);
    story.refused("a wrong code", room.enrol(&secret(marks::CODE_WRONG), &good));
    story.refused("a short staff password", room.enrol(&codes[0].code, &secret(marks::STAFF_PASSWORD_SHORT)));
    story.refused(
        "a staff password with a bell",
        room.enrol(&codes[0].code, &secret(marks::PASSWORD_CONTROL)),
    );
    for code in codes {
        room.enrol(&code.code, &good).unwrap();
        story.refused("a used code", room.enrol(&code.code, &good));
    }
    for (handle, password) in [
        (marks::HANDLE_ADMIN, marks::STAFF_PASSWORD_WRONG),
        (marks::HANDLE_UNKNOWN, marks::STAFF_PASSWORD_WRONG),
        (marks::HANDLE_REFUSED, marks::STAFF_PASSWORD),
    ] {
        story.refused("a staff login", room.staff_login(handle, &secret(password)).map(drop));
    }
    story.refused("acting as somebody", room.assume(marks::HANDLE_ADMIN).map(drop));
    let mut login = |handle: &str| {
        let login = room.staff_login(handle, &good).unwrap();
        story.mark_token("a staff token", &login.token);
        let staff = room.staff(&login.token);
        add_factors(story, &staff);
        let again = second_login(story, &room, handle);
        story.mark_token("a staff token", &again.token);
        (room.staff(&again.token), login.principal)
    };
    let admin = login(marks::HANDLE_ADMIN).0;
    let appointed = postman(&room, &admin, &login(marks::HANDLE_ADMIN_SECOND).0);
    Desk {
        admin,
        auditor: login(marks::HANDLE_AUDITOR).0,
        support: login(marks::HANDLE_SUPPORT),
        billing: login(marks::HANDLE_BILLING).0,
        legal: login(marks::HANDLE_LEGAL).0,
        privacy: login(marks::HANDLE_PRIVACY).0,
        security: login(marks::HANDLE_SECURITY).0,
        postman: appointed,
    }
}

/// The machine that delivers what customers are told.
fn postman(room: &Room, admin: &Staff, second: &Staff) -> Staff {
    let why = Why::purpose(Purpose::AccessAdmin);
    let case = admin.open_case(None, &why).unwrap();
    let why = why.case(CaseRef::Case(case));
    let made = admin.appoint("postman", PrincipalKind::Machine, &why).unwrap();
    let give = || admin.give(made.principal, Role::AuthService, DAY, &why);
    let Err(StaffError::Awaits { awaited }) = give() else { panic!("one person gave a role") };
    second.approve(awaited.approval, &Why::unstated()).unwrap();
    give().unwrap();
    room.enrol(&made.code, &secret(marks::STAFF_PASSWORD)).unwrap();
    room.staff(&room.staff_login("postman", &secret(marks::STAFF_PASSWORD)).unwrap().token)
}

/// The key that everybody here has.
fn key() -> SshKey {
    SshKey::plain(7)
}

/// One-time codes and a key, after some that are none.
fn add_factors(story: &mut Story, staff: &Staff) {
    let offer = TotpOffer::fresh().unwrap();
    let address = offer.address("of the canary");
    let authenticator = Authenticator::of(address.expose());
    story.marks.extend(
        authenticator.marks().into_iter().map(|bytes| Mark { name: "a secret of codes".to_owned(), bytes }),
    );
    story.refused("a wrong code", staff.add_totp(&offer, &secret(marks::PASTED)));
    staff.add_totp(&offer, &authenticator.code(story.clock.now())).unwrap();
    let challenge = staff.key_challenge().unwrap();
    story.mark_token("a challenge", &challenge);
    story.refused("a wrong signature", staff.add_ssh_key(&challenge, marks::PASTED));
    key().add(staff).unwrap();
    story.shown("factors", &staff.factors().unwrap());
}

/// A login with the key, after one with a code that is none.
pub fn second_login(story: &mut Story, room: &Room, handle: &str) -> StaffLogin {
    let first = room.staff_login(handle, &secret(marks::STAFF_PASSWORD)).map(drop);
    let Err(StaffLoginError::SecondFactor { asked }) = first else { panic!("a password alone") };
    story.mark_token("a challenge", &asked.challenge);
    story.shown("what is asked for", &asked);
    let wrong = SecondFactor::Code(secret(marks::PASTED));
    story.refused("a wrong factor", room.second_factor(&asked.challenge, &wrong).map(drop));
    let signature = key().signature("strongroom-login", asked.challenge.expose());
    let login = room.second_factor(&asked.challenge, &SecondFactor::Signature(signature));
    story.refused("a login in halves", Err::<(), _>(StaffLoginError::SecondFactor { asked }));
    login.unwrap()
}
