//! How records are written: what a text begins with, and which scheme reads what follows.

use super::{
    Scheme, argon2, aspnet, bcrypt, digest, firebase, md5_crypt,
    pbkdf2::{self, Prf},
    phpass, scrypt, sha_crypt, sha1_crypt, sun_md5, unusable, yescrypt,
};
use crate::password::{
    cursor::Cursor,
    dialect::Algorithm,
    limits::Limits,
    unsupported::{Unsupported, Weakness},
};

/// Reads what follows.
type Reader = fn(Cursor<'_>, &Limits) -> Result<Box<dyn Scheme>, Unsupported>;

/// What texts begin with. The longer of two that begin alike stands first.
const FORMS: [(&str, Reader); 43] = [
    ("$argon2id$", argon2::id),
    ("$argon2i$", argon2::i),
    ("$argon2d$", argon2::d),
    ("$2x$", |_, _| insecure(Weakness::SignExtendedBcrypt)),
    ("$2", bcrypt::plain),
    ("$bcrypt-sha256$", bcrypt::passlib),
    ("$wp$2", bcrypt::word_press),
    ("$scrypt$", scrypt::phc),
    ("$7$", scrypt::crypt),
    ("$firescrypt$", firebase::kratos),
    ("$y$", yescrypt::crypt),
    ("$gy$", |_, _| insecure(Weakness::Gost)),
    ("$pbkdf2$", |text, limits| pbkdf2::passlib(Prf::Sha1, text, limits)),
    ("$pbkdf2-sha256$", |text, limits| pbkdf2::passlib(Prf::Sha256, text, limits)),
    ("$pbkdf2-sha512$", |text, limits| pbkdf2::passlib(Prf::Sha512, text, limits)),
    ("$p5k2$", pbkdf2::cryptacular),
    ("$5$", sha_crypt::sha256),
    ("$6$", sha_crypt::sha512),
    ("$1$", md5_crypt::unix),
    ("$apr1$", md5_crypt::apache),
    ("$P$", phpass::portable),
    ("$H$", phpass::portable),
    ("$sha1$", sha1_crypt::crypt),
    ("$md5", sun_md5::crypt),
    ("$3$", |_, _| insecure(Weakness::Nt)),
    ("$scram$", |_, _| insecure(Weakness::Scram)),
    ("$declared$", |text, _| digest::kept(text)),
    ("$digest$", |text, _| digest::recipe(text)),
    // Django.
    ("argon2$", bracketless),
    ("bcrypt$$2", bcrypt::plain),
    ("bcrypt_sha256$$2", bcrypt::django),
    ("scrypt$", scrypt::django),
    ("pbkdf2_sha256$", |text, limits| pbkdf2::django(Prf::Sha256, text, limits)),
    ("pbkdf2_sha1$", |text, limits| pbkdf2::django(Prf::Sha1, text, limits)),
    ("md5$", |text, _| digest::django(Algorithm::Md5, text)),
    ("sha1$", |text, _| digest::django(Algorithm::Sha1, text)),
    ("!", |_, _| Ok(Box::new(unusable::Unusable))),
    // Werkzeug.
    ("scrypt:", scrypt::werkzeug),
    ("pbkdf2:", pbkdf2::werkzeug),
    // GRUB, PostgreSQL, SQL Server.
    ("grub.pbkdf2.sha512.", pbkdf2::grub),
    ("SCRAM-SHA-", |_, _| insecure(Weakness::Scram)),
    ("0x0100", |_, _| insecure(Weakness::SqlServer)),
    ("0x0200", |_, _| insecure(Weakness::SqlServer)),
];

/// Labels in braces, in lower case: LDAP servers (RFC 2307), Dovecot, Spring, Atlassian.
const LABELS: [(&str, Reader); 40] = [
    ("argon2", argon2_inside),
    ("argon2@springsecurity_v5_8", argon2_inside),
    ("argon2i", argon2_inside),
    ("argon2id", argon2_inside),
    ("bcrypt", |text, limits| inside(&["$2"], text, limits)),
    ("blf-crypt", |text, limits| inside(&["$2"], text, limits)),
    ("crypt", |text, limits| match bare_weakness(text.rest()) {
        Some(scheme) => insecure(scheme),
        None => inside(&["$"], text, limits),
    }),
    ("md5-crypt", |text, limits| inside(&["$1$"], text, limits)),
    ("sha256-crypt", |text, limits| inside(&["$5$"], text, limits)),
    ("sha512-crypt", |text, limits| inside(&["$6$"], text, limits)),
    ("pbkdf2", |mut text, limits| {
        if text.skip("$1$") {
            pbkdf2::dovecot(text, limits)
        } else {
            pbkdf2::passlib(Prf::Sha1, text, limits)
        }
    }),
    ("pbkdf2-sha1", |text, limits| pbkdf2::passlib(Prf::Sha1, text, limits)),
    ("pbkdf2-sha256", |text, limits| pbkdf2::passlib(Prf::Sha256, text, limits)),
    ("pbkdf2-sha512", |text, limits| pbkdf2::passlib(Prf::Sha512, text, limits)),
    ("pkcs5s2", pbkdf2::atlassian),
    // Dovecot means MD5-crypt by it, LDAP servers a digest.
    ("md5", |text, limits| match text.is_at("$1$") {
        true => inside(&["$1$"], text, limits),
        false => digest::bare(Algorithm::Md5, text),
    }),
    ("ldap-md5", |text, _| digest::bare(Algorithm::Md5, text)),
    ("plain-md5", |text, _| digest::bare(Algorithm::Md5, text)),
    ("sha", |text, _| digest::bare(Algorithm::Sha1, text)),
    ("sha1", |text, _| digest::bare(Algorithm::Sha1, text)),
    ("sha256", |text, _| digest::bare(Algorithm::Sha256, text)),
    ("sha512", |text, _| digest::bare(Algorithm::Sha512, text)),
    ("smd5", |text, _| digest::salted(Algorithm::Md5, text)),
    ("ssha", |text, _| digest::salted(Algorithm::Sha1, text)),
    ("ssha256", |text, _| digest::salted(Algorithm::Sha256, text)),
    ("ssha512", |text, _| digest::salted(Algorithm::Sha512, text)),
    ("noop", |_, _| insecure(Weakness::Plaintext)),
    ("plain", |_, _| insecure(Weakness::Plaintext)),
    ("plaintext", |_, _| insecure(Weakness::Plaintext)),
    ("ntlm", |_, _| insecure(Weakness::Nt)),
    ("cleartext", |_, _| insecure(Weakness::Plaintext)),
    ("clear", |_, _| insecure(Weakness::Plaintext)),
    ("scram-sha-1", |_, _| insecure(Weakness::Scram)),
    ("scram-sha-256", |_, _| insecure(Weakness::Scram)),
    ("cram-md5", |_, _| insecure(Weakness::Scram)),
    ("fshp0|", |_, _| insecure(Weakness::Fshp)),
    ("fshp1|", |_, _| insecure(Weakness::Fshp)),
    ("fshp2|", |_, _| insecure(Weakness::Fshp)),
    ("fshp3|", |_, _| insecure(Weakness::Fshp)),
    ("des-crypt", |_, _| insecure(Weakness::Des)),
];

/// Which scheme a text is of that wraps no other.
///
/// # Errors
/// [`Unsupported`] says why there is none, or why it is not verified against.
pub(super) fn read(text: &str, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    if let Some((label, inside)) = text.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        let is = |known: &&(&str, Reader)| match known.0.strip_suffix('|') {
            // What follows the version are parameters.
            Some(name) => label.split('|').next().is_some_and(|first| first.eq_ignore_ascii_case(name)),
            None => label.eq_ignore_ascii_case(known.0),
        };
        let (_, reader) = LABELS.iter().find(is).ok_or(Unsupported::UnknownScheme)?;
        return reader(Cursor::new(inside, text.len() - inside.len()), limits);
    }
    if let Some(scheme) = formed(Cursor::new(text, 0), limits) {
        return scheme;
    }
    if let Some(scheme) = aspnet::identity(Cursor::new(text, 0), limits) {
        return scheme;
    }
    Err(bare_weakness(text).map_or(Unsupported::UnknownScheme, |scheme| Unsupported::Insecure { scheme }))
}

