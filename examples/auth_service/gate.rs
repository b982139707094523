//! Calls into the room, which block: on threads of their own, so many at a time, and so many waiting for one.

use std::sync::Arc;

use strongroom::room::{Kind, Room};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::problem::{Answered, Problem};

/// A way into the room for so many calls at a time and so many that wait; the rest is told to come again.
#[derive(Clone)]
pub struct Gate {
    room: Room,
    admitted: Arc<Semaphore>,
    working: Arc<Semaphore>,
}

impl Gate {
    pub fn new(room: Room, at_once: usize, waiting: usize) -> Self {
        let permits = |count| Arc::new(Semaphore::new(count));
        Self { room, admitted: permits(at_once + waiting), working: permits(at_once) }
    }

    /// Calls the room on a thread that may block. The place is given back when the work is done, not when the caller has
    /// gone away.
    pub async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Room) -> Answered<T> + Send + 'static,
    ) -> Answered<T> {
        let admitted = self.admitted.clone().try_acquire_owned().map_err(|_| Problem::Full)?;
        let working = self.working.clone().acquire_owned().await.map_err(|_| Problem::Full)?;
        let room = self.room.clone();
        let done = spawn_blocking(move || {
            let _places = (admitted, working);
            work(&room)
        });
        done.await.map_err(|error| Problem::Room(Kind::Internal, error.to_string()))?
    }
}
