//! A whole log, line by line, as the offline verifier takes it, with a checkpoint's file before it: there is always a report,
//! and lines that nobody signed are never authentic.
#![no_main]

use std::convert::Infallible;

use libfuzzer_sys::fuzz_target;
use strongroom::audit::{Evidence, Key, Row, leaf_hash, verify};

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let (file, lines) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let lines = lines.split(|byte| *byte == b'\n');
    let rows = lines.zip(0..).map(|(line, position)| {
        Ok::<_, Infallible>(Row { position, entry: Some(line.to_vec()), leaf: leaf_hash(line) })
    });
    let evidence = Evidence {
        head: None,
        files: [Some(file), None],
        key: Key::Unknown,
        grants: Some(&[]),
        holds: Some(&[]),
        approvals: Some(&[]),
        waivers: Some(&[]),
        factors: Some(&[]),
        lives: Some(&[]),
    };
    let Ok(report) = verify(rows, &evidence, |_| ());
    assert!(!report.authenticated);
});
