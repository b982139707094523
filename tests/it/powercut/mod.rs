//! Power cuts: a child works under a library that records what it asked of its disk; afterwards the disk is
//! rebuilt as a cut at any moment would leave it, as often as wanted, from that one run.
//!
//! ```ignore
//! const TICKETS: Scenario = scenario("tickets", |root, ack| {
//!     let room = open_or_init(root)?;
//!     for number in 0..200 {
//!         room.append(number)?;
//!         ack.done(number.to_string()); // from here on a cut may not lose it
//!     }
//!     Ok(())
//! });
//! // `SCENARIOS` below names the list that TICKETS is in.
//!
//! #[test]
//! fn a_power_cut_loses_no_acknowledged_ticket() {
//!     let run = Child::new(TICKETS).record();
//!     run.cuts(200, 1, &Policy::honest(), |disk, acked| verify(disk, acked)).assert_none();
//!     let bad = Policy::honest().ignore_syncs("store.db-wal");
//!     assert!(run.cuts(200, 2, &bad, |disk, acked| verify(disk, acked)).saying("lost") > 0);
//! }
//! ```
//!
//! What is not seen stands at the head of `tests/powercut/shim.c`; the models of a disk in `content` and `disk`.
//! [`Ack::arm`] makes calls fail in the middle of a scenario, [`sibling`] starts a second process in it,
//! [`Recording::rebuild`] leaves the disk of one chosen cut, for instance to [`Child::prepared`] of the next child,
//! and [`kills`] needs no model: it kills. [`process`] is a plain second process.

mod chance;
mod child;
mod content;
mod cuts;
mod disk;
mod disk_tests;
mod rules;
mod run;
mod trace;

pub use child::{Ack, Scenario, Verdict, acknowledged, on_a_small_disk, process, scenario, sibling};
pub use disk::Policy;
pub use rules::{Error, Fails, Rules};
pub use run::{Child, Recording, compile, kills};
pub use trace::Record;

/// Every scenario a child may be asked for; a file of tests adds its own list.
const SCENARIOS: &[&[Scenario]] = &[
    crate::powercut_selftest::SCENARIOS,
    crate::concurrency::SCENARIOS,
    crate::disk_full::SCENARIOS,
    crate::erasure::cuts::SCENARIOS,
    crate::fail_closed::SCENARIOS,
    crate::formats::SCENARIOS,
    crate::power_cut::SCENARIOS,
    crate::backup_cut::SCENARIOS,
    crate::trouble::SCENARIOS,
    crate::claims::SCENARIOS,
    crate::outbox_cut::SCENARIOS,
    crate::outbox_races::SCENARIOS,
    crate::readdressed::SCENARIOS,
    crate::erasure::processes::SCENARIOS,
];
