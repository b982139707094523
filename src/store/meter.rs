//! What one closure may take of the lane: rows changed and time. Everybody who waits behind it pays for both.

use std::time::Duration;

use super::{Engine, EngineFault, Row, Statement, StoreError, StoredColumn, Value};
use crate::base::{
    Clock, Moment,
    limits::{LANE_CLOSURE_ROWS_MAX, LANE_CLOSURE_TIME_MAX},
};

/// How much one closure may take.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    /// Rows changed, those that are undone again included.
    rows: usize,
    /// Monotonic time from its start to its end.
    time: Duration,
}

impl Bounds {
    /// One request of many.
    pub(crate) const REQUEST: Self = Self { rows: LANE_CLOSURE_ROWS_MAX, time: LANE_CLOSURE_TIME_MAX };
    /// What must be through before anything else is right: the check of an opening reads all that the room has.
    pub(crate) const OPENING: Self = Self { rows: usize::MAX, time: Duration::MAX };
}

/// The connection as one closure has it.
pub(super) struct Meter<'a> {
    engine: &'a mut dyn Engine,
    clock: &'a Clock,
    bounds: Bounds,
    began: Moment,
    rows: usize,
}

impl<'a> Meter<'a> {
    /// Counts from now on.
    pub(super) fn new(engine: &'a mut dyn Engine, clock: &'a Clock, bounds: Bounds) -> Self {
        Self { began: clock.moment(), engine, clock, bounds, rows: 0 }
    }

    /// Refuses once the closure has taken more than it may: from then on it can only end.
    pub(super) fn within(&self) -> Result<(), StoreError> {
        if self.rows > self.bounds.rows {
            return Err(StoreError::OverLimit { what: "rows changed" });
        }
        if self.clock.moment().since(self.began) > self.bounds.time {
            return Err(StoreError::OverLimit { what: "time" });
        }
        Ok(())
    }
}

impl Engine for Meter<'_> {
    fn begin(&mut self) -> Result<(), StoreError> {
        self.engine.begin()
    }

    fn snapshot(&mut self) -> Result<(), StoreError> {
        self.engine.snapshot()
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.engine.commit()
    }

    fn rollback(&mut self) {
        self.engine.rollback();
    }

    fn in_transaction(&self) -> bool {
        self.engine.in_transaction()
    }

    fn last_fault(&self) -> Option<EngineFault> {
        self.engine.last_fault()
    }

    fn columns(&mut self) -> Result<Vec<StoredColumn>, StoreError> {
        self.engine.columns()
    }

    fn savepoint(&mut self, depth: u8) -> Result<(), StoreError> {
        self.engine.savepoint(depth)
    }

    fn release(&mut self, depth: u8) -> Result<(), StoreError> {
        self.engine.release(depth)
    }

    fn undo(&mut self, depth: u8) -> Result<(), StoreError> {
        self.engine.undo(depth)
    }

    fn migrate(&mut self, text: &'static str) -> Result<(), StoreError> {
        self.within()?;
        self.engine.migrate(text)
    }

    fn execute(&mut self, statement: &'static Statement, values: &[Value]) -> Result<usize, StoreError> {
        self.within()?;
        let changed = self.engine.execute(statement, values)?;
        self.rows = self.rows.saturating_add(changed);
        self.within().map(|()| changed)
    }

    fn query(
        &mut self,
        statement: &'static Statement,
        values: &[Value],
        each: &mut dyn FnMut(Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.within()?;
        self.engine.query(statement, values, each)
    }

    fn empty_log(&mut self) -> Result<bool, StoreError> {
        self.engine.empty_log()
    }
}
