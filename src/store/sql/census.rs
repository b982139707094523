//! What the checks of the policy walk: ids, accounts, lengths, states of keys. Nothing sealed is read but its length
//! and form.

super::statements! { Store;
    ACCOUNTS, "census.accounts", "SELECT id, id FROM account ORDER BY id";
    TICKETS, "census.tickets", "SELECT id, account FROM ticket ORDER BY id";
    MESSAGES, "census.messages", "SELECT id, account FROM ticket_message ORDER BY id";
    ATTACHMENTS, "census.attachments", "SELECT id, account FROM attachment ORDER BY id";
    CASES, "census.cases", "SELECT id, account FROM staff_case ORDER BY id";
    PAYMENTS, "census.payments", "SELECT id, account FROM payment ORDER BY id";
    INVOICES, "census.invoices", "SELECT id, account FROM invoice ORDER BY id";
    PRINCIPALS, "census.principals", "SELECT id, NULL FROM principal ORDER BY id";
    GRANTS, "census.grants", "SELECT id, NULL FROM role_grant ORDER BY id";
    ENROLMENTS, "census.enrolments", "SELECT id, NULL FROM enrolment ORDER BY id";
    HOLDS, "census.holds", "SELECT id, account FROM hold ORDER BY id";
    APPROVALS, "census.approvals", "SELECT id, subject FROM approval ORDER BY id";
    WAIVERS, "census.waivers", "SELECT id, NULL FROM waiver ORDER BY id";
    FACTORS, "census.factors", "SELECT id, NULL FROM factor ORDER BY id";
    API_KEYS, "census.api_keys", "SELECT id, account FROM api_key ORDER BY id";
    ENDED_ACCOUNTS, "census.accounts.ended", "SELECT id, closed_ms FROM account WHERE state <> 1 ORDER BY id";
    SESSIONS_OF, "census.sessions.of", "SELECT count(*) FROM session WHERE holder_kind = 2 AND holder = ?1";
    PAYMENT_VALUES, "census.payment.values",
        "SELECT id, currency, amount_minor, reference_sealed, card_sealed FROM payment ORDER BY id";
    INVOICE_VALUES, "census.invoice.values", "SELECT id, currency, amount_minor, body_sealed FROM invoice ORDER BY id";
    SCHEMES, "census.schemes", "SELECT owner, scheme FROM credential ORDER BY owner_kind, owner";
    BILLING_YEARS, "census.billing.years",
        "SELECT account, year FROM payment UNION SELECT account, year FROM invoice ORDER BY 1, 2";
}
