//! What is known about records that say nothing about themselves.

use std::fmt;

use zeroize::Zeroizing;

/// How a source's records are to be read where their text does not say it.
///
/// ```
/// use strongroom::password::{Dialect, Limits, Record, Unsupported};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let text = "c4a6d4eb5b2b8f6a5d2ae5a6a4f2a1ec:9f";
/// let unknown = Record::parse(text, &Dialect::none(), &Limits::default()).err();
/// assert_eq!(unknown, Some(Unsupported::UnknownScheme));
///
/// let dialect = Dialect::declared("md5:{salt}{password}")?;
/// let record = Record::parse(text, &dialect, &Limits::default())?;
/// assert_eq!(record.scheme_label(), "digest:md5:{salt}{password}");
/// # Ok(())
/// # }
/// ```
///
/// It cannot be printed: what stands in it for itself may be a secret of the source.
#[derive(Clone, PartialEq, Eq)]
pub struct Dialect {
    template: Option<Template>,
}

/// What is digested, and how.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Template {
    algorithm: Algorithm,
    parts: Vec<Part>,
}

/// The digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha512,
    /// MD4 of the text in UTF-16, least significant byte first: Windows's NT hash.
    Nt,
}

/// What a message is put together from.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Part {
    Literal(Zeroizing<String>),
    Salt,
    Password,
    /// The digest of the password in lower-case hexadecimal digits.
    Hex(Algorithm),
}

/// Why a declaration is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadDialect {
    /// No `:` follows the name of a digest, or there is no such digest here.
    Algorithm,
    /// A brace is not closed, or what stands in it is not known.
    Part {
        /// Where, bytes.
        at: usize,
    },
    /// The password does not stand in it.
    NoPassword,
    /// It is longer than a limit.
    TooLong {
        /// The limit, bytes.
        bytes_max: usize,
    },
}

/// How long a declaration may be, bytes.
const DECLARATION_BYTES_MAX: usize = 256;

impl Dialect {
    /// Every record says what it is.
    pub const fn none() -> Self {
        Self { template: None }
    }

    /// Records that say nothing about themselves are digests: the name of one (`md5`, `sha1`, `sha256`, `sha512`,
    /// `nt`), `:`, and what is digested, in which `{password}` stands for the password, `{salt}` for the salt,
    /// `{md5(password)}` and its kin for the password's own digest in lower-case hexadecimal digits, and everything
    /// else for itself.
    ///
    /// The text of such a record is the digest in hexadecimal digits or in base64 with padding; if the declaration has
    /// a salt, `:` and the salt follow.
    ///
    /// # Errors
    /// [`BadDialect`] says what is wrong with the declaration.
    pub fn declared(declaration: &str) -> Result<Self, BadDialect> {
        Ok(Self { template: Some(Template::parse(declaration)?) })
    }

    pub(super) fn template(&self) -> Option<&Template> {
        self.template.as_ref()
    }
}

impl Template {
    pub(super) fn of(algorithm: Algorithm, parts: Vec<Part>) -> Self {
        Self { algorithm, parts }
    }

    pub(super) fn parse(declaration: &str) -> Result<Self, BadDialect> {
        if declaration.len() > DECLARATION_BYTES_MAX {
            return Err(BadDialect::TooLong { bytes_max: DECLARATION_BYTES_MAX });
        }
        let (name, mut rest) = declaration.split_once(':').ok_or(BadDialect::Algorithm)?;
        let algorithm = Algorithm::named(name).ok_or(BadDialect::Algorithm)?;
        let mut parts = Vec::new();
        while !rest.is_empty() {
            let at = declaration.len() - rest.len();
            let (part, left) = if let Some(inside) = rest.strip_prefix('{') {
                let (name, left) = inside.split_once('}').ok_or(BadDialect::Part { at })?;
                (Part::named(name).ok_or(BadDialect::Part { at })?, left)
            } else {
                let (literal, left) = rest.split_at(rest.find('{').unwrap_or(rest.len()));
                (Part::Literal(Zeroizing::new(literal.to_owned())), left)
            };
            parts.push(part);
            rest = left;
        }
        if !parts.iter().any(|part| matches!(part, Part::Password | Part::Hex(_))) {
            return Err(BadDialect::NoPassword);
        }
        Ok(Self { algorithm, parts })
    }

