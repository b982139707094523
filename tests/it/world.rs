//! A world for tests: a real room on disk with a clock in the hand, its first people enrolled and logged in, and a
//! customer. No mocks.

use std::{path::Path, time::Duration};

use strongroom::room::{
    Appointment, Ceremony, Clock, OwnerSession, Page, Registration, Role, Room, RoomKind, RoomOptions,
    SecretText, Staff, TeamProfile, TicketId, Time,
};
use tempfile::TempDir;

/// A moment in 2026.
pub const START: Time = Time::from_ms(1_790_000_000_000);
/// A password that the policy takes.
pub const PASSWORD: &str = "violet kettle sings at noon";
/// The customer's address.
pub const JANE: &str = "jane.doe@example.com";

/// The handles of the first people and their roles.
pub const PEOPLE: [(&str, Role); 8] = [
    ("ada", Role::AccessAdmin),
    ("alan", Role::AccessAdmin),
    ("vera", Role::Auditor),
    ("sam", Role::Support),
    ("lea", Role::SupportLead),
    ("bill", Role::Billing),
    ("priya", Role::PrivacyOfficer),
    ("lena", Role::Legal),
];

/// A room and its clock.
pub struct World {
    /// The room.
    pub room: Room,
    /// Its clock.
    pub clock: Clock,
    /// Where it is, until the test ends.
    pub directory: TempDir,
}

/// The beginning of a list.
pub const FIRST: Page = Page::first(100);

/// A password.
pub fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

/// The ceremony with [`PEOPLE`].
pub fn ceremony(kind: RoomKind) -> Ceremony {
    let appointments = PEOPLE
        .iter()
        .map(|(handle, role)| Appointment { handle: (*handle).to_owned(), roles: vec![*role] })
        .collect();
    Ceremony {
        kind,
        outside: None,
        appointments,
        profile: TeamProfile::Small,
        custody: strongroom::room::Custody::default(),
    }
}

/// How tests open the room in `directory`.
pub fn options(directory: &Path, clock: &Clock) -> RoomOptions {
    RoomOptions {
        clock: clock.clone(),
        component: "test".to_owned(),
        ..RoomOptions::new(directory, "host-1")
    }
}

impl World {
    /// A demonstration room, where one acts as anybody without hashing a password.
    pub fn demo() -> Self {
        Self::new(RoomKind::Demo)
    }

    /// A demonstration room in a directory of its own below `root`.
    pub fn demo_in(root: &Path) -> Self {
        Self::within(tempfile::tempdir_in(root).unwrap(), RoomKind::Demo, START)
    }

    /// A room of this kind.
    pub fn new(kind: RoomKind) -> Self {
        Self::within(tempfile::tempdir().unwrap(), kind, START)
    }

    /// A demonstration room that was made then.
    pub fn demo_at(start: Time) -> Self {
        Self::within(tempfile::tempdir().unwrap(), RoomKind::Demo, start)
    }

    fn within(directory: TempDir, kind: RoomKind, start: Time) -> Self {
        let clock = Clock::manual(start);
        let made = Room::init(options(&directory.path().join("room"), &clock), &ceremony(kind)).unwrap();
        Self { room: made.room, clock, directory }
    }

    /// The room's directory.
    pub fn path(&self) -> std::path::PathBuf {
        self.directory.path().join("room")
    }

    /// Opens the room a second time, as another process would.
    pub fn again(&self) -> Room {
        options(&self.path(), &self.clock).open().unwrap()
    }

    /// A member of staff at work.
    pub fn staff(&self, handle: &str) -> Staff {
        let login = self.room.assume(handle).unwrap();
        self.room.staff(&login.token)
    }

    /// A registered customer, logged in.
    pub fn customer(&self, email: &str) -> OwnerSession {
        let password = secret(PASSWORD);
        self.room.register(&Registration { email, name: Some("Jane Doe"), password: &password }).unwrap();
        match self.room.login(email, &password).unwrap().complete() {
            Some(granted) => granted.owner,
            None => panic!("the right password was denied"),
        }
    }

    /// A ticket of a customer, on which sam works.
    pub fn ticket(&self, owner: &OwnerSession) -> TicketId {
        let ticket = self
            .room
            .owner(owner)
            .open_ticket("Invoice wrong", "Please look at the last one.")
            .unwrap()
            .ticket;
        let login = self.room.assume("sam").unwrap();
        let sam = self.room.staff(&login.token);
        sam.assign(ticket, login.principal, &strongroom::room::Why::unstated()).unwrap();
        ticket
    }

    /// Lets time pass in a room that is in use: its heart beats.
    pub fn in_use(&self, span: Duration) {
        const STEP: Duration = Duration::from_secs(12 * 3600);
        let mut left = span;
        while left > STEP {
            self.later(STEP);
            self.room.beat().unwrap().unwrap();
            left -= STEP;
        }
        self.later(left);
    }

    /// Lets time pass.
    pub fn later(&self, span: Duration) {
        self.clock.advance(span);
    }
}
