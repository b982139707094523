//! The document that is in force, and what no document may say.

use crate::base::limits;

use super::{BadPolicy, CLAUSES, Policy, PolicyFault, Schedule, Span, TEXT};

/// The document with one text in another's place: the first of it.
fn with(from: &str, to: &str) -> Result<Policy, BadPolicy> {
    assert!(TEXT.contains(from), "{from}");
    Policy::parse(&TEXT.replacen(from, to, 1))
}

/// What is wrong with a clause of the document so changed.
fn fault(from: &str, to: &str) -> (String, PolicyFault) {
    match with(from, to) {
        Err(BadPolicy::Clause { id, fault }) => (id, fault),
        other => panic!("{other:?}"),
    }
}

fn form(from: &str, to: &str) -> String {
    match with(from, to) {
        Err(BadPolicy::Form(what)) => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_document_in_force_has_every_clause_in_the_order_of_the_promises() {
    let policy = Policy::in_force().unwrap();
    let ids: Vec<_> = policy.clauses.iter().map(|clause| clause.id.as_str()).collect();
    assert_eq!(ids, CLAUSES.map(|(id, _)| id));
    assert_eq!((policy.name.as_str(), policy.version), ("default", 1));
    let date: Vec<_> = policy.published.split('-').map(str::len).collect();
    assert_eq!(date, [4, 2, 2]);
}

#[test]
fn a_sentence_is_one_line_that_a_table_can_hold() {
    for clause in Policy::in_force().unwrap().clauses {
        for text in [&clause.sentence, &clause.evidence] {
            assert!(!text.contains(['\n', '|']) && text.len() <= 140, "{}", clause.id);
        }
        assert!(clause.sentence.ends_with('.') && !clause.evidence.ends_with('.'), "{}", clause.id);
    }
}

#[test]
fn a_period_may_be_lengthened_and_never_shortened() {
    for (from, longer, shorter, id) in [
        ("keep = { days = 365 }", "keep = { days = 400 }", "keep = { days = 364 }", "keep.account"),
        ("keep = { years = 7 }", "keep = { years = 10 }", "keep = { years = 6 }", "keep.financial"),
        ("keep = { days = 90 }", "keep = { days = 91 }", "keep = { days = 89 }", "keep.access_log"),
    ] {
        assert!(with(from, longer).is_ok(), "{longer}");
        assert_eq!(fault(from, shorter), (id.to_owned(), PolicyFault::Floor));
    }
    assert_eq!(
        fault("keep = { years = 7 }", "keep = { days = 2557 }").1,
        PolicyFault::Floor,
        "of another unit"
    );
    let longer = with("keep = { years = 7 }", "keep = { years = 10 }").unwrap();
    assert_eq!(longer.schedule().unwrap().periods().financial_years, 10);
}

#[test]
fn the_schedule_that_erasure_plans_by_is_the_documents() {
    assert_eq!(Policy::in_force().unwrap().schedule(), Ok(Schedule::DEFAULT));
    let longest = with("keep = { years = 7 }", "keep = { years = 101 }").unwrap();
    assert!(longest.schedule().is_err());
}

#[test]
fn a_deadline_may_be_drawn_nearer_and_never_put_off() {
    assert!(with("within = { hours = 72 }", "within = { hours = 24 }").is_ok());
    assert_eq!(fault("within = { hours = 72 }", "within = { hours = 73 }").1, PolicyFault::Floor);
    assert_eq!(fault("within = { days = 30 }", "within = { business_days = 30 }").1, PolicyFault::Floor);
}

#[test]
fn a_period_stands_where_its_clause_has_one_and_nowhere_else() {
    assert_eq!(fault("keep = { years = 7 }\n", ""), ("keep.financial".to_owned(), PolicyFault::Period));
    assert_eq!(fault("keep = { years = 7 }", "within = { years = 7 }").1, PolicyFault::Period);
    assert_eq!(fault("step = 6\n", "step = 6\nkeep = { days = 1 }\n").0, "data.account");
}

#[test]
fn no_clause_is_left_out_doubled_or_made_up() {
    assert_eq!(
        fault("id = \"keep.law\"", "id = \"keep.lore\""),
        ("keep.lore".to_owned(), PolicyFault::Unknown)
    );
    assert_eq!(fault("id = \"keep.law\"", "id = \"keep.ticket\"").1, PolicyFault::Twice);
    let (before, _) = TEXT.rsplit_once("[[clause]]").unwrap();
    let missing = BadPolicy::Clause { id: "policy.contact".to_owned(), fault: PolicyFault::Missing };
    assert_eq!(Policy::parse(before).unwrap_err(), missing);
}

#[test]
fn a_clause_has_a_check_or_says_when_one_comes() {
    assert_eq!(fault("check = \"data.payment\"\n", ""), ("data.payment".to_owned(), PolicyFault::Check));
    assert_eq!(fault("check = \"data.payment\"", "check = \"data.payment\"\nstep = 6").1, PolicyFault::Check);
    let silent = "sentence = \"Data are not sold.\"";
    assert_eq!(fault(silent, "sentence = \" \""), ("share.never_sold".to_owned(), PolicyFault::Silent));
}

#[test]
fn what_no_policy_has_is_refused() {
    assert!(form("version = 1", "version = 1\nweaker = true").contains("weaker"));
    assert!(form("step = 6", "step = 6\nskip = true").contains("skip"));
    assert!(form("keep = { years = 7 }", "keep = { years = 7, days = 1 }").contains("wanted exactly 1"));
    assert!(!form("keep = { years = 7 }", "keep = { months = 84 }").is_empty());
    assert!(!form("keep = { years = 7 }", "keep = { years = -7 }").is_empty());
    assert!(!form("published = \"2026-11-22\"\n", "").is_empty());
    assert_eq!(with("format = 1", "format = 2").unwrap_err(), BadPolicy::Format(2));
}

#[test]
fn a_span_reads_as_it_was_promised() {
    let said =
        [Span::Hours(72), Span::Days(1), Span::BusinessDays(2), Span::Years(7)].map(|span| span.to_string());
    assert_eq!(said, ["72 hours", "1 day", "2 business days", "7 years"]);
}

#[test]
fn an_answer_is_due_when_the_policy_says() {
    let clause = Policy::in_force().unwrap().clause("policy.contact").unwrap().clone();
    assert_eq!(clause.within, Some(Span::BusinessDays(limits::TICKET_ANSWER_BUSINESS_DAYS)));
}