/// What the text begins with says which scheme it is of, if any.
fn formed(mut text: Cursor<'_>, limits: &Limits) -> Option<Result<Box<dyn Scheme>, Unsupported>> {
    let (_, reader) = FORMS.iter().find(|(prefix, _)| text.skip(prefix))?;
    Some(reader(text, limits))
}

/// What stands behind a label must begin with one of these.
fn inside(begins: &[&str], text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    if begins.iter().any(|prefix| text.is_at(prefix)) {
        formed(text, limits).unwrap_or(Err(Unsupported::UnknownScheme))
    } else {
        Err(Unsupported::UnknownScheme)
    }
}

fn argon2_inside(text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    inside(&["$argon2"], text, limits)
}

/// What follows Django's `argon2$`, which is a PHC string without its first `$`.
fn bracketless(mut text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    let readers: [(&str, Reader); 3] =
        [("argon2id$", argon2::id), ("argon2i$", argon2::i), ("argon2d$", argon2::d)];
    let (_, reader) =
        readers.iter().find(|(prefix, _)| text.skip(prefix)).ok_or(Unsupported::UnknownScheme)?;
    reader(text, limits)
}

fn insecure(scheme: Weakness) -> Result<Box<dyn Scheme>, Unsupported> {
    Err(Unsupported::Insecure { scheme })
}

