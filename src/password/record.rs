//! The record: what is stored instead of a password.

use base64ct::{Base64UrlUnpadded, Encoding};
use zeroize::Zeroizing;

use super::{
    dialect::Dialect,
    limits::Limits,
    policy::NewPassword,
    presented::Presented,
    scheme::{self, Argon2, Scheme},
    settings::Settings,
    unsupported::{Cost, Unsupported},
    verdict::{HashFailed, Verdict},
};
use crate::base::limits::{PASSWORD_RECORD_BYTES_MAX, PASSWORD_RECORD_BYTES_OWN_MAX};

/// What is stored instead of a password: a text of at most 1024 bytes (2048 if it wraps another) that a password can be verified against.
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
    scheme: Box<dyn Scheme>,
}

impl Record {
    /// Reads the text of a record.
    ///
    /// | Text begins with | Scheme | Written by |
    /// |---|---|---|
    /// | `$argon2id$v=19$`, `$argon2i$`, `$argon2d$`, `v=16` | Argon2 (RFC 9106), PHC string | |
    /// | `$2a$`, `$2b$`, `$2y$` | bcrypt | |
    /// | `$bcrypt-sha256$`, `bcrypt_sha256$$2b$`, `$wp$2y$` | bcrypt of a digest | passlib, Django, WordPress |
    /// | `$scrypt$`, `$7$`, `scrypt$`, `scrypt:` | scrypt (RFC 7914) | passlib, libsodium, Django, Werkzeug |
    /// | `$firescrypt$` | scrypt and AES-256 | Firebase, as Kratos writes it |
    /// | `$y$` | yescrypt | Debian, Fedora |
    /// | `pbkdf2_sha256$`, `pbkdf2_sha1$`, `$pbkdf2$`, `$pbkdf2-sha256$`, `$pbkdf2-sha512$`, `$p5k2$`, `pbkdf2:`, `grub.pbkdf2.sha512.` | PBKDF2 (RFC 8018) | Django, passlib, Cryptacular, Werkzeug, GRUB |
    /// | base64 of a version byte, numbers, salt and tag | PBKDF2 | ASP.NET Identity |
    /// | `$5$`, `$6$` | SHA-crypt | `crypt(3)` |
    /// | `$1$`, `$apr1$`, `$P$`, `$H$`, `$sha1$`, `$md5` | MD5 and SHA-1, many times | `crypt(3)`, Apache, phpass, NetBSD, Solaris |
    /// | `md5$`, `sha1$` | one digest | Django once |
    /// | `{…}` and one of the above, a digest or PBKDF2 | | LDAP servers, Dovecot, Spring, Atlassian |
    /// | `!` | none: no password matches | Django |
    ///
    /// A digest that says nothing about itself is read as the `dialect` declares. Its [`to_text`](Self::to_text) then
    /// says what it is, and is read with [`Dialect::none`].
    ///
    /// The reader is strict: parameters in their one order, numbers without leading zeros, base64 and hexadecimal
    /// digits in one form, nothing behind. Nothing is computed and no memory taken before the text is held against
    /// `limits`.
    ///
    /// # Errors
    /// [`Unsupported`] says why the text cannot be verified against.
    pub fn parse(text: &str, dialect: &Dialect, limits: &Limits) -> Result<Self, Unsupported> {
        let is_own = text.starts_with("$wrapped$") || text.starts_with("$declared$");
        let bytes_max = if is_own { PASSWORD_RECORD_BYTES_OWN_MAX } else { PASSWORD_RECORD_BYTES_MAX };
        if text.len() > bytes_max {
            let (required, limit) = (text.len() as u64, bytes_max as u64);
            return Err(Unsupported::TooCostly { what: Cost::RecordBytes, required, limit });
        }
        if let Some(at) = text.bytes().position(|byte| !byte.is_ascii()) {
            return Err(Unsupported::Malformed { at });
        }
        match (scheme::read(text, limits), dialect.template()) {
            (Err(Unsupported::UnknownScheme), Some(template)) => {
                let scheme = scheme::declared(template.clone(), text)?;
                let declaration = Base64UrlUnpadded::encode_string(template.declaration().as_bytes());
                let text = Zeroizing::new(format!("$declared${declaration}${text}"));
                Ok(Self { text, scheme })
            }
            (scheme, _) => Ok(Self { text: Zeroizing::new(text.to_owned()), scheme: scheme? }),
        }
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

    /// Whether these bytes, as they are, are the record's password; stale is what is weaker than
    /// [`Settings::FLOOR`].
    ///
    /// Fails closed: if memory for it cannot be had, nothing matches. Who wants to tell that from a wrong password,
    /// who has a person's typing, or settings of their own, takes [`verify_presented`](Self::verify_presented).
    pub fn verify(&self, password: &[u8]) -> Verdict {
        self.verify_presented(&Presented::exactly(password), &Settings::FLOOR).unwrap_or(Verdict::Mismatch)
    }

    /// Whether the presented password is the record's, and if so, whether the record should be replaced by one
    /// under `settings`.
    ///
    /// # Errors
    /// [`HashFailed`] when the memory that the record asks for could not be had. That is no mismatch.
    pub fn verify_presented(
        &self,
        presented: &Presented<'_>,
        settings: &Settings,
    ) -> Result<Verdict, HashFailed> {
        let Some(first) = presented.first() else {
            self.matches(b"")?;
            return Ok(Verdict::Mismatch);
        };
        if self.matches(first)? {
            return Ok(Verdict::Match { stale: self.is_stale(settings) });
        }
        match presented.second() {
            Some(second) if self.matches(second)? => Ok(Verdict::Match { stale: true }),
            _ => Ok(Verdict::Mismatch),
        }
    }

    /// Whether a new record under `settings` would be stronger. One that is stronger already is never stale.
    pub fn is_stale(&self, settings: &Settings) -> bool {
        self.scheme.is_stale(settings)
    }

    /// Whether guessing costs an attacker so little that the record is not to be kept as it is: digests, MD5 and SHA-1
    /// many times, and schemes with fewer rounds than OWASP asks for.
    pub fn is_fast(&self) -> bool {
        self.scheme.recipe().is_some()
    }

    /// A record that the same passwords match and that is as slow to guess as a new one, without knowing any of them:
    /// Argon2id of the tag. `None` if the record is not [fast](Self::is_fast). The next login replaces it.
    ///
    /// # Errors
    /// [`HashFailed`] when randomness or memory could not be had.
    pub fn wrapped(&self, settings: &Settings) -> Result<Option<Self>, HashFailed> {
        let Some(text) = scheme::wrapped(&*self.scheme, settings)? else { return Ok(None) };
        let scheme = scheme::read(&text, &Limits::default()).map_err(|_| HashFailed::Inconsistent)?;
        Ok(Some(Self { text, scheme }))
    }

    /// The record's text: what [`Record::parse`] was given or what says the same of itself, or the PHC string of a new
    /// record. It belongs under a seal, never into a log.
    pub fn to_text(&self) -> &str {
        &self.text
    }

    /// The scheme and its cost, for reports, without salt and tag: `argon2id:m19456,t2,p1`, `bcrypt:2b,12`.
    pub fn scheme_label(&self) -> String {
        self.scheme.label()
    }

    fn of(new: Argon2) -> Self {
        Self { text: new.text(), scheme: Box::new(new) }
    }

    fn matches(&self, password: &[u8]) -> Result<bool, HashFailed> {
        #[cfg(test)]
        crate::base::steps::note("verify");
        self.scheme.matches(password)
    }
}
