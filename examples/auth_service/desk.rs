//! Calls into the room, which block: on threads of their own, so many at a time, and so many waiting for one.

use std::{num::NonZero, sync::Arc, thread};

use strongroom::room::{Owner, Room};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::{problem::Problem, web::Session};

/// A room behind its gates. A flood of logins holds up logins, and nobody's reading.
#[derive(Clone)]
pub struct Desk {
    room: Room,
    /// Passwords: a core and its memory each.
    hashing: Gate,
    /// Everything that is done within a flush of the disk.
    short: Gate,
    /// Uploads: a thread each for as long as the customer's line takes.
    uploads: Gate,
}

/// So many calls at a time, so many that wait for their turn; the rest is told to come again.
#[derive(Clone)]
pub struct Gate {
    admitted: Arc<Semaphore>,
    working: Arc<Semaphore>,
}

impl Gate {
    fn new(at_once: usize, waiting: usize) -> Self {
        let permits = |count| Arc::new(Semaphore::new(count));
        Self { admitted: permits(at_once + waiting), working: permits(at_once) }
    }

    /// Runs `work` on a thread that may block. Its place is given back when the work is done, not when the
    /// caller has gone away.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let admitted = self.admitted.clone().try_acquire_owned().map_err(|_| Problem::Full)?;
        let working = self.working.clone().acquire_owned().await.map_err(|_| Problem::Full)?;
        let done = spawn_blocking(move || {
            let _places = (admitted, working);
            work()
        });
        done.await.map_err(|_| Problem::Broken)
    }
}

impl Desk {
    /// Gates as wide as this machine.
    pub fn new(room: Room) -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            room,
            hashing: Gate::new(cores, 16 * cores),
            // Commits wait for the disk, together: more of them at once cost no more flushes.
            short: Gate::new(16 * cores, 64 * cores),
            uploads: Gate::new(16 * cores, 0),
        }
    }

    /// What takes a password.
    pub async fn password<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Room) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let room = self.room.clone();
        self.hashing.run(move || work(&room)).await?
    }

    /// What takes neither password nor patience.
    pub async fn short<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Room) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let room = self.room.clone();
        self.short.run(move || work(&room)).await?
    }

    /// What a customer does with his own, if his session still stands.
    pub async fn owner<T: Send + 'static>(
        &self,
        session: Session,
        work: impl FnOnce(Owner<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.short(move |room| as_owner(room, &session, work)).await
    }

    /// The same, for as long as a stream takes.
    pub async fn upload<T: Send + 'static>(
        &self,
        session: Session,
        work: impl FnOnce(Owner<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let room = self.room.clone();
        self.uploads.run(move || as_owner(&room, &session, work)).await?
    }
}

fn as_owner<T>(
    room: &Room,
    session: &Session,
    work: impl FnOnce(Owner<'_>) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let owner = room.resume(&session.0)?;
    work(room.owner(&owner))
}
