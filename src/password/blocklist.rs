//! Passwords that are guessed first, though they are long enough.
//!
//! The whole password is compared, never a part of it (NIST SP 800-63B-4 section 3.1.1.2), as it is and without
//! up to eight digits and marks around its letters. Long common passwords are rarely words: they are walks over
//! the keyboard, counting, and something short said twice. Those are told by their form; the list holds what has
//! none. It is small: a list of breached passwords is the operator's to bring.

use std::fmt;

use zeroize::Zeroizing;

/// Why a password is guessed first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Common {
    /// It is in the built-in list.
    Listed,
    /// It is the name of the service, the account's address, or what else the caller named.
    Context,
    /// It is something shorter, said twice or more.
    Repeated,
    /// It goes along the keyboard, the alphabet or the digits.
    Walk,
}

/// Digits and marks that may stand around the letters without making them another password.
const AROUND_CHARACTERS_MAX: usize = 8;

/// Rows that fingers and minds walk along, either way, round and round.
const ROWS: [&str; 13] = [
    "0123456789",
    "1234567890qwertyuiopasdfghjklzxcvbnm",
    "1234567890qwertyuiop[]asdfghjkl;'zxcvbnm,./",
    "1234567890qwertzuiopasdfghjklyxcvbnm",
    "1234567890azertyuiopqsdfghjklmwxcvbn",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "abcdefghijklmnopqrstuvwxyz",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "!@#$%^&*()_+",
    "!@#$%^&*()qwertyuiop",
];

/// In lower case, letters only.
const LISTED: [&str; 71] = [
    "administrator",
    "allyourbasearebelongtous",
    "attackatdawn",
    "changeme",
    "changemenow",
    "changemeplease",
    "changethis",
    "changethispassword",
    "chelseafootballclub",
    "correcthorsebatterystaple",
    "cristianoronaldo",
    "defaultpassword",
    "donttellanyone",
    "forgotmypassword",
    "godisgood",
    "godisgreat",
    "hakunamatata",
    "helloworld",
    "idontknow",
    "idontremember",
    "iforgotmypassword",
    "iforgotthepassword",
    "ihatepasswords",
    "iloveyou",
    "iloveyouforever",
    "iloveyousomuch",
    "iloveyouverymuch",
    "internet",
    "jesuschrist",
    "jesusislord",
    "jesuslovesme",
    "letmein",
    "letmeinnow",
    "letmeinplease",
    "liverpoolfootballclub",
    "loremipsum",
    "loremipsumdolorsitamet",
    "manchestercity",
    "manchesterunited",
    "masterpassword",
    "maytheforcebewithyou",
    "mynameis",
    "mypassword",
    "mypasswordismypassword",
    "mypasswordispassword",
    "mysecretpassword",
    "nevergonnagiveyouup",
    "newpassword",
    "nopassword",
    "onetwothreefourfive",
    "opensesame",
    "password",
    "passwordispassword",
    "passwordqwerty",
    "qwertypassword",
    "realmadrid",
    "rosesareredvioletsareblue",
    "secretpassword",
    "securepassword",
    "strongpassword",
    "superman",
    "supersecretpassword",
    "testpassword",
    "thequickbrownfox",
    "thequickbrownfoxjumpsoverthelazydog",
    "thisisapassword",
    "thisismypassword",
    "tobeornottobethatisthequestion",
    "verysecurepassword",
    "welcome",
    "welcometothejungle",
];

/// Why `password` is guessed first; `None` if nothing here says so.
pub(super) fn find(password: &str, context: &[&str]) -> Option<Common> {
    let folded = fold(password);
    let letters = within(&folded);
    if LISTED.iter().any(|entry| letters.iter().filter(|c| c.is_alphanumeric()).copied().eq(entry.chars())) {
        return Some(Common::Listed);
    }
    if context.iter().any(|word| names(&folded, &fold(word)) || names(letters, within(&fold(word)))) {
        return Some(Common::Context);
    }
    for form in [folded.as_slice(), letters] {
        if is_repeated(form) {
            return Some(Common::Repeated);
        }
        if is_walk(form) {
            return Some(Common::Walk);
        }
    }
    None
}

/// In lower case, as characters.
fn fold(text: &str) -> Zeroizing<Vec<char>> {
    // Lower case is at most three characters for one: the buffer never moves and leaves no copy behind.
    let mut folded = Zeroizing::new(Vec::with_capacity(text.len().saturating_mul(3)));
    folded.extend(text.chars().flat_map(char::to_lowercase));
    folded
}

