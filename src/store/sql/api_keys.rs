//! Keys of customers' programs.

super::statements! { Store;
    API_KEY_INSERT, "api_key.insert",
        "INSERT INTO api_key (id, account, secret_hash, scopes, created_ms, expires_ms, used_day, state, changed_at, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL, ?7, ?8, ?9)";
    API_KEY_UPDATE, "api_key.update", "UPDATE api_key SET state = ?2, changed_at = ?3, mac = ?4 WHERE id = ?1";
    API_KEY_USED, "api_key.used",
        "UPDATE api_key SET used_day = ?2 WHERE id = ?1 AND (used_day IS NULL OR used_day < ?2)";
    API_KEY, "api_key",
        "SELECT id, account, secret_hash, scopes, created_ms, expires_ms, state, changed_at, mac, used_day FROM api_key WHERE id = ?1";
    API_KEYS_OF, "api_keys.of",
        "SELECT id, account, secret_hash, scopes, created_ms, expires_ms, state, changed_at, mac, used_day FROM api_key WHERE account = ?1 AND (created_ms, id) < (?2, ?3) ORDER BY created_ms DESC, id DESC LIMIT ?4";
    API_KEYS_OPEN, "api_keys.open",
        "SELECT count(*) FROM api_key WHERE account = ?1 AND state = 1 AND expires_ms > ?2";
    API_KEYS, "api_keys",
        "SELECT id, account, secret_hash, scopes, created_ms, expires_ms, state, changed_at, mac, used_day FROM api_key ORDER BY id LIMIT ?1";
    API_KEYS_LIVE, "api_keys.live",
        "SELECT id, account, secret_hash, scopes, created_ms, expires_ms, state, changed_at, mac, used_day FROM api_key WHERE state = 1";
    API_KEYS_COUNT, "api_keys.count", "SELECT count(*) FROM api_key WHERE account = ?1";
    API_KEY_DELETE, "api_key.delete", "DELETE FROM api_key WHERE id = ?1";
}
