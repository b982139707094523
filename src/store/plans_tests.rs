//! Lists that many rows stand behind are read through an index, in its order.

use rusqlite::Connection;

use super::{
    Statement,
    sql::{accounts, bills, devices, outbox, sealed, tickets},
};

/// How the engine goes about a statement, one line for each step.
fn plan(statement: &Statement) -> String {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch(include_str!("../../schema/sqlite/store/0001.sql")).unwrap();
    db.execute_batch(include_str!("../../schema/sqlite/store/0002.sql")).unwrap();
    let mut explained = db.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.text)).unwrap();
    let unbound = vec![rusqlite::types::Null; explained.parameter_count()];
    let steps =
        explained.query_map(rusqlite::params_from_iter(unbound), |row| row.get::<_, String>(3)).unwrap();
    steps.map(Result::unwrap).collect::<Vec<_>>().join("\n")
}

#[test]
fn queues_of_tickets_neither_scan_nor_sort() {
    for (statement, index) in [
        (&tickets::TICKETS_MINE, "ticket_queue (state=? AND assignee=? AND (created_ms,id)>(?,?))"),
        (&tickets::TICKETS_UNASSIGNED, "ticket_queue (state=? AND assignee=? AND (created_ms,id)>(?,?))"),
        (&tickets::TICKETS_WAITING, "ticket_waiting (state=? AND"),
        (&tickets::TICKETS_WAITING_COUNT, "ticket_waiting (state=? AND waiting_ms<?)"),
    ] {
        let plan = plan(statement);
        assert!(plan.contains(index), "{}: {plan}", statement.name);
        assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{}: {plan}", statement.name);
    }
    assert!(plan(&tickets::TICKETS).contains("SCAN"), "the one that reads all of them");
    assert!(plan(&accounts::ACTIVITY_OF).contains("activity_account"));
    assert!(!plan(&bills::PAYMENT_INSERT).contains("SCAN"));
}

#[test]
fn what_a_key_seals_is_found_without_reading_all_texts() {
    for (statement, index) in
        [(&sealed::DETAIL_SUBJECT, "audit_detail_subject"), (&sealed::DETAIL_MONTH, "audit_detail_month")]
    {
        assert!(plan(statement).contains(index), "{}: {}", statement.name, plan(statement));
    }
}

#[test]
fn what_is_to_be_delivered_is_found_among_what_is_due() {
    let claimable = plan(&outbox::OUTBOX_CLAIMABLE);
    // What is leased or pauses is not read, and whether something of a receiver comes before is one look.
    for index in [
        "outbox_due (channel=? AND state=? AND due_ms<?)",
        "outbox_receiver (receiver=? AND channel=? AND state=? AND seq<?)",
    ] {
        assert!(claimable.contains(index), "{claimable}");
    }
    for (statement, index) in [
        (&outbox::OUTBOX_CLAIMABLE, "outbox_due"),
        (&outbox::OUTBOX_DEAD, "outbox_due (channel=? AND state=?)"),
        (&outbox::OUTBOX_STATE, "outbox_due (channel=? AND state=?)"),
        (&outbox::OUTBOX_OF_DELETE, "outbox_receiver (receiver=?)"),
        (&outbox::OUTBOX_OVER_DELETE, "outbox_expires (expires_ms<?)"),
        (&outbox::OUTBOX_ACK, "(id=?)"),
        (&outbox::OUTBOX_NACK, "(id=?)"),
    ] {
        let plan = plan(statement);
        assert!(plan.contains(index) && !plan.contains("SCAN"), "{}: {plan}", statement.name);
    }
}

#[test]
fn devices_are_found_by_their_digest_and_their_account() {
    for (statement, index) in [
        (&devices::DEVICE, "(digest=?)"),
        (&devices::DEVICE_USED, "(digest=?)"),
        (&devices::DEVICES_OVER_DELETE, "device_account (account=?)"),
        (&devices::DEVICES_OTHER_DELETE, "device_account (account=?)"),
        (&devices::DEVICES_COUNT, "device_account (account=?)"),
    ] {
        let plan = plan(statement);
        assert!(plan.contains(index) && !plan.contains("SCAN"), "{}: {plan}", statement.name);
    }
}
