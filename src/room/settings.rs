//! What must agree between the hosts of a room: a row of it, made with the room.

use std::fmt;

use super::{error::OpenRoomError, uploads::Quotas};
use crate::{
    access::{Vouched, rows::SettingRow},
    base::RoomId,
    password::Settings,
};

/// The settings of a room, or of one process in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct RoomSettings {
    pub(super) passwords: Settings,
    pub(super) quotas: Quotas,
}

impl RoomSettings {
    /// The row of a new room.
    pub(super) fn first_row(&self, room: RoomId, recovery: [u8; 32]) -> SettingRow {
        let Self { passwords, quotas } = self;
        SettingRow {
            room,
            version: 1,
            memory_kib: passwords.memory_kib(),
            passes: passwords.passes(),
            lanes: passwords.lanes(),
            attachment_bytes_max: quotas.attachment_bytes_max,
            account_bytes_max: quotas.account_bytes_max,
            room_bytes_max: quotas.room_bytes_max,
            recovery,
            changed_at: 0,
        }
    }

    /// What the row says.
    ///
    /// # Errors
    /// It says what no version of this program writes.
    pub(super) fn of(row: Option<Vouched<SettingRow>>) -> Result<Self, OpenRoomError> {
        let refused = OpenRoomError::Integrity {
            what: "the room's settings are missing, or were written past this program",
        };
        let Some(row) = row else { return Err(refused) };
        let Ok(passwords) = Settings::new(row.memory_kib, row.passes, row.lanes) else { return Err(refused) };
        let quotas = Quotas {
            attachment_bytes_max: row.attachment_bytes_max,
            account_bytes_max: row.account_bytes_max,
            room_bytes_max: row.room_bytes_max,
        };
        Ok(Self { passwords, quotas })
    }

    /// Each by its name.
    pub(super) fn shown(&self) -> [(&'static str, String); 6] {
        let Self { passwords, quotas } = self;
        [
            ("password_memory_kib", passwords.memory_kib().to_string()),
            ("password_passes", passwords.passes().to_string()),
            ("password_lanes", passwords.lanes().to_string()),
            ("attachment_bytes_max", quotas.attachment_bytes_max.to_string()),
            ("account_bytes_max", quotas.account_bytes_max.to_string()),
            ("room_bytes_max", quotas.room_bytes_max.to_string()),
        ]
    }

    /// The same as one process wants them: its passwords stronger, its quotas tighter.
    ///
    /// # Errors
    /// [`OpenRoomError::Weaker`].
    pub(super) fn tightened(
        self,
        passwords: Option<Settings>,
        quotas: Option<Quotas>,
    ) -> Result<Self, OpenRoomError> {
        let wanted =
            Self { passwords: passwords.unwrap_or(self.passwords), quotas: quotas.unwrap_or(self.quotas) };
        if !wanted.passwords.is_as_strong_as(&self.passwords) {
            return Err(OpenRoomError::Weaker { what: "new passwords would be cheaper to guess" });
        }
        let (own, room) = (wanted.quotas, self.quotas);
        let looser = own.attachment_bytes_max > room.attachment_bytes_max
            || own.account_bytes_max > room.account_bytes_max
            || own.room_bytes_max > room.room_bytes_max;
        if looser {
            return Err(OpenRoomError::Weaker { what: "attachments could take more" });
        }
        Ok(wanted)
    }
}

/// For `doctor`.
impl fmt::Display for RoomSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passwords, quotas } = self;
        let mib = |bytes: u64| bytes / (1024 * 1024);
        write!(
            f,
            "new passwords by argon2id with {} KiB, passes {}, lanes {}; attachments of at most {} MiB, {} MiB an account, \
             {} MiB in all",
            passwords.memory_kib(),
            passwords.passes(),
            passwords.lanes(),
            mib(quotas.attachment_bytes_max),
            mib(quotas.account_bytes_max),
            mib(quotas.room_bytes_max)
        )
    }
}
