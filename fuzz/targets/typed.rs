//! What people and programs type: ids, cases, cursors, cards, references. What is taken means itself, and no reference is a
//! card number.
#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom::room::{
    CaseRef, Cursor, Expiry, InvoiceNumber, LastFour, Processor, ProcessorReference, TicketId, TraceId,
};

fuzz_target!(|text: &str| {
    if let Ok(ticket) = text.parse::<TicketId>() {
        assert_eq!(ticket.to_string(), text);
    }
    if let Ok(case) = text.parse::<CaseRef>() {
        assert_eq!(case.to_string(), text);
    }
    if let Ok(cursor) = text.parse::<Cursor>() {
        assert_eq!(cursor.to_string(), text);
    }
    if let Ok(digits) = LastFour::parse(text) {
        assert_eq!(digits.to_string(), text);
    }
    if let Ok(reference) = ProcessorReference::parse(Processor::Other, text) {
        assert_eq!(reference.expose(), text);
    }
    drop((Expiry::parse(text), InvoiceNumber::accept(text), TraceId::parse(text)));
});
