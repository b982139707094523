//! Behaviour of the room through its public face, one file per behaviour; and of the house itself: who may name
//! whom, how long things are, what must be absent, what the documents claim.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on fails where it stands"
)]

#[cfg(test)]
mod absent;
#[cfg(test)]
mod access;
#[cfg(test)]
mod acting;
#[cfg(test)]
mod admission;
#[cfg(test)]
mod api_keys;
mod approved;
#[cfg(test)]
mod asynchronous;
#[cfg(test)]
mod backup;
mod backup_cut;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod blobs;
#[cfg(test)]
mod canary;
#[cfg(test)]
mod carried;
mod claims;
#[cfg(all(test, feature = "cli"))]
mod cli;
#[cfg(test)]
mod clock_rule;
mod closing;
#[cfg(test)]
mod codes;
#[cfg(test)]
mod colleagues;
#[cfg(test)]
mod compile_fail;
#[cfg(all(test, feature = "cli"))]
mod completions;
mod concurrency;
mod coverage;
#[cfg(test)]
mod cursors;
#[cfg(all(test, feature = "cli"))]
mod daemon;
#[cfg(test)]
mod dba;
#[cfg(all(test, feature = "cli"))]
mod demo;
#[cfg(test)]
mod devices;
mod disk;
#[cfg(test)]
mod disk_full;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod documents;
mod erasure;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod factors;
mod fail_closed;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod forgery_authority;
#[cfg(test)]
mod forgery_holds;
#[cfg(test)]
mod forgery_keys;
#[cfg(test)]
mod forgery_lives;
#[cfg(test)]
mod forgery_rollback;
#[cfg(test)]
mod forgery_seals;
#[cfg(test)]
mod format;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod held;
#[cfg(test)]
mod holds;
#[cfg(test)]
mod import;
mod inspect;
#[cfg(test)]
mod key_missing;
#[cfg(test)]
mod layering;
#[cfg(test)]
mod lints;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod log_parts;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod numbers;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod origin;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod outbox_cut;
mod outbox_races;
#[cfg(test)]
mod own;
#[cfg(test)]
mod own_account;
#[cfg(test)]
mod packaging;
mod policy;
mod post;
#[cfg(test)]
mod postgres;
mod power_cut;
mod powercut;
mod powercut_selftest;
mod previous;
#[cfg(all(test, feature = "cli"))]
mod public_api;
#[cfg(test)]
mod queues;
mod readdressed;
#[cfg(test)]
mod reasons;
#[cfg(test)]
mod receipts;
#[cfg(test)]
mod recovery;
#[cfg(test)]
mod regain;
#[cfg(test)]
mod restore;
#[cfg(test)]
mod restore_erased;
#[cfg(test)]
mod restore_missing;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod schedules;
#[cfg(all(test, feature = "cli"))]
mod schemas;
#[cfg(test)]
mod search;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod source;
#[cfg(test)]
mod spans;
#[cfg(test)]
mod spine;
#[cfg(test)]
mod suspended;
#[cfg(test)]
mod tamper_log;
#[cfg(test)]
mod telephone;
#[cfg(all(test, feature = "cli"))]
mod terminal;
mod trouble;
#[cfg(test)]
mod two_people;
#[cfg(test)]
mod upgrade;
mod webhooks;
mod workload;
mod world;
