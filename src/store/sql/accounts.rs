//! Accounts, credentials, customers' activity.

super::statements! { Store;
    ACCOUNT_INSERT, "account.insert",
        "INSERT INTO account (id, state, created_ms, closed_ms, index_nonce, email_version, email_sealed, name_sealed) VALUES (?1, ?2, ?3, NULL, ?4, ?5, ?6, ?7)";
    ACCOUNT, "account",
        "SELECT id, state, created_ms, closed_ms, index_nonce, email_version, email_sealed, name_sealed, suspended_reason, suspended_until_ms FROM account WHERE id = ?1";
    ACCOUNT_STATE, "account.state", "SELECT state FROM account WHERE id = ?1";
    ACCOUNT_CLOSE, "account.close", "UPDATE account SET state = 2, closed_ms = ?2 WHERE id = ?1 AND state = 1";
    ACCOUNT_STANDING, "account.standing", "SELECT state, index_nonce FROM account WHERE id = ?1";
    ACCOUNT_SUSPENSION, "account.suspension", "SELECT suspended_reason, suspended_until_ms FROM account WHERE id = ?1";
    ACCOUNT_SUSPEND, "account.suspend",
        "UPDATE account SET suspended_reason = ?2, suspended_until_ms = ?3 WHERE id = ?1 AND state = 1";
    ACCOUNT_LIVES, "account.lives",
        "SELECT id, state, closed_ms, suspended_reason, suspended_until_ms FROM account WHERE state <> 1 OR closed_ms IS NOT NULL OR suspended_reason IS NOT NULL OR suspended_until_ms IS NOT NULL";
    ACCOUNT_RENAME, "account.rename", "UPDATE account SET name_sealed = ?2 WHERE id = ?1 AND state = 1";
    ACCOUNT_READDRESS, "account.readdress",
        "UPDATE account SET email_sealed = ?2, email_version = ?3, index_nonce = ?4 WHERE id = ?1 AND email_version = ?5 AND index_nonce = ?6 AND state = 1";
    ACCOUNT_COUNT, "account.count", "SELECT count(*) FROM account";
    CREDENTIAL_INSERT, "credential.insert",
        "INSERT INTO credential (owner_kind, owner, version, scheme, changed_ms, record_sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    CREDENTIAL, "credential",
        "SELECT version, scheme, record_sealed FROM credential WHERE owner_kind = ?1 AND owner = ?2";
    CREDENTIAL_SWAP, "credential.swap",
        "UPDATE credential SET version = ?4, scheme = ?5, changed_ms = ?6, record_sealed = ?7 WHERE owner_kind = ?1 AND owner = ?2 AND version = ?3";
    CREDENTIAL_DELETE, "credential.delete", "DELETE FROM credential WHERE owner_kind = ?1 AND owner = ?2";
    ACTIVITY_INSERT, "activity.insert",
        "INSERT INTO activity (id, account, day, at_ms, event, detail_sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    ACTIVITY_OF, "activity.of",
        "SELECT id, at_ms, event FROM activity WHERE account = ?1 AND (at_ms, id) < (?2, ?3) ORDER BY at_ms DESC, id DESC LIMIT ?4";
}
