//! A password record of another system, as an import brings it: one that is taken is read back from its own text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom::password::{Dialect, Limits, Record};

fuzz_target!(|text: &str| {
    let limits = Limits::default();
    if let Ok(record) = Record::parse(text, &Dialect::none(), &limits) {
        let again = Record::parse(record.to_text(), &Dialect::none(), &limits);
        assert_eq!(again.map(|again| again.scheme_label()).ok(), Some(record.scheme_label()));
    }
});
