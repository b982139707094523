//! Bytes of uploads under way in this process: they count against the quotas before their rows do, so that uploads at
//! the same time do not each see the whole of what is left.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    base::{AccountId, limits},
    store::tickets::AttachmentUse,
};

/// How much attachments may take, bytes. What is over a quota is refused while it streams in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// One attachment.
    pub attachment_bytes_max: u64,
    /// All attachments of one account.
    pub account_bytes_max: u64,
    /// All attachments of the room.
    pub room_bytes_max: u64,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            attachment_bytes_max: limits::ATTACHMENT_BYTES_MAX,
            account_bytes_max: limits::ACCOUNT_ATTACHMENT_BYTES_MAX,
            room_bytes_max: limits::ROOM_ATTACHMENT_BYTES_MAX,
        }
    }
}

/// The uploads of a process.
#[derive(Default)]
pub(super) struct Uploads(Mutex<UnderWay>);

#[derive(Default)]
struct UnderWay {
    room: u64,
    accounts: BTreeMap<AccountId, u64>,
}

/// One upload; what it has taken is given back when it is dropped, by when its row counts.
pub(super) struct Upload<'a> {
    uploads: &'a Uploads,
    quotas: Quotas,
    account: AccountId,
    /// What rows said when it began. Uploads that end meanwhile are found by the check in the lane.
    used: AttachmentUse,
    bytes: u64,
}

impl Quotas {
    /// How large an attachment may be where others take so much.
    pub(super) fn left(&self, used: AttachmentUse) -> u64 {
        let own = self.account_bytes_max.saturating_sub(used.account);
        self.attachment_bytes_max.min(own).min(self.room_bytes_max.saturating_sub(used.room))
    }
}

impl Uploads {
    /// Begins an upload for an account.
    pub(super) fn begin(&self, account: AccountId, quotas: Quotas, used: AttachmentUse) -> Upload<'_> {
        Upload { uploads: self, quotas, account, used, bytes: 0 }
    }

    /// What it guards is whole at every moment: a panic elsewhere does not spoil it.
    fn under_way(&self) -> MutexGuard<'_, UnderWay> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Upload<'_> {
    /// Its length so far.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes so many bytes more.
    ///
    /// # Errors
    /// How long it may be at most, if that is less.
    pub(super) fn take(&mut self, bytes: u64) -> Result<(), u64> {
        let mut under_way = self.uploads.under_way();
        let own = under_way.accounts.get(&self.account).copied().unwrap_or(0);
        let others = AttachmentUse {
            account: self.used.account.saturating_add(own.saturating_sub(self.bytes)),
            room: self.used.room.saturating_add(under_way.room.saturating_sub(self.bytes)),
        };
        let bytes_max = self.quotas.left(others);
        if self.bytes.saturating_add(bytes) > bytes_max {
            return Err(bytes_max);
        }
        self.bytes += bytes;
        under_way.room += bytes;
        *under_way.accounts.entry(self.account).or_default() += bytes;
        Ok(())
    }
}

impl Drop for Upload<'_> {
    fn drop(&mut self) {
        let mut under_way = self.uploads.under_way();
        under_way.room = under_way.room.saturating_sub(self.bytes);
        let own = under_way.accounts.get(&self.account).copied().unwrap_or(0).saturating_sub(self.bytes);
        if own == 0 {
            under_way.accounts.remove(&self.account);
        } else {
            under_way.accounts.insert(self.account, own);
        }
    }
}
