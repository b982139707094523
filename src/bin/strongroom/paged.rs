//! Lists in parts: how many rows, after which, and that there are more.

use clap::Args;
use serde_json::{Value, json};
use strongroom::room::{Cursor, Listed, Page};

use crate::{output::Output, typed};

/// Rows of one part, where all of them are wanted.
const ROWS_MAX: usize = 500;

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
    /// How many at most.
    pub const fn limit(&self) -> usize {
        self.limit
    }

    /// Whether it is the first part.
    pub const fn is_first(&self) -> bool {
        self.after.is_none()
    }

    /// The part that was meant.
    pub const fn page(&self) -> Page {
        match self.after {
            Some(cursor) => Page::after(cursor, self.limit),
            None => Page::first(self.limit),
        }
    }
}

/// All rows of a list, part by part.
///
/// # Errors
/// What reading a part says.
pub fn all<T, E>(read: impl Fn(&Page) -> Result<Listed<T>, E>) -> Result<Vec<T>, E> {
    let mut rows = Vec::new();
    let mut page = Page::first(ROWS_MAX);
    loop {
        let part = read(&page)?;
        rows.extend(part.rows);
        let Some(next) = part.next else { return Ok(rows) };
        page = Page::after(next, ROWS_MAX);
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
