//! What may stand where: the whole list. A line that nothing needs any more fails the test too.

use super::{search::Find, story::key_mark};

/// Marks, the end of the place's name where they may stand, and why.
pub type Line = (&'static [&'static str], &'static str, &'static str);

const VIA: &[&str] = &["COMPONENT", "HOST"];

/// In a room's files, in what the library returns, in errors and in the log of the process.
pub const LIBRARY: &[Line] = &[
    (VIA, "/store.db", "`via` of each entry names program and host, in the clear; in a backup too"),
    (VIA, "store/store.db.1", "`via`, in the store that a restore put aside"),
    (VIA, "store/store.db-wal", "`via`, before it is moved into the database"),
    (VIA, "a line of the log", "`via`"),
    (VIA, "debug: an entry", "`via`"),
    (&["COMPONENT"], "debug: verdicts", "how much came by which program"),
    (VIA, "debug: options", "the program's own settings"),
];

const HANDLES: &[&str] = &[
    "HANDLE_ADMIN",
    "HANDLE_ADMIN_SECOND",
    "HANDLE_AUDITOR",
    "HANDLE_SUPPORT",
    "HANDLE_BILLING",
    "HANDLE_LEGAL",
];

/// In what commands print.
pub const COMMANDS: &[Line] = &[
    (HANDLES, "command: init", "who was appointed, beside whose code is in which file"),
    (&["HANDLE_APPOINTED"], "command: staff appoint", "who was appointed"),
    (HANDLES, "command: staff list", "who works here, to who works here"),
    (&["HANDLE_APPOINTED"], "command: staff list", "who was appointed works here too"),
    (&["EMAIL", "NAME"], "command: account show", "a customer's own"),
    (
        &["SUBJECT", "BODY", "BODY_SECOND"],
        "command: ticket show",
        "the ticket, to its owner and to who works on it",
    ),
    (&["FILE_NAME"], "command: attachment get", "the name of a customer's own file, to him"),
    (
        &["REFERENCE", "INVOICE_NUMBER", "INVOICE_LINE", "STREET"],
        "command: billing detail",
        "what the command is for, under a case",
    ),
    (&["INVOICE_NUMBER", "INVOICE_LINE", "STREET"], "command: billing show", "a customer's own invoices"),
    (
        &["REASON", "REASON_DENIED", "REASON_HELD", "CLIENT"],
        "command: audit show",
        "the texts beside an entry, to the auditor",
    ),
    (&["REASON"], "command: approval show", "why it was asked, to who may approve it"),
    (&["HANDLE_RECOVERED"], "command: recover", "who was appointed, beside whose code is in which file"),
    (&["FILE_NAME_STAFF"], "command refused: attachment put", "the path of a file that is not there"),
];

/// Whether a key stands in its own file and nowhere else.
fn own_key_file(find: &Find) -> bool {
    let file = find.place.rsplit_once('/').map_or("", |(_, file)| file);
    find.place.contains("keys/") && find.mark == key_mark(file)
}

/// Those that may not stand where they were found, and what on the list allowed nothing.
pub fn judge(finds: Vec<Find>, list: &[Line]) -> (Vec<Find>, Vec<String>) {
    let mut unused: Vec<(&str, &str)> =
        list.iter().flat_map(|(marks, place, _)| marks.iter().map(|mark| (*mark, *place))).collect();
    let mut leaks = Vec::new();
    for find in finds {
        let allows =
            |(marks, place, _): &&Line| marks.contains(&find.mark.as_str()) && find.place.ends_with(place);
        match list.iter().find(allows) {
            Some((_, place, _)) => unused.retain(|line| *line != (find.mark.as_str(), *place)),
            None if own_key_file(&find) => {}
            None => leaks.push(find),
        }
    }
    (leaks, unused.into_iter().map(|(mark, place)| format!("{mark} in {place}")).collect())
}
