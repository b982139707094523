//! Rows that confer authority, and the one byte form over which they are vouched for.
//!
//! A row is trusted only as [`super::Vouched`]: its HMAC over [`AuthorityRow::canonical`], the room and the id
//! under the key of its [`RowKind`] was checked. What stands in the bytes cannot be edited by SQL; so every
//! column that `decide` reads stands in them. Integers are big-endian, times milliseconds since the epoch, and
//! every row has one width, so that no two rows share their bytes.
//!
//! | Part of each row | Bytes |
//! |---|---|
//! | kind of row | 1 |
//! | layout, 1 | 1 |
//! | id | 16 |
//! | the row's own columns, as its type says | |
//! | position of the entry that last changed it | 8 |
//!
//! An optional value is a byte, 0 or 1, and then the value or as many zeros.
//!
//! Rows have no `Debug`: a hash of a short code, printed once, is guessed at leisure.

use crate::access::frozen::frozen;

mod api_key;
mod approval;
mod case;
mod challenge;
mod factor;
mod hold;
mod intent;
mod session;
mod setting;
mod staff;
mod waiver;

use std::time::Duration;

pub(crate) use api_key::{ApiKeyRow, ApiKeyState};
pub(crate) use approval::ApprovalRow;
pub use approval::ApprovalState;
pub(crate) use case::{CaseRow, TicketRow};
pub use case::{CaseState, TicketState};
pub use challenge::Topic;
pub(crate) use challenge::{ChallengeRow, ChallengeState};
pub(crate) use factor::FactorRow;
pub use factor::{FactorKind, FactorState};
pub(crate) use hold::HoldRow;
pub use hold::HoldState;
pub(crate) use intent::{IntentRow, IntentState};
pub use session::SessionState;
pub(crate) use session::{Holder, SessionRolesRow, SessionRow};
pub(crate) use setting::SettingRow;
pub(crate) use staff::{EnrolmentRow, GrantRow, PrincipalRow};
pub use staff::{EnrolmentState, GrantState, PrincipalState};
pub use waiver::{Waivable, WaiverState};
pub(crate) use waiver::{WaiverRow, is_waived};

use crate::base::{Id, Kind, Time};

frozen! {
    /// The kind of an authority row: it chooses the key, so that no row passes for one of another kind.
    pub enum RowKind {
        /// [`PrincipalRow`].
        Principal = 1 "principal",
        /// [`GrantRow`].
        Grant = 2 "grant",
        /// [`SessionRow`].
        Session = 3 "session",
        /// [`EnrolmentRow`].
        Enrolment = 4 "enrolment",
        /// [`TicketRow`].
        Ticket = 5 "ticket",
        /// [`CaseRow`].
        Case = 6 "case",
        /// [`HoldRow`].
        Hold = 7 "hold",
        /// [`SettingRow`].
        Setting = 8 "setting",
        /// [`IntentRow`].
        Intent = 9 "intent",
        /// [`FactorRow`].
        Factor = 10 "factor",
        /// [`ApprovalRow`].
        Approval = 11 "approval",
        /// [`WaiverRow`].
        Waiver = 12 "waiver",
        /// [`ApiKeyRow`].
        ApiKey = 13 "api_key",
        /// [`ChallengeRow`].
        Challenge = 14 "challenge",
        /// [`SessionRolesRow`].
        SessionRoles = 15 "session_roles",
    }
}

/// A row whose content confers authority.
pub(crate) trait AuthorityRow {
    /// Which key vouches for it.
    const KIND: RowKind;

    /// The 16 bytes of its id.
    fn id(&self) -> [u8; 16];

    /// The position of the entry that last changed it: what replay holds an older row against.
    fn changed_at(&self) -> u64;

    /// The columns between id and position.
    fn columns(&self, out: &mut Bytes<'_>);

    /// Appends the bytes over which the row is vouched for.
    fn canonical(&self, out: &mut Vec<u8>) {
        let mut bytes = Bytes(out);
        bytes.byte(Self::KIND.number());
        bytes.byte(LAYOUT);
        bytes.array(&self.id());
        self.columns(&mut bytes);
        bytes.array(&self.changed_at().to_be_bytes());
    }
}

/// The layout of every row's bytes. A row that gains a column gets the next number, so that bytes of equal
/// length cannot mean two things under one key.
const LAYOUT: u8 = 1;

/// Fixed-width bytes of a row's columns.
pub(crate) struct Bytes<'a>(&'a mut Vec<u8>);

impl Bytes<'_> {
    fn byte(&mut self, value: u8) {
        self.0.push(value);
    }

    fn array<const N: usize>(&mut self, value: &[u8; N]) {
        self.0.extend_from_slice(value);
    }

    fn id<K: Kind>(&mut self, id: &Id<K>) {
        self.array(id.as_bytes());
    }

    fn time(&mut self, time: Time) {
        self.array(&time.as_ms().to_be_bytes());
    }

    fn optional_id<K: Kind>(&mut self, id: Option<&Id<K>>) {
        self.byte(u8::from(id.is_some()));
        self.array(id.map_or(&[0; 16], Id::as_bytes));
    }

    fn optional_time(&mut self, time: Option<Time>) {
        self.byte(u8::from(time.is_some()));
        self.time(time.unwrap_or(Time::ZERO));
    }
}

/// Whether `now` lies in the `span` that begins with `start`. A start in the future is outside: a clock that
/// was set back proves nothing about how old something is.
pub(crate) fn within(now: Time, start: Time, span: Duration) -> bool {
    start <= now && now.since(start) < span
}

#[cfg(test)]
mod tests;
