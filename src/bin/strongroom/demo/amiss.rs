//! A demonstration that does not end as it must.

use std::fmt::Display;

use crate::failed::Failed;

/// What went otherwise than told.
pub fn amiss(what: impl Display) -> Failed {
    Failed::new(format!("the demonstration went amiss: {what}"))
}
