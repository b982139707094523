//! `session`: where a customer is logged in.

use clap::Subcommand;
use serde_json::json;
use strongroom::room::{Listed, OwnSession, SessionId};

use crate::{
    actor::Actor,
    call::Call,
    failed::Failed,
    output::Output,
    paged::{self, Paged},
    shown,
    table::Table,
};

/// One's own sessions.
#[derive(Subcommand)]
pub enum OwnSessions {
    /// List those that have not ended, the newest first
    List(Paged),
    /// End one: that of a lost telephone, say
    Revoke {
        /// Which; the list has its id
        #[arg(value_name = "SESSION")]
        id: SessionId,
    },
}

impl OwnSessions {
    /// Carries it out.
    ///
    /// # Errors
    /// What the room refuses.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let room = call.room()?;
        let owner = Actor::customer(call, &room)?;
        match self {
            Self::List(paged) => list(&room.owner(&owner).sessions(&paged.page())?, out),
            Self::Revoke { id } => {
                room.owner(&owner).end_session(id)?;
                let value = json!({"session": id.to_string()});
                out.result("session.revoke", value, format_args!("ended session {id}"));
            }
        }
        Ok(())
    }
}

fn list(part: &Listed<OwnSession>, out: &mut Output) {
    let Listed { rows: sessions, next } = part;
    if out.is_json() {
        let row = |one: &OwnSession| {
            json!({
                "session": one.session.to_string(),
                "created": one.created.to_string(),
                "expires": one.expires.to_string(),
                "is_this": one.is_this,
            })
        };
        let sessions: Vec<_> = sessions.iter().map(row).collect();
        out.json("session.list", json!({"sessions": sessions, "next": paged::value(next.as_ref())}));
        return;
    }
    let mut table = Table::new(["session", "since", "until", ""]);
    for one in sessions {
        let mark = if one.is_this { "this one" } else { "" };
        table.row([
            one.session.to_string(),
            shown::time(one.created),
            shown::time(one.expires),
            mark.to_owned(),
        ]);
    }
    out.line(table);
    paged::tell(next.as_ref(), out);
}