/// From the first letter to the last, if little stands around them; else all.
fn within(folded: &[char]) -> &[char] {
    let first = folded.iter().position(|c| c.is_alphabetic());
    let last = folded.iter().rposition(|c| c.is_alphabetic());
    let letters = first.zip(last).and_then(|(first, last)| folded.get(first..=last)).unwrap_or_default();
    if letters.len() + AROUND_CHARACTERS_MAX < folded.len() { folded } else { letters }
}

/// Whether two texts have the same letters and digits, and at least one.
fn names(password: &[char], word: &[char]) -> bool {
    let spoken = |text: &'_ [char]| text.iter().copied().filter(|c| c.is_alphanumeric()).collect::<Vec<_>>();
    let (password, word) = (Zeroizing::new(spoken(password)), Zeroizing::new(spoken(word)));
    !word.is_empty() && *password == *word
}

/// Whether a beginning of at most half the text makes all of it; the last time it may break off.
fn is_repeated(text: &[char]) -> bool {
    (1..=text.len() / 2).any(|unit| text.iter().zip(text.iter().skip(unit)).all(|(a, b)| a == b))
}

/// Whether all of the text stands in a row, forwards or backwards.
fn is_walk(text: &[char]) -> bool {
    ROWS.iter().any(|row| {
        (0..row.len()).any(|start| {
            let steps = || row.chars().cycle().skip(start);
            text.iter().copied().eq(steps().take(text.len()))
                || text.iter().rev().copied().eq(steps().take(text.len()))
        })
    })
}

impl fmt::Display for Common {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Listed => "it is in the list of common passwords",
            Self::Context => "it is a name or an address that belongs to the account or the service",
            Self::Repeated => "it is something shorter, repeated",
            Self::Walk => "it goes along the keyboard, the alphabet or the digits",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Common, LISTED, find};

    #[test]
    fn what_is_guessed_first() {
        for (password, why) in [
            ("correct horse battery staple", Common::Listed),
            ("CorrectHorseBatteryStaple", Common::Listed),
            ("Correct-Horse-Battery-Staple1!", Common::Listed),
            ("Password1234567", Common::Listed),
            ("12345 password!", Common::Listed),
            ("Administrator123!", Common::Listed),
            ("aaaaaaaaaaaaaaa", Common::Repeated),
            ("!!!!!!!!!!!!!!!", Common::Repeated),
            ("123412341234123", Common::Repeated),
            ("tr0ub4d0rTr0ub4d0r", Common::Repeated),
            ("123456789012345", Common::Walk),
            ("098765432109876", Common::Walk),
            ("abcdefghijklmno", Common::Walk),
            ("onmlkjihgfedcba", Common::Walk),
            ("qwertyuiopasdfghjkl", Common::Walk),
            ("QWERTYUIOP12345", Common::Walk),
            ("1q2w3e4r5t6y7u8i", Common::Walk),
            ("1qaz2wsx3edc4rfv", Common::Walk),
        ] {
            assert_eq!(find(password, &[]), Some(why), "{password}");
        }
    }

    #[test]
    fn what_belongs_to_the_account_is_compared_as_a_whole() {
        let context = ["strongroom", "jane.doe@example.com", ""];
        for password in [
            "jane.doe@example.com",
            "Jane Doe (Example Com)",
            "jane.doe@example.com2024!",
            "..strongroom2024",
        ] {
            assert_eq!(find(password, &context), Some(Common::Context), "{password}");
        }
        for password in ["my strongroom is made of oak", "jane.doe@example.org", "????-????/!!!!*"] {
            assert_eq!(find(password, &context), None, "{password}");
        }
    }

    #[test]
    fn what_is_left_alone() {
        for password in [
            "seven grey herons at low tide",
            "password 4 the boathouse door",
            "password 918273645546372819",
            "x7#kQ9!vLm2$pRt5",
            "Pässwörd-Ångström-日本語-😀",
            "abcdefghijklmnx",
            "abababab cdcdcdcd",
        ] {
            assert_eq!(find(password, &["strongroom"]), None, "{password}");
        }
    }

    #[test]
    fn the_list_is_sorted_and_folded() {
        assert!(LISTED.is_sorted());
        assert!(LISTED.iter().all(|entry| entry.bytes().all(|byte| byte.is_ascii_lowercase())));
    }
}
