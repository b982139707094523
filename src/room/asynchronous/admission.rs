//! How many verbs work at once, and how many wait for one to end; the rest is told to come again.

use std::{num::NonZero, sync::Arc, thread, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{base::limits, room::error::Failure};

/// What a verb takes: who waits for a core does not hold up who waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// A core and the memory of a password hash, for tens of milliseconds; then a flush of the disk.
    Password,
    /// A flush of the disk at most: what changes something, and what is on record.
    Commit,
    /// What reads and leaves no record: a session's token, the room's health. It does not wait for the lane.
    Read,
}

/// How many of one load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// Verbs that work at once, each on a thread; one at least.
    pub at_once: usize,
    /// Verbs that wait for one of those to end, on no thread.
    pub waiting: usize,
}

/// Who is let in. It bounds threads and memory: as many threads as there are places to work, and as many password
/// hashes at once as [`Admission::passwords`] has of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admission {
    /// For [`Load::Password`].
    pub passwords: Places,
    /// For [`Load::Commit`].
    pub commits: Places,
    /// For [`Load::Read`].
    pub reads: Places,
    /// How long a verb waits for its place, and for a lane in which nobody gets on.
    pub patience: Duration,
}

/// For the machine that it runs on: as many password hashes as it has cores.
impl Default for Admission {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let places = |at_once, waiting| Places { at_once: cores * at_once, waiting: cores * waiting };
        Self {
            passwords: places(1, limits::PASSWORDS_WAITING_PER_CORE),
            commits: places(limits::COMMITS_PER_CORE, limits::MOMENTS_WAITING_PER_CORE),
            reads: places(limits::READS_PER_CORE, limits::MOMENTS_WAITING_PER_CORE),
            patience: limits::LANE_WAIT_MAX,
        }
    }
}

/// The places of one load.
pub(super) struct Gate {
    admitted: Arc<Semaphore>,
    working: Arc<Semaphore>,
    at_once: u32,
}

/// Whoever waits to work.
pub(super) struct Waiting(OwnedSemaphorePermit);

/// Whoever works. Dropped, it is the next one's turn.
pub(super) struct Place {
    _admitted: OwnedSemaphorePermit,
    _working: OwnedSemaphorePermit,
}

impl Gate {
    pub(super) fn new(places: Places) -> Self {
        let at_once = u32::try_from(places.at_once.max(1)).unwrap_or(u32::MAX);
        let permits = |count: usize| Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS)));
        let working = usize::try_from(at_once).unwrap_or(usize::MAX);
        Self { admitted: permits(working.saturating_add(places.waiting)), working: permits(working), at_once }
    }

    /// A place to wait.
    pub(super) fn admit(&self) -> Result<Waiting, Failure> {
        Arc::clone(&self.admitted).try_acquire_owned().map(Waiting).map_err(|_| Failure::Full)
    }

    /// A place to work, first come, first served.
    pub(super) async fn enter(&self, waiting: Waiting) -> Result<Place, Failure> {
        let working = Arc::clone(&self.working).acquire_owned().await.map_err(|_| Failure::Full)?;
        Ok(Place { _admitted: waiting.0, _working: working })
    }

    /// Waits until all who work now are done.
    pub(super) async fn settled(&self) {
        // The semaphore is never closed.
        let _all = self.working.acquire_many(self.at_once).await;
    }
}
