//! A day in a room: every secret goes in by its own door, and whatever the room answers is kept.

use std::{error::Error, fmt::Debug, fs, path::PathBuf};

use strongroom::room::{
    Appointment, Backups, Ceremony, Clock, Code, CustodyShare, PrincipalId, Role, Room, RoomKind,
    RoomOptions, Staff, TeamProfile, TicketId,
};
use tempfile::TempDir;

use super::{
    backups, capture, ceremony, customers, damage, desk, endings, house, marks,
    search::{Mark, Places},
};
use crate::{disk, world::START};

/// A room, what it must keep to itself, and what it said.
pub struct Story {
    pub room: Room,
    pub clock: Clock,
    pub marks: Vec<Mark>,
    pub places: Places,
    /// The way back.
    pub shares: Vec<CustodyShare>,
    directory: TempDir,
}

/// Staff at work, in the order of the ceremony.
pub struct Desk {
    pub admin: Staff,
    pub auditor: Staff,
    pub support: (Staff, PrincipalId),
    pub billing: Staff,
    pub legal: Staff,
    pub privacy: Staff,
    pub security: Staff,
    pub postman: Staff,
}

/// A customer with a ticket.
pub struct Customer {
    pub session: strongroom::room::OwnerSession,
    pub ticket: TicketId,
}

pub fn options(directory: PathBuf, clock: &Clock) -> RoomOptions {
    RoomOptions {
        clock: clock.clone(),
        component: marks::COMPONENT.to_owned(),
        origin: Some(marks::ORIGIN.to_owned()),
        ..RoomOptions::new(directory, marks::HOST)
    }
}

pub fn first_people() -> Ceremony {
    let person = |handle: &str, role| Appointment { handle: handle.to_owned(), roles: vec![role] };
    let appointments = vec![
        person(marks::HANDLE_ADMIN, Role::AccessAdmin),
        person(marks::HANDLE_ADMIN_SECOND, Role::AccessAdmin),
        person(marks::HANDLE_AUDITOR, Role::Auditor),
        person(marks::HANDLE_SUPPORT, Role::Support),
        person(marks::HANDLE_BILLING, Role::Billing),
        person(marks::HANDLE_LEGAL, Role::Legal),
        person(marks::HANDLE_PRIVACY, Role::PrivacyOfficer),
        person(marks::HANDLE_SECURITY, Role::Security),
    ];
    Ceremony {
        kind: RoomKind::Real,
        outside: Some("../outside".into()),
        appointments,
        profile: TeamProfile::Small,
        custody: strongroom::room::Custody::default(),
    }
}

impl Story {
    /// Tells it all. The room stays open.
    pub fn told() -> Self {
        let (mut story, codes) = Self::begun();
        let desk = ceremony::staff_enrol(&mut story, &codes);
        let customer = customers::a_customer_comes(&mut story);
        customers::the_customer_writes(&mut story, &customer);
        customers::another_comes_and_changes(&mut story, &desk.postman);
        desk::support_works(&mut story, &desk, &customer);
        desk::billing_works(&mut story, &desk, &customer);
        endings::legal_holds(&mut story, &desk, &customer);
        desk::others_work(&mut story, &desk);
        let gone = endings::a_customer_leaves(&mut story);
        house::others_do(&mut story, &desk, &customer);
        house::suspended(&mut story, &desk, &customer);
        house::waived(&mut story, &desk);
        house::webhooks_are_taken(&mut story);
        house::somebody_recovers(&mut story);
        endings::he_is_erased(&mut story, &desk, gone);
        desk::values_are_refused(&mut story);
        damage::a_copy_is_damaged(&mut story, &customer);
        backups::both_halves(&mut story);
        damage::secrets_are_planted_for_the_policy(&mut story);
        story
    }

    /// Every secret, and everything that was kept and said: while the room is open, after it was closed, and after it
    /// was opened again.
    pub fn ended(mut self) -> (Vec<Mark>, Places) {
        let (root, directory) = (self.root(), self.directory());
        self.places.add_files("open", &root);
        drop(self.room);
        disk::closed(&root);
        self.places.add_files("closed", &root);
        drop(options(directory.clone(), &self.clock).open().unwrap());
        disk::closed(&root);
        self.places.add_files("closed again", &root);
        let restore = |from: &Backups| options(directory.clone(), &self.clock).restore(from, |_, _| ());
        backups::restored(&root, restore, &mut self.places);
        self.places.add("log", capture::tape().bytes());
        (self.marks, self.places)
    }

    fn begun() -> (Self, Vec<Code>) {
        capture::tape();
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::manual(START);
        let made = Room::init(options(directory.path().join("room"), &clock), &first_people()).unwrap();
        let (marks, places, shares) = (marks::typed(), Places::default(), made.shares);
        let mut story = Self { room: made.room, clock, marks, places, shares, directory };
        story.mark_shares();
        story.mark_keys();
        for code in &made.codes {
            story.marks.extend(marks::given("a one-time code", &code.code));
        }
        ceremony::rooms_are_refused(&mut story);
        (story, made.codes)
    }

    /// Where the room is, with its outside beside it.
    pub fn root(&self) -> PathBuf {
        self.directory.path().to_path_buf()
    }

    /// The room's own directory.
    pub fn directory(&self) -> PathBuf {
        self.root().join("room")
    }

    fn mark_shares(&mut self) {
        let shares =
            self.shares.iter().flat_map(|share| marks::given("a share of the way back", &share.text));
        self.marks.extend(shares);
    }

    /// The bytes of every key file.
    fn mark_keys(&mut self) {
        for file in fs::read_dir(self.directory().join("keys")).unwrap() {
            let file = file.unwrap();
            let line = fs::read_to_string(file.path()).unwrap();
            let bytes = marks::from_base64url(line.split_whitespace().last().unwrap());
            self.marks.push(Mark { name: key_mark(&file.file_name().to_string_lossy()), bytes });
        }
    }

    /// Keeps what an error says, and everything below it.
    pub fn refused<T, E: Error>(&mut self, what: &str, result: Result<T, E>) {
        let error = result.err().unwrap_or_else(|| panic!("{what} was not refused"));
        let place = format!("error: {what}");
        self.places.add(&place, format!("{error}\n{error:?}\n{error:#?}"));
        let mut below = error.source();
        while let Some(cause) = below {
            self.places.add(&place, format!("{cause}\n{cause:?}"));
            below = cause.source();
        }
    }

    /// Keeps what the debug form of a value says.
    pub fn shown(&mut self, what: &str, value: &impl Debug) {
        self.places.add(&format!("debug: {what}"), format!("{value:?}\n{value:#?}"));
    }

    /// A fresh token is a secret too.
    pub fn mark_token(&mut self, name: &str, token: &strongroom::room::SecretText) {
        self.marks.extend(marks::given(name, token));
    }
}

/// What the key in this file is called.
pub fn key_mark(file: &str) -> String {
    format!("the key of {file}")
}
