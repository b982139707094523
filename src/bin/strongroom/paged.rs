//! Lists in parts: how many rows, after which, and that there are more.

use clap::Args;
use serde_json::{Value, json};
use strongroom::room::{Cursor, Page};

use crate::{output::Output, typed};

/// Which part of a list.
#[derive(Args)]
pub struct Paged {
    /// So many at most
    #[arg(long, value_name = "N", default_value = "50", value_parser = typed::limit)]
    limit: usize,
    /// Go on where an earlier list ended
    #[arg(long, value_name = "CURSOR", value_parser = typed::cursor)]
    after: Option<Cursor>,
}

impl Paged {
    /// The part that was meant.
    pub const fn page(&self) -> Page {
        match self.after {
            Some(cursor) => Page::after(cursor, self.limit),
            None => Page::first(self.limit),
        }
    }
}

/// Where the next part begins, for programs.
pub fn value(next: Option<&Cursor>) -> Value {
    next.map_or(Value::Null, |next| json!(next.to_string()))
}

/// Says that a list goes on. A list that is cut without a word is taken for the whole.
pub fn tell(next: Option<&Cursor>, out: &mut Output) {
    if let Some(next) = next {
        out.note(format_args!("there is more: go on with `--after {next}`"));
    }
}
