//! Reading without the lane: a few read-only connections, handed round.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use super::{Engine, Queries, StoreError, sqlite::Sqlite};
use crate::base::limits::READERS_IDLE_MAX;

/// One state of a database, for as many statements as it takes.
pub(crate) struct OneState<'e>(&'e mut dyn Engine);

impl Queries for OneState<'_> {
    fn engine(&mut self) -> &mut dyn Engine {
        self.0
    }
}

/// The read-only connections of one database.
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Box<dyn Engine>>>,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::default() }
    }

    /// Runs `read` on a connection of its own. A connection that failed is dropped with all it remembers.
    pub(super) fn with<T, E: From<StoreError>>(
        &self,
        read: impl FnOnce(&mut Box<dyn Engine>) -> Result<T, E>,
    ) -> Result<T, E> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut engine = match idle {
            Some(engine) => engine,
            None => Box::new(Sqlite::open_reader(&self.path)?),
        };
        let outcome = read(&mut engine);
        if outcome.is_ok() {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < READERS_IDLE_MAX {
                idle.push(engine);
            }
        }
        outcome
    }

    /// Runs `read` on one state of the database: what others commit meanwhile is not in it.
    pub(super) fn with_one_state<T, E: From<StoreError>>(
        &self,
        read: impl FnOnce(&mut OneState<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.with(|engine| {
            engine.snapshot()?;
            let outcome = read(&mut OneState(engine.as_mut()));
            engine.rollback();
            outcome
        })
    }
}
