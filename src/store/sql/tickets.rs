//! Tickets, messages, attachments.

super::statements! { Store;
    TICKET_INSERT, "ticket.insert",
        "INSERT INTO ticket (id, account, state, assignee, created_ms, changed_at, mac, subject_sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    TICKET_UPDATE, "ticket.update",
        "UPDATE ticket SET state = ?2, assignee = ?3, changed_at = ?4, mac = ?5 WHERE id = ?1";
    TICKET, "ticket",
        "SELECT id, account, state, assignee, created_ms, changed_at, mac, subject_sealed FROM ticket WHERE id = ?1";
    TICKETS_OF, "tickets.of",
        "SELECT id, account, state, assignee, created_ms, changed_at, mac FROM ticket WHERE account = ?1 AND (created_ms, id) < (?2, ?3) ORDER BY created_ms DESC, id DESC LIMIT ?4";
    TICKETS, "tickets",
        "SELECT id, account, state, assignee, created_ms, changed_at, mac, subject_sealed FROM ticket ORDER BY id LIMIT ?1";
    TICKETS_MINE, "tickets.mine",
        "SELECT id, account, state, assignee, created_ms, changed_at, mac, waiting_ms FROM ticket WHERE state = 1 AND assignee = ?1 AND (created_ms, id) > (?2, ?3) ORDER BY created_ms, id LIMIT ?4";
    TICKETS_UNASSIGNED, "tickets.unassigned",
        "SELECT id, account, state, assignee, created_ms, changed_at, mac, waiting_ms FROM ticket WHERE state = 1 AND assignee IS NULL AND (created_ms, id) > (?1, ?2) ORDER BY created_ms, id LIMIT ?3";
    TICKETS_WAITING, "tickets.waiting",
        "SELECT id, account, state, assignee, created_ms, changed_at, mac, waiting_ms FROM ticket WHERE state = 1 AND waiting_ms <= ?1 AND (waiting_ms, id) > (?2, ?3) ORDER BY waiting_ms, id LIMIT ?4";
    TICKETS_WAITING_COUNT, "tickets.waiting.count",
        "SELECT count(*) FROM ticket WHERE state = 1 AND waiting_ms <= ?1";
    TICKET_WAITS, "ticket.waits", "UPDATE ticket SET waiting_ms = coalesce(waiting_ms, ?2) WHERE id = ?1";
    TICKET_ANSWERED, "ticket.answered", "UPDATE ticket SET waiting_ms = NULL WHERE id = ?1";
    TICKETS_LIVE, "tickets.live",
        "SELECT id, account, state, assignee, created_ms, changed_at, mac FROM ticket WHERE state = 1";
    MESSAGE_INSERT, "message.insert",
        "INSERT INTO ticket_message (id, ticket, account, kind, author, at_position, created_ms, body_sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    MESSAGES, "messages",
        "SELECT id, kind, author, created_ms, body_sealed FROM ticket_message WHERE ticket = ?1 ORDER BY at_position, id LIMIT ?2";
    MESSAGE_HEADERS, "messages.headers",
        "SELECT id, kind FROM ticket_message WHERE ticket = ?1 ORDER BY at_position, id LIMIT ?2";
    MESSAGE, "message",
        "SELECT id, kind, author, created_ms, body_sealed FROM ticket_message WHERE id = ?1 AND ticket = ?2";
    MESSAGE_COUNT, "messages.count", "SELECT count(*) FROM ticket_message WHERE ticket = ?1";
    ATTACHMENT_COUNT, "attachments.count", "SELECT count(*) FROM attachment WHERE ticket = ?1";
    ATTACHMENT_INSERT, "attachment.insert",
        "INSERT INTO attachment (id, ticket, account, generation, bytes, created_ms, name_sealed, media_type_sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    ATTACHMENT, "attachment",
        "SELECT id, ticket, account, generation, bytes, created_ms, name_sealed, media_type_sealed FROM attachment WHERE id = ?1";
    ATTACHMENTS, "attachments",
        "SELECT id, ticket, account, generation, bytes, created_ms, name_sealed, media_type_sealed FROM attachment WHERE ticket = ?1 ORDER BY created_ms, id LIMIT ?2";
    ATTACHMENT_USE, "attachment.use", "SELECT bytes FROM attachment_use WHERE owner = ?1";
    ATTACHMENT_SIZES, "attachment.sizes",
        "SELECT id, bytes FROM attachment WHERE id > ?1 ORDER BY id LIMIT ?2";
    ATTACHMENT_BYTES, "attachment.bytes", "SELECT CAST(coalesce(sum(bytes), 0) AS BIGINT) FROM attachment";
}
