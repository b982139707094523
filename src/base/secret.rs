//! Bytes that must not be printed, copied, compared in passing or left behind.

use std::convert::Infallible;

use zeroize::Zeroizing;

use super::locked::Slot;

/// `N` secret bytes in locked memory: filled in place, wiped on drop. No `Debug`, `Clone`, `Serialize` or
/// `PartialEq`: what the type cannot do, no later line does by accident.
pub struct Secret<const N: usize>(Slot);

/// Every key of this program has 32 bytes.
impl Secret<32> {
    /// A secret that `fill` writes in place.
    ///
    /// # Errors
    /// What `fill` returns.
    pub(crate) fn try_from_fill<E>(fill: impl FnOnce(&mut [u8; 32]) -> Result<(), E>) -> Result<Self, E> {
        Slot::try_filled(fill).map(Self)
    }

    /// A secret that `fill` writes in place.
    pub(crate) fn from_fill(fill: impl FnOnce(&mut [u8; 32])) -> Self {
        let filled = Self::try_from_fill(|slot| {
            fill(slot);
            Ok::<_, Infallible>(())
        });
        match filled {
            Ok(secret) => secret,
        }
    }

    /// A fresh secret from the operating system's randomness.
    ///
    /// # Errors
    /// The operating system gave no randomness.
    pub(crate) fn random() -> Result<Self, super::random::NoRandomness> {
        Self::try_from_fill(|slot| super::random::fill(slot))
    }

    /// The bytes, for a cipher or a MAC. Each caller is a place to review.
    pub(crate) fn expose(&self) -> &[u8; 32] {
        self.0.bytes()
    }
}

/// A secret text of any length as a person or a program gives it: a password, a token, a one-time code.
/// Wiped on drop.
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Takes the text over; the caller's own copies stay the caller's.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text. Each caller is a place to review.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}
