//! What the tables leave out: every argument of every verb of FORMAT.md is of a type that no bad value fits in, or is tried
//! with bad values by a test that is named here.

use std::collections::{BTreeMap, BTreeSet};

use crate::{format, source};

/// Types whose values cannot be wrong in themselves, and why; what such a value is about may be absent, which the tables
/// of verbs try.
const CANNOT_BE_BAD: &[(&str, &str)] = &[
    ("&Ceremony", "`people::a_bad_ceremony_makes_nothing`, by its fields"),
    ("&Origin", "`people::what_a_program_says_of_itself_is_made_fit`, by its fields"),
    ("&Page", "a cursor is the room's own, and a limit is cut"),
    ("&PaymentFacts", "values of their own, in `values`; its date in `staff`"),
    ("&Sealed<T>", "made by the room alone"),
    ("&TotpOffer", "made by the library alone"),
    ("&Why", "reasons: `staff::a_reason_that_cannot_be_shown_is_refused_before_anything_is_done`"),
    ("AccountId", "16 bytes"),
    ("Action", "one of a list"),
    ("ApiKeyId", "16 bytes"),
    ("ApprovalId", "16 bytes"),
    ("AttachmentId", "16 bytes"),
    ("CaseId", "16 bytes"),
    ("CaseRef", "16 bytes"),
    ("Classes", "a set of a list"),
    ("FactorId", "16 bytes"),
    ("Field", "one of a list"),
    ("GrantId", "16 bytes"),
    ("HoldId", "16 bytes"),
    ("ImportOptions", "a line's number, a flag, and a declaration, which `src/password/dialect.rs` tries"),
    ("InvoiceBody", "values of its own, in `values`"),
    ("LogPart", "an id"),
    ("NoticeId", "16 bytes"),
    ("Option<&VerifierKey>", "a key that was parsed"),
    ("Option<AccountId>", "16 bytes"),
    ("Option<Purpose>", "one of a list"),
    ("PaymentFields", "values of their own, in `values`"),
    ("PrincipalId", "16 bytes"),
    ("PrincipalKind", "one of a list"),
    ("Receipt", "made by the room alone"),
    ("Retry", "one of a list; its time in `operators`"),
    ("Role", "one of a list"),
    ("RoomOptions", "its directory: `people::a_room_is_not_made_over_something`"),
    ("SessionId", "16 bytes"),
    ("Suspension", "one of a list and a time: `suspended`"),
    ("TicketId", "16 bytes"),
    ("TicketQueue", "one of a list"),
    ("Waivable", "one of a list"),
    ("WaiverId", "16 bytes"),
    ("bool", "both are right"),
    ("impl FnMut", "the caller's own"),
];

