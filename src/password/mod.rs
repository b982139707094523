//! Passwords: what may become one, what is stored of it, and verifying it.
//!
//! New records are Argon2id (RFC 9106). Records that other systems made are verified as they are, and replaced
//! after the next login. What is stored is a [`Record`]; the room seals it under the key of class Credential, which
//! is the pepper.
//!
//! ```
//! use strongroom::password::{Dialect, Limits, NewPassword, Presented, Record, SecretText, Settings, Verdict};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let typed = SecretText::new("seven grey herons at low tide".to_owned());
//! let password = NewPassword::accept(&typed, &["jane.doe@example.com"])?;
//! let record = Record::hash(&password, &Settings::FLOOR)?;
//! assert_eq!(record.scheme_label(), "argon2id:m19456,t2,p1");
//!
//! let stored = Record::parse(record.to_text(), &Dialect::none(), &Limits::default())?;
//! let verdict = stored.verify_presented(&Presented::typed(&typed), &Settings::FLOOR)?;
//! assert_eq!(verdict, Verdict::Match { stale: false });
//! # Ok(())
//! # }
//! ```
//!
//! A record from elsewhere, replaced by one of the same password after it matched:
//!
//! ```
//! use strongroom::password::{Dialect, Limits, NewPassword, Presented, Record, SecretText, Settings, Verdict};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let text = "$2a$05$jTD0xXks.Hj7LYFCRyEJOOSn7TJlPRop8MI00U86lHzjsVG9WDHNu";
//! let record = Record::parse(text, &Dialect::none(), &Limits::default())?;
//! let typed = SecretText::new("correct horse battery staple".to_owned());
//! let presented = Presented::typed(&typed);
//! let verdict = record.verify_presented(&presented, &Settings::FLOOR)?;
//! assert_eq!(verdict, Verdict::Match { stale: true });
//!
//! if let Some(password) = NewPassword::carried_over(&presented, verdict) {
//!     let replacement = Record::hash(&password, &Settings::FLOOR)?;
//!     assert!(!replacement.is_stale(&Settings::FLOOR));
//! }
//! # Ok(())
//! # }
//! ```

mod blocklist;
mod cursor;
mod dialect;
mod limits;
mod opaque;
mod policy;
mod presented;
mod record;
mod scheme;
mod settings;
mod unsupported;
mod verdict;

#[cfg(test)]
mod record_tests;
#[cfg(test)]
mod vectors_tests;

pub use blocklist::Common;
pub use dialect::{BadDialect, Dialect};
pub use limits::Limits;
pub use opaque::BadCharacter;
pub use policy::{NewPassword, Rejected};
pub use presented::Presented;
pub use record::Record;
pub use settings::{BadSettings, Settings};
pub use unsupported::{Cost, Unsupported, Weakness};
pub use verdict::{HashFailed, Verdict};

pub use crate::base::SecretText;
