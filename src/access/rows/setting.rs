//! What must agree between the hosts of a room.

use super::{AuthorityRow, Bytes, RowKind};
use crate::base::RoomId;

/// The room's settings: one row. They confer nothing, but who could lower them past this program would have weaker
/// passwords made and more stored; so they are vouched for, and in the sum, like what does.
///
/// | Column | Bytes |
/// |---|---|
/// | version | 8 |
/// | Argon2id of new passwords: memory in KiB, passes, lanes | 8 each |
/// | bytes of one attachment, of an account's, of the room's at most | 8 each |
/// | hash of the way back | 32 |
///
/// 114 bytes in all.
#[derive(Clone)]
pub(crate) struct SettingRow {
    /// Whose settings they are.
    pub(crate) room: RoomId,
    /// One more with each change, from 1.
    pub(crate) version: u64,
    /// Memory, KiB.
    pub(crate) memory_kib: u32,
    /// Passes over it.
    pub(crate) passes: u32,
    /// Lanes.
    pub(crate) lanes: u32,
    /// Of one attachment.
    pub(crate) attachment_bytes_max: u64,
    /// Of all attachments of one account.
    pub(crate) account_bytes_max: u64,
    /// Of all attachments.
    pub(crate) room_bytes_max: u64,
    /// The hash of the secret that is shared among the keepers of the way back.
    pub(crate) recovery: [u8; 32],
    /// Position of the entry that last changed it.
    pub(crate) changed_at: u64,
}

impl AuthorityRow for SettingRow {
    const KIND: RowKind = RowKind::Setting;

    fn id(&self) -> [u8; 16] {
        *self.room.as_bytes()
    }

    fn changed_at(&self) -> u64 {
        self.changed_at
    }

    fn columns(&self, out: &mut Bytes<'_>) {
        let passwords = [self.memory_kib, self.passes, self.lanes].map(u64::from);
        let quotas = [self.attachment_bytes_max, self.account_bytes_max, self.room_bytes_max];
        for number in [self.version].into_iter().chain(passwords).chain(quotas) {
            out.array(&number.to_be_bytes());
        }
        out.array(&self.recovery);
    }
}
