//! `work`: what stands for `--purpose` and `--case` until the case is closed or the session is over.

use clap::Args;
use serde_json::json;
use strongroom::room::{CaseRef, Kind, Object, Work as OnCase};

use crate::{
    actor::Actor,
    call::Call,
    failed::Failed,
    output::Output,
    session::{self, Session, SessionFile},
    typed,
};

/// Work on a case.
#[derive(Args)]
pub struct Work {
    /// Which: `ticket:ID` or `case:ID`; without one, what one works on is shown
    #[arg(value_name = "CASE", value_parser = typed::case, conflicts_with = "done")]
    on: Option<CaseRef>,
    /// Work on nothing any more
    #[arg(long)]
    done: bool,
}

impl Work {
    /// Carries it out.
    ///
    /// # Errors
    /// There is no session to keep it in, or the case is not one's own.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let room = call.room()?;
        let staff = Actor::staff(call, &room)?.staff;
        let file = call.session_file(&room)?;
        let Some(kept) = file.read()?.filter(|_| call.acting().is_none()) else {
            return Err(Failed::of(Kind::Denied, "work is kept with a session, and there is none")
                .hint("log in with `strongroom staff login HANDLE`"));
        };
        if self.done {
            file.write(&Session { work: None, ..kept })?;
            tell(None, out);
            return Ok(());
        }
        let Some(case) = self.on else {
            tell(kept.work.as_deref().and_then(session::work), out);
            return Ok(());
        };
        let work = staff.work_on(case, call.purpose())?;
        keep(&file, kept, &work)?;
        tell(Some(work), out);
        Ok(())
    }
}

/// Keeps what somebody works on with his session.
///
/// # Errors
/// It cannot be kept.
pub fn keep(file: &SessionFile, kept: Session, work: &OnCase) -> Result<(), Failed> {
    file.write(&Session { work: Some(session::written(work)), ..kept })
}

fn tell(work: Option<OnCase>, out: &mut Output) {
    let case = work.map(|work| Object::from(work.case).to_string());
    let purpose = work.map(|work| work.purpose.name());
    let told = match (&case, purpose) {
        (Some(case), Some(purpose)) => {
            format!(
                "at work on {case} for {purpose}, until it is closed or a quarter of an hour passes without use"
            )
        }
        _ => "at work on nothing".to_owned(),
    };
    out.result("work", json!({"case": case, "purpose": purpose}), told);
}
