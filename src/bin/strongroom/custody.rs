//! Shares of the way back, as they are shown and written.

use strongroom::room::{Custody, CustodyShare};

use crate::output::Output;

/// How a share is called in files.
pub fn share_name(number: u8, custody: Custody) -> String {
    format!("share {number} of {}", custody.shares)
}

/// The shares of the way back, each to be cut off, signed for, and kept by another person.
pub fn share_lines(shares: &[CustodyShare], custody: Custody, in_file: bool, out: &mut Output) {
    let Custody { needed, shares: count } = custody;
    out.line(format_args!(
        "The way back, when nobody administers access any more: {needed} of these {count} shares."
    ));
    out.line("Each goes to another person, on paper, away from the room: `strongroom recover`.");
    for share in shares {
        let text = if in_file { "in the file" } else { share.text.expose() };
        out.line("");
        out.line(format_args!("  share {} of {count}  {text}", share.number));
        out.line("  kept by       ______________________");
    }
}
