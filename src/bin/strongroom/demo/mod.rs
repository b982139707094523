//! The demonstration: a stub until it lands.

use std::path::PathBuf;

use crate::{failed::Failed, output::Output};

/// Plays the demonstration.
///
/// # Errors
/// It is not here yet.
pub fn run(_directory: Option<PathBuf>, _out: &mut Output) -> Result<(), Failed> {
    Err(Failed::new("the demonstration is not in this build"))
}
