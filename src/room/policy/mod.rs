//! The published policy, executed: one file for each clause that has a check.
//!
//! A check looks at the states of keys, at types, at counts, and at what the log says; it opens nothing, so it needs no
//! evidence. What it finds are ids, positions and names of columns, never a value.

mod data_payment;
mod digest;
mod keep_account;
mod keep_financial;
mod protect_least;
mod protect_logged;
mod record;
mod right_erase;
mod seen;
mod verdict;

pub(super) use digest::in_force as policy_digest;
pub use verdict::{CounterExample, Evidence, Kept, PolicyReport, Verdict, Ways};

use tracing::instrument;

use super::{
    ask::{Granted, Sought, Why},
    error::{Failure, StaffError},
    staff::Staff,
};
use crate::{
    access::Action,
    audit::Data,
    retention::{Policy, PolicyClause, Schedule},
    store::StoreError,
};
use seen::Seen;
use verdict::Findings;

type Check = fn(&mut Seen<'_, '_, '_>) -> Result<Verdict, Failure>;

/// The checks that there are, by the clauses' names.
const CHECKS: [(&str, Check); 6] = [
    (data_payment::CLAUSE, data_payment::check),
    (keep_account::CLAUSE, |seen| keep_account::check(seen, &Schedule::DEFAULT)),
    (keep_financial::CLAUSE, |seen| keep_financial::check(seen, &Schedule::DEFAULT)),
    (protect_least::CLAUSE, protect_least::check),
    (protect_logged::CLAUSE, protect_logged::check),
    (right_erase::CLAUSE, right_erase::check),
];

impl Staff {
    /// Holds the room against clauses of the published policy, all of them if none is named, in the order of the
    /// document. One that no check looks at yet says so; it is never kept. `progress` is called with the number of
    /// entries read.
    ///
    /// # Errors
    /// [`StaffError`]. That a clause is broken is no error but its verdict.
    #[instrument(name = "staff.check_policy", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn check_policy(
        &self,
        clauses: &[&str],
        why: &Why,
        mut progress: impl FnMut(u64),
    ) -> Result<PolicyReport, StaffError> {
        let nothing = || Sought { subject: None, objects: Vec::new(), fields: Vec::new() };
        self.foresee(Action::PolicyCheck, why, nothing())?;
        let policy = Policy::in_force().map_err(|_| Failure::Internal("the published policy"))?;
        if clauses.iter().any(|id| policy.clause(id).is_none()) {
            let unknown = "no clause of the policy has this name".to_owned();
            let reason = StaffError::Input { field: "clause", why: unknown };
            return Err(self.refuse(Action::PolicyCheck, why, nothing(), reason));
        }
        let wanted =
            policy.clauses.iter().filter(|one| clauses.is_empty() || clauses.contains(&one.id.as_str()));
        let report = self.room.core.look(&mut progress, |seen| {
            let verdicts = wanted.map(|one| judge(one, seen)).collect::<Result<_, _>>()?;
            Ok(PolicyReport { verdicts, ways: seen.ways() })
        })?;
        let count = |wanted: fn(&Kept) -> bool| {
            report.verdicts.iter().filter(|verdict| wanted(&verdict.kept)).count() as u64
        };
        let clauses = count(|kept| !matches!(kept, Kept::NotChecked { .. }));
        let broken = count(|kept| matches!(kept, Kept::Broken { .. }));
        self.act(
            Action::PolicyCheck,
            why,
            None,
            |_, _| Ok(Some((nothing(), ()))),
            |_, _, _, ()| Ok(Granted::change(Data::PolicyChecked { clauses, broken }, ())),
        )?;
        Ok(report)
    }
}

/// One clause. A row that says nothing that any version of this program writes is a counter-example like another.
fn judge(clause: &PolicyClause, seen: &mut Seen<'_, '_, '_>) -> Result<Verdict, Failure> {
    let check = CHECKS.iter().find(|(id, _)| clause.check.as_deref() == Some(*id));
    match (check, clause.step) {
        (Some((id, check)), _) => match check(seen) {
            Err(Failure::Store(StoreError::Corrupt { statement })) => {
                let mut findings = Findings::of(id);
                findings.wrong_at(
                    format!("statement {statement}"),
                    "reads what no version of this program writes",
                );
                Ok(findings.verdict())
            }
            other => other,
        },
        (None, step) => {
            let kept = Kept::NotChecked { step: step.unwrap_or_default() };
            Ok(Verdict { clause: clause.id.clone(), kept, evidence: Vec::new() })
        }
    }
}
