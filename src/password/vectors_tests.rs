//! Records that other people's tools made, `tests/vectors/passwords.json`.

use base64ct::{Base64, Encoding};
use serde_json::Value;

use super::{Limits, Presented, Record, SecretText, Settings, Unsupported, Verdict, Weakness};

const VECTORS: &str = include_str!("../../tests/vectors/passwords.json");

/// The formats that are verified. Records of all others are refused by name.
const COVERED: [&str; 13] = [
    "argon2d-phc",
    "argon2i-phc",
    "argon2id-phc",
    "bcrypt-2a",
    "bcrypt-2b",
    "bcrypt-2y",
    "django-argon2",
    "django-bcrypt",
    "dovecot-{ARGON2ID}",
    "dovecot-{ARGON2I}",
    "dovecot-{BLF-CRYPT}",
    "spring-delegating",
    "bcrypt-2x",
];

struct Vector {
    id: String,
    format: String,
    class: String,
    expect: String,
    password: Vec<u8>,
    hash: String,
}

fn vectors() -> Vec<Vector> {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    let vector = |vector: Value| {
        let text = |key: &str| vector[key].as_str().unwrap().to_owned();
        let password = Base64::decode_vec(&text("password_b64")).unwrap();
        let (id, format, class) = (text("id"), text("format"), text("class"));
        Vector { id, format, class, expect: text("expect"), password, hash: text("hash") }
    };
    vectors.into_iter().map(vector).collect()
}

/// `rule` entries are inputs that the tool refused: there is no record.
fn is_record(vector: &Vector) -> bool {
    vector.class != "rule"
}

#[test]
fn covered_formats_answer_as_their_tools_do() {
    let mut answered = 0;
    for vector in
        vectors().into_iter().filter(|vector| COVERED.contains(&vector.format.as_str()) && is_record(vector))
    {
        let verdict = Record::parse(&vector.hash, &Limits::default())
            .map(|record| record.verify(&Presented::exactly(&vector.password), &Settings::FLOOR).unwrap());
        let answer = match verdict {
            Ok(Verdict::Match { .. }) => "match",
            Ok(Verdict::Mismatch) => "mismatch",
            Err(Unsupported::UnknownScheme) => "unknown",
            Err(_) => "refused",
        };
        assert_eq!(answer, vector.expect, "{} {}", vector.id, vector.hash);
        answered += 1;
    }
    assert_eq!(answered, 42);
}

#[test]
fn other_formats_are_refused_by_name() {
    let mut refused = 0;
    for vector in
        vectors().into_iter().filter(|vector| !COVERED.contains(&vector.format.as_str()) && is_record(vector))
    {
        let refusal = Record::parse(&vector.hash, &Limits::default()).err();
        assert_eq!(refusal, Some(Unsupported::UnknownScheme), "{} {}", vector.id, vector.hash);
        refused += 1;
    }
    assert_eq!(refused, 77);
}

#[test]
fn the_refusals_have_their_reasons() {
    let refusal = |id: &str| {
        let vector = vectors().into_iter().find(|vector| vector.id == id).unwrap();
        Record::parse(&vector.hash, &Limits::default()).err().unwrap()
    };
    assert_eq!(refusal("pw057"), Unsupported::Insecure(Weakness::SignExtendedBcrypt));
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
        let typed = SecretText::new(String::from_utf8(vector.password).unwrap());
        let record = Record::parse(&vector.hash, &Limits::default()).ok().unwrap();
        let found = record.verify(&Presented::typed(&typed), &Settings::FLOOR).unwrap();
        assert_eq!(found, if verdict { Verdict::Match { stale: true } } else { Verdict::Mismatch }, "{id}");
    }
}
