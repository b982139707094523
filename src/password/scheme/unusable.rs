//! What stands in place of a record when an account has no password: Django's `!`, and whatever follows it.

use zeroize::Zeroizing;

use super::Scheme;
use crate::password::verdict::HashFailed;

/// No password matches.
pub(super) struct Unusable;

impl Scheme for Unusable {
    fn computed(&self, _password: &[u8]) -> Result<Zeroizing<Vec<u8>>, HashFailed> {
        Ok(Zeroizing::default())
    }

    fn tag(&self) -> &[u8] {
        &[]
    }

    fn admits(&self, _password: &[u8]) -> bool {
        false
    }

    /// Nothing is computed here, and an answer that came at once would tell that the account has no password.
    fn recipe(&self) -> Option<Zeroizing<String>> {
        Some(Zeroizing::new("!".to_owned()))
    }

    fn label(&self) -> String {
        "unusable".to_owned()
    }
}
