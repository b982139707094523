//! Registrations on their way, and the codes that customers are sent.

super::statements! { Store;
    SIGNUP_INSERT, "signup.insert",
        "INSERT INTO signup (id, expires_ms, cards_masked, email_sealed, name_sealed, scheme, record_sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    SIGNUP, "signup",
        "SELECT id, expires_ms, cards_masked, email_sealed, name_sealed, scheme, record_sealed FROM signup WHERE id = ?1";
    SIGNUP_DELETE, "signup.delete", "DELETE FROM signup WHERE id = ?1";
    SIGNUP_EXPIRE, "signup.expire", "DELETE FROM signup WHERE id = ?1 AND expires_ms <= ?2";
    SIGNUPS_COUNT, "signups.count",
        "SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM signup), (SELECT count(*) FROM signup WHERE expires_ms <= ?1)";
    SIGNUPS_OVER, "signups.over", "SELECT id FROM signup WHERE expires_ms <= ?1 ORDER BY expires_ms LIMIT ?2";
    CHALLENGE_INSERT, "challenge.insert",
        "INSERT INTO challenge (id, topic, account, created_ms, expires_ms, tries, state, changed_at, mac, address_sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    CHALLENGE_UPDATE, "challenge.update",
        "UPDATE challenge SET tries = ?2, state = ?3, changed_at = ?4, mac = ?5 WHERE id = ?1";
    CHALLENGE, "challenge",
        "SELECT id, topic, account, created_ms, expires_ms, tries, state, changed_at, mac FROM challenge WHERE id = ?1";
    CHALLENGES_OPEN, "challenges.open",
        "SELECT count(*) FROM challenge WHERE account = ?1 AND state = 1 AND expires_ms > ?2";
    CHALLENGE_ADDRESS, "challenge.address", "SELECT address_sealed FROM challenge WHERE id = ?1";
    CHALLENGES_OF_DELETE, "challenges.of.delete", "DELETE FROM challenge WHERE account = ?1";
    CHALLENGES_OF_TOPIC_DELETE, "challenges.of.topic.delete", "DELETE FROM challenge WHERE account = ?1 AND topic = ?2";
    CHALLENGES_OF_COUNT, "challenges.of.count", "SELECT count(*) FROM challenge WHERE account = ?1";
    CHALLENGES_OVER, "challenges.over", "SELECT 1 FROM challenge WHERE expires_ms <= ?1 LIMIT 1";
    CHALLENGES_OVER_DELETE, "challenges.over.delete",
        "DELETE FROM challenge WHERE id IN (SELECT id FROM challenge WHERE expires_ms <= ?1 ORDER BY expires_ms LIMIT ?2)";
    CHALLENGES_DELETE, "challenges.delete", "DELETE FROM challenge";
}
