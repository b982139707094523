//! strongroom: an audit-logged secure account store.
//!
//! No staff member sees a customer's data before the access is durably in the audit log: what opens sealed
//! data is a [`room::Receipt`], and only a committed entry makes one.
//!
//! The floors, lowest first; a module uses modules on lower floors only (`tests/it/layering.rs`):
//! `base`, `crypto`, (`password`, `billing`, `access`, `retention`, `keys`), `audit`, `seal`, `store`, [`room`].

pub(crate) mod access;
pub mod audit;
pub(crate) mod base;
pub(crate) mod billing;
pub(crate) mod crypto;
pub(crate) mod keys;
pub mod password;
pub(crate) mod retention;
pub mod room;
pub(crate) mod seal;
pub(crate) mod store;

/// The programs in README.md compile, and what it says does not compile does not.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The programs in docs/embed.md compile.
#[cfg(doctest)]
#[doc = include_str!("../docs/embed.md")]
struct Embed;