    /// The declaration, as it was parsed.
    pub(super) fn declaration(&self) -> Zeroizing<String> {
        self.written(|literal| literal)
    }

    /// The declaration for reports: what stands in it for itself may be a secret.
    pub(super) fn label(&self) -> String {
        self.written(|_| "*").to_string()
    }

    fn written(&self, shown: impl Fn(&str) -> &str) -> Zeroizing<String> {
        let mut text = Zeroizing::new(format!("{}:", self.algorithm.name()));
        for part in &self.parts {
            match part {
                Part::Literal(literal) => text.push_str(shown(literal)),
                Part::Salt => text.push_str("{salt}"),
                Part::Password => text.push_str("{password}"),
                Part::Hex(algorithm) => {
                    text.push('{');
                    text.push_str(algorithm.name());
                    text.push_str("(password)}");
                }
            }
        }
        text
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(super) fn is_salted(&self) -> bool {
        self.parts.contains(&Part::Salt)
    }
}

impl Algorithm {
    const ALL: [(&str, Self, usize); 5] = [
        ("md5", Self::Md5, 16),
        ("sha1", Self::Sha1, 20),
        ("sha256", Self::Sha256, 32),
        ("sha512", Self::Sha512, 64),
        ("nt", Self::Nt, 16),
    ];

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find_map(|(known, algorithm, _)| (known == name).then_some(algorithm))
    }

    fn name(self) -> &'static str {
        Self::ALL.into_iter().find_map(|(name, known, _)| (known == self).then_some(name)).unwrap_or_default()
    }

    /// How long the digest is.
    pub(super) fn bytes(self) -> usize {
        Self::ALL
            .into_iter()
            .find_map(|(_, known, bytes)| (known == self).then_some(bytes))
            .unwrap_or_default()
    }
}

impl Part {
    fn named(name: &str) -> Option<Self> {
        match name {
            "salt" => Some(Self::Salt),
            "password" => Some(Self::Password),
            _ => Algorithm::named(name.strip_suffix("(password)")?).map(Self::Hex),
        }
    }
}

impl fmt::Display for BadDialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Algorithm => {
                f.write_str("it begins with no digest: md5, sha1, sha256, sha512 or nt, and `:`")
            }
            Self::Part { at } => write!(f, "the braces at byte {at} hold nothing that is known"),
            Self::NoPassword => f.write_str("the password does not stand in it"),
            Self::TooLong { bytes_max } => write!(f, "it is longer than {bytes_max} bytes"),
        }
    }
}

impl std::error::Error for BadDialect {}

#[cfg(test)]
mod tests {
    use super::{BadDialect, Dialect};

    #[test]
    fn what_declares_nothing_is_refused() {
        let long = format!("md5:{{password}}{}", "x".repeat(256));
        for (declaration, why) in [
            ("", BadDialect::Algorithm),
            ("{password}", BadDialect::Algorithm),
            ("MD5:{password}", BadDialect::Algorithm),
            ("crc32:{password}", BadDialect::Algorithm),
            ("md5:", BadDialect::NoPassword),
            ("md5:{salt}pepper", BadDialect::NoPassword),
            ("md5:{salt}{passwort}", BadDialect::Part { at: 10 }),
            ("md5:{crc32(password)}", BadDialect::Part { at: 4 }),
            ("md5:{password", BadDialect::Part { at: 4 }),
            (&long, BadDialect::TooLong { bytes_max: 256 }),
        ] {
            assert_eq!(Dialect::declared(declaration).err(), Some(why), "{declaration}");
        }
    }

    #[test]
    fn a_secret_of_the_source_is_kept_and_not_shown() {
        let declaration = "sha1:pepper-7{salt}{md5(password)}";
        let dialect = Dialect::declared(declaration).ok().unwrap();
        let template = dialect.template().unwrap();
        assert_eq!(*template.declaration(), declaration);
        assert_eq!(template.label(), "sha1:*{salt}{md5(password)}");
    }
}
