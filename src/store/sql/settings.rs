//! The room's settings.

super::statements! { Store;
    SETTING_INSERT, "setting.insert",
        "INSERT INTO setting (id, version, argon2_memory_kib, argon2_passes, argon2_lanes, attachment_bytes_max, account_bytes_max, room_bytes_max, recovery, changed_at, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    SETTING_UPDATE, "setting.update",
        "UPDATE setting SET version = ?2, argon2_memory_kib = ?3, argon2_passes = ?4, argon2_lanes = ?5, attachment_bytes_max = ?6, account_bytes_max = ?7, room_bytes_max = ?8, recovery = ?9, changed_at = ?10, mac = ?11 WHERE id = ?1";
    SETTING, "setting",
        "SELECT id, version, argon2_memory_kib, argon2_passes, argon2_lanes, attachment_bytes_max, account_bytes_max, room_bytes_max, recovery, changed_at, mac FROM setting WHERE id = ?1";
    SETTINGS_LIVE, "settings.live",
        "SELECT id, version, argon2_memory_kib, argon2_passes, argon2_lanes, attachment_bytes_max, account_bytes_max, room_bytes_max, recovery, changed_at, mac FROM setting";
    SETTINGS, "settings",
        "SELECT id, version, argon2_memory_kib, argon2_passes, argon2_lanes, attachment_bytes_max, account_bytes_max, room_bytes_max, recovery, changed_at, mac FROM setting ORDER BY id LIMIT ?1";
}
