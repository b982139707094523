//! The end of an alarm: two people resume a room that was opened for customers alone, or whose clock was in doubt.

use tracing::instrument;

use super::{
    ask::{Asked, Granted, Sought, Why},
    authority,
    core::Core,
    error::{Failure, StaffError},
    recover::Unfit,
    staff::Staff,
    trouble::Trouble,
    verify,
};
use crate::{
    access::{Action, Object, Parameter},
    audit::{Data, FaultKind},
    store::{LogTurn, StoreError, authority::Rows},
};

/// A room that serves staff again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resumed {
    /// What it was held for.
    pub since: Trouble,
    /// The entry that says so. Where the outside checkpoint was lost, the checkpoint of this entry is the first of a new
    /// series.
    pub position: u64,
}

impl Staff {
    /// Resumes a room that was opened for customers alone ([`super::RoomOptions::open_or_hold`]): staff are served again. It
    /// takes a second person, as [`Staff::give`] says, and each time the whole log is verified first.
    ///
    /// In a room that is not held it ends the doubt about a clock that went on by too much, which takes two people too:
    /// what destroys by age goes on.
    ///
    /// What is broken cannot be resumed. A log that was cut, changed or put back stays what it is, as evidence, and only
    /// a restore goes on from there.
    ///
    /// # Errors
    /// [`StaffError::Awaits`]; [`StaffError::State`] for a room that is not held, or whose evidence is still broken.
    #[instrument(name = "staff.resume", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn resume(&self, why: &Why) -> Result<Resumed, StaffError> {
        let core = &*self.room.core;
        let held = core.store.book().hold().now();
        if held.is_none()
            && let Some(jump) = core.clock_doubt().map_err(Failure::from)?
        {
            return self.confirm_clock(jump, why);
        }
        let sound = match held {
            Some(_) => core.is_whole()?,
            None => Ok(()),
        };
        let room = Object::Room(core.id);
        // Approved is the end of this alarm: what is left of an earlier one ends no other.
        let alarm = core.store.book().hold().alarm().map_err(Failure::from)?;
        let parameters = alarm.map(Parameter::Alarm).into_iter().collect();
        let answered = self.act(
            Asked::of(Action::RoomResume, parameters),
            why,
            None,
            |_, _| {
                // Asked for in good time, it would be one person's when it comes to it.
                let sought = Sought { subject: None, objects: vec![room], fields: Vec::new() };
                Ok(held.map(|held| (sought, held.since)))
            },
            |core, turn, _, since| {
                sound.map_err(|what| StaffError::State { what })?;
                core.fits(turn)?.map_err(|what| StaffError::State { what })?;
                let since = Trouble::from_name(since).unwrap_or(Trouble::Held);
                Ok(Granted::change(Data::RoomResumed {}, Resumed { since, position: turn.position() }))
            },
        );
        let answered = answered.map_err(|e| match e {
            StaffError::NotFound => StaffError::State {
                what: "the room is not held, and its clock is not in doubt: staff are served",
            },
            other => other,
        })?;
        core.store.book().hold().lift(alarm).map_err(Failure::from)?;
        Ok(answered.value)
    }
}

impl Core {
    /// Whether the log is what was written, from its first entry to its last. That nobody outside vouches for it is no
    /// reason against: it is what the two are asked about. What the files outside say is looked at in the transaction.
    fn is_whole(&self) -> Result<Result<(), &'static str>, StaffError> {
        let verified = verify::verify(self.layout.root(), None, |_| ()).map_err(|e| match e {
            super::error::OpenRoomError::Failed(failure) => failure,
            _ => Failure::Internal("the files of an open room"),
        })?;
        let faults = &verified.report.faults;
        let of_files = |kind| matches!(kind, FaultKind::NoCheckpoint | FaultKind::WrongSignature);
        let lost = faults.iter().filter(|fault| of_files(fault.kind)).count();
        let is_sound = verified.faults() == lost as u64 && verified.authority == Some(true);
        Ok(if is_sound {
            Ok(())
        } else {
            Err("the log does not verify: what is broken stays as evidence, and is not resumed")
        })
    }

    /// Whether keyring, rows that give rights and what stands outside fit this log now.
    fn fits(&self, turn: &mut LogTurn<'_>) -> Result<Result<(), &'static str>, StoreError> {
        let (_, epoch) = self.vault.database.identity()?;
        if epoch < turn.head().epoch {
            return Ok(Err("the keyring is older than the log's head: bring the newer one back first"));
        }
        let sum = authority::sum(turn, self.store.book().fold_key(), &self.voucher, Rows::Live)?;
        if !sum.forged.is_empty() || sum.fold != turn.fold() {
            return Ok(Err("rows that give rights are not those of the log's head"));
        }
        match self.store.book().notary().newest() {
            // Both files are gone: the first checkpoint of a new series is made.
            Ok(None) => Ok(Ok(())),
            Ok(Some(_)) => match self.tail(turn) {
                Ok(_) => Ok(Ok(())),
                Err(Unfit::Alarm(_, what)) => Ok(Err(what)),
                Err(Unfit::Held(_) | Unfit::Failed(_)) => {
                    Ok(Err("the outside checkpoint cannot be compared"))
                }
            },
            Err(_) => Ok(Err(
                "the files of the outside checkpoint are there and not valid: keep them, away from there, and ask again",
            )),
        }
    }
}
