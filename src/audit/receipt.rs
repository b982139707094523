//! Receipts: proof that an entry is committed and published. Nothing else opens sealed data for staff.

use std::fmt;

use crate::{
    access::{Action, Field, Object, Permit, View},
    base::{AccountId, Class, Moment, PrincipalId, RoomId, limits},
};

/// What an entry would open, before it is committed. [`super::draft::Draft::at`] makes it, and only
/// [`Receipt::assertion`] turns it into anything.
pub(crate) struct Claim {
    position: u64,
    permit: Permit,
    class: Class,
    cells: Vec<(Object, Field)>,
}

impl Claim {
    /// The claim of the entry at `position`.
    pub(super) const fn new(
        position: u64,
        permit: Permit,
        class: Class,
        cells: Vec<(Object, Field)>,
    ) -> Self {
        Self { position, permit, class, cells }
    }
}

/// Proof that the entry at [`Receipt::position`] is committed and its checkpoint published. It opens the sealed
/// values that the entry names, in the view that the entry states, once each, in this process, within 60 seconds
/// of monotonic time. Not `Clone` and not `Debug`.
#[must_use = "a receipt opens what its entry names; dropped, the entry still says that access was granted"]
pub struct Receipt {
    room: RoomId,
    position: u64,
    actor: PrincipalId,
    action: Action,
    subject: Option<AccountId>,
    class: Class,
    cells: Vec<(Object, Field)>,
    view: Option<View>,
    issued: Moment,
}

impl Receipt {
    /// States that the entry of `claim` is committed in `room` and that a checkpoint over it was published. The
    /// store's lane alone may name this, after publishing.
    pub(crate) fn assertion(room: RoomId, claim: Claim, issued: Moment) -> Self {
        let Claim { position, permit, class, cells } = claim;
        Self {
            room,
            position,
            actor: permit.actor(),
            action: permit.action(),
            subject: permit.subject(),
            class,
            cells,
            view: permit.view(),
            issued,
        }
    }

    /// The place of the entry in the log.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Who was granted access.
    pub fn actor(&self) -> PrincipalId {
        self.actor
    }

    /// To do what.
    pub fn action(&self) -> Action {
        self.action
    }

    /// About whom; nobody where its entry is about several, who stand among its cells.
    pub fn subject(&self) -> Option<AccountId> {
        self.subject
    }

    /// The class of what it opens.
    pub fn class(&self) -> Class {
        self.class
    }

    /// What it opens.
    pub fn cells(&self) -> &[(Object, Field)] {
        &self.cells
    }

    /// How much it shows; a receipt without a view opens nothing.
    pub fn view(&self) -> Option<View> {
        self.view
    }

    /// One receipt per value, together opening what this one opens.
    pub fn split(self) -> Vec<Self> {
        let Self { room, position, actor, action, subject, class, cells, view, issued } = self;
        let one =
            |cell| Self { room, position, actor, action, subject, class, cells: vec![cell], view, issued };
        cells.into_iter().map(one).collect()
    }

    /// Spends the receipt on opening one value. What else it names is lost with it: [`Receipt::split`] first.
    ///
    /// # Errors
    /// [`Unfit`]; the receipt is spent all the same.
    pub(crate) fn take(
        self,
        room: &RoomId,
        object: Object,
        field: Field,
        view: View,
        now: Moment,
    ) -> Result<Opening, Unfit> {
        if now.since(self.issued) > limits::RECEIPT_LIFETIME {
            return Err(Unfit::Late);
        }
        if self.room != *room {
            return Err(Unfit::OtherRoom);
        }
        if self.view != Some(view) {
            return Err(Unfit::OtherView);
        }
        if !self.cells.contains(&(object, field)) {
            return Err(Unfit::NotNamed);
        }
        // Where an entry is about several people, each account that it names is a subject of its own.
        let named = match object {
            Object::Account(account) => Some(account),
            _ => None,
        };
        Ok(Opening { subject: self.subject.or(named), class: self.class })
    }
}

/// One value that may be opened now: a spent receipt. Not `Clone` and not `Debug`.
pub(crate) struct Opening {
    subject: Option<AccountId>,
    class: Class,
}

impl Opening {
    /// Whose value it is.
    pub(crate) const fn subject(&self) -> Option<AccountId> {
        self.subject
    }

    /// The class of the value.
    pub(crate) const fn class(&self) -> Class {
        self.class
    }
}

/// Why a receipt did not open something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// More than 60 seconds have passed since it was issued.
    Late,
    /// It is another room's.
    OtherRoom,
    /// It shows another view.
    OtherView,
    /// Its entry does not name this value.
    NotNamed,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Late => "the receipt is past its time; ask again",
            Self::OtherRoom => "the receipt is of another room",
            Self::OtherView => "the receipt is for another view",
            Self::NotNamed => "the receipt's entry does not name this value",
        })
    }
}

impl std::error::Error for Unfit {}

#[cfg(test)]
#[path = "receipt_tests.rs"]
mod tests;