/// Schemes without a mark of their own, known by their length and alphabet.
fn bare_weakness(text: &str) -> Option<Weakness> {
    let all = |text: &str, is: fn(&u8) -> bool| text.as_bytes().iter().all(is);
    let is_crypt64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"./".contains(byte);
    match (text.len(), text.strip_prefix('_'), text.strip_prefix('*')) {
        (20, Some(rest), _) if all(rest, is_crypt64) => Some(Weakness::BsdiDes),
        (41, _, Some(digits)) if all(digits, u8::is_ascii_hexdigit) => Some(Weakness::MySql),
        (13, ..) if all(text, is_crypt64) => Some(Weakness::Des),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{FORMS, LABELS, Limits, Unsupported, Weakness, read};

    fn label(text: &str) -> Result<String, Unsupported> {
        read(text, &Limits::default()).map(|scheme| scheme.label())
    }

    const BCRYPT: &str = "$2b$04$hYJYYwHgZ.Jc17zgU6oT.uPPJPbxd1KCtw3UVGaoEkiuywyMPNdvG";

    #[test]
    fn labels_are_taken_off_where_they_fit() {
        for label_of in ["", "{bcrypt}", "{BLF-CRYPT}", "{Crypt}", "bcrypt$"] {
            assert_eq!(label(&format!("{label_of}{BCRYPT}")).as_deref(), Ok("bcrypt:2b,4"), "{label_of}");
        }
        for label_of in ["{ARGON2ID}", "{}", "{MD5-CRYPT}", "{sha512-crypt}", "{{bcrypt}", "{unknown}"] {
            let refused = label(&format!("{label_of}{BCRYPT}"));
            assert_eq!(refused, Err(Unsupported::UnknownScheme), "{label_of}");
        }
        assert_eq!(label("{noop}secret"), Err(Unsupported::Insecure { scheme: Weakness::Plaintext }));
    }

    /// The first that fits is taken: one behind a shorter one would never be.
    #[test]
    fn no_form_hides_another() {
        for (at, (prefix, _)) in FORMS.iter().enumerate() {
            let hidden = FORMS.iter().skip(at + 1).find(|(later, _)| later.starts_with(prefix));
            assert!(hidden.is_none(), "{prefix} hides {:?}", hidden.map(|(later, _)| later));
        }
        for (at, (name, _)) in LABELS.iter().enumerate() {
            assert_eq!(*name, name.to_ascii_lowercase());
            assert!(LABELS.iter().skip(at + 1).all(|(later, _)| later != name), "{name}");
        }
    }
}
