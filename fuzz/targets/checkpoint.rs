//! A key on a line of its own, and a checkpoint's file behind it: what opens under the key says what is read without it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom::audit::{Checkpoint, VerifierKey};

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
    let (key, file) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let read = Checkpoint::read_unverified(file).map(|checkpoint| (checkpoint.size, checkpoint.root));
    let Ok(Ok(key)) = std::str::from_utf8(key).map(VerifierKey::parse) else { return };
    assert_eq!(VerifierKey::parse(&key.to_string()).map(|again| again.to_string()), Ok(key.to_string()));
    if let Ok(opened) = Checkpoint::open(file, &key) {
        assert_eq!(read, Ok((opened.size, opened.root)));
    }
});
