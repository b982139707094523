//! A line of the audit log: whatever is read is written again as the same bytes, for the leaf is a hash of them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom::audit::Entry;

fuzz_target!(|line: &[u8]| {
    if let Ok(entry) = Entry::decode(line) {
        assert_eq!(entry.encode().ok().as_deref(), Some(line));
    }
});
