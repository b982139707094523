//! Why the text of a record is refused.

use std::fmt;

use crate::base::limits::PASSWORD_TAG_BYTES_ACCEPTED;

/// Why a text is no record that can be verified. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsupported {
    /// No scheme that is known here begins like this.
    UnknownScheme,
    /// Verifying would cost more than the limits allow. A record that asks for a terabyte is an attack on whoever
    /// verifies it.
    TooCostly {
        /// What there is too much of.
        what: Cost,
        /// How much the record asks for.
        required: u64,
        /// How much is allowed.
        limit: u64,
    },
    /// The scheme is known, its text is broken or not in its one canonical form.
    Malformed {
        /// Offset of the first wrong part, bytes.
        at: usize,
    },
    /// A match would prove too little.
    Insecure {
        /// Why.
        scheme: Weakness,
    },
}

/// What a record can ask too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Length of the record's text, bytes.
    RecordBytes,
    /// Argon2 memory, KiB.
    Argon2MemoryKib,
    /// Argon2 passes.
    Argon2Passes,
    /// Argon2 lanes.
    Argon2Lanes,
    /// Argon2 memory times passes, KiB.
    Argon2WorkKib,
    /// Length of an Argon2 salt, bytes.
    Argon2SaltBytes,
    /// Length of an Argon2 tag, bytes.
    Argon2TagBytes,
    /// bcrypt cost, the power of two of its rounds.
    BcryptCost,
    /// scrypt or yescrypt memory, 128 r (N + p) bytes, in KiB.
    ScryptMemoryKib,
    /// scrypt memory times lanes, 128 N r p bytes, in KiB.
    ScryptWorkKib,
    /// scrypt lanes.
    ScryptLanes,
    /// PBKDF2 iterations, times the blocks of the tag.
    Pbkdf2Iterations,
    /// Rounds of a `crypt(3)` scheme.
    CryptRounds,
    /// Length of a tag, bytes.
    TagBytes,
}

/// Why a match would prove too little.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// `$2x$` marks records of a bcrypt that extended the sign of bytes above 127 (CVE-2011-2483): beyond ASCII
    /// one record matches many passwords, and a correct bcrypt does not match the right one.
    SignExtendedBcrypt,
    /// The text declares itself to be the password.
    Plaintext,
    /// The Argon2 salt is shorter than 8 bytes.
    ShortSalt,
    /// The tag is shorter than 16 bytes: some passwords match it by chance.
    ShortTag,
    /// DES-based `crypt(3)`: 8 characters of the password count, and all of them can be tried.
    Des,
    /// DES-based `crypt(3)` as BSDi extended it.
    BsdiDes,
    /// The NT hash in the place of a `crypt(3)` record: one MD4 without a salt.
    Nt,
    /// yescrypt inside a GOST hash, which nothing here computes.
    Gost,
    /// SCRAM or CRAM-MD5: what is stored is half of a conversation, and proves the password only by another way.
    Scram,
    /// Fairly Secure Hashed Passwords, with parameters of its author's own.
    Fshp,
    /// MySQL's `PASSWORD()`: two SHA-1 without a salt.
    MySql,
    /// SQL Server's `PWDENCRYPT()`: one digest.
    SqlServer,
}

impl Unsupported {
    /// Refuses a tag that some passwords match by chance, and one longer than any scheme's.
    pub(super) fn tag_of(bytes: usize) -> Result<(), Self> {
        let (least, most) = PASSWORD_TAG_BYTES_ACCEPTED;
        if bytes < least {
            return Err(Self::Insecure { scheme: Weakness::ShortTag });
        }
        if bytes > most {
            return Err(Self::TooCostly { what: Cost::TagBytes, required: bytes as u64, limit: most as u64 });
        }
        Ok(())
    }

    /// `required` as a number within `limit`.
    pub(super) fn within(what: Cost, required: u64, limit: u32) -> Result<u32, Self> {
        let refused = Self::TooCostly { what, required, limit: u64::from(limit) };
        u32::try_from(required).ok().filter(|n| *n <= limit).ok_or(refused)
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownScheme => f.write_str("the password record is of an unknown scheme"),
            Self::TooCostly { what, required, limit } => {
                write!(f, "the password record asks for {what} of {required}, and {limit} is the limit")
            }
            Self::Malformed { at } => write!(f, "the password record is malformed at byte {at}"),
            Self::Insecure { scheme } => write!(f, "the password record proves too little: {scheme}"),
        }
    }
}

impl std::error::Error for Unsupported {}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RecordBytes => "a length in bytes",
            Self::Argon2MemoryKib => "an Argon2 memory in KiB",
            Self::Argon2Passes => "a number of Argon2 passes",
            Self::Argon2Lanes => "a number of Argon2 lanes",
            Self::Argon2WorkKib => "an Argon2 memory times passes in KiB",
            Self::Argon2SaltBytes => "an Argon2 salt length in bytes",
            Self::Argon2TagBytes => "an Argon2 tag length in bytes",
            Self::BcryptCost => "a bcrypt cost",
            Self::ScryptMemoryKib => "an scrypt memory in KiB",
            Self::ScryptWorkKib => "an scrypt memory times lanes in KiB",
            Self::ScryptLanes => "a number of scrypt lanes",
            Self::Pbkdf2Iterations => "a number of PBKDF2 iterations",
            Self::CryptRounds => "a number of rounds",
            Self::TagBytes => "a tag length in bytes",
        })
    }
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SignExtendedBcrypt => "it is of the bcrypt variant 2x, which extended signs",
            Self::Plaintext => "it is the password in the clear",
            Self::ShortSalt => "its Argon2 salt is shorter than 8 bytes",
            Self::ShortTag => "its tag is shorter than 16 bytes",
            Self::Des => "it is of the DES-based crypt, in which 8 characters count",
            Self::BsdiDes => "it is of BSDi's DES-based crypt",
            Self::Nt => "it is an NT hash, one digest without a salt",
            Self::Gost => "it is of gost-yescrypt, which is not computed here",
            Self::Scram => "it is a verifier of SCRAM or CRAM-MD5, not of a password",
            Self::Fshp => "it is of FSHP",
            Self::MySql => "it is MySQL's PASSWORD(), no salt",
            Self::SqlServer => "it is of SQL Server's PWDENCRYPT(), one digest",
        })
    }
}
