//! What people are to be told, until it is delivered.

super::statements! { Store;
    OUTBOX_INSERT, "outbox.insert",
        "INSERT INTO outbox (seq, id, channel, kind, receiver_kind, receiver, challenge, object, created_ms, expires_ms, due_ms, tries, state, address_version, address_sealed) VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM outbox), ?1, ?11, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?7, 0, 1, ?9, ?10)";
    // The oldest of each receiver alone: what comes later waits until it is acknowledged, or given up.
    OUTBOX_CLAIMABLE, "outbox.claimable",
        "SELECT id, kind, receiver_kind, receiver, challenge, object, created_ms, expires_ms, tries, address_version, address_sealed, seq FROM outbox WHERE channel = ?4 AND state = 1 AND due_ms <= ?1 AND expires_ms > ?1 AND seq > ?2 AND NOT EXISTS (SELECT 1 FROM outbox earlier WHERE earlier.receiver = outbox.receiver AND earlier.channel = ?4 AND earlier.state = 1 AND earlier.seq < outbox.seq AND earlier.expires_ms > ?1) ORDER BY seq LIMIT ?3";
    OUTBOX_LEASE, "outbox.lease", "UPDATE outbox SET due_ms = ?2, tries = ?3 WHERE id = ?1 AND state = 1";
    OUTBOX_ACK, "outbox.ack", "DELETE FROM outbox WHERE id = ?1 AND tries = ?2 AND state = 1";
    OUTBOX_NACK, "outbox.nack",
        "UPDATE outbox SET due_ms = ?3, state = ?4 WHERE id = ?1 AND tries = ?2 AND state = 1";
    OUTBOX_REDRIVE, "outbox.redrive",
        "UPDATE outbox SET due_ms = ?2, tries = 0, state = 1 WHERE id = ?1 AND state = 2";
    OUTBOX_DEAD, "outbox.dead",
        "SELECT id, kind, receiver_kind, receiver, challenge, object, created_ms, expires_ms, tries, address_version, address_sealed, seq FROM outbox WHERE channel = ?2 AND state = 2 AND expires_ms > ?1 AND (seq, id) > (?3, ?4) ORDER BY seq, id LIMIT ?5";
    OUTBOX_LIST, "outbox.list",
        "SELECT id, kind, receiver_kind, receiver, created_ms, expires_ms, tries, due_ms, channel, seq FROM outbox WHERE state = ?1 AND expires_ms > ?2 AND (seq, id) > (?3, ?4) ORDER BY seq, id LIMIT ?5";
    OUTBOX_DELETE, "outbox.delete", "DELETE FROM outbox WHERE id = ?1";
    OUTBOX_STATE, "outbox.state",
        "SELECT count(*), min(created_ms) FROM outbox WHERE state = ?1 AND expires_ms > ?2 AND channel = ?3";
    // Kind 12 tells that the receiver is erased, and holds nothing of him.
    OUTBOX_OF_DELETE, "outbox.of.delete", "DELETE FROM outbox WHERE receiver_kind = 1 AND receiver = ?1 AND kind <> 12";
    OUTBOX_OF_COUNT, "outbox.of.count", "SELECT count(*) FROM outbox WHERE receiver_kind = 1 AND receiver = ?1 AND kind <> 12";
    OUTBOX_OVER, "outbox.over", "SELECT 1 FROM outbox WHERE expires_ms <= ?1 LIMIT 1";
    OUTBOX_OVER_DELETE, "outbox.over.delete",
        "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE expires_ms <= ?1 ORDER BY expires_ms LIMIT ?2)";
}
