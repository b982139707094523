//! Three levels of keys: provider key, wrapping key, data key. DESIGN: no eternal root, keys apart from data.
//!
//! This floor is pure: it wraps, unwraps and derives. Rows of the keyring are read and written by `store`.

mod data;
mod domain;
mod error;
mod files;
mod index;
mod ledger;
mod ledger_file;
mod provider;
mod ring;
mod service;
mod wrapping;

pub(crate) use data::{DataKey, DataKeyRow, DataKeyState};
pub(crate) use domain::Domain;
pub use error::KeyError;
pub(crate) use files::KeyFiles;
pub(crate) use index::{BlindIndex, IndexField, IndexKey};
pub(crate) use ledger::{Ledger, LedgerLine};
pub(crate) use ledger_file::{LedgerFailed, LedgerFile};
pub(crate) use provider::KeyProvider;
pub(crate) use ring::KeyRing;
pub(crate) use service::ServiceKeys;
pub(crate) use wrapping::{WrappingKey, WrappingKeyRow, WrappingKeyState};
