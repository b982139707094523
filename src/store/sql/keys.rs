//! The keyring: wrapped keys, fences, indexes.

super::statements! { Keyring;
    KEYRING_INSERT, "keyring.insert", "INSERT INTO keyring (one, room, format, epoch) VALUES (1, ?1, ?2, ?3)";
    KEYRING, "keyring", "SELECT room, format, epoch FROM keyring WHERE one = 1";
    WRAPPING_KEY_INSERT, "wrapping_key.insert",
        "INSERT INTO wrapping_key (domain, version, state, wrapped, check_value, created_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    WRAPPING_KEYS, "wrapping_keys",
        "SELECT domain, version, state, wrapped, check_value FROM wrapping_key ORDER BY domain, version";
    DATA_KEY_INSERT, "data_key.insert",
        "INSERT INTO data_key (class, scope_kind, owner, period, generation, wrapping_version, wrapped, check_value, fenced_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL)";
    DATA_KEY_NEWEST, "data_key.newest",
        "SELECT generation, wrapping_version, wrapped, check_value, fenced_at FROM data_key WHERE class = ?1 AND scope_kind = ?2 AND owner = ?3 AND period = ?4 ORDER BY generation DESC LIMIT 1";
    DATA_KEY, "data_key",
        "SELECT generation, wrapping_version, wrapped, check_value, fenced_at FROM data_key WHERE class = ?1 AND scope_kind = ?2 AND owner = ?3 AND period = ?4 AND generation = ?5";
    DATA_KEY_DESTROY, "data_key.destroy",
        "UPDATE data_key SET wrapped = NULL, fenced_at = ?5 WHERE class = ?1 AND scope_kind = ?2 AND owner = ?3 AND period = ?4 AND wrapped IS NOT NULL";
    DATA_KEY_FENCE, "data_key.fence",
        "INSERT INTO data_key (class, scope_kind, owner, period, generation, wrapping_version, wrapped, check_value, fenced_at) VALUES (?1, ?2, ?3, ?4, 1, ?6, NULL, ?7, ?5)";
    DATA_KEY_FORGET, "data_key.forget",
        "DELETE FROM data_key WHERE scope_kind = 1 AND owner = ?1 AND fenced_at IS NULL";
    DATA_KEY_STATES, "data_key.states",
        "SELECT CASE WHEN wrapped IS NULL THEN 0 ELSE 1 END, wrapping_version, fenced_at FROM data_key WHERE class = ?1 AND scope_kind = ?2 AND owner = ?3 AND period = ?4 ORDER BY generation";
    FENCES, "data_key.fences",
        "SELECT class, scope_kind, owner, period, max(fenced_at) FROM data_key WHERE fenced_at IS NOT NULL GROUP BY class, scope_kind, owner, period ORDER BY owner, class, period";
    EPOCH_NEXT, "keyring.epoch.next", "UPDATE keyring SET epoch = epoch + 1 WHERE one = 1";
    INDEX_FORGET, "blind_index.forget", "DELETE FROM blind_index WHERE target = ?1";
    INDEXES_OF, "blind_index.of", "SELECT count(*) FROM blind_index WHERE target = ?1";
    VERSION_FLOOR, "version_floor", "SELECT version FROM version_floor WHERE class = ?1 AND owner = ?2";
    VERSION_FLOOR_RAISE, "version_floor.raise",
        "INSERT INTO version_floor (class, owner, version) VALUES (?1, ?2, ?3) ON CONFLICT (class, owner) DO UPDATE SET version = excluded.version WHERE excluded.version > version_floor.version";
    VERSION_FLOORS, "version_floors",
        "SELECT class, owner, version FROM version_floor WHERE (owner, class) > (?1, ?2) ORDER BY owner, class LIMIT ?3";
    VERSION_FLOOR_LOWER, "version_floor.lower",
        "UPDATE version_floor SET version = ?3 WHERE class = ?1 AND owner = ?2 AND version > ?3";
    EPOCH_RAISE, "keyring.epoch.raise", "UPDATE keyring SET epoch = ?1 WHERE one = 1 AND epoch < ?1";
    INDEX_TARGETS, "blind_index.targets",
        "SELECT DISTINCT target FROM blind_index WHERE target > ?1 ORDER BY target LIMIT ?2";
    CLUE_INSERT, "clue.insert",
        "INSERT INTO clue (field, key_version, mac, object, class, scope_kind, owner, period) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (field, key_version, mac, object) DO NOTHING";
    CLUES, "clues",
        "SELECT object, owner, period FROM clue WHERE field = ?1 AND key_version = ?2 AND mac = ?3 ORDER BY object LIMIT ?4";
    CLUE, "clue",
        "SELECT count(*) FROM clue WHERE field = ?1 AND key_version = ?2 AND mac = ?3 AND object = ?4";
    CLUES_OF, "clues.of",
        "SELECT count(*) FROM clue WHERE class = ?1 AND scope_kind = ?2 AND owner = ?3 AND period = ?4";
    CLUES_FORGET, "clues.forget",
        "DELETE FROM clue WHERE class = ?1 AND scope_kind = ?2 AND owner = ?3 AND period = ?4";
    CLUE_OWNERS, "clue.owners",
        "SELECT DISTINCT owner FROM clue WHERE owner > ?1 ORDER BY owner LIMIT ?2";
    CLUES_FORGET_OWNER, "clues.forget_owner", "DELETE FROM clue WHERE owner = ?1";
    INDEX_INSERT, "blind_index.insert",
        "INSERT INTO blind_index (field, key_version, mac, target, state, nonce) VALUES (?1, ?2, ?3, ?4, 1, ?5)";
    INDEX, "blind_index",
        "SELECT target, state, nonce FROM blind_index WHERE field = ?1 AND key_version = ?2 AND mac = ?3";
    INDEX_CLAIMS, "blind_index.claims", "SELECT target FROM blind_index WHERE state = 1";
    INDEX_GO_LIVE, "blind_index.go_live",
        "UPDATE blind_index SET state = 2 WHERE field = ?1 AND key_version = ?2 AND mac = ?3 AND nonce = ?4 AND state = 1";
    INDEX_ABANDON, "blind_index.abandon",
        "DELETE FROM blind_index WHERE field = ?1 AND key_version = ?2 AND mac = ?3 AND nonce = ?4";
    INDEXES_TO, "blind_index.to", "SELECT nonce FROM blind_index WHERE field = 1 AND target = ?1";
    INDEX_FORGET_ONE, "blind_index.forget_one", "DELETE FROM blind_index WHERE field = 1 AND target = ?1 AND nonce = ?2";
}