/// Tests, and the arguments that they give bad values to.
const TRIED: &[(&str, &[&str])] = &[
    ("nobody_registers_with_bad_input", &["Room::register.registration"]),
    ("nobody_logs_in_with_bad_input", &["Room::login.email", "Room::login.password"]),
    ("what_is_no_token_opens_and_ends_nothing", &["Room::resume.token", "Room::logout.token"]),
    (
        "nobody_signs_up_or_is_invited_with_bad_input",
        &["Room::sign_up.registration", "Room::invite.email", "Room::invite.called"],
    ),
    (
        "what_is_no_code_and_no_link_does_nothing",
        &[
            "Room::confirm.proof",
            "Room::accept.proof",
            "Room::reset.proof",
            "Room::confirm_address.proof",
            "Room::look.link",
            "Room::api_key.presented",
        ],
    ),
    ("whatever_is_typed_for_an_address_is_answered_alike", &["Room::ask_reset.email", "Room::find.email"]),
    (
        "an_owner_changes_nothing_with_bad_input",
        &[
            "Owner::change_name.name",
            "Owner::ask_address.email",
            "Owner::ask_address.password",
            "Owner::change_password.password",
            "Owner::change_password.new",
            "Owner::make_api_key.scopes",
            "Owner::close.password",
        ],
    ),
    (
        "what_cannot_be_shown_is_not_written",
        &[
            "Owner::open_ticket.subject",
            "Owner::open_ticket.body",
            "Owner::write.body",
            "Owner::attach.name",
            "Owner::attach.media_type_text",
        ],
    ),
    ("a_source_that_fails_or_lies_leaves_no_blob", &["Owner::attach.source"]),
    (
        "what_is_no_code_enrols_nobody",
        &[
            "Room::enrol.code",
            "Room::enrol.password",
            "Room::staff_login.handle",
            "Room::staff_login.password",
        ],
    ),
    ("a_bad_handle_is_nobodys", &["Staff::appoint.handle", "Room::assume.handle", "Room::in_roles.roles"]),
    (
        "a_bad_factor_is_none",
        &[
            "Staff::add_totp.code",
            "Staff::add_ssh_key.challenge",
            "Staff::add_ssh_key.signature",
            "Room::second_factor.challenge",
            "Room::second_factor.shown",
        ],
    ),
    ("without_a_session_nothing_is_done_and_each_attempt_is_recorded", &["Room::staff.token"]),
    (
        "staff_write_nothing_that_cannot_be_shown",
        &[
            "Staff::reply.body",
            "Staff::note.body",
            "Staff::attach.name",
            "Staff::attach.media_type_text",
            "Staff::find.email",
        ],
    ),
    (
        "staff_learn_nothing_from_what_cannot_be",
        &["Staff::search.clue", "Staff::check_policy.clauses", "Staff::verify_field.answer"],
    ),
    ("a_key_is_for_a_time_to_come", &["Owner::make_api_key.expires"]),
    (
        "no_role_no_waiver_and_no_hold_is_for_no_time_or_for_ever",
        &["Staff::give.lifetime", "Staff::waive.lifetime", "Staff::place_hold.review"],
    ),
    (
        "a_request_for_more_than_there_is_gives_nothing",
        &["Staff::ask_account.fields", "Staff::audit_log.from", "Staff::audit_show.position"],
    ),
    (
        "the_way_back_takes_no_bad_input",
        &["RoomOptions::recover.shares", "RoomOptions::recover.handles", "RoomOptions::recover.custody"],
    ),
    (
        "the_outbox_gives_nothing_for_bad_input",
        &[
            "Staff::claim.limit",
            "Staff::claim.lease",
            "Staff::ack.lease",
            "Staff::nack.lease",
            "Room::next_webhook.lease",
            "Room::webhook_delivered.event",
            "Room::webhook_failed.event",
        ],
    ),
    ("a_file_that_holds_no_accounts_makes_none", &["Room::import_accounts.source"]),
];

/// Arguments that take any value of their type, and where that is seen.
const ELSEWHERE: &[(&str, &str)] = &[
    ("Room::accept.password", "`owners`, with a proof that is none; a short one in the canary"),
    ("Room::reset.password", "`owners`, with a proof that is none; a short one in the canary"),
    ("Room::backup_data.directory", "`backup`, which tries what is no place for one"),
    ("Room::backup_keyring.directory", "`backup`, as the data's"),
    ("Room::upgrade.backup", "`formats`, which tries what is no backup"),
    ("RoomOptions::restore.backups", "`restore`, which tries what is no backup"),
    ("Staff::attach.source", "the same code as `Owner::attach`"),
    ("Staff::attachment_from.from", "any number: what is past the end is empty"),
    ("Staff::record_invoice.issued", "as a payment's date, in `staff::a_payment_is_dated_within_reason`"),
];

/// The arguments of every verb, by `Holder::verb.argument`, with their types.
fn arguments() -> BTreeMap<String, String> {
    let verbs: BTreeSet<_> = format::verbs::documented().into_keys().collect();
    let mut arguments = BTreeMap::new();
    for path in source::files("src/room").into_iter().filter(|path| path.ends_with(".rs")) {
        let text = source::read(&path);
        let (mut holder, mut rest) = ("", text.as_str());
        while let Some((line, below)) = rest.split_once('\n') {
            if let Some(name) = line.strip_prefix("impl ") {
                holder = name.split([' ', '<']).next().unwrap();
            }
            if let Some(head) = line.strip_prefix("    pub fn ") {
                let verb = format!("{holder}::{}", head.split(['(', '<']).next().unwrap());
                if verbs.contains(&verb) {
                    let signature = rest.split("{\n").next().unwrap();
                    arguments.extend(typed(signature).map(|(name, of)| (format!("{verb}.{name}"), of)));
                }
            }
            rest = below;
        }
    }
    arguments
}

