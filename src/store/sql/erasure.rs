//! What erasing one account reads, remembers and removes.

super::statements! { Store;
    INTENT_INSERT, "intent.insert",
        "INSERT INTO intent (account, class, period, state, changed_at, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    INTENT_UPDATE, "intent.update",
        "UPDATE intent SET state = ?4, changed_at = ?5, mac = ?6 WHERE account = ?1 AND class = ?2 AND period = ?3";
    INTENT_DELETE, "intent.delete", "DELETE FROM intent WHERE account = ?1 AND class = ?2 AND period = ?3";
    INTENTS, "intents",
        "SELECT account, class, period, state, changed_at, mac FROM intent ORDER BY account, class, period LIMIT ?1";
    INTENTS_LIVE, "intents.live", "SELECT account, class, period, state, changed_at, mac FROM intent";
    INTENTS_OF, "intents.of",
        "SELECT account, class, period, state, changed_at, mac FROM intent WHERE account = ?1 ORDER BY class, period";
    BILLING_YEARS, "billing.years",
        "SELECT year FROM payment WHERE account = ?1 UNION SELECT year FROM invoice WHERE account = ?1 ORDER BY 1";
    ACCOUNT_ERASE, "account.erase", "UPDATE account SET state = 3, erased_at = ?2 WHERE id = ?1 AND state < 3";
    ACCOUNT_ERASED_AT, "account.erased_at", "SELECT erased_at FROM account WHERE id = ?1 AND state = 3";
    ACCOUNT_EMPTY, "account.empty", "UPDATE account SET email_sealed = ?2, name_sealed = NULL WHERE id = ?1";
    IDENTITY_COUNT, "identity.count",
        "SELECT count(*) FROM account WHERE id = ?1 AND (length(email_sealed) > 0 OR name_sealed IS NOT NULL)";
    CREDENTIAL_COUNT, "credential.count", "SELECT count(*) FROM credential WHERE owner_kind = 1 AND owner = ?1";
    ACTIVITY_COUNT, "activity.count", "SELECT count(*) FROM activity WHERE account = ?1";
    DETAIL_COUNT, "detail.count", "SELECT count(*) FROM audit_detail WHERE scope_kind = 1 AND owner = ?1";
    TICKET_COUNT, "ticket.count", "SELECT count(*) FROM ticket WHERE account = ?1";
    MESSAGE_COUNT, "message.count",
        "SELECT count(*) FROM ticket_message WHERE ticket IN (SELECT id FROM ticket WHERE account = ?1)";
    ATTACHMENT_COUNT, "attachment.count", "SELECT count(*) FROM attachment WHERE account = ?1";
    PAYMENT_COUNT, "payment.count", "SELECT count(*) FROM payment WHERE account = ?1 AND year = ?2";
    INVOICE_COUNT, "invoice.count", "SELECT count(*) FROM invoice WHERE account = ?1 AND year = ?2";
    ACTIVITY_DELETE, "activity.delete",
        "DELETE FROM activity WHERE id IN (SELECT id FROM activity WHERE account = ?1 LIMIT ?2)";
    DETAIL_DELETE, "detail.delete",
        "DELETE FROM audit_detail WHERE scope_kind = 1 AND owner = ?1 AND position IN (SELECT position FROM audit_detail WHERE scope_kind = 1 AND owner = ?1 LIMIT ?2)";
    MESSAGE_DELETE, "message.delete",
        "DELETE FROM ticket_message WHERE id IN (SELECT message.id FROM ticket_message message JOIN ticket ON ticket.id = message.ticket WHERE ticket.account = ?1 LIMIT ?2)";
    ATTACHMENT_DELETE, "attachment.delete",
        "DELETE FROM attachment WHERE id IN (SELECT id FROM attachment WHERE account = ?1 LIMIT ?2)";
    PAYMENT_DELETE, "payment.delete",
        "DELETE FROM payment WHERE id IN (SELECT id FROM payment WHERE account = ?1 AND year = ?2 LIMIT ?3)";
    INVOICE_DELETE, "invoice.delete",
        "DELETE FROM invoice WHERE id IN (SELECT id FROM invoice WHERE account = ?1 AND year = ?2 LIMIT ?3)";
    TICKETS_PAGE, "tickets.page",
        "SELECT id, account, state, assignee, created_ms, changed_at, mac, subject_sealed FROM ticket WHERE account = ?1 ORDER BY id LIMIT ?2";
    TICKET_DELETE, "ticket.delete", "DELETE FROM ticket WHERE id = ?1";
    BLOBS_OF, "blobs.of", "SELECT id, bytes FROM attachment WHERE account = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
}
