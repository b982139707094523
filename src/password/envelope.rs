//! What other tools write in front of a record: Django's `argon2` and `bcrypt$`, the `{...}` of LDAP servers
//! (RFC 2307), Dovecot and Spring.

use super::unsupported::{Unsupported, Weakness};

/// Labels in braces, in lower case, with what must follow them.
const BRACED: [(&str, &str); 6] = [
    ("argon2", "$argon2"),
    ("argon2i", "$argon2"),
    ("argon2id", "$argon2"),
    ("bcrypt", "$2"),
    ("blf-crypt", "$2"),
    ("crypt", "$2"),
];

/// Labels before a `$`, with what must follow them.
const DJANGO: [(&str, &str); 2] = [("argon2", "$argon2"), ("bcrypt$", "$2")];

/// Labels of a password in the clear.
const PLAINTEXT: [&str; 4] = ["noop", "plain", "cleartext", "clear"];

/// The record inside, and the offset at which it begins, bytes.
///
/// # Errors
/// A label that is unknown, that does not fit what follows it, or that marks a password in the clear.
pub(super) fn open(text: &str) -> Result<(&str, usize), Unsupported> {
    let (inside, follows) = if let Some((label, inside)) =
        text.strip_prefix('{').and_then(|rest| rest.split_once('}'))
    {
        if PLAINTEXT.iter().any(|name| label.eq_ignore_ascii_case(name)) {
            return Err(Unsupported::Insecure(Weakness::Plaintext));
        }
        let known = BRACED.iter().find(|(name, _)| label.eq_ignore_ascii_case(name));
        (inside, known.ok_or(Unsupported::UnknownScheme)?.1)
    } else {
        let labelled = |(label, follows): &(_, _)| text.strip_prefix(*label).map(|inside| (inside, *follows));
        DJANGO.iter().find_map(labelled).unwrap_or((text, ""))
    };
    if inside.starts_with(follows) {
        Ok((inside, text.len() - inside.len()))
    } else {
        Err(Unsupported::UnknownScheme)
    }
}

#[cfg(test)]
mod tests {
    use super::{Unsupported, Weakness, open};

    #[test]
    fn labels_are_taken_off_where_they_fit() {
        for (text, inside) in [
            ("$2b$12$x", "$2b$12$x"),
            ("{bcrypt}$2b$12$x", "$2b$12$x"),
            ("{BLF-CRYPT}$2y$x", "$2y$x"),
            ("{CRYPT}$2y$x", "$2y$x"),
            ("bcrypt$$2b$x", "$2b$x"),
            ("argon2$argon2id$x", "$argon2id$x"),
            ("{Argon2}$argon2i$x", "$argon2i$x"),
            ("", ""),
            ("whatever", "whatever"),
        ] {
            let (found, at) = open(text).unwrap();
            assert_eq!((found, text.get(at..)), (inside, Some(inside)));
        }
        for text in [
            "{bcrypt}$argon2id$x",
            "{ARGON2ID}$2b$x",
            "{}",
            "{SSHA}x",
            "{CRYPT}$6$x",
            "bcrypt$x",
            "{{bcrypt}$2b$",
        ] {
            assert_eq!(open(text), Err(Unsupported::UnknownScheme), "{text}");
        }
        assert_eq!(open("{noop}secret"), Err(Unsupported::Insecure(Weakness::Plaintext)));
    }
}
