//! A checkpoint's file and the key that it names: without the secret no bytes are one that the key signed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom::audit::{Checkpoint, VerifierKey};

fuzz_target!(|file: &[u8]| {
    let checkpoint = Checkpoint::read_unverified(file);
    for line in file.split(|byte| *byte == b'\n') {
        let Ok(text) = std::str::from_utf8(line) else { continue };
        let Ok(key) = VerifierKey::parse(text) else { continue };
        assert_eq!(VerifierKey::parse(&key.to_string()).map(|again| again.to_string()), Ok(key.to_string()));
        if let Ok(opened) = Checkpoint::open(file, &key) {
            let read = checkpoint.as_ref().map(|checkpoint| (checkpoint.size, checkpoint.root));
            assert_eq!(read.ok(), Some((opened.size, opened.root)));
        }
    }
});
