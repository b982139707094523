//! Random schedules of a room's life against a model that fits on a page: register, write, hold, release, close, erase,
//! back up, restore. Whatever the order, everybody has what the model says, nobody erased has anything, and the log
//! verifies.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use proptest::{collection::vec, prelude::*, test_runner::TestRunner};
use rusqlite::Connection;
use strongroom::room::{
    AccountId, AccountState, Answer, Backups, CaseRef, Class, Classes, Clock, HoldId, Page, Purpose,
    Registration, Room, RoomKind, StaffError, Why, verify,
};
use tempfile::TempDir;

use crate::{
    dba, disk,
    erasure::{close, erase},
    scene::staff,
    world::{PASSWORD, START, ceremony, options, secret},
};

/// Customers that a schedule knows.
const CUSTOMERS: usize = 3;

#[derive(Debug, Clone, Copy)]
enum Step {
    Register(usize),
    Write(usize),
    Hold(usize),
    Release(usize),
    Close(usize),
    Erase(usize),
    Backup,
    /// Of the backup with this number, counted from the newest; with its keyring or without.
    Restore(usize, bool),
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..CUSTOMERS;
    prop_oneof![
        4 => who.clone().prop_map(Step::Register),
        5 => who.clone().prop_map(Step::Write),
        1 => who.clone().prop_map(Step::Hold),
        1 => who.clone().prop_map(Step::Release),
        2 => who.clone().prop_map(Step::Close),
        3 => who.prop_map(Step::Erase),
        3 => Just(Step::Backup),
        3 => (0..3_usize, any::<bool>()).prop_map(|(age, keyring)| Step::Restore(age, keyring)),
    ]
}

/// What the model knows of an account.
#[derive(Debug, Clone)]
struct Person {
    email: String,
    state: AccountState,
    tickets: usize,
    hold: Option<HoldId>,
    /// The erasure of what support has waits for a hold to end.
    deferred: bool,
}

/// All accounts, and whom each of the schedule's customers is now.
#[derive(Debug, Clone, Default)]
struct Model {
    people: BTreeMap<AccountId, Person>,
    now: [Option<AccountId>; CUSTOMERS],
}

struct Life {
    directory: TempDir,
    clock: Clock,
    room: Option<Room>,
    model: Model,
    backups: Vec<(PathBuf, PathBuf, Model)>,
    /// Everybody who was ever erased, and whether what support has went too.
    erased: BTreeMap<AccountId, bool>,
    numbers: usize,
}

