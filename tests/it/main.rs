//! Behaviour of the room through its public face, one file per behaviour.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails where it stands"
)]

mod powercut;
mod powercut_selftest;
