//! `recover`: the way back when nobody administers access any more.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use strongroom::room::{Custody, Recovered};

use crate::{
    call::Call,
    codes::CodesTo,
    custody::{share_lines, share_name},
    failed::Failed,
    output::Output,
    secret::shares_from,
    shown,
    table::Table,
    typed,
};

/// Whom to appoint, and who allows it.
#[derive(Args)]
pub struct Recover {
    /// Somebody new who is to administer access, repeated
    #[arg(long, value_name = "HANDLE", required = true)]
    appoint: Vec<String>,
    /// Read a share from this file, which only its owner can read; repeated. Without any they are asked for
    #[arg(long, value_name = "FILE")]
    share_file: Vec<PathBuf>,
    /// Among how many the way back is shared from now on, and how many of them it takes
    #[arg(long, value_name = "N-of-M", value_parser = typed::custody, default_value = "2-of-3")]
    custody: Custody,
    #[command(flatten)]
    codes: CodesTo,
}

impl Recover {
    /// Appoints them, and shows their one-time codes and the new shares.
    ///
    /// # Errors
    /// The shares are not the room's, or somebody has the room open.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let shares = shares_from(&self.share_file)?;
        let file = self.codes.open()?;
        let made = call.options().recover(&shares, &self.appoint, self.custody)?;
        let in_file = file.is_some();
        if let Some(file) = file {
            let codes = made.codes.iter().map(|code| (code.handle.clone(), &code.code));
            let shares =
                made.shares.iter().map(|share| (share_name(share.number, self.custody), &share.text));
            let lines: Vec<_> = codes.chain(shares).collect();
            file.write(lines.iter().map(|(who, text)| (who.as_str(), *text)))?;
        }
        tell(&made, self.custody, in_file, out);
        out.flush().map_err(|_| {
            Failed::new(
                "access is recovered, but its one-time codes and shares are lost: nobody reads the output",
            )
            .hint("recover once more while the old shares still serve; `--codes-to FILE` keeps what is new")
        })
    }
}

fn tell(made: &Recovered, custody: Custody, in_file: bool, out: &mut Output) {
    if out.is_json() {
        let people = made.codes.iter().map(|code| {
            let text = (!in_file).then(|| code.code.expose());
            json!({"handle": code.handle, "principal": code.principal.to_string(), "code": text})
        });
        let shares = made.shares.iter().map(|share| (!in_file).then(|| share.text.expose()));
        let value = json!({
            "people": people.collect::<Vec<_>>(),
            "shares": shares.collect::<Vec<_>>(),
            "needed": custody.needed,
        });
        out.json("recover", value);
        return;
    }
    let mut table = Table::new(["handle", "principal", "one-time code"]);
    for code in &made.codes {
        let text = if in_file { "in the file" } else { code.code.expose() };
        table.row([shown::line(&code.handle), code.principal.to_string(), text.to_owned()]);
    }
    out.line(table);
    out.line("");
    share_lines(&made.shares, custody, in_file, out);
}
