//! What a receipt opens, and all that it does not.

use std::time::Duration;

use super::{Claim, Receipt, Unfit};
use crate::{
    access::{Field, Object, View, testing},
    base::{Class, Clock, Moment, RoomId, TicketId, Time},
};

const ROOM: RoomId = RoomId::from_bytes([1; 16]);
const TICKET: Object = Object::Ticket(testing::TICKET);

fn moment_after(span: Duration) -> Moment {
    let clock = Clock::manual(Time::from_ms(1000));
    clock.advance(span);
    clock.moment()
}

fn receipt() -> Receipt {
    let cells = vec![(TICKET, Field::Body), (TICKET, Field::Subject)];
    let claim = Claim::new(42, testing::permit(&[Field::Body, Field::Subject]), Class::Support, cells);
    Receipt::assertion(ROOM, claim, moment_after(Duration::ZERO))
}

#[test]
fn it_opens_what_its_entry_names() {
    let view = receipt().view().unwrap();
    let opening = receipt().take(&ROOM, TICKET, Field::Body, view, moment_after(Duration::from_secs(60)));
    let opening = opening.ok().unwrap();
    assert_eq!((opening.class(), opening.subject()), (Class::Support, Some(testing::SUBJECT)));
}

#[test]
fn late_elsewhere_otherwise_or_unnamed_it_opens_nothing() {
    let view = receipt().view().unwrap();
    let other_view = View::ALL.into_iter().find(|other| *other != view).unwrap();
    let (now, late) = (moment_after(Duration::ZERO), moment_after(Duration::from_millis(60_001)));
    let other_ticket = Object::Ticket(TicketId::from_bytes([9; 16]));
    for (taken, unfit) in [
        (receipt().take(&ROOM, TICKET, Field::Body, view, late), Unfit::Late),
        (receipt().take(&RoomId::from_bytes([2; 16]), TICKET, Field::Body, view, now), Unfit::OtherRoom),
        (receipt().take(&ROOM, TICKET, Field::Body, other_view, now), Unfit::OtherView),
        (receipt().take(&ROOM, TICKET, Field::Note, view, now), Unfit::NotNamed),
        (receipt().take(&ROOM, other_ticket, Field::Body, view, now), Unfit::NotNamed),
    ] {
        assert_eq!(taken.err(), Some(unfit));
    }
}

#[test]
fn split_it_opens_each_value_once() {
    let view = receipt().view().unwrap();
    let now = moment_after(Duration::ZERO);
    let parts = receipt().split();
    let cells: Vec<_> = parts.iter().map(|part| part.cells().to_vec()).collect();
    assert_eq!(cells, [vec![(TICKET, Field::Body)], vec![(TICKET, Field::Subject)]]);
    for (part, field) in parts.into_iter().zip([Field::Subject, Field::Body]) {
        assert_eq!(part.take(&ROOM, TICKET, field, view, now).err(), Some(Unfit::NotNamed));
    }
}

/// An entry about several people names each account; of another kind of object it tells no owner.
#[test]
fn where_many_are_named_each_account_is_its_own_subject() {
    let (jane, joe) = (Object::Account(testing::SUBJECT), Object::Account(testing::STRANGER));
    let open = |object| {
        let cells = vec![(jane, Field::Email), (joe, Field::Email), (TICKET, Field::Email)];
        let claim = Claim::new(42, testing::search(&[jane, joe, TICKET]), Class::Identity, cells);
        let receipt = Receipt::assertion(ROOM, claim, moment_after(Duration::ZERO));
        receipt.take(&ROOM, object, Field::Email, View::Masked, moment_after(Duration::ZERO)).ok().unwrap()
    };
    assert_eq!(open(jane).subject(), Some(testing::SUBJECT));
    assert_eq!(open(joe).subject(), Some(testing::STRANGER));
    assert_eq!(open(TICKET).subject(), None);
}
