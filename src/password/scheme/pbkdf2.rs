//! PBKDF2 (RFC 8018), verification only, as many programs write it.

use base64ct::{Base64, Base64Pbkdf2, Base64Url, Encoding};
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use super::Scheme;
use crate::password::{
    cursor::Cursor,
    limits::Limits,
    unsupported::{Cost, Unsupported},
    verdict::HashFailed,
};

/// Under which HMAC.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Prf {
    Sha1,
    Sha256,
    Sha512,
}

impl Prf {
    const fn bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// The scheme's parameters, salt and tag.
pub(super) struct Pbkdf2 {
    prf: Prf,
    iterations: u32,
    salt: Zeroizing<Vec<u8>>,
    tag: Zeroizing<Vec<u8>>,
}

/// What follows Django's `pbkdf2_sha256$` or `pbkdf2_sha1$`: `ITERATIONS$SALT$TAG`, the salt as it stands.
pub(super) fn django(
    prf: Prf,
    mut text: Cursor<'_>,
    limits: &Limits,
) -> Result<Box<dyn Scheme>, Unsupported> {
    let iterations = text.number()?;
    text.literal("$")?;
    let salt = text.text_and("$")?.as_bytes();
    let tag = text.bytes::<Base64>()?;
    text.end()?;
    of(prf, iterations, salt, tag, limits)
}

/// What follows passlib's `$pbkdf2$` and its kin, or an LDAP server's `{PBKDF2}` and its kin: `ITERATIONS$SALT$TAG`,
/// in base64 with `.` for `+` and without padding.
pub(super) fn passlib(
    prf: Prf,
    mut text: Cursor<'_>,
    limits: &Limits,
) -> Result<Box<dyn Scheme>, Unsupported> {
    let iterations = text.number()?;
    text.literal("$")?;
    let salt = text.bytes::<Base64Pbkdf2>()?;
    text.literal("$")?;
    let tag = text.bytes::<Base64Pbkdf2>()?;
    text.end()?;
    of(prf, iterations, &salt, tag, limits)
}

/// What follows Dovecot's `{PBKDF2}$1$`: `SALT$ITERATIONS$TAG`, the salt as it stands, the tag in hexadecimal digits.
pub(super) fn dovecot(mut text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    let salt = text.text_and("$")?.as_bytes();
    let iterations = text.number()?;
    text.literal("$")?;
    let tag = text.hex(b'$')?;
    text.end()?;
    of(Prf::Sha1, iterations, salt, tag, limits)
}

/// What follows Werkzeug's `pbkdf2:`: `sha256:ITERATIONS$SALT$TAG`, the salt as it stands, the tag in hexadecimal digits.
pub(super) fn werkzeug(mut text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    let unknown = text.malformed();
    let prf = prf(text.text_and(":")?).ok_or(unknown)?;
    let iterations = text.number()?;
    text.literal("$")?;
    let salt = text.text_and("$")?.as_bytes();
    let tag = text.hex(b'$')?;
    text.end()?;
    of(prf, iterations, salt, tag, limits)
}

/// What follows Atlassian's `{PKCS5S2}`: 16 bytes of salt and 32 of tag in one base64 text; 10,000 iterations.
pub(super) fn atlassian(mut text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    let short = text.malformed();
    let both = text.bytes::<Base64>()?;
    text.end()?;
    match both.split_at_checked(16) {
        Some((salt, tag)) if tag.len() == 32 => {
            of(Prf::Sha1, 10_000, salt, Zeroizing::new(tag.to_vec()), limits)
        }
        _ => Err(short),
    }
}

/// What follows Cryptacular's `$p5k2$`: iterations in hexadecimal digits, salt and tag in base64 of URLs with padding.
pub(super) fn cryptacular(mut text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    let malformed = text.malformed();
    let digits = text.text_and("$")?;
    let canonical =
        !digits.starts_with(['0', '+']) && !digits.bytes().any(|digit| digit.is_ascii_uppercase());
    let iterations = u64::from_str_radix(digits, 16).ok().filter(|_| canonical).ok_or(malformed)?;
    let salt = text.bytes::<Base64Url>()?;
    text.literal("$")?;
    let other = text.malformed();
    let tag = text.bytes::<Base64Url>()?;
    text.end()?;
    // Another program writes the same prefix, a salt that is digested as it stands, and 24 bytes.
    if tag.len() != 20 {
        return Err(other);
    }
    of(Prf::Sha1, iterations, &salt, tag, limits)
}

/// What follows `grub.pbkdf2.sha512.`: iterations, salt and tag between dots, in upper-case hexadecimal digits.
pub(super) fn grub(mut text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    let iterations = text.number()?;
    text.literal(".")?;
    let salt = text.hex(b'.')?;
    text.literal(".")?;
    let tag = text.hex(b'.')?;
    text.end()?;
    of(Prf::Sha512, iterations, &salt, tag, limits)
}

/// A record whose iterations and lengths are within the limits.
pub(super) fn of(
    prf: Prf,
    iterations: u64,
    salt: &[u8],
    tag: Zeroizing<Vec<u8>>,
    limits: &Limits,
) -> Result<Box<dyn Scheme>, Unsupported> {
    Unsupported::tag_of(tag.len())?;
    // Each block of the tag takes all iterations.
    let blocks = tag.len().div_ceil(prf.bytes()) as u64;
    let work = iterations.saturating_mul(blocks);
    Unsupported::within(Cost::Pbkdf2Iterations, work, limits.pbkdf2_iterations)?;
    let iterations = u32::try_from(iterations).ok().filter(|iterations| *iterations > 0);
    let iterations = iterations.ok_or(Unsupported::Malformed { at: 0 })?;
    Ok(Box::new(Pbkdf2 { prf, iterations, salt: Zeroizing::new(salt.to_vec()), tag }))
}

fn prf(name: &str) -> Option<Prf> {
    [("sha1", Prf::Sha1), ("sha256", Prf::Sha256), ("sha512", Prf::Sha512)]
        .into_iter()
        .find_map(|(known, prf)| (known == name).then_some(prf))
}

impl Scheme for Pbkdf2 {
    fn computed(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, HashFailed> {
        let mut tag = Zeroizing::new(vec![0; self.tag.len()]);
        match self.prf {
            Prf::Sha1 => pbkdf2_hmac::<Sha1>(password, &self.salt, self.iterations, &mut tag),
            Prf::Sha256 => pbkdf2_hmac::<Sha256>(password, &self.salt, self.iterations, &mut tag),
            Prf::Sha512 => pbkdf2_hmac::<Sha512>(password, &self.salt, self.iterations, &mut tag),
        }
        Ok(tag)
    }

    fn tag(&self) -> &[u8] {
        &self.tag
    }

    fn label(&self) -> String {
        let prf = match self.prf {
            Prf::Sha1 => "sha1",
            Prf::Sha256 => "sha256",
            Prf::Sha512 => "sha512",
        };
        format!("pbkdf2-{prf}:{}", self.iterations)
    }

    fn recipe(&self) -> Option<Zeroizing<String>> {
        // What OWASP asks for (Password Storage Cheat Sheet).
        let (prf, slow) = match self.prf {
            Prf::Sha1 => ("", 1_300_000),
            Prf::Sha256 => ("-sha256", 600_000),
            Prf::Sha512 => ("-sha512", 210_000),
        };
        let salt = Base64Pbkdf2::encode_string(&self.salt);
        let tag = Base64Pbkdf2::encode_string(&vec![0; self.tag.len()]);
        let recipe = || format!("$pbkdf2{prf}${}${salt}${tag}", self.iterations);
        (self.iterations < slow).then(|| Zeroizing::new(recipe()))
    }
}
