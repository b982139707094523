//! What is stored that data keys seal: whether anything under one key, asked before it is made, and by which keys at all.

super::statements! { Store;
    IDENTITY, "sealed.identity", "SELECT 1 FROM account WHERE id = ?1";
    CREDENTIAL, "sealed.credential", "SELECT 1 FROM credential WHERE owner_kind = ?1 AND owner = ?2";
    PAYMENT, "sealed.payment", "SELECT 1 FROM payment WHERE account = ?1 AND year = ?2 LIMIT 1";
    INVOICE, "sealed.invoice", "SELECT 1 FROM invoice WHERE account = ?1 AND year = ?2 LIMIT 1";
    SUPPORT, "sealed.support", "SELECT 1 FROM ticket WHERE account = ?1 LIMIT 1";
    ACTIVITY, "sealed.activity", "SELECT 1 FROM activity WHERE day = ?1 LIMIT 1";
    STAFF, "sealed.staff", "SELECT 1 FROM principal WHERE id = ?1";
    DETAIL_SUBJECT, "sealed.detail.subject", "SELECT 1 FROM audit_detail WHERE scope_kind = 1 AND owner = ?1 LIMIT 1";
    DETAIL_MONTH, "sealed.detail.month", "SELECT 1 FROM audit_detail WHERE scope_kind = 5 AND period = ?1 LIMIT 1";
    SCOPES_IDENTITY, "sealed.scopes.identity",
        "SELECT 1, id, 0 FROM account WHERE length(email_sealed) > 0 OR name_sealed IS NOT NULL";
    SCOPES_CREDENTIAL, "sealed.scopes.credential", "SELECT owner_kind, owner, 0 FROM credential";
    SCOPES_BILLING, "sealed.scopes.billing",
        "SELECT 2, account, year FROM payment UNION SELECT 2, account, year FROM invoice";
    SCOPES_SUPPORT, "sealed.scopes.support", "SELECT DISTINCT 1, account, 0 FROM ticket";
    SCOPES_ACTIVITY, "sealed.scopes.activity", "SELECT DISTINCT day FROM activity";
    SCOPES_DETAIL, "sealed.scopes.detail", "SELECT DISTINCT scope_kind, owner, period FROM audit_detail";
    SCOPES_STAFF, "sealed.scopes.staff", "SELECT 3, id, 0 FROM principal";
}
