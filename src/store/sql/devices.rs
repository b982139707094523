//! Devices that customers log in with.

super::statements! { Store;
    DEVICE_INSERT, "device.insert", "INSERT INTO device (digest, account, created_ms, used_day) VALUES (?1, ?2, ?3, ?4)";
    DEVICE, "device", "SELECT used_day FROM device WHERE digest = ?1 AND account = ?2 AND used_day >= ?3";
    DEVICE_USED, "device.used", "UPDATE device SET used_day = ?2 WHERE digest = ?1 AND used_day < ?2";
    // Those that are known no more, and of the others the ones that were not used for longest.
    DEVICES_OVER_DELETE, "devices.over.delete",
        "DELETE FROM device WHERE account = ?1 AND digest NOT IN (SELECT digest FROM device WHERE account = ?1 AND used_day >= ?2 ORDER BY used_day DESC, created_ms DESC, digest LIMIT ?3)";
    DEVICES_OTHER_DELETE, "devices.other.delete", "DELETE FROM device WHERE account = ?1 AND digest <> ?2";
    DEVICES_DELETE, "devices.delete", "DELETE FROM device WHERE account = ?1";
    DEVICES_COUNT, "devices.count", "SELECT count(*) FROM device WHERE account = ?1";
}