impl Life {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::manual(START);
        let made =
            Room::init(options(&directory.path().join("room"), &clock), &ceremony(RoomKind::Demo)).unwrap();
        Self {
            directory,
            clock,
            room: Some(made.room),
            model: Model::default(),
            backups: Vec::new(),
            erased: BTreeMap::new(),
            numbers: 0,
        }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("room")
    }

    fn room(&self) -> &Room {
        self.room.as_ref().unwrap()
    }

    fn next(&mut self) -> usize {
        self.numbers += 1;
        self.numbers
    }

    /// The person behind a customer, if there is one in this state.
    fn person(&mut self, who: usize, state: AccountState) -> Option<(AccountId, &mut Person)> {
        let id = self.model.now[who]?;
        let person = self.model.people.get_mut(&id)?;
        (person.state == state).then_some((id, person))
    }

    fn take(&mut self, step: Step) {
        self.clock.advance(Duration::from_secs(1));
        match step {
            Step::Register(who) => self.register(who),
            Step::Write(who) => self.write(who),
            Step::Hold(who) => self.hold(who),
            Step::Release(who) => self.release(who),
            Step::Close(who) => {
                let room = self.room().clone();
                if let Some((id, person)) = self.person(who, AccountState::Active) {
                    close(&room, id);
                    person.state = AccountState::Closed;
                }
            }
            Step::Erase(who) => self.erase(who),
            Step::Backup => self.back_up(),
            Step::Restore(age, keyring) => self.restore(age, keyring),
        }
    }

    fn register(&mut self, who: usize) {
        let taken = self.model.now[who].is_some_and(|id| {
            self.model.people.get(&id).is_some_and(|person| person.state != AccountState::Erased)
        });
        if taken {
            return;
        }
        let email = format!("customer{who}@example.com");
        let password = secret(PASSWORD);
        let registration = Registration { email: &email, name: None, password: &password };
        let account = self.room().register(&registration).unwrap().account;
        assert!(!self.erased.contains_key(&account), "a returning customer is somebody new");
        let person = Person { email, state: AccountState::Active, tickets: 0, hold: None, deferred: false };
        self.model.people.insert(account, person);
        self.model.now[who] = Some(account);
    }

    fn write(&mut self, who: usize) {
        let room = self.room().clone();
        let content = vec![7; 100 * self.next()];
        let Some((_, person)) = self.person(who, AccountState::Active) else { return };
        let Some(granted) = room.login(&person.email, &secret(PASSWORD)).unwrap().complete() else {
            panic!("{person:?} was denied")
        };
        let owner = room.owner(&granted.owner);
        let ticket = owner.open_ticket("Text", "Text").unwrap().ticket;
        owner.attach(ticket, "a.bin", "application/octet-stream", &content[..]).unwrap();
        person.tickets += 1;
    }

    fn hold(&mut self, who: usize) {
        let (room, review) = (self.room().clone(), self.clock.now().plus(Duration::from_secs(86_400)));
        for state in [AccountState::Active, AccountState::Closed] {
            let Some((id, person)) = self.person(who, state) else { continue };
            if person.hold.is_none() {
                let why = ordered(&room, id);
                let hold = staff(&room, "lena").place_hold(id, Classes::of(&[Class::Support]), review, &why);
                person.hold = Some(hold.unwrap());
            }
        }
    }

    fn release(&mut self, who: usize) {
        let room = self.room().clone();
        let Some(id) = self.model.now[who] else { return };
        let Some(person) = self.model.people.get_mut(&id) else { return };
        let Some(hold) = person.hold.take() else { return };
        staff(&room, "lena").release_hold(hold, &ordered(&room, id)).unwrap();
        if std::mem::take(&mut person.deferred) {
            person.tickets = 0;
            self.erased.insert(id, true);
        }
    }

    fn erase(&mut self, who: usize) {
        let room = self.room().clone();
        if let Some((id, _)) = self.person(who, AccountState::Active) {
            let refused = erase(&room, id).err().unwrap();
            assert!(matches!(refused, StaffError::State { .. }), "{refused}");
        }
        let Some((id, person)) = self.person(who, AccountState::Closed) else { return };
        let receipt = erase(&room, id).unwrap();
        person.state = AccountState::Erased;
        person.deferred = person.hold.is_some();
        assert_eq!(receipt.is_deferred(), person.deferred);
        if !person.deferred {
            person.tickets = 0;
        }
        let whole = !person.deferred;
        self.erased.insert(id, whole);
    }

    fn back_up(&mut self) {
        let number = self.next();
        let at = |kind: &str| self.directory.path().join(format!("{kind}{number}"));
        let (data, keyring) = (at("data"), at("keyring"));
        self.room().backup_data(&data, |_, _| ()).unwrap();
        self.room().backup_keyring(&keyring, |_, _| ()).unwrap();
        self.backups.push((data, keyring, self.model.clone()));
    }

    fn restore(&mut self, age: usize, with_keyring: bool) {
        let Some((data, keyring, model)) = self.backups.iter().rev().nth(age).cloned() else { return };
        // A restore of older data made the keyring forget who came later: newer data need their own keyring again.
        let is_newer = model.people.keys().any(|id| !self.model.people.contains_key(id));
        let with_keyring = with_keyring || is_newer;
        self.stop();
        let backups =
            Backups { data: Some(data), keyring: with_keyring.then_some(keyring), ..Backups::default() };
        options(&self.path(), &self.clock).restore(&backups, |_, _| ()).unwrap();
        self.room = Some(options(&self.path(), &self.clock).open().unwrap());
        self.model = model;
        for id in self.erased.keys() {
            let Some(person) = self.model.people.get_mut(id) else { continue };
            if person.state != AccountState::Erased {
                // Asked for again, as far as the holds of the backup let it.
                person.state = AccountState::Erased;
                person.deferred = person.hold.is_some() && self.erased.get(id) == Some(&false);
            } else if self.erased.get(id) == Some(&true) {
                person.deferred = false;
            }
            if !person.deferred {
                person.tickets = 0;
            }
        }
        for (id, person) in &self.model.people {
            if person.state == AccountState::Erased && !person.deferred {
                self.erased.insert(*id, true);
            }
        }
    }

    /// Ends the process that has the room open.
    fn stop(&mut self) {
        drop(self.room.take());
        disk::closed(&self.path());
    }

    /// Everybody has what the model says.
    fn check(&mut self) {
        let room = self.room().clone();
        for (id, person) in &self.model.people {
            assert_eq!(room.account_seals(*id).unwrap().state, person.state, "{person:?}");
            let is_current = self.model.now.contains(&Some(*id));
            if person.state == AccountState::Active {
                let Some(granted) = room.login(&person.email, &secret(PASSWORD)).unwrap().complete() else {
                    panic!("{person:?} was denied")
                };
                let owner = room.owner(&granted.owner);
                assert_eq!(owner.profile().unwrap().email.expose().as_str(), person.email);
                let tickets = owner.tickets(&Page::first(100)).unwrap().rows;
                assert_eq!(tickets.len(), person.tickets, "{person:?}");
                for ticket in tickets {
                    let read = owner.ticket(ticket.ticket).unwrap();
                    owner.open_attachment(read.attachments[0].header.attachment).unwrap();
                }
            } else if is_current {
                let answer = room.login(&person.email, &secret(PASSWORD)).unwrap();
                assert!(matches!(answer, Answer::Denied), "{person:?} got in");
            }
        }
        drop(room);
        self.stop();
        self.nothing_is_left();
        let verified = verify(&self.path(), None, |_| ()).unwrap();
        assert!(verified.is_sound(), "{:?}", verified.report.faults);
        self.room = Some(options(&self.path(), &self.clock).open().unwrap());
    }

    /// Of nobody who was erased there is a key, an index or a row.
    fn nothing_is_left(&self) {
        let open = |name: &str| Connection::open(self.path().join(name)).unwrap();
        let (keyring, store) = (open("keyring/keyring.db"), open("store/store.db"));
        for (id, whole) in &self.erased {
            let count = |sql: &Connection, query: &str| -> i64 {
                sql.query_row(query, [dba::bytes(*id)], |row| row.get(0)).unwrap()
            };
            let live = "SELECT count(*) FROM data_key WHERE owner = ?1 AND wrapped IS NOT NULL";
            let keys = count(&keyring, live);
            assert!(if *whole { keys == 0 } else { keys <= 1 }, "{keys} keys of somebody erased");
            assert_eq!(count(&keyring, "SELECT count(*) FROM blind_index WHERE target = ?1"), 0);
            assert_eq!(count(&store, "SELECT count(*) FROM credential WHERE owner = ?1"), 0);
            assert_eq!(count(&store, "SELECT count(*) FROM activity WHERE account = ?1"), 0);
            if *whole {
                assert_eq!(count(&store, "SELECT count(*) FROM ticket WHERE account = ?1"), 0);
                assert_eq!(count(&store, "SELECT count(*) FROM attachment WHERE account = ?1"), 0);
            }
        }
    }
}

