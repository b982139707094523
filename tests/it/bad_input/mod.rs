//! Bad input: whatever is given to a public function, the answer is an error with a kind, and what the room holds is
//! what it held before, but for the record of the attempt where there is one.

mod complete;
mod customers;
mod operators;
mod others;
mod owners;
mod people;
mod properties;
mod staff;
mod tickets;
mod times;
mod values;

use std::{collections::BTreeSet, fmt::Debug};

use strongroom::room::{
    CodeError, EnrolError, Failure, InitError, Kind, LoginError, OpenRoomError, RecoverError, RegisterError,
    StaffError, StaffLoginError, WriteError, verify,
};

use crate::{disk::Census, world::World};

/// Errors that tell what to do about them.
pub trait Kinded: Debug {
    fn kind_of(&self) -> Kind;
}

macro_rules! kinded {
    ($($error:ident)+) => { $(impl Kinded for $error {
        fn kind_of(&self) -> Kind { self.kind() }
    })+ };
}
kinded! { CodeError EnrolError Failure InitError LoginError OpenRoomError RecoverError RegisterError StaffError StaffLoginError WriteError }

/// What a refusal may leave behind.
#[derive(Clone, Copy, Debug)]
pub enum Leaves {
    /// Not a byte.
    Nothing,
    /// One record of a customer's attempt.
    Activity,
    /// This many entries of the log; the session that was used is marked as used.
    Entries(u64),
}

impl Leaves {
    fn tables(self) -> &'static [&'static str] {
        match self {
            Self::Nothing => &[],
            Self::Activity => &["activity"],
            Self::Entries(_) => &["audit_entry", "audit_head", "audit_detail", "session"],
        }
    }
}

/// Runs `call`, which must be refused with `kind` and leave no more than it may.
pub fn refused<T, E: Kinded>(
    world: &World,
    what: &str,
    kind: Kind,
    leaves: Leaves,
    call: impl FnOnce() -> Result<T, E>,
) -> E {
    let before = Census::of(&world.path());
    let Err(error) = call() else { panic!("{what}: it was not refused") };
    assert_eq!(error.kind_of(), kind, "{what}: {error:?}");
    left(world, what, &before, leaves);
    error
}

/// Holds the room against what it held before.
pub fn left(world: &World, what: &str, before: &Census, leaves: Leaves) {
    let after = Census::of(&world.path());
    let may: BTreeSet<_> = leaves.tables().iter().map(|table| (*table).to_owned()).collect();
    let more: Vec<_> = before.changed(&after).difference(&may).cloned().collect();
    assert!(more.is_empty(), "{what}: it changed {more:?}");
    let entries = after.rows("audit_entry") - before.rows("audit_entry");
    let expected = if let Leaves::Entries(count) = leaves { count } else { 0 };
    assert_eq!(entries, expected, "{what}: entries of the log");
}

/// The room is whole: it opens again, and its log verifies.
pub fn is_sound(world: &World) {
    let again = world.again();
    assert_eq!(again.log_size().unwrap(), world.room.log_size().unwrap());
    let verified = verify(&world.path(), None, |_| ()).unwrap();
    assert!(verified.is_sound(), "{:?}", verified.report);
}

/// Lines that no field takes, each with what is wrong with it.
pub fn bad_lines(bytes_max: usize) -> Vec<(&'static str, String)> {
    let mut lines: Vec<(&str, String)> = [
        ("empty", ""),
        ("blank", " \t\u{a0}\u{2003} "),
        ("a NUL", "a\0b@example.com"),
        ("NULs", "\0\0\0\0"),
        ("a line feed", "a\nb@example.com"),
        ("a carriage return", "a\rb@example.com"),
        ("an escape", "a\u{1b}[2Jb@example.com"),
        ("a delete", "a\u{7f}b@example.com"),
        ("a next line", "a\u{85}b@example.com"),
        ("a line separator", "a\u{2028}b@example.com"),
        ("an override", "a\u{202e}b@example.com"),
        ("an isolate", "a\u{2066}b@example.com"),
        ("a byte order mark", "a\u{feff}b@example.com"),
    ]
    .map(|(what, line)| (what, line.to_owned()))
    .into();
    lines.push(("one byte too long", format!("{}@b", "a".repeat(bytes_max - 1))));
    lines.push(("longer in its normal form", format!("{}@b", "\u{1d15e}".repeat((bytes_max - 2) / 4))));
    lines.push(("ten megabytes", "a@b".repeat(10 * 1024 * 1024 / 3)));
    lines
}
