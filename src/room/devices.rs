//! Devices that customers log in with: each is known by a token that it was handed when it was new, and that comes back
//! with its next login. The token is random, says nothing of the device, and counts with one account; the room keeps its
//! digest under a key. It lets nobody in: it tells a login of the customer's own from a stranger's.

use super::{
    core::{Core, Device},
    error::Failure,
    token,
};
use crate::{
    access::NoticeKind,
    base::{AccountId, SecretText, Time},
    crypto::mac,
    store::{LogTurn, Queries, StoreError, devices},
};

impl Device {
    /// The device that shows this.
    pub(super) fn showing(presented: Option<&SecretText>) -> Self {
        presented.and_then(token::hash).map_or(Self::New, Self::Shown)
    }
}

impl Core {
    /// The device that the call comes from, if the account is known to be used with it.
    fn known_device(
        &self,
        db: &mut impl Queries,
        account: AccountId,
        now: Time,
    ) -> Result<Option<[u8; 32]>, StoreError> {
        match self.device_digest(account) {
            Some(digest) if devices::is_known(db, account, &digest, now)? => Ok(Some(digest)),
            _ => Ok(None),
        }
    }

    /// Takes note of the device on which a session begins. One that is new is known from now on by the token that comes
    /// back, and the customer is told.
    pub(super) fn meet_device(
        &self,
        turn: &mut LogTurn<'_>,
        account: AccountId,
    ) -> Result<Option<SecretText>, Failure> {
        if matches!(self.device, Device::Unasked) || !devices::is_there(turn)? {
            return Ok(None);
        }
        let now = turn.time();
        if let Some(digest) = self.known_device(turn, account, now)? {
            devices::note_use(turn, &digest)?;
            return Ok(None);
        }
        let (token, hash) = token::fresh()?;
        devices::insert(turn, account, &self.digest_of(account, &hash))?;
        self.tell(turn, account, NoticeKind::NewDevice)?;
        Ok(Some(token))
    }

    /// Forgets the account's devices, but the one that the call comes from.
    pub(super) fn forget_other_devices(
        &self,
        turn: &mut LogTurn<'_>,
        account: AccountId,
    ) -> Result<(), StoreError> {
        devices::forget(turn, account, self.device_digest(account).as_ref())
    }

    fn device_digest(&self, account: AccountId) -> Option<[u8; 32]> {
        match &self.device {
            Device::Shown(hash) => Some(self.digest_of(account, hash)),
            Device::Unasked | Device::New => None,
        }
    }

    /// What the room keeps of a token: nothing without its key, and nothing for another account.
    fn digest_of(&self, account: AccountId, hash: &[u8; 32]) -> [u8; 32] {
        mac::hmac_sha256(self.query_key.expose(), &[b"device\0", account.as_bytes(), hash])
    }
}
