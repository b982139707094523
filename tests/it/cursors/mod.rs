//! Every list of the public face: a cursor counts for the room, the list, the subject and the reader that it was made for,
//! and for nothing else.

mod complete;
mod thousand;

use std::time::Duration;

use strongroom::room::{
    AccountId, CaseRef, Class, Classes, Cursor, Kind, LogPart, OwnerSession, Page, PrincipalKind, Purpose,
    Retry, Role, Staff, StaffError, TicketQueue, Waivable, Why,
};

use crate::{
    lists::{biller, invoice, pay},
    post::postman,
    scene::rights,
    two_people::awaited,
    world::{JANE, PASSWORD, World, secret},
};

const DAY: Duration = Duration::from_secs(86_400);
const EVE: &str = "eve@example.com";

/// A room that has two rows at least of everything that is listed.
struct Stage {
    world: World,
    jane: OwnerSession,
    eve: OwnerSession,
    /// Billing at work for jane.
    bill: (Staff, Why),
    /// By handle, each with one session for all that he reads.
    people: Vec<(&'static str, Staff)>,
}

/// A part of a list: how many rows, and where the next one begins.
type Part = Result<(usize, Option<Cursor>), (Kind, String)>;

/// Reads a part of a list.
type Read = fn(&Stage, &Page) -> Part;

/// How many rows an answer has, and its cursor.
macro_rules! part {
    ($read:expr) => {
        part!($read, rows)
    };
    ($read:expr, $($rows:ident),+) => {
        match $read {
            Ok(part) => Ok((0 $(+ part.$rows.len())+, part.next)),
            Err(error) => Err((error.kind(), error.to_string())),
        }
    };
}

/// Each list, by the verb that reads it and what else tells it from others of that verb.
const LISTS: &[(&str, Read)] = &[
    ("Owner::tickets", |stage, page| part!(stage.world.room.owner(&stage.jane).tickets(page))),
    ("Owner::tickets of another", |stage, page| part!(stage.world.room.owner(&stage.eve).tickets(page))),
    ("Owner::activity", |stage, page| part!(stage.world.room.owner(&stage.jane).activity(page))),
    ("Owner::billing", |stage, page| {
        part!(stage.world.room.owner(&stage.jane).billing(page), payments, invoices)
    }),
    ("Owner::sessions", |stage, page| part!(stage.world.room.owner(&stage.jane).sessions(page))),
    ("Owner::api_keys", |stage, page| part!(stage.world.room.owner(&stage.jane).api_keys(page))),
    ("Staff::billing", |stage, page| part!(stage.bill.0.billing(stage.jane.account(), page, &stage.bill.1))),
    ("Staff::billing_detail", |stage, page| {
        let (bill, why) = &stage.bill;
        part!(bill.billing_detail(stage.jane.account(), page, why), payments, invoices)
    }),
    ("Staff::tickets mine", |stage, page| stage.queue("sam", TicketQueue::Mine, page)),
    ("Staff::tickets unassigned", |stage, page| stage.queue("sam", TicketQueue::Unassigned, page)),
    ("Staff::tickets unassigned to another", |stage, page| stage.queue("lea", TicketQueue::Unassigned, page)),
    ("Staff::tickets due", |stage, page| stage.queue("lea", TicketQueue::Due, page)),
    ("Staff::holds", |stage, page| part!(stage.staff("lena").holds(None, page, &Why::unstated()))),
    ("Staff::holds of one", |stage, page| {
        part!(stage.staff("lena").holds(Some(stage.jane.account()), page, &Why::unstated()))
    }),
    ("Staff::people", |stage, page| part!(stage.staff("vera").people(page, &Why::unstated()))),
    ("Staff::people to another", |stage, page| part!(stage.staff("ada").people(page, &Why::unstated()))),
    ("Staff::approvals", |stage, page| part!(stage.staff("vera").approvals(page, &Why::unstated()))),
    ("Staff::dead_letters", |stage, page| part!(stage.staff("robot").dead_letters(page, &Why::unstated()))),
    ("Staff::inbox", |stage, page| part!(stage.staff("sam").inbox(page, &Why::unstated()), tickets, cases)),
    ("Staff::inbox of cases", |stage, page| {
        part!(stage.staff("priya").inbox(page, &Why::unstated()), tickets, cases)
    }),
    ("Staff::audit_log", |stage, page| stage.log("vera", LogPart::All, page)),
    ("Staff::audit_log about one", |stage, page| {
        stage.log("vera", LogPart::About(stage.jane.account()), page)
    }),
    ("Staff::audit_log about another", |stage, page| {
        stage.log("vera", LogPart::About(stage.eve.account()), page)
    }),
    ("Staff::audit_log about staff", |stage, page| stage.log("ada", LogPart::Staff, page)),
    ("Room::outbox_rows", |stage, page| part!(stage.world.room.outbox_rows(false, page).map(Option::unwrap))),
    ("Room::outbox_rows dead", |stage, page| {
        part!(stage.world.room.outbox_rows(true, page).map(Option::unwrap))
    }),
    ("Room::waivers", |stage, page| part!(stage.world.room.waivers(true, page))),
    ("Room::waivers in force", |stage, page| part!(stage.world.room.waivers(false, page))),
];

impl Stage {
    fn new() -> Self {
        let world = World::demo();
        let [jane, eve] = [JANE, EVE].map(|email| opened(&world, email));
        appointed(&world);
        given_up(&world);
        // Whoever wrote then has waited since.
        world.later(3 * DAY);
        let [jane, eve] = [(JANE, jane), (EVE, eve)].map(|(email, account)| {
            let session = login(&world, email);
            assert_eq!(session.account(), account);
            session
        });
        let bill = biller(&world, &jane);
        for minor in 0..2 {
            login(&world, JANE);
            pay(&world, &bill, jane.account(), minor);
            invoice(&world, &bill, jane.account(), minor);
            let expires = world.clock.now().plus(DAY);
            world.room.owner(&jane).make_api_key(&["dns"], expires).unwrap();
        }
        held(&world, jane.account());
        let people =
            ["ada", "lea", "lena", "robot", "sam", "vera"].map(|handle| (handle, world.staff(handle)));
        let mut people = people.to_vec();
        let priya = world.staff("priya");
        for account in [jane.account(), eve.account()] {
            priya.open_case(Some(account), &rights()).unwrap();
        }
        people.push(("priya", priya));
        Self { world, jane, eve, bill, people }
    }

