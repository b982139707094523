//! One digest of password and salt, verification only: what LDAP servers write in braces, what Django wrote once, and
//! what says nothing about itself and is [declared](crate::password::Dialect). A guess costs nothing: such a record is
//! wrapped.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use md4::Md4;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};
use zeroize::Zeroizing;

use super::Scheme;
use crate::password::{
    cursor::Cursor,
    dialect::{Algorithm, Part, Template},
    unsupported::Unsupported,
    verdict::HashFailed,
};

/// How much salt is taken, bytes.
const SALT_BYTES_MAX: usize = 64;

/// What is digested, with which salt, and the digest.
pub(super) struct Digest {
    template: Template,
    salt: Zeroizing<Vec<u8>>,
    tag: Zeroizing<Vec<u8>>,
}

/// What follows `{SSHA}` and its kin: the digest of password and salt, and the salt behind it, in base64.
pub(super) fn salted(algorithm: Algorithm, mut text: Cursor<'_>) -> Result<Box<dyn Scheme>, Unsupported> {
    let malformed = text.malformed();
    let both = text.bytes::<Base64>()?;
    text.end()?;
    match both.split_at_checked(algorithm.bytes()) {
        Some((tag, salt)) if !salt.is_empty() => {
            of(Template::of(algorithm, vec![Part::Password, Part::Salt]), salt, tag, malformed)
        }
        _ => Err(malformed),
    }
}

/// What follows `{SHA}` and its kin: the digest of the password, in base64 or in hexadecimal digits.
pub(super) fn bare(algorithm: Algorithm, text: Cursor<'_>) -> Result<Box<dyn Scheme>, Unsupported> {
    digested(Template::of(algorithm, vec![Part::Password]), text)
}

/// What follows Django's `md5$` or `sha1$`: `SALT$TAG`, of salt and password, the tag in hexadecimal digits.
pub(super) fn django(algorithm: Algorithm, mut text: Cursor<'_>) -> Result<Box<dyn Scheme>, Unsupported> {
    let malformed = text.malformed();
    let salt = text.text_and("$")?.as_bytes();
    let tag = text.hex(b'$')?;
    text.end()?;
    of(Template::of(algorithm, vec![Part::Salt, Part::Password]), salt, &tag, malformed)
}

/// What follows `$declared$`: the declaration in base64 of URLs without padding, `$`, and the record as it came.
pub(super) fn kept(mut text: Cursor<'_>) -> Result<Box<dyn Scheme>, Unsupported> {
    let malformed = text.malformed();
    let declaration = text.bytes::<Base64UrlUnpadded>()?;
    text.literal("$")?;
    let declaration = std::str::from_utf8(&declaration).map_err(|_| malformed)?;
    digested(Template::parse(declaration).map_err(|_| malformed)?, text)
}

/// What follows `$digest$`, which stands in the recipe of a wrapped record: declaration and salt in base64 of URLs without
/// padding, and the digest in hexadecimal digits.
pub(super) fn recipe(mut text: Cursor<'_>) -> Result<Box<dyn Scheme>, Unsupported> {
    let malformed = text.malformed();
    let declaration = text.bytes::<Base64UrlUnpadded>()?;
    text.literal("$")?;
    let salt = text.bytes::<Base64UrlUnpadded>()?;
    text.literal("$")?;
    let tag = text.hex(b'$')?;
    text.end()?;
    let declaration = std::str::from_utf8(&declaration).map_err(|_| malformed)?;
    of(Template::parse(declaration).map_err(|_| malformed)?, &salt, &tag, malformed)
}

/// A digest in hexadecimal digits or in base64, then `:` and the salt as it stands if the template has one.
pub(in crate::password) fn declared(template: Template, text: &str) -> Result<Box<dyn Scheme>, Unsupported> {
    digested(template, Cursor::new(text, 0))
}

fn digested(template: Template, mut text: Cursor<'_>) -> Result<Box<dyn Scheme>, Unsupported> {
    let malformed = text.malformed();
    let digest = if template.is_salted() { text.text_and(":")? } else { text.text(b'\0') };
    let salt = text.text(b'\0');
    text.end()?;
    let tag = if digest.len() == 2 * template.algorithm().bytes() {
        Cursor::new(digest, 0).hex(b'\0').map_err(|_| malformed)?
    } else {
        Zeroizing::new(Base64::decode_vec(digest).map_err(|_| malformed)?)
    };
    of(template, salt.as_bytes(), &tag, malformed)
}

fn of(
    template: Template,
    salt: &[u8],
    tag: &[u8],
    malformed: Unsupported,
) -> Result<Box<dyn Scheme>, Unsupported> {
    if tag.len() != template.algorithm().bytes() || salt.len() > SALT_BYTES_MAX {
        return Err(malformed);
    }
    let (salt, tag) = (Zeroizing::new(salt.to_vec()), Zeroizing::new(tag.to_vec()));
    Ok(Box::new(Digest { template, salt, tag }))
}

impl Scheme for Digest {
    fn computed(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, HashFailed> {
        // What grows leaves copies behind that nobody wipes.
        let literals = self.template.parts().iter().map(|part| match part {
            Part::Literal(literal) => literal.len(),
            Part::Salt => self.salt.len(),
            Part::Password => password.len(),
            Part::Hex(inner) => 2 * inner.bytes(),
        });
        let mut message = Zeroizing::new(Vec::with_capacity(literals.sum()));
        for part in self.template.parts() {
            match part {
                Part::Literal(literal) => message.extend_from_slice(literal.as_bytes()),
                Part::Salt => message.extend_from_slice(&self.salt),
                Part::Password => message.extend_from_slice(password),
                Part::Hex(inner) => {
                    let digits = digest(*inner, password).iter().flat_map(|byte| hex(*byte)).collect();
                    message.extend_from_slice(&Zeroizing::<Vec<u8>>::new(digits));
                }
            }
        }
        Ok(digest(self.template.algorithm(), &message))
    }

    fn tag(&self) -> &[u8] {
        &self.tag
    }

    /// MD4 is of a text here: bytes that are none would all be the same one.
    fn admits(&self, password: &[u8]) -> bool {
        self.template.algorithm() != Algorithm::Nt || std::str::from_utf8(password).is_ok()
    }

    fn label(&self) -> String {
        format!("digest:{}", self.template.label())
    }

    fn recipe(&self) -> Option<Zeroizing<String>> {
        let template = Base64UrlUnpadded::encode_string(self.template.declaration().as_bytes());
        let salt = Base64UrlUnpadded::encode_string(&self.salt);
        Some(Zeroizing::new(format!("$digest${template}${salt}${}", "0".repeat(2 * self.tag.len()))))
    }
}

fn hex(byte: u8) -> [u8; 2] {
    [byte >> 4, byte & 15].map(|nibble| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 })
}

fn digest(algorithm: Algorithm, message: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(match algorithm {
        Algorithm::Md5 => Md5::digest(message).to_vec(),
        Algorithm::Sha1 => Sha1::digest(message).to_vec(),
        Algorithm::Sha256 => Sha256::digest(message).to_vec(),
        Algorithm::Sha512 => Sha512::digest(message).to_vec(),
        Algorithm::Nt => {
            let text = String::from_utf8_lossy(message);
            let mut units = Zeroizing::new(Vec::with_capacity(2 * text.len()));
            units.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
            Md4::digest(&units).to_vec()
        }
    })
}