/// Legal's reason, by a case about the account.
fn ordered(room: &Room, account: AccountId) -> Why {
    let why = Why::purpose(Purpose::LegalObligation);
    let case = staff(room, "lena").open_case(Some(account), &why).unwrap();
    why.case(CaseRef::Case(case))
}

fn schedules(cases: u32, steps: usize) {
    let config =
        ProptestConfig { cases, max_shrink_iters: 64, failure_persistence: None, ..Default::default() };
    TestRunner::new(config)
        .run(&vec(step(), 4..steps), |schedule| {
            lived(schedule);
            Ok(())
        })
        .unwrap();
}

fn lived(schedule: impl IntoIterator<Item = Step>) {
    let mut life = Life::new();
    schedule.into_iter().for_each(|step| life.take(step));
    life.check();
}

/// What few random schedules come upon, each time.
#[test]
fn the_schedules_that_matter_leave_what_the_model_says() {
    use Step::{Backup, Close, Erase, Hold, Register, Release, Restore, Write};
    lived([Register(0), Write(0), Backup, Close(0), Erase(0), Restore(0, false), Register(0), Write(0)]);
    lived([Register(0), Write(0), Hold(0), Close(0), Erase(0), Release(0)]);
    lived([Register(0), Write(0), Hold(0), Close(0), Backup, Erase(0), Restore(0, true), Register(0)]);
    lived([Register(1), Backup, Register(0), Write(0), Restore(0, false), Register(0), Write(0)]);
    lived([Backup, Register(1), Close(1), Erase(1), Restore(0, true)]);
}

#[test]
fn any_schedule_leaves_what_the_model_says() {
    schedules(8, 14);
}

#[test]
#[ignore = "200 lives of a room, each with passwords to be hashed: minutes"]
fn any_of_many_schedules_leaves_what_the_model_says() {
    schedules(200, 30);
}
