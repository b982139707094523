//! Staff on the room itself: verifying its log, taking a checkpoint away, looking at its health. Whoever holds the
//! files can do the same without a session, and leaves no record: [`super::verify()`], [`Room::checkpoint`],
//! [`Room::doctor`].

use tracing::instrument;

use super::{
    ask::{Granted, Sought, Why},
    core::{Core, Room},
    error::{Failure, OpenRoomError, StaffError},
    finding::Finding,
    staff::Staff,
    verify::{self, Verified},
};
use crate::{
    access::Action,
    audit::{Checkpoint, Data, VerifierKey},
    store::{LogTurn, StoreError},
};

/// A checkpoint that was taken away.
#[derive(Debug, Clone)]
pub struct Checkpointed {
    /// The signed note.
    pub note: String,
    /// The entry that records that it was taken away; the note is of the log before it.
    pub position: u64,
}

/// The room's state of health.
#[derive(Debug, Clone)]
pub struct Health {
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
    /// The entry that records this reading.
    pub position: u64,
}

impl Staff {
    /// Verifies the log, and records that it was verified and how many faults there were. `pinned` and `progress` are
    /// those of [`super::verify()`].
    ///
    /// # Errors
    /// [`StaffError`]; that the log is broken is no error but the report. A room so broken that it cannot record fails
    /// here, and is verified from its files.
    #[instrument(name = "staff.verify", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn verify(
        &self,
        pinned: Option<&VerifierKey>,
        why: &Why,
        progress: impl FnMut(u64),
    ) -> Result<Verified, StaffError> {
        self.foresee(Action::AuditVerify, why, nothing())?;
        let verified = verify::verify(self.room.core.layout.root(), pinned, progress).map_err(unreadable)?;
        let data = Data::AuditVerified { size: verified.report.size, faults: verified.faults() };
        let recorded = Some(self.note_down(Action::AuditVerify, why, data)?);
        Ok(Verified { recorded, ..verified })
    }

    /// The newest signed checkpoint, for somebody else to keep.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.checkpoint", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn checkpoint(&self, why: &Why) -> Result<Checkpointed, StaffError> {
        self.foresee(Action::AuditCheckpoint, why, nothing())?;
        let (size, note) = self.room.newest_note()?;
        let position = self.note_down(Action::AuditCheckpoint, why, Data::AuditCheckpointed { size })?;
        Ok(Checkpointed { note, position })
    }

    /// What an operator should know about the room.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.health", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn health(&self, why: &Why) -> Result<Health, StaffError> {
        self.foresee(Action::HealthRead, why, nothing())?;
        let findings = self.room.doctor()?;
        let position = self.note_down(Action::HealthRead, why, Data::HealthRead {})?;
        Ok(Health { findings, position })
    }

    /// Decides and records what opens nothing and names nothing; the entry's position.
    fn note_down(&self, action: Action, why: &Why, data: Data) -> Result<u64, StaffError> {
        let seek = |_: &Core, _: &mut LogTurn<'_>| Ok(Some((nothing(), ())));
        let answered =
            self.act(action, why, None, seek, |_, turn, _, ()| Ok(Granted::change(data, turn.position())));
        Ok(answered?.value)
    }
}

fn nothing() -> Sought {
    Sought { subject: None, objects: Vec::new(), fields: Vec::new() }
}

/// Why the files of an open room could not be read again.
fn unreadable(e: OpenRoomError) -> Failure {
    match e {
        OpenRoomError::Failed(failure) => failure,
        OpenRoomError::Integrity { what } => StoreError::Integrity { what }.into(),
        _ => StoreError::Integrity { what: "the files are no longer those of the room that is open" }.into(),
    }
}

impl Room {
    /// The newest signed checkpoint, as C2SP signed note. It is a file that whoever holds the room has: there is no
    /// record of it. What staff take away is [`Staff::checkpoint`].
    ///
    /// # Errors
    /// The room could not do it.
    #[instrument(name = "room.checkpoint", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn checkpoint(&self) -> Result<String, Failure> {
        self.newest_note().map(|(_, note)| note)
    }

    fn newest_note(&self) -> Result<(u64, String), Failure> {
        let notary = self.core.store.book().notary();
        let files = notary.files().map_err(|e| Failure::File { path: "checkpoint".into(), fault: e.kind })?;
        let valid = files.into_iter().flatten().filter_map(|note| {
            let checkpoint = Checkpoint::open(&note, notary.verifier()).ok()?;
            Some((checkpoint.size, String::from_utf8(note).ok()?))
        });
        let newest = valid.max_by_key(|(size, _)| *size);
        newest.ok_or(Failure::Internal("there is no valid outside checkpoint"))
    }
}
