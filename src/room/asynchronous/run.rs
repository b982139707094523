//! A room on a tokio runtime, and how its verbs run there.

use std::{panic::resume_unwind, sync::Arc};

use tokio::{
    runtime::Handle,
    time::{sleep, timeout},
};
use tracing::Span;

use super::admission::{Admission, Gate, Load, Place};
use crate::{
    base::limits,
    room::{core::Room, error::Failure, origin::Origin},
    store::StoreError,
};

/// A room whose verbs are futures. Cheap to clone; clones, and those that [`AsyncRoom::from`] makes, let people in by
/// the same places, so that one is made for a process.
///
/// Each verb of the same name in [`Room`] says what it does. The future is `Send`, and it:
///
/// - fails as [`Failure::Full`], of kind `Busy`, at once when all places of its [`Load`] are taken, to work and to wait,
///   and after [`Admission::patience`] when none became free;
/// - waits on no thread, for a place as for a lane in which nobody gets on because another process has it or the disk
///   hangs;
/// - **settles**: dropped before the verb has begun, nothing was begun. Dropped afterwards, the verb comes to its end all
///   the same, its record stands and its place is free from then on. Nothing stays half done.
///
/// The runtime needs its timer, which `#[tokio::main]` turns on; on one without, tokio panics. Outside of any runtime a
/// verb fails.
#[derive(Clone)]
pub struct AsyncRoom {
    room: Room,
    gates: Arc<Gates>,
}

struct Gates {
    passwords: Gate,
    commits: Gate,
    reads: Gate,
    admission: Admission,
}

impl Gates {
    fn of(&self, load: Load) -> &Gate {
        match load {
            Load::Password => &self.passwords,
            Load::Commit => &self.commits,
            Load::Read => &self.reads,
        }
    }
}

impl AsyncRoom {
    /// A room whose verbs are futures, let in by `admission`.
    pub fn new(room: Room, admission: Admission) -> Self {
        let gates = Gates {
            passwords: Gate::new(admission.passwords),
            commits: Gate::new(admission.commits),
            reads: Gate::new(admission.reads),
            admission,
        };
        Self { room, gates: Arc::new(gates) }
    }

    /// The same room, for calls that come from `origin`: [`Room::from`]. Its places are shared with this one.
    pub fn from(&self, origin: &Origin) -> Self {
        Self { room: self.room.from(origin), gates: Arc::clone(&self.gates) }
    }

    /// The room, whose verbs block.
    pub fn blocking(&self) -> &Room {
        &self.room
    }

    /// Runs `work` on a thread that may block: for several verbs in one go, and for verbs that have no name here, those
    /// of staff. `load` says what the heaviest of them takes. What holds for the verbs by name holds for it.
    ///
    /// ```
    /// # use strongroom::room::{AccountId, AccountView, AsyncRoom, Load, SecretText, StaffError, Why};
    /// async fn account(room: &AsyncRoom, token: SecretText, account: AccountId, why: Why) -> Result<AccountView, StaffError> {
    ///     room.run(Load::Commit, move |room| room.staff(&token).account(account, &why)).await
    /// }
    /// ```
    ///
    /// # Errors
    /// What `work` returns, or [`Failure::Full`]; then it was not called.
    ///
    /// # Panics
    /// Where `work` does.
    pub async fn run<T, E>(
        &self,
        load: Load,
        work: impl FnOnce(&Room) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Failure> + Send + 'static,
    {
        let runtime = Handle::try_current().map_err(|_| Failure::Internal("no tokio runtime"))?;
        let place = self.enter(load).await?;
        let (room, span) = (self.room.clone(), Span::current());
        let done = runtime.spawn_blocking(move || {
            let _place = place;
            span.in_scope(|| work(&room))
        });
        match done.await.map_err(tokio::task::JoinError::try_into_panic) {
            Ok(answer) => answer,
            Err(Ok(panic)) => resume_unwind(panic),
            // The runtime ends, and had not begun with it.
            Err(Err(_)) => Err(Failure::Full.into()),
        }
    }

    /// Waits until every verb that works now has come to its end, those too for which nobody waits any more: for a
    /// service that stops in good order.
    pub async fn settled(&self) {
        for load in [Load::Password, Load::Commit, Load::Read] {
            self.gates.of(load).settled().await;
        }
    }

    /// Waits for a place to work, and for a lane in which somebody gets on.
    async fn enter(&self, load: Load) -> Result<Place, Failure> {
        let gate = self.gates.of(load);
        let waiting = gate.admit()?;
        let admitted = async {
            let place = gate.enter(waiting).await?;
            while load != Load::Read && self.room.core.is_held_up() {
                sleep(limits::LANE_LOOK_INTERVAL).await;
            }
            Ok(place)
        };
        let busy = |_| if self.room.core.is_held_up() { StoreError::Busy.into() } else { Failure::Full };
        timeout(self.gates.admission.patience, admitted).await.map_err(busy)?
    }
}
