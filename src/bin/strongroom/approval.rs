//! `approval`: list, show, approve, refuse.

use clap::Subcommand;
use serde_json::{Value, json};
use strongroom::room::{
    ApprovalHeader, ApprovalId, ApprovalState, Carried, DetailKind, Listed, Staff, Waiting,
};

use crate::{
    actor::Actor,
    audit_page,
    call::Call,
    failed::Failed,
    output::Output,
    paged::{self, Paged},
    shown,
    table::Table,
};

/// What takes a second person: who asked for what, and whether somebody else approves exactly that.
#[derive(Subcommand)]
pub enum Approval {
    /// List what waits for a second person, oldest first
    List {
        #[command(flatten)]
        paged: Paged,
    },
    /// Show exactly what was asked
    Show {
        /// Which
        #[arg(value_name = "APPROVAL")]
        id: ApprovalId,
        /// Also what whoever asked said with `--reason`, for who may approve it; a record of its own
        #[arg(long)]
        words: bool,
    },
    /// Carry out what one asked for oneself, exactly as it was approved
    Run {
        /// Which
        #[arg(value_name = "APPROVAL")]
        id: ApprovalId,
    },
    /// Approve exactly what was asked; of what was carried out after a delay, find it right
    Approve {
        /// Which
        #[arg(value_name = "APPROVAL")]
        id: ApprovalId,
    },
    /// Refuse it for good; of what was carried out after a delay, find it wrong
    Refuse {
        /// Which
        #[arg(value_name = "APPROVAL")]
        id: ApprovalId,
    },
}

impl Approval {
    /// Carries it out.
    ///
    /// # Errors
    /// What the room refuses.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let staff = Actor::staff(call, &call.room_or_held()?)?.staff;
        match self {
            Self::List { paged } => list(&staff.approvals(&paged.page(), &call.why())?, out),
            Self::Show { id, words } => show(&staff, id, words, call, out)?,
            Self::Run { id } => run(staff.carry_out(id, &call.why())?, out),
            Self::Approve { id } => {
                let header = staff.approve(id, &call.why())?;
                out.result("approval.approve", value(&header), told(&header));
            }
            Self::Refuse { id } => {
                let header = staff.disapprove(id, &call.why())?;
                out.result("approval.refuse", value(&header), told(&header));
            }
        }
        Ok(())
    }
}

fn told(header: &ApprovalHeader) -> String {
    let id = header.approval;
    match header.state {
        ApprovalState::Requested => {
            let left = usize::from(header.needed).saturating_sub(header.approvers.len());
            format!("approved {id}; it takes {left} more")
        }
        ApprovalState::Approved => format!("approved {id}: whoever asked can carry it out now"),
        ApprovalState::Reviewed => format!("found {id} right"),
        _ => format!("refused {id}"),
    }
}

fn list(part: &Listed<ApprovalHeader>, out: &mut Output) {
    let (rows, next) = (&part.rows, part.next.as_ref());
    if out.is_json() {
        let approvals: Vec<_> = rows.iter().map(value).collect();
        out.json("approval.list", json!({"approvals": approvals, "next": paged::value(next)}));
        return;
    }
    let mut table = Table::new(["approval", "action", "about", "requester", "state", "until"]);
    for header in rows {
        table.row([
            header.approval.to_string(),
            what(header),
            about(header),
            header.requester.to_string(),
            state(header),
            shown::time(header.expires),
        ]);
    }
    out.line(table);
    paged::tell(next, out);
}

fn run(carried: Carried, out: &mut Output) {
    let (value, told) = match carried {
        Carried::Granted(id) => (json!({"grant": id.to_string()}), format!("gave grant {id}")),
        Carried::FactorsReset(count) => {
            let told = format!("took {} away", shown::count(count, "second factor", "second factors"));
            (json!({"factors": count}), told)
        }
        Carried::Waived(id) => (json!({"waiver": id.to_string()}), format!("gave waiver {id}")),
    };
    out.result("approval.run", value, told);
}

fn show(staff: &Staff, id: ApprovalId, words: bool, call: &Call, out: &mut Output) -> Result<(), Failed> {
    let view = staff.approval(id, &call.why())?;
    let header = &view.header;
    let said = if words { staff.approval_reason(id, &call.why())? } else { None };
    if out.is_json() {
        let said = said.as_ref().map(|said| audit_page::text_value(DetailKind::Subject, said));
        out.json("approval.show", json!({"approval": value(header), "request": view.request, "words": said}));
        return Ok(());
    }
    out.line(format_args!("approval {id}: {}, {}", what(header), state(header)));
    out.line(format_args!(
        "asked {}, counts until {}",
        shown::time(header.created),
        shown::time(header.expires)
    ));
    for approver in &header.approvers {
        out.line(format_args!("approved by principal:{approver}"));
    }
    if let Some(time) = header.not_before {
        out.line(format_args!(
            "a rule is waived: without an approval it may be carried out from {}",
            shown::time(time)
        ));
    }
    out.line("");
    out.line("exactly this was asked:");
    for line in view.request.lines().skip(1) {
        out.line(format_args!("  {line}"));
    }
    if words {
        out.line("");
        out.line("and this was said of it:");
        let said = said.as_ref().map_or_else(|| "nothing".into(), audit_page::text);
        out.line(format_args!("  {said}"));
    }
    Ok(())
}

fn what(header: &ApprovalHeader) -> String {
    header.role.map_or_else(|| header.action.to_string(), |role| format!("{} {role}", header.action))
}

fn about(header: &ApprovalHeader) -> String {
    let account = header.subject.map(|id| format!("account:{id}"));
    account.or(header.beneficiary.map(|id| format!("principal:{id}"))).unwrap_or_else(|| "–".to_owned())
}

fn state(header: &ApprovalHeader) -> String {
    match header.state {
        ApprovalState::Requested => format!("{} of {} approved", header.approvers.len(), header.needed),
        other => other.to_string(),
    }
}

fn value(header: &ApprovalHeader) -> Value {
    json!({
        "approval": header.approval.to_string(),
        "action": header.action.name(),
        "role": header.role.map(|role| role.name()),
        "requester": header.requester.to_string(),
        "beneficiary": header.beneficiary.map(|id| id.to_string()),
        "subject": header.subject.map(|id| id.to_string()),
        "state": header.state.name(),
        "needed": header.needed,
        "approvers": header.approvers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "created": header.created.to_string(),
        "expires": header.expires.to_string(),
        "not_before": header.not_before.map(|time| time.to_string()),
    })
}

/// The line that everybody at work sees when something waits: one who is asked for nothing learns of it all the same.
pub fn tell(waiting: Waiting, out: &mut Output) {
    let parts = [
        (waiting.requested, "waits for a second person", "wait for a second person"),
        (waiting.ready, "of yours may be carried out now", "of yours may be carried out now"),
        (
            waiting.unreviewed,
            "was carried out after a delay and is to be looked at",
            "were carried out after a delay and are to be looked at",
        ),
    ];
    let told: Vec<_> = parts
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| {
            format!("{} {}", shown::count(count, "request", "requests"), if count == 1 { one } else { many })
        })
        .collect();
    if !told.is_empty() {
        out.note(format_args!("{}: see `strongroom approval list`", told.join(", ")));
    }
}
