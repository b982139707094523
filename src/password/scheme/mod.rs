//! The schemes: one file each, all behind one trait. `forms.rs` tells them by what their texts begin with.

mod argon2;
mod aspnet;
mod bcrypt;
mod digest;
mod firebase;
mod forms;
mod md5_crypt;
mod pbkdf2;
mod phpass;
mod scrypt;
mod sha1_crypt;
mod sha_crypt;
mod sun_md5;
mod unusable;
mod wrapped;
mod yescrypt;

use base64ct::{Base64ShaCrypt, Encoding};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

pub(super) use self::{
    argon2::Argon2,
    digest::declared,
    wrapped::{read, wrapped},
};
use super::{settings::Settings, verdict::HashFailed};
use crate::base::limits::PASSWORD_CRYPT_BYTES_MAX;

/// A scheme's parameters, its salt and its tag: what a record means.
pub(super) trait Scheme: Send + Sync {
    /// The tag that `password` gives. Every password costs the same work, those that the scheme does not admit too,
    /// or the answer's time would tell that the account exists.
    ///
    /// # Errors
    /// [`HashFailed`] when the memory for it could not be had.
    fn computed(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, HashFailed>;

    /// The tag that the right password gives.
    fn tag(&self) -> &[u8];

    /// Whether a password that gives the tag is the right one. Some schemes take several passwords for one.
    fn admits(&self, _password: &[u8]) -> bool {
        true
    }

    /// The scheme and its cost, for reports, without salt and tag.
    fn label(&self) -> String;

    /// Whether a new record under `settings` would be stronger.
    fn is_stale(&self, _settings: &Settings) -> bool {
        true
    }

    /// If guessing costs an attacker so little that the record is not to be kept as it is: a record of the same
    /// parameters and salt, and of no tag (zeros). `None` if it may be kept.
    fn recipe(&self) -> Option<Zeroizing<String>> {
        None
    }

    /// Whether `password` gives the tag, compared in constant time.
    ///
    /// # Errors
    /// [`HashFailed`] when the memory for it could not be had.
    fn matches(&self, password: &[u8]) -> Result<bool, HashFailed> {
        let equal: bool = self.computed(password)?.ct_eq(self.tag()).into();
        Ok(equal & self.admits(password))
    }
}

/// What the schemes of `crypt(3)` take of a password at most: their work grows with its length at every round.
/// libxcrypt refuses longer ones too.
fn crypt_key(password: &[u8]) -> &[u8] {
    password.get(..PASSWORD_CRYPT_BYTES_MAX).unwrap_or(password)
}

/// Whether `password` is no longer than [`crypt_key`] takes.
fn is_crypt_key(password: &[u8]) -> bool {
    password.len() <= PASSWORD_CRYPT_BYTES_MAX
}

/// Where the tag of a `crypt(3)` record stood.
fn no_tag(tag: &[u8]) -> String {
    ".".repeat(tag.len())
}

/// The bytes of `digest` in this order, in the base64 of `crypt(3)`: how its schemes write a tag.
fn crypt64(digest: &[u8], order: &[u8]) -> Zeroizing<Vec<u8>> {
    let permuted: Zeroizing<Vec<u8>> =
        Zeroizing::new(order.iter().filter_map(|at| digest.get(usize::from(*at)).copied()).collect());
    Zeroizing::new(Base64ShaCrypt::encode_string(&permuted).into_bytes())
}
