//! The states of keys that the checks of the policy walk; no key is read.

super::statements! { Keyring;
    STATES_OF, "census.keys.of",
        "SELECT generation, CASE WHEN wrapped IS NULL THEN 0 ELSE 1 END, fenced_at FROM data_key WHERE class = ?1 AND scope_kind = ?2 AND owner = ?3 AND period = ?4 ORDER BY generation";
    INDEXES_OF, "census.indexes.of", "SELECT count(*) FROM blind_index WHERE target = ?1";
    FENCES, "census.fences",
        "SELECT scope_kind, owner, period, fenced_at FROM data_key WHERE class = ?1 AND fenced_at IS NOT NULL ORDER BY owner, period, generation";
}
