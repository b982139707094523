//! Records that other people's tools made, `tests/vectors/passwords.json`.

use base64ct::{Base64, Encoding};
use serde_json::Value;

use super::{Dialect, Limits, Presented, Record, SecretText, Settings, Unsupported, Verdict, Weakness};

const VECTORS: &str = include_str!("../../tests/vectors/passwords.json");

struct Vector {
    id: String,
    format: String,
    class: String,
    expect: String,
    password: Vec<u8>,
    hash: String,
    dialect: Dialect,
}

fn vectors() -> Vec<Vector> {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    let vector = |vector: Value| {
        let text = |key: &str| vector[key].as_str().unwrap().to_owned();
        let password = Base64::decode_vec(&text("password_b64")).unwrap();
        let (id, format, class) = (text("id"), text("format"), text("class"));
        let dialect = vector.get("declare").and_then(Value::as_str);
        let dialect = dialect.map_or(Dialect::none(), |declared| Dialect::declared(declared).ok().unwrap());
        Vector { id, format, class, expect: text("expect"), password, hash: text("hash"), dialect }
    };
    vectors.into_iter().map(vector).collect()
}

/// `rule` entries are inputs that the tool refused: there is no record.
fn is_record(vector: &Vector) -> bool {
    vector.class != "rule"
}

/// The texts of all records, as they came and as they are kept.
pub(super) fn texts() -> Vec<String> {
    let kept = |vector: &Vector| vector.record().ok().map(|record| record.to_text().to_owned());
    let wrapped = "$wrapped$v=1$JDEkc2FsdHNhbHQkLi4uLi4uLi4uLi4uLi4uLi4uLi4uLg$argon2id$v=19$m=19456,t=2,p=1$\
                   c29tZXNhbHQxMjM0NTY3OA$t1Cj7UytI3pstejRG8il0BiDELHqL1VMFrEY9Pezvrw";
    assert!(Record::parse(wrapped, &Dialect::none(), &Limits::default()).is_ok());
    vectors()
        .iter()
        .filter_map(kept)
        .chain(vectors().into_iter().map(|vector| vector.hash))
        .chain([wrapped.to_owned()])
        .collect()
}

impl Vector {
    fn record(&self) -> Result<Record, Unsupported> {
        Record::parse(&self.hash, &self.dialect, &Limits::default())
    }
}

#[test]
fn records_answer_as_the_tools_that_made_them() {
    let mut answered = 0;
    for vector in vectors().into_iter().filter(is_record) {
        let answer = match vector.record().map(|record| record.verify(&vector.password)) {
            Ok(Verdict::Match { .. }) => "match",
            Ok(Verdict::Mismatch) => "mismatch",
            Err(_) => "refused",
        };
        assert_eq!(answer, vector.expect, "{} {} {}", vector.id, vector.format, vector.hash);
        answered += 1;
    }
    assert_eq!(answered, 119);
}

/// Whoever kept a record finds it again: what it says of itself is all that is needed.
#[test]
fn a_record_is_read_from_its_own_text() {
    for vector in vectors().into_iter().filter(is_record) {
        let Ok(record) = vector.record() else { continue };
        let again = Record::parse(record.to_text(), &Dialect::none(), &Limits::default()).ok().unwrap();
        assert_eq!(again.scheme_label(), record.scheme_label(), "{}", vector.id);
        assert_eq!(again.to_text(), record.to_text(), "{}", vector.id);
    }
}

/// Another password, one byte more, one less: nothing else matches.
#[test]
fn no_other_password_matches() {
    let slow = [
        "argon2id:m65536",
        "argon2id:m262144",
        "argon2i:m32768",
        "argon2id:m102400",
        "bcrypt:2b,12",
        "bcrypt-sha256-django:2b,12",
        "pbkdf2-sha1:1000000",
        "pbkdf2-sha256:1000000",
        "sha512-crypt:656000",
        "sun-md5",
    ];
    for vector in vectors().into_iter().filter(|vector| is_record(vector) && vector.expect == "match") {
        let record = vector.record().ok().unwrap();
        if slow.iter().any(|label| record.scheme_label().starts_with(label)) {
            continue;
        }
        let mut longer = vector.password.clone();
        longer.push(b'x');
        let mut other = vector.password.clone();
        if let Some(first) = other.first_mut() {
            *first ^= 1;
        }
        for wrong in [&longer, &other].into_iter().filter(|wrong| **wrong != vector.password) {
            assert_eq!(record.verify(wrong), Verdict::Mismatch, "{} {}", vector.id, vector.format);
        }
    }
}

/// What is fast to guess answers wrapped as it answered, and nothing of its tag is left in it.
#[test]
fn fast_records_are_wrapped() {
    let mut wrapped_records = 0;
    for vector in vectors().into_iter().filter(is_record) {
        let Ok(record) = vector.record() else { continue };
        assert!(record.is_fast() || vector.class != "B", "{} {}", vector.id, vector.format);
        let Some(wrapped) = record.wrapped(&Settings::FLOOR).unwrap() else {
            assert!(!record.is_fast(), "{}", vector.id);
            continue;
        };
        let wrapped = Record::parse(wrapped.to_text(), &Dialect::none(), &Limits::default()).ok().unwrap();
        let expected =
            if vector.expect == "match" { Verdict::Match { stale: true } } else { Verdict::Mismatch };
        assert_eq!(wrapped.verify(&vector.password), expected, "{} {}", vector.id, vector.format);
        assert_eq!(wrapped.verify(b"something else"), Verdict::Mismatch, "{}", vector.id);
        assert!(!wrapped.is_fast(), "{}", vector.id);
        assert!(wrapped.wrapped(&Settings::FLOOR).unwrap().is_none(), "once is enough");
        let label = wrapped.scheme_label();
        assert_eq!(label, format!("argon2id:m19456,t2,p1 of {}", record.scheme_label()));
        wrapped_records += 1;
    }
    assert_eq!(wrapped_records, 67);
}

#[test]
fn the_refusals_have_their_reasons() {
    let refusal = |id: &str| {
        let vector = vectors().into_iter().find(|vector| vector.id == id).unwrap();
        vector.record().err().unwrap()
    };
    assert_eq!(refusal("pw057"), Unsupported::Insecure { scheme: Weakness::SignExtendedBcrypt });
    assert!(matches!(refusal("pw152"), Unsupported::TooCostly { required: 31, limit: 15, .. }));
    for (id, at) in [("pw160", 54), ("pw162", 54)] {
        assert_eq!(refusal(id), Unsupported::Malformed { at }, "{id}");
    }
}

/// As a person types them, the forms of one text are one password, whichever of them the tool hashed.
#[test]
fn typed_passwords_match_in_every_form() {
    for (id, verdict) in
        [("pw003", true), ("pw004", true), ("pw005", true), ("pw025", true), ("pw010", false)]
    {
        let vector = vectors().into_iter().find(|vector| vector.id == id).unwrap();
        let typed = SecretText::new(String::from_utf8(vector.password.clone()).unwrap());
        let record = vector.record().ok().unwrap();
        let found = record.verify_presented(&Presented::typed(&typed), &Settings::FLOOR).unwrap();
        assert_eq!(found, if verdict { Verdict::Match { stale: true } } else { Verdict::Mismatch }, "{id}");
    }
}
