//! Every SQL statement of the program, one text for all engines, every value bound.

pub(super) mod accounts;
pub(super) mod api_keys;
pub(super) mod approvals;
pub(super) mod bills;
pub(super) mod census;
pub(super) mod challenges;
pub(super) mod devices;
pub(super) mod erasure;
pub(super) mod keys;
pub(super) mod logs;
pub(super) mod outbox;
pub(super) mod people;
pub(super) mod sealed;
pub(super) mod settings;
pub(super) mod tickets;

#[cfg(test)]
use super::Statement;

/// Makes the statements of one file, and the list that `Statement::all` is made of.
macro_rules! statements {
    ($database:ident; $($constant:ident, $name:literal, $text:literal;)*) => {
        $(pub(in crate::store) static $constant: crate::store::Statement =
            crate::store::Statement { name: $name, database: crate::store::Database::$database, text: $text };)*
        #[cfg(test)]
        pub(super) static ALL: &[&crate::store::Statement] = &[$(&$constant),*];
    };
}
use statements;

#[cfg(test)]
impl Statement {
    /// Every statement, store and keyring: what a test prepares on each engine.
    pub(crate) fn all() -> impl Iterator<Item = &'static Self> {
        [
            accounts::ALL,
            api_keys::ALL,
            approvals::ALL,
            bills::ALL,
            census::ALL,
            challenges::ALL,
            devices::ALL,
            erasure::ALL,
            keys::ALL,
            logs::ALL,
            outbox::ALL,
            people::ALL,
            sealed::ALL,
            settings::ALL,
            tickets::ALL,
        ]
        .into_iter()
        .flatten()
        .copied()
    }

    /// The text with the placeholders of a PostgreSQL-wire engine: `?1` becomes `$1`. No statement holds a
    /// question mark otherwise; a test says so.
    pub(crate) fn postgres_text(&self) -> String {
        self.text.replace('?', "$")
    }
}
