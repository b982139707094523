//! Plaintext, as the receipt allowed it: clear or masked.

use super::Sealable;

/// A value in the clear. No `Debug`, `Clone`, `Serialize` or `PartialEq`: it is read at the place that asked for
/// it, and wiped with it.
pub struct Clear<T: Sealable>(T);

impl<T: Sealable> Clear<T> {
    pub(super) fn new(value: T) -> Self {
        Self(value)
    }

    /// The value. Each caller is a place to review.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// What a masked view shows of it: less is always allowed.
    pub fn into_masked(self) -> Masked<T> {
        Masked::of(&self.0)
    }
}

/// The masked form of a value: what the receipt allowed, and no way back to the rest.
pub struct Masked<T: Sealable> {
    text: String,
    value: std::marker::PhantomData<fn() -> T>,
}

impl<T: Sealable> Masked<T> {
    pub(super) fn of(value: &T) -> Self {
        Self { text: value.masked(), value: std::marker::PhantomData }
    }

    /// The masked text, for display.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl<T: Sealable> std::fmt::Display for Masked<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}
