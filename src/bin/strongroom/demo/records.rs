//! Password records that other tools made: verified as they are, replaced after the login that proves the password.

use strongroom::password::{Dialect, Limits, NewPassword, Presented, Record, SecretText, Settings, Verdict};

use super::{
    amiss::amiss,
    assets::{Foreign, RECORD_PASSWORD, RECORDS},
    story::Story,
};
use crate::failed::Failed;

/// Verifies the records.
pub fn play(story: &mut Story<'_>) -> Result<(), Failed> {
    story.scene("records", "Passwords from elsewhere")?;
    story.say(
        "Customers who come from another system keep their passwords: `strongroom import accounts` takes the records of \
         other tools as they are, wraps those that are fast to guess, and a weak one is replaced after the login that \
         proves the password. What would stall the server is refused before any work.",
    )?;
    let rows = RECORDS.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    story.table("record", ["tool", "answer", "then"], &rows)
}

fn row(foreign: &Foreign) -> Result<[String; 3], Failed> {
    let texts = |answer: &str, then: String| [foreign.tool.to_owned(), answer.to_owned(), then];
    let record = match Record::parse(foreign.text, &Dialect::none(), &Limits::default()) {
        Ok(record) => record,
        Err(why) => return Ok(texts("refused", why.to_string())),
    };
    let typed = SecretText::new(RECORD_PASSWORD.to_owned());
    let presented = Presented::typed(&typed);
    let settings = Settings::default();
    let verdict = record.verify_presented(&presented, &settings).map_err(amiss)?;
    let scheme = record.scheme_label();
    Ok(match verdict {
        Verdict::Mismatch => texts("mismatch", scheme),
        Verdict::Match { stale: false } => texts("match", format!("{scheme} is kept: it is strong enough")),
        Verdict::Match { stale: true } => {
            let password = NewPassword::carried_over(&presented, verdict)
                .ok_or_else(|| amiss("a password that matched was not carried over"))?;
            let fresh = Record::hash(&password, &settings).map_err(amiss)?;
            let fresh = fresh.scheme_label();
            texts(
                "match",
                if record.is_fast() {
                    format!("{scheme} is wrapped, then replaced")
                } else {
                    format!("{scheme} is replaced by {fresh}")
                },
            )
        }
    })
}
