//! A machine that delivers what is in the outbox, as the service that sends mail does.

use std::time::Duration;

use strongroom::room::{
    Asked, CaseRef, Claimed, Contact, Delivery, Letter, NoticeKind, PrincipalKind, Purpose, Receiver, Role,
    Room, SecretText, Staff, StaffError, Why,
};

use crate::scene::staff;

const MINUTE: Duration = Duration::from_secs(60);
/// No reason is asked of a machine.
pub fn unstated() -> Why {
    Why::unstated()
}

/// The machine at work; it is appointed when it is asked for first, by ada and alan.
pub fn postman(room: &Room) -> Staff {
    if room.assume("robot").is_err() {
        let (ada, why) = (staff(room, "ada"), Why::purpose(Purpose::AccessAdmin));
        let case = ada.open_case(None, &why).unwrap();
        let why = why.case(CaseRef::Case(case));
        let robot = ada.appoint("robot", PrincipalKind::Machine, &why).unwrap().principal;
        let give = || ada.give(robot, Role::AuthService, 24 * 60 * 24 * MINUTE, &why);
        let Err(StaffError::Awaits { awaited }) = give() else { panic!("one person gave a role") };
        staff(room, "alan").approve(awaited.approval, &unstated()).unwrap();
        give().unwrap();
    }
    staff(room, "robot")
}

/// What can be claimed now, each delivered.
pub fn emptied(room: &Room) -> Vec<Claimed> {
    emptied_by(&postman(room))
}

/// What this machine can claim now, each delivered.
pub fn emptied_by(robot: &Staff) -> Vec<Claimed> {
    let mut all = Vec::new();
    loop {
        let claimed = robot.claim(100, MINUTE, &unstated()).unwrap();
        if claimed.is_empty() {
            return all;
        }
        for one in claimed {
            robot.ack(&one.lease, &unstated()).unwrap();
            all.push(one);
        }
    }
}

/// What the outbox tells, without codes and without what appointing the machine tells: the kind, and the address.
pub fn told(room: &Room) -> Vec<(NoticeKind, String)> {
    let notices = emptied(room).into_iter().filter_map(|one| match one.delivery.letter {
        Letter::Notice { kind, .. } if matches!(one.delivery.to, Receiver::Account(_)) => {
            Some((kind, one.address.map_or_else(String::new, |address| address.expose().as_str().to_owned())))
        }
        _ => None,
    });
    notices.collect()
}

/// What was asked for, with what the outbox has to be sent for it.
pub fn posted(room: &Room, asked: Asked) -> Asked {
    posted_by(&postman(room), asked)
}

/// The same by this machine.
pub fn posted_by(robot: &Staff, asked: Asked) -> Asked {
    // Handle and link begin with the id of the code's row.
    let id = asked.handle.expose()[..21].to_owned();
    let is_for_it = |delivery: &Delivery| match &delivery.letter {
        Letter::Code { link, .. } => link.expose().starts_with(&id),
        Letter::Notice { .. } => false,
    };
    assert!(asked.unsent.is_empty(), "the outbox has it");
    let unsent = emptied_by(robot).into_iter().map(|one| one.delivery).filter(is_for_it).collect();
    Asked { unsent, ..asked }
}

/// The delivery of something that was asked for.
pub fn delivery(asked: &Asked) -> &Delivery {
    asked.unsent.first().expect("nothing is sent")
}

/// The code and the link of something that is sent.
pub fn sent(asked: &Asked) -> (&SecretText, &SecretText) {
    let Letter::Code { code, link, .. } = &delivery(asked).letter else { panic!("no code is sent") };
    (code, link)
}

/// Which address it goes to.
pub fn contact(asked: &Asked) -> Contact {
    delivery(asked).contact
}
