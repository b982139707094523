//! The row of the room's settings.

use super::{Queries, Row, Statement, StoreError, Value, authority::AuthorityTable, sql::settings};
use crate::{access::rows::SettingRow, base::RoomId, seal::Unvouched};

impl AuthorityTable for SettingRow {
    const ALL: &'static Statement = &settings::SETTINGS;
    const LIVE: &'static Statement = &settings::SETTINGS_LIVE;
    const UPDATE: &'static Statement = &settings::SETTING_UPDATE;

    fn read(row: &Row) -> Result<Unvouched<Self>, StoreError> {
        let setting = Self {
            room: row.id(0)?,
            version: row.number(1)?,
            memory_kib: row.number(2)?,
            passes: row.number(3)?,
            lanes: row.number(4)?,
            attachment_bytes_max: row.number(5)?,
            account_bytes_max: row.number(6)?,
            room_bytes_max: row.number(7)?,
            recovery: row.bytes(8)?,
            changed_at: row.number(9)?,
        };
        Ok(Unvouched { row: setting, mac: row.bytes(10)? })
    }

    fn is_folded(&self) -> bool {
        true
    }

    fn changeable(&self) -> Vec<Value> {
        vec![
            self.version.into(),
            self.memory_kib.into(),
            self.passes.into(),
            self.lanes.into(),
            self.attachment_bytes_max.into(),
            self.account_bytes_max.into(),
            self.room_bytes_max.into(),
            Value::from(&self.recovery),
        ]
    }
}

/// What the row of a new room is written with.
pub(super) fn values(row: &SettingRow, mac: &[u8; 32]) -> Vec<Value> {
    let mut values = vec![Value::from(row.room)];
    values.extend(row.changeable());
    values.extend([row.changed_at.into(), Value::from(mac)]);
    values
}

/// The settings of a room.
pub(crate) fn find(db: &mut impl Queries, room: RoomId) -> Result<Option<Unvouched<SettingRow>>, StoreError> {
    db.one(&settings::SETTING, &[room.into()], SettingRow::read)
}
