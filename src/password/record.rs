//! The record: what is stored instead of a password.

use ::argon2::Algorithm;
use zeroize::Zeroizing;

use super::{
    argon2::Argon2,
    bcrypt::Bcrypt,
    envelope,
    limits::Limits,
    phc::Cursor,
    policy::NewPassword,
    presented::Presented,
    settings::Settings,
    unsupported::{Cost, Unsupported, Weakness},
    verdict::{HashFailed, Verdict},
};
use crate::base::limits::PASSWORD_RECORD_BYTES_MAX;

/// What is stored instead of a password: a text of at most 1024 bytes that a password can be verified against.
///
/// It is kept as it was given, byte for byte, so that a record from elsewhere leaves as it came. It cannot be
/// printed or copied in passing: whoever has it can guess the password at their leisure.
///
/// ```compile_fail,E0277
/// fn print(record: strongroom::password::Record) -> String {
///     format!("{record:?}")
/// }
/// ```
pub struct Record {
    text: Zeroizing<String>,
    scheme: Scheme,
}

enum Scheme {
    Argon2(Argon2),
    Bcrypt(Bcrypt),
}

impl Record {
    /// Reads the text of a record.
    ///
    /// | Text | Scheme |
    /// |---|---|
    /// | `$argon2id$v=19$m=,t=,p=$SALT$TAG`, also `$argon2i$`, `$argon2d$`, `v=16` | Argon2 (RFC 9106), PHC string |
    /// | `$2a$NN$`, `$2b$NN$`, `$2y$NN$` and 53 characters | bcrypt |
    /// | `{ARGON2}`, `{ARGON2I}`, `{ARGON2ID}`, `{BCRYPT}`, `{BLF-CRYPT}`, `{CRYPT}` in front, in any case | LDAP servers, Dovecot, Spring |
    /// | `argon2$argon2…`, `bcrypt$$2…` | Django |
    ///
    /// The reader is strict: parameters in their one order, numbers without leading zeros, base64 without padding
    /// and without stray bits, nothing behind. Nothing is computed and no memory taken before the text is held
    /// against `limits`.
    ///
    /// # Errors
    /// [`Unsupported`] says why the text cannot be verified against.
    pub fn parse(text: &str, limits: &Limits) -> Result<Self, Unsupported> {
        if text.len() > PASSWORD_RECORD_BYTES_MAX {
            let (required, limit) = (text.len() as u64, PASSWORD_RECORD_BYTES_MAX as u64);
            return Err(Unsupported::TooCostly { what: Cost::RecordBytes, required, limit });
        }
        if let Some(at) = text.bytes().position(|byte| !byte.is_ascii()) {
            return Err(Unsupported::Malformed { at });
        }
        let (inside, at) = envelope::open(text)?;
        let scheme = Scheme::parse(Cursor::new(inside, at), limits)?;
        Ok(Self { text: Zeroizing::new(text.to_owned()), scheme })
    }

    /// A new Argon2id record of a password, under a fresh salt of 16 bytes and with a tag of 32.
    ///
    /// # Errors
    /// [`HashFailed`] when randomness or memory could not be had.
    pub fn hash(password: &NewPassword, settings: &Settings) -> Result<Self, HashFailed> {
        Ok(Self::of(Argon2::hash(password.expose().as_bytes(), settings)?))
    }

    /// A record that no password matches, for an identifier that nobody has: verifying against it costs what it
    /// costs against a new record, so the time of an answer does not tell which accounts exist.
    ///
    /// Its tag is random, so it cannot be told from other records either. Make it once and keep it.
    ///
    /// # Errors
    /// [`HashFailed`] when randomness could not be had.
    pub fn decoy(settings: &Settings) -> Result<Self, HashFailed> {
        Ok(Self::of(Argon2::with_random_salt_and_tag(settings)?))
    }

    /// Whether the presented password is the record's, and if so, whether the record should be replaced by one
    /// under `settings`.
    ///
    /// # Errors
    /// [`HashFailed`] when the memory that the record asks for could not be had. That is no mismatch.
    pub fn verify(&self, presented: &Presented<'_>, settings: &Settings) -> Result<Verdict, HashFailed> {
        let Some(first) = presented.first() else {
            self.scheme.matches(b"")?;
            return Ok(Verdict::Mismatch);
        };
        if self.scheme.matches(first)? {
            return Ok(Verdict::Match { stale: self.is_stale(settings) });
        }
        match presented.second() {
            Some(second) if self.scheme.matches(second)? => Ok(Verdict::Match { stale: true }),
            _ => Ok(Verdict::Mismatch),
        }
    }

    /// Whether a new record under `settings` would be stronger. One that is stronger already is never stale.
    pub fn is_stale(&self, settings: &Settings) -> bool {
        match &self.scheme {
            Scheme::Argon2(argon2) => argon2.is_stale(settings),
            Scheme::Bcrypt(_) => true,
        }
    }

    /// The record's text: what [`Record::parse`] was given, or the PHC string of a new record. It belongs under a
    /// seal, never into a log.
    pub fn to_text(&self) -> &str {
        &self.text
    }

    /// The scheme and its cost, for reports, without salt and tag: `argon2id:m19456,t2,p1`, `bcrypt:2b,12`.
    pub fn scheme_label(&self) -> String {
        match &self.scheme {
            Scheme::Argon2(argon2) => argon2.label(),
            Scheme::Bcrypt(bcrypt) => bcrypt.label(),
        }
    }

    fn of(new: Argon2) -> Self {
        Self { text: new.text(), scheme: Scheme::Argon2(new) }
    }
}

impl Scheme {
    fn parse(mut text: Cursor<'_>, limits: &Limits) -> Result<Self, Unsupported> {
        for (prefix, algorithm) in [
            ("$argon2id$", Algorithm::Argon2id),
            ("$argon2i$", Algorithm::Argon2i),
            ("$argon2d$", Algorithm::Argon2d),
        ] {
            if text.skip(prefix) {
                return Argon2::parse(algorithm, text, limits).map(Self::Argon2);
            }
        }
        for (prefix, variant) in [("$2a$", 'a'), ("$2b$", 'b'), ("$2y$", 'y')] {
            if text.skip(prefix) {
                return Bcrypt::parse(variant, text, limits).map(Self::Bcrypt);
            }
        }
        if text.skip("$2x$") {
            return Err(Unsupported::Insecure(Weakness::SignExtendedBcrypt));
        }
        Err(Unsupported::UnknownScheme)
    }

    fn matches(&self, password: &[u8]) -> Result<bool, HashFailed> {
        #[cfg(test)]
        crate::base::steps::note("verify");
        match self {
            Self::Argon2(argon2) => argon2.matches(password),
            Self::Bcrypt(bcrypt) => Ok(bcrypt.matches(password)),
        }
    }
}
