//! Everything on disk that is not a key file: two databases, their lanes, the blobs. All SQL stands here.

pub(crate) mod accounts;
pub(crate) mod api_keys;
pub(crate) mod approvals;
pub(crate) mod authority;
mod batch;
pub(crate) mod bills;
mod blobs;
pub(crate) mod census;
pub(crate) mod challenges;
pub(crate) mod clues;
pub(crate) mod columns;
mod database;
pub(crate) mod devices;
mod engine;
pub(crate) mod erasure;
mod error;
pub(crate) mod factors;
pub(crate) mod fences;
pub(crate) mod field_checks;
pub(crate) mod formats;
mod gate;
mod hold;
pub(crate) mod keyring;
pub(crate) mod keyring_restore;
mod lane;
pub(crate) mod log;
mod meter;
pub(crate) mod outbox;
mod pace;
mod presence;
mod queue;
mod readers;
mod reserve;
pub(crate) mod room_row;
mod sealed;
pub(crate) mod session_roles;
pub(crate) mod settings;
mod slice;
mod snapshot;
mod sql;
mod sqlite;
pub(crate) mod tickets;
mod value;

#[cfg(test)]
mod plans_tests;
#[cfg(test)]
mod postgres_tests;

pub(crate) use authority::{AuthorityTable, Before, LogTurn, PrincipalSeals};
pub(crate) use blobs::{BlobDirectory, BlobStore, BlobWriter};
pub(crate) use database::{
    KeyringDatabase, KeyringFiles, LogReader, StoreDatabase, StoreFiles, read_keyring,
};
pub(crate) use engine::Queries;
pub use error::{EngineFault, StoreError};
pub(crate) use formats::FORMAT;
pub(crate) use hold::{Held, Hold};
pub(crate) use keyring::KeyTurn;
pub(crate) use lane::Settled;
pub(crate) use log::{Keeper, LogBook};
pub(crate) use pace::Pace;
pub(crate) use presence::Presence;
pub(crate) use readers::OneState;
pub(crate) use reserve::Reserve;
pub(crate) use room_row::RoomRow;
pub(crate) use sealed::{each_scope, is_sealed_under};
pub(crate) use slice::{Place, Slice};
pub(crate) use snapshot::Snapshot;

use engine::{Database, Engine, Statement, StoredColumn};
use value::{Row, Value};
