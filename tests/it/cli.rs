//! The command line, by its transcripts: every file in `tests/cli`, README.md and each page of `docs` is a story in a demonstration room of
//! its own, run command by command and compared with what it says.
//!
//! After a change that is meant, `SNAPSHOTS=overwrite cargo test --test it cli` writes the transcripts anew; the
//! difference is then read like any other.

mod overdue;
mod redact;
mod shown;
mod transcript;

use std::path::PathBuf;

use crate::source;

/// The transcript in this file is what its commands answer.
fn check(file: &str) {
    let path: PathBuf = source::root().join(file);
    let expected = std::fs::read_to_string(&path).unwrap();
    let played = transcript::play(&expected);
    snapbox::Assert::new()
        .action_env("SNAPSHOTS")
        .normalize_paths(false)
        .eq(played, snapbox::Data::read_from(&path, Some(snapbox::data::DataFormat::Text)));
}

#[test]
fn readme() {
    check("README.md");
}

macro_rules! pages {
    ($($name:ident),+) => {
        mod page {$(
            #[test]
            fn $name() {
                super::check(concat!("docs/", stringify!($name), ".md"));
            }
        )+}

        #[test]
        fn every_page_with_commands_is_played() {
            let known = [$(concat!("docs/", stringify!($name), ".md")),+];
            for file in source::files("docs") {
                let is_played = known.contains(&file.as_str());
                assert!(is_played || !source::read(&file).contains("```console"), "{file} is played by no test");
            }
        }
    };
}

// One page for each reader.
pages!(audit, embed, operate, policy, staff);

macro_rules! transcripts {
    ($($name:ident),+) => {
        $(#[test]
        fn $name() {
            check(concat!("tests/cli/", stringify!($name), ".trycmd"));
        })+

        #[test]
        fn every_transcript_is_played() {
            let known = [$(concat!("tests/cli/", stringify!($name), ".trycmd")),+];
            for file in source::files("tests/cli") {
                assert!(known.contains(&file.as_str()), "{file} is played by no test");
            }
        }
    };
}

transcripts!(
    account, approval, attachment, audit, backup, bad_input, billing, case, commands, desk, factor, find,
    help, hold, import, init, manual, operate, outbox, own, policy, queues, recover, restore, resume, room,
    serve, sessions, staff, ticket
);
