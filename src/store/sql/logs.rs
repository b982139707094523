//! The audit log and the room's own row.

super::statements! { Store;
    ROOM_INSERT, "room.insert",
        "INSERT INTO room (one, id, format, reads_from, writes_from, created_ms) VALUES (1, ?1, ?2, ?3, ?4, ?5)";
    ROOM, "room", "SELECT id, format, reads_from, writes_from FROM room WHERE one = 1";
    ROOM_UPGRADE, "room.upgrade",
        "UPDATE room SET format = ?1, reads_from = ?2, writes_from = ?3 WHERE one = 1";
    APPEND, "log.append", "INSERT INTO audit_entry (position, entry, leaf) VALUES (?1, ?2, ?3)";
    HEAD_INSERT, "log.head.insert", "INSERT INTO audit_head (one, head, mac) VALUES (1, ?1, ?2)";
    HEAD_UPDATE, "log.head.update", "UPDATE audit_head SET head = ?1, mac = ?2 WHERE one = 1";
    HEAD, "log.head", "SELECT head, mac FROM audit_head WHERE one = 1";
    NEWEST, "log.newest", "SELECT position, leaf FROM audit_entry ORDER BY position DESC LIMIT 1";
    ENTRIES, "log.entries",
        "SELECT position, entry, leaf FROM audit_entry WHERE position >= ?1 ORDER BY position LIMIT ?2";
    DETAIL_INSERT, "log.detail.insert",
        "INSERT INTO audit_detail (position, kind, scope_kind, owner, period, text_sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    DETAILS, "log.details",
        "SELECT kind, scope_kind, owner, period, text_sealed FROM audit_detail WHERE position = ?1 ORDER BY kind";
}
