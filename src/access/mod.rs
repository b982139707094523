//! Who may do what to whose data, why, and for how long: roles, actions, the matrix, the rows that confer
//! authority, and the pure decision over them.
//!
//! `decide` reads nothing and remembers nothing: the room hands it rows that were vouched for, read in the
//! transaction that will append the entry. What comes out is a [`Permit`] or a [`Denial`], never a bool; either
//! becomes an entry, and only the committed entry of a permit opens data.

mod frozen;

mod acting;
mod action;
pub(crate) mod approving;
mod cell;
mod decide;
mod matrix;
mod matrix_text;
mod notice;
mod object;
mod obligations;
mod owner;
mod parameter;
mod purpose;
mod reason;
mod request;
mod role;
pub(crate) mod rows;
mod rule;
mod sod;
mod staffing;
mod suspension;
#[cfg(test)]
pub(crate) mod testing;
mod vouched;

pub use acting::Exclusion;
pub(crate) use acting::{Acting, exclusion};
pub use action::Action;
pub(crate) use decide::{Decision, Denial, Permit, decide};
pub(crate) use matrix_text::canonical_text;
pub use matrix_text::matrix_markdown;
pub use notice::{NoticeKind, Receiver};
pub(crate) use object::Fields;
pub use object::{Field, MalformedObject, Object, View};
pub use owner::OwnerSession;
pub(crate) use parameter::Parameter;
pub use purpose::Purpose;
pub use reason::{DenialReason, StepTwo};
pub use request::CaseRef;
pub(crate) use request::{CaseFact, Facts, Request, people};
pub use role::{PrincipalKind, Role, Roles};
pub use rule::Rule;
pub(crate) use sod::{conflict, holders_max, holders_min, kind_conflict};
pub use staffing::TeamProfile;
pub(crate) use staffing::gap;
pub use suspension::SuspensionReason;
pub(crate) use vouched::Vouched;