    fn staff(&self, handle: &str) -> &Staff {
        &self.people.iter().find(|(of, _)| *of == handle).unwrap().1
    }

    fn queue(&self, handle: &str, queue: TicketQueue, page: &Page) -> Part {
        part!(self.staff(handle).tickets(queue, page, &Why::unstated()))
    }

    fn log(&self, handle: &str, of: LogPart, page: &Page) -> Part {
        part!(self.staff(handle).audit_log(of, 0, page, &Why::unstated()), entries)
    }
}

fn login(world: &World, email: &str) -> OwnerSession {
    world.room.login(email, &secret(PASSWORD)).unwrap().complete().unwrap().owner
}

/// A customer with two tickets on which sam works, and two on which nobody does.
fn opened(world: &World, email: &str) -> AccountId {
    let owner = world.customer(email);
    for _ in 0..2 {
        world.ticket(&owner);
        world.room.owner(&owner).open_ticket("Subject", "Body").unwrap();
    }
    owner.account()
}

/// Two requests that wait for a second person, and a waiver beside that of the ceremony.
fn appointed(world: &World) {
    let ada = world.staff("ada");
    let plain = Why::purpose(Purpose::AccessAdmin);
    let why = plain.clone().case(CaseRef::Case(ada.open_case(None, &plain).unwrap()));
    let nina = ada.appoint("nina", PrincipalKind::Human, &why).unwrap().principal;
    for role in [Role::Support, Role::Billing] {
        awaited(ada.give(nina, role, 30 * DAY, &why));
    }
    let waive = |rule| ada.waive(rule, 30 * DAY, &why);
    for rule in [Waivable::RefundAndSupport, Waivable::KeyCustodian] {
        let asked = awaited(waive(rule)).approval;
        for handle in ["priya", "alan"] {
            match world.staff(handle).approve(asked, &Why::unstated()) {
                Ok(_) | Err(StaffError::State { .. }) => {}
                Err(e) => panic!("{e}"),
            }
        }
        waive(rule).unwrap();
    }
}

/// Two letters that were given up, and two that wait.
fn given_up(world: &World) {
    let robot = postman(&world.room);
    for claimed in robot.claim(2, DAY / 24, &Why::unstated()).unwrap() {
        robot.nack(&claimed.lease, Retry::Never, &Why::unstated()).unwrap();
    }
    for email in ["first@example.com", "second@example.com"] {
        world.customer(email);
    }
}

/// Two holds on an account.
fn held(world: &World, account: AccountId) {
    let lena = world.staff("lena");
    let plain = Why::purpose(Purpose::LegalObligation);
    let why = plain.clone().case(CaseRef::Case(lena.open_case(Some(account), &plain).unwrap()));
    for days in [10, 20] {
        let review = world.clock.now().plus(days * DAY);
        lena.place_hold(account, Classes::of(&[Class::Support]), review, &why).unwrap();
    }
}

/// The first cursor of each list.
fn cursors(stage: &Stage) -> Vec<(&'static str, Cursor)> {
    let first = |(name, read): &(&'static str, Read)| {
        let (rows, next) = read(stage, &Page::first(1)).unwrap_or_else(|e| panic!("{name}: {e:?}"));
        assert_eq!(rows, 1, "{name}");
        (*name, next.unwrap_or_else(|| panic!("{name} has one row")))
    };
    LISTS.iter().map(first).collect()
}

/// The refusal, by its kind and its words.
#[track_caller]
fn is_refused(part: Part, whose: &str) {
    let (kind, words) = part.err().unwrap_or_else(|| panic!("{whose}: it was taken"));
    assert_eq!(kind, Kind::Invalid, "{whose}: {words}");
    assert_eq!(words, "the cursor was refused: it is none of this list", "{whose}");
}

#[test]
fn a_cursor_counts_for_its_own_list_subject_and_reader_alone() {
    let stage = Stage::new();
    for (of, cursor) in cursors(&stage) {
        let page = Page::after(cursor, 1);
        for (name, read) in LISTS {
            let part = read(&stage, &page);
            if *name == of {
                assert_eq!(part.unwrap_or_else(|e| panic!("{of}: {e:?}")).0, 1, "{of}");
            } else {
                is_refused(part, &format!("a cursor of {of}, for {name}"));
            }
        }
    }
}

#[test]
fn a_cursor_of_another_room_or_with_another_byte_is_refused() {
    let (stage, other) = (Stage::new(), Stage::new());
    let theirs = cursors(&other);
    for (((name, read), (_, own)), (_, foreign)) in LISTS.iter().zip(cursors(&stage)).zip(theirs) {
        is_refused(read(&stage, &Page::after(foreign, 1)), &format!("another room's, for {name}"));
        let genuine = own.to_string();
        for at in 0..genuine.len() {
            let mut text = genuine.clone().into_bytes();
            text[at] = if text[at] == b'A' { b'B' } else { b'A' };
            let Ok(forged) = String::from_utf8(text).unwrap().parse() else { continue };
            is_refused(read(&stage, &Page::after(forged, 1)), &format!("{name}, character {at}"));
        }
    }
}

/// Nothing is asked for with it, and a list is never without an end because its parts are empty.
#[test]
fn a_part_of_no_rows_is_one_of_one_row() {
    let stage = Stage::new();
    for (name, read) in LISTS {
        let (rows, next) = read(&stage, &Page::first(0)).unwrap();
        assert_eq!((rows, next.is_some()), (1, true), "{name}");
        let (rows, next) = read(&stage, &Page::first(usize::MAX)).unwrap();
        assert!(rows > 1 && next.is_none(), "{name}: {rows}");
    }
}

/// A place that a list ignores, or takes for the row behind it, is seen here for every list.
#[test]
fn each_list_has_as_many_parts_of_one_row_as_it_has_rows() {
    let stage = Stage::new();
    for (name, read) in LISTS {
        let (rows, _) = read(&stage, &Page::first(usize::MAX)).unwrap();
        // Reading the log writes to it, in each of its lists.
        let rows = rows + usize::from(name.starts_with("Staff::audit_log"));
        let (mut parts, mut page) = (0, Page::first(1));
        while parts <= rows {
            let (one, next) = read(&stage, &page).unwrap();
            assert_eq!(one, 1, "{name}, part {parts}");
            parts += 1;
            let Some(next) = next else { break };
            page = Page::after(next, 1);
        }
        assert_eq!(parts, rows, "{name}");
    }
}
