//! Transactions and invoices.

super::statements! { Store;
    PAYMENT_INSERT, "payment.insert",
        "INSERT INTO payment (id, account, year, result, amount_minor, currency, occurred_ms, reference_sealed, card_sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    PAYMENTS_OF, "payments.of",
        "SELECT id, year, result, amount_minor, currency, occurred_ms, reference_sealed, card_sealed FROM payment WHERE account = ?1 AND (occurred_ms, id) < (?2, ?3) ORDER BY occurred_ms DESC, id DESC LIMIT ?4";
    PAYMENT_REFERENCE, "payment.reference",
        "SELECT reference_sealed FROM payment WHERE id = ?1 AND account = ?2 AND year = ?3";
    INVOICE_BODY, "invoice.body",
        "SELECT body_sealed FROM invoice WHERE id = ?1 AND account = ?2 AND year = ?3";
    INVOICE_INSERT, "invoice.insert",
        "INSERT INTO invoice (id, account, year, amount_minor, currency, issued_ms, body_sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    INVOICES_OF, "invoices.of",
        "SELECT id, year, amount_minor, currency, issued_ms, body_sealed FROM invoice WHERE account = ?1 AND (issued_ms, id) < (?2, ?3) ORDER BY issued_ms DESC, id DESC LIMIT ?4";
}