/// Names and types of a signature's arguments.
fn typed(signature: &str) -> impl Iterator<Item = (String, String)> {
    let (mut depth, mut parts) = (0_i32, vec![String::new()]);
    for c in signature.replace("->", "").split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        match c {
            '(' | '[' | '<' => depth += 1,
            ')' | ']' | '>' => depth -= 1,
            _ => {}
        }
        let is_between = depth == 1 && matches!(c, ',' | '(') || depth == 0;
        if is_between { parts.push(String::new()) } else { parts.last_mut().unwrap().push(c) }
    }
    let named = |part: String| {
        let (name, of) = part.split_once(": ").filter(|(name, _)| !name.starts_with('<'))?;
        let of = if of.starts_with("impl FnMut") { "impl FnMut" } else { of };
        Some((name.trim().trim_start_matches("mut ").to_owned(), of.to_owned()))
    };
    parts.into_iter().filter_map(named)
}

/// The text of each test of bad input, by its name, with the tables that it may walk.
fn tests() -> BTreeMap<String, String> {
    let mut tests = BTreeMap::new();
    for path in source::files("tests/it/bad_input") {
        let text = source::read(&path);
        for part in text.split("#[test]\nfn ").skip(1) {
            let name = part.split('(').next().unwrap();
            tests.insert(name.to_owned(), part.split("\n}\n").next().unwrap().to_owned());
        }
    }
    tests
}

/// Arguments that nobody tries, tests that do not call the verb they are named for, and lines that nothing needs.
fn untried(arguments: &BTreeMap<String, String>, tests: &BTreeMap<String, String>) -> Vec<String> {
    let tried: BTreeMap<&str, &str> =
        TRIED.iter().flat_map(|(test, names)| names.iter().map(|name| (*name, *test))).collect();
    let is_elsewhere = |name: &str| ELSEWHERE.iter().any(|(other, _)| *other == name);
    let cannot = |of: &str| CANNOT_BE_BAD.iter().any(|(other, _)| *other == of);
    let mut found: Vec<String> = arguments
        .iter()
        .filter(|(name, of)| !cannot(of) && !tried.contains_key(name.as_str()) && !is_elsewhere(name))
        .map(|(name, of)| format!("{name}: {of}"))
        .collect();
    for (name, test) in &tried {
        let verb = name.split(['.', ':']).nth(2).unwrap();
        let calls = |text: &String| text.contains(&format!(".{verb}(")) || text.contains(&format!("{verb}("));
        if !arguments.contains_key(*name) || !tests.get(*test).is_some_and(calls) {
            found.push(format!("{name}, not tried by {test}"));
        }
    }
    let idle =
        ELSEWHERE.iter().filter(|(name, _)| !arguments.contains_key(*name) || tried.contains_key(name));
    found.extend(idle.map(|(name, _)| format!("{name}, for nothing")));
    let idle = CANNOT_BE_BAD.iter().filter(|(of, _)| !arguments.values().any(|other| other == of));
    found.extend(idle.map(|(of, _)| format!("{of}, for nothing")));
    found
}

#[test]
fn every_argument_is_tried_or_cannot_be_bad() {
    let found = untried(&arguments(), &tests());
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_new_argument_is_seen() {
    let mut arguments = arguments();
    let signature = "    pub fn knock(\n        &self,\n        door: &str,\n        mut told: impl FnMut(u64, u64),\n    ) -> Result<(), E> {\n";
    arguments.extend(typed(signature).map(|(name, of)| (format!("Room::knock.{name}"), of)));
    assert_eq!(untried(&arguments, &tests()), ["Room::knock.door: &str"]);
    let (gone, mut tests) = ("what_is_no_token_opens_and_ends_nothing", tests());
    tests.remove(gone);
    assert!(untried(&arguments, &tests).iter().any(|line| line.ends_with(gone)));
}
