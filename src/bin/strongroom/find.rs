//! `find`: accounts by what is known of them.

use clap::Args;
use serde_json::{Value, json};
use strongroom::room::{Clue, FoundAccount, Kind, Search};

use crate::{actor::Actor, call::Call, failed::Failed, output::Output, shown, table::Table};

/// What is known of whom somebody looks for.
#[derive(Args)]
#[group(multiple = false)]
pub struct Find {
    /// Words of the name, whole, in any order
    words: Vec<String>,
    /// The e-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// The number of an invoice
    #[arg(long, value_name = "NUMBER")]
    invoice: Option<String>,
    /// A processor's reference to a transaction
    #[arg(long)]
    reference: Option<String>,
}

impl Find {
    const fn is_empty(&self) -> bool {
        self.words.is_empty() && self.email.is_none() && self.invoice.is_none() && self.reference.is_none()
    }

    /// Carries it out. Nobody found ends as an object does that is not there.
    ///
    /// # Errors
    /// What the room refuses.
    pub fn run(&self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let staff = Actor::staff(call, &call.room()?)?.staff;
        let words = self.words.join(" ");
        if self.is_empty() {
            return Err(Failed::usage(
                "it takes words of a name, or one of `--email`, `--invoice`, `--reference`",
            ));
        }
        let clue = match self {
            Self { email: Some(address), .. } => Clue::Email(address),
            Self { invoice: Some(number), .. } => Clue::Invoice(number),
            Self { reference: Some(reference), .. } => Clue::Reference(reference),
            Self { .. } => Clue::Words(&words),
        };
        let search = staff.search(&clue, &call.why())?;
        if search.accounts.is_empty() {
            return Err(Failed::of(Kind::NotFound, "nobody is found by that")
                .hint("words of a name are whole, numbers and references exact"));
        }
        page(&search, out);
        Ok(())
    }
}

fn page(search: &Search, out: &mut Output) {
    let shown = search.accounts.len() as u64;
    if out.is_json() {
        let accounts: Vec<_> = search.accounts.iter().map(value).collect();
        let value = json!({
            "accounts": accounts,
            "found": search.found,
            "shown": shown,
            "view": "masked",
            "position": search.position,
        });
        out.json("find", value);
        return;
    }
    let mut table = Table::new(["account", "state", "created", "address", "name"]);
    for found in &search.accounts {
        table.row([
            found.account.to_string(),
            found.state.name().to_owned(),
            shown::time(found.created),
            found.email.text().to_owned(),
            found.name.as_ref().map_or_else(|| "–".to_owned(), |name| name.text().to_owned()),
        ]);
    }
    out.line(table);
    if search.found > shown {
        out.warn(format_args!("{shown} of {} are shown", search.found), "more words of the name find fewer");
    }
    out.note(format_args!("this search is entry {} of the log", search.position));
}

fn value(found: &FoundAccount) -> Value {
    json!({
        "account": found.account.to_string(),
        "state": found.state.name(),
        "created": found.created.to_string(),
        "email": found.email.text(),
        "name": found.name.as_ref().map(|name| name.text()),
    })
}
