//! Vouching for rows that confer authority: sessions, grants, principals, enrolments, tickets, cases,
//! holds, factors, approvals, waivers.
//!
//! Each row carries an HMAC under a key per kind of row, which the database does not hold: an INSERT or UPDATE by
//! a database administrator grants nothing. An older valid row put back passes here; the fold in the log's head
//! finds it (`audit::fold`).

use crate::{
    access::{
        Vouched,
        rows::{AuthorityRow, RowKind},
    },
    base::{RoomId, Secret},
    crypto::mac,
    keys::ServiceKeys,
};

/// The keys that vouch, one per kind of row.
pub(crate) struct Voucher {
    room: RoomId,
    principal: Secret<32>,
    grant: Secret<32>,
    session: Secret<32>,
    enrolment: Secret<32>,
    ticket: Secret<32>,
    case: Secret<32>,
    hold: Secret<32>,
    setting: Secret<32>,
    intent: Secret<32>,
    factor: Secret<32>,
    approval: Secret<32>,
    waiver: Secret<32>,
    api_key: Secret<32>,
    challenge: Secret<32>,
    session_roles: Secret<32>,
}

/// A row as the store keeps it: nothing it says is believed yet.
pub(crate) struct Unvouched<T> {
    pub(crate) row: T,
    pub(crate) mac: [u8; 32],
}

/// A row's MAC is wrong: it was written or changed past this program. An integrity failure, and no authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Forged {
    pub(crate) kind: RowKind,
}

impl Voucher {
    /// The voucher of a room.
    pub(crate) fn new(room: RoomId, keys: &ServiceKeys) -> Self {
        let key = |kind: RowKind| keys.row_key(kind.number());
        Self {
            room,
            principal: key(RowKind::Principal),
            grant: key(RowKind::Grant),
            session: key(RowKind::Session),
            enrolment: key(RowKind::Enrolment),
            ticket: key(RowKind::Ticket),
            case: key(RowKind::Case),
            hold: key(RowKind::Hold),
            setting: key(RowKind::Setting),
            intent: key(RowKind::Intent),
            factor: key(RowKind::Factor),
            approval: key(RowKind::Approval),
            waiver: key(RowKind::Waiver),
            api_key: key(RowKind::ApiKey),
            challenge: key(RowKind::Challenge),
            session_roles: key(RowKind::SessionRoles),
        }
    }

    fn key(&self, kind: RowKind) -> &Secret<32> {
        match kind {
            RowKind::Principal => &self.principal,
            RowKind::Grant => &self.grant,
            RowKind::Session => &self.session,
            RowKind::Enrolment => &self.enrolment,
            RowKind::Ticket => &self.ticket,
            RowKind::Case => &self.case,
            RowKind::Hold => &self.hold,
            RowKind::Setting => &self.setting,
            RowKind::Intent => &self.intent,
            RowKind::Factor => &self.factor,
            RowKind::Approval => &self.approval,
            RowKind::Waiver => &self.waiver,
            RowKind::ApiKey => &self.api_key,
            RowKind::Challenge => &self.challenge,
            RowKind::SessionRoles => &self.session_roles,
        }
    }

    /// The MAC of a row: HMAC-SHA-256 of `"strongroom/row/1" 00 | room 16 | kind u8 | canonical bytes`.
    pub(crate) fn mac<T: AuthorityRow>(&self, row: &T) -> [u8; 32] {
        let mut canonical = Vec::new();
        row.canonical(&mut canonical);
        let parts: &[&[u8]] = &[b"strongroom/row/1\0", self.room.as_bytes(), &[T::KIND.number()], &canonical];
        mac::hmac_sha256(self.key(T::KIND).expose(), parts)
    }

    /// The row, if its MAC is right.
    ///
    /// # Errors
    /// [`Forged`] if it is not.
    pub(crate) fn vouch<T: AuthorityRow>(&self, stored: Unvouched<T>) -> Result<Vouched<T>, Forged> {
        if mac::equal(&self.mac(&stored.row), &stored.mac) {
            Ok(Vouched::assertion(stored.row))
        } else {
            Err(Forged { kind: T::KIND })
        }
    }
}
