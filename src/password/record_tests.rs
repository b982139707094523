use proptest::prelude::*;

use super::{
    Cost, Dialect, Limits, NewPassword, Presented, Record, SecretText, Settings, Unsupported, Verdict,
    Weakness, vectors_tests,
};

const PASSWORD: &str = "seven grey herons at low tide";
/// Of `correct horse battery staple`, from the vectors.
const ARGON2ID: &str = "$argon2id$v=19$m=64,t=2,p=2$c2FsdHlzYWx0$quXGqQuSBz94Rb5hufQkO4Y/ZKPDpEIy+rlmo5J04F8";
const BCRYPT: &str = "$2y$05$lAqya7fEltnLJDpL482Yn.4FosXm4qmPdXgiaMtlVHoH2cdWKBSIS";

fn parse(text: &str) -> Result<Record, Unsupported> {
    Record::parse(text, &Dialect::none(), &Limits::default())
}

fn refusal(text: &str) -> Unsupported {
    parse(text).err().unwrap()
}

fn verify(record: &Record, password: &str) -> Verdict {
    let typed = SecretText::new(password.to_owned());
    record.verify_presented(&Presented::typed(&typed), &Settings::FLOOR).unwrap()
}

fn hashed(password: &str) -> Record {
    let new = NewPassword::accept(&SecretText::new(password.to_owned()), &[]).ok().unwrap();
    Record::hash(&new, &Settings::FLOOR).unwrap()
}

#[test]
fn a_new_record_is_verified_from_its_text() {
    let record = hashed(PASSWORD);
    assert!(record.to_text().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    let stored = parse(record.to_text()).ok().unwrap();
    assert_eq!(verify(&stored, PASSWORD), Verdict::Match { stale: false });
    assert_eq!(verify(&stored, "seven grey herons at low tide."), Verdict::Mismatch);
    assert_eq!(verify(&stored, ""), Verdict::Mismatch);
    assert_ne!(hashed(PASSWORD).to_text(), record.to_text(), "each record has its own salt");
}

#[test]
fn one_password_however_it_is_typed() {
    let record = hashed("sept h\u{e9}rons gris \u{e0} mar\u{e9}e basse");
    assert_eq!(
        verify(&record, "sept he\u{301}rons gris a\u{300} mare\u{301}e basse"),
        Verdict::Match { stale: false }
    );
    let no_break_spaces = "sept\u{a0}h\u{e9}rons\u{a0}gris\u{a0}\u{e0} mar\u{e9}e basse";
    assert_eq!(verify(&record, no_break_spaces), Verdict::Match { stale: false });
}

#[test]
fn raw_bytes_of_an_imported_record_match_and_are_stale() {
    let decomposed =
        "$argon2id$v=19$m=64,t=1,p=1$rnjG67HX1jH4Ri9nC2dDzQ$I217WXh41Otp1H2GiA0J/GbxCPQxJrxZJ1bjLCoeN8o";
    let typed = "Pa\u{308}sswo\u{308}rd-A\u{30a}ngstro\u{308}m-\u{65e5}\u{672c}\u{8a9e}-\u{1f600}";
    assert_eq!(verify(&parse(decomposed).ok().unwrap(), typed), Verdict::Match { stale: true });
}

#[test]
fn what_is_too_long_matches_nothing() {
    let long = "x".repeat(4097);
    for record in [ARGON2ID, BCRYPT].map(|text| parse(text).ok().unwrap()) {
        assert_eq!(verify(&record, &long), Verdict::Mismatch);
        assert_eq!(
            record.verify_presented(&Presented::exactly(&[b'x'; 100_000]), &Settings::FLOOR),
            Ok(Verdict::Mismatch)
        );
    }
}

#[test]
fn a_decoy_is_a_record_like_another_and_matches_nothing() {
    let settings = Settings::new(32_768, 2, 1).unwrap();
    let decoy = Record::decoy(&settings).unwrap();
    assert_eq!(decoy.scheme_label(), "argon2id:m32768,t2,p1");
    assert_eq!(decoy.to_text().len(), hashed(PASSWORD).to_text().len());
    assert!(!decoy.is_stale(&settings));
    for password in ["", PASSWORD] {
        assert_eq!(verify(&parse(decoy.to_text()).ok().unwrap(), password), Verdict::Mismatch);
    }
}

#[test]
fn labels_name_the_scheme_and_its_cost() {
    for (text, label) in [
        (ARGON2ID, "argon2id:m64,t2,p2"),
        (
            "$argon2i$v=16$m=64,t=2,p=1$c2FsdHlzYWx0$FjK5cnw+RRZ+i3J1K53Ar4ZDAvbcCSeqixwHWLg+iv0",
            "argon2i:v16,m64,t2,p1",
        ),
        (BCRYPT, "bcrypt:2y,5"),
    ] {
        assert_eq!(parse(text).ok().unwrap().scheme_label(), label);
    }
}

#[test]
fn what_costs_too_much_is_refused_before_any_work() {
    let argon2 = |params: &str| refusal(&ARGON2ID.replacen("m=64,t=2,p=2", params, 1));
    let too_costly = |what, required, limit| Unsupported::TooCostly { what, required, limit };
    assert_eq!(argon2("m=1048577,t=2,p=2"), too_costly(Cost::Argon2MemoryKib, 1_048_577, 1_048_576));
    assert_eq!(
        argon2("m=18446744073709551615,t=2,p=2"),
        too_costly(Cost::Argon2MemoryKib, u64::MAX, 1_048_576)
    );
    assert_eq!(argon2("m=64,t=17,p=2"), too_costly(Cost::Argon2Passes, 17, 16));
    assert_eq!(argon2("m=4096,t=2,p=17"), too_costly(Cost::Argon2Lanes, 17, 16));
    assert_eq!(argon2("m=1048576,t=5,p=2"), too_costly(Cost::Argon2WorkKib, 5_242_880, 4_194_304));
    assert_eq!(refusal(&BCRYPT.replacen("05", "16", 1)), too_costly(Cost::BcryptCost, 16, 15));
    assert_eq!(refusal(&"$".repeat(1025)), too_costly(Cost::RecordBytes, 1025, 1024));

    let mut generous = Limits::default();
    (generous.bcrypt_cost, generous.argon2_lanes) = (u32::MAX, u32::MAX);
    let beyond_the_format = Record::parse(&BCRYPT.replacen("05", "32", 1), &Dialect::none(), &generous).err();
    assert_eq!(beyond_the_format, Some(too_costly(Cost::BcryptCost, 32, 31)));
    let lanes = ARGON2ID.replacen("p=2", "p=4294967295", 1);
    assert_eq!(
        Record::parse(&lanes, &Dialect::none(), &generous).err(),
        Some(Unsupported::Malformed { at: 15 })
    );
}

/// Of each other scheme a record at its limit, one beyond it, and what there is too much of in that.
fn ceilings() -> Vec<(String, String, Cost, u64, u64)> {
    let tag = |bytes| "A".repeat(bytes);
    let crypt = |text: &str, tag: usize| format!("{text}{}", ".".repeat(tag));
    vec![
        (
            format!("$scrypt$ln=18,r=8,p=1$c2FsdHNhbHQ${}", tag(43)),
            format!("$scrypt$ln=19,r=8,p=1$c2FsdHNhbHQ${}", tag(43)),
            Cost::ScryptMemoryKib,
            524_289,
            262_208,
        ),
        (
            format!("scrypt:262144:8:4$salt${}", "0".repeat(64)),
            format!("scrypt:262144:8:5$salt${}", "0".repeat(64)),
            Cost::ScryptWorkKib,
            1_310_720,
            1_048_576,
        ),
        (
            format!("$scrypt$ln=1,r=100000,p=16$c2FsdHNhbHQ${}", tag(43)),
            format!("$scrypt$ln=1,r=1048576,p=16$c2FsdHNhbHQ${}", tag(43)),
            Cost::ScryptMemoryKib,
            2_359_296,
            262_208,
        ),
        (
            format!("$scrypt$ln=4,r=8,p=16$c2FsdHNhbHQ${}", tag(43)),
            format!("$scrypt$ln=4,r=8,p=17$c2FsdHNhbHQ${}", tag(43)),
            Cost::ScryptLanes,
            17,
            16,
        ),
        (
            crypt("$y$jDT$saltsalt$", 43),
            crypt("$y$jET$saltsalt$", 43),
            Cost::ScryptMemoryKib,
            524_288,
            262_208,
        ),
        (
            format!("$pbkdf2-sha256$10000000$c2FsdA${}", tag(43)),
            format!("$pbkdf2-sha256$10000000$c2FsdA${}", tag(44)),
            Cost::Pbkdf2Iterations,
            20_000_000,
            10_000_000,
        ),
        (
            crypt("$6$rounds=5000000$salt$", 86),
            crypt("$6$rounds=5000001$salt$", 86),
            Cost::CryptRounds,
            5_000_001,
            5_000_000,
        ),
        (
            crypt("$sha1$5000000$salt$", 28),
            crypt("$sha1$5000001$salt$", 28),
            Cost::CryptRounds,
            5_000_001,
            5_000_000,
        ),
        (
            crypt("$md5,rounds=5000000$salt$", 22),
            crypt("$md5,rounds=5000001$salt$", 22),
            Cost::CryptRounds,
            5_000_001,
            5_000_000,
        ),
        (crypt("$P$Ksaltsalt", 22), crypt("$P$Lsaltsalt", 22), Cost::CryptRounds, 8_388_608, 5_000_000),
    ]
}

#[test]
fn every_scheme_has_a_ceiling() {
    for (within, beyond, what, required, limit) in ceilings() {
        assert_eq!(parse(&within).map(|_| ()), Ok(()), "{within}");
        assert_eq!(refusal(&beyond), Unsupported::TooCostly { what, required, limit }, "{beyond}");
    }
}

#[test]
fn only_the_one_form_is_read() {
    for (from, to, at) in [
        ("v=19$", "", 10),
        ("v=19", "v=18", 12),
        ("v=19", "v=019", 12),
        ("m=64,t=2", "t=2,m=64", 15),
        ("m=64", "m=064", 17),
        ("m=64", "m=+64", 17),
        ("m=64", "m= 64", 17),
        ("m=64", "m=7", 15),
        ("t=2", "t=0", 15),
        ("p=2", "p=0", 15),
        ("p=2", "p=2,keyid=AA", 27),
        ("c2FsdHlzYWx0", "c2FsdHlzYWx0=", 28),
        ("J04F8", "J04F9", 41),
        ("J04F8", "J04F8$", 84),
        ("J04F8", "J04F8\n", 41),
        ("J04F8", "J04F8\0", 41),
        ("J04F8", "J04Fé", 83),
        ("$quX", "quX", 83),
    ] {
        let text = ARGON2ID.replacen(from, to, 1);
        assert_eq!(refusal(&text), Unsupported::Malformed { at }, "{text}");
    }
    let labelled = format!("{{ARGON2ID}}{}", ARGON2ID.replacen("v=19", "v=18", 1));
    assert_eq!(refusal(&labelled), Unsupported::Malformed { at: 22 }, "offsets count from the label");
}

#[test]
fn what_proves_too_little_is_refused_by_name() {
    let insecure = |text: &str| refusal(text) == Unsupported::Insecure { scheme: Weakness::ShortTag };
    assert!(insecure("$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$UwBfkbyIxTLRv8XyyWEp"));
    assert!(insecure("$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$"));
    let short_salt = "$argon2id$v=19$m=64,t=1,p=1$c2FsdA$UwBfkbyIxTLRv8XyyWEpCQ";
    assert_eq!(refusal(short_salt), Unsupported::Insecure { scheme: Weakness::ShortSalt });
    assert_eq!(
        refusal(&BCRYPT.replacen("2y", "2x", 1)),
        Unsupported::Insecure { scheme: Weakness::SignExtendedBcrypt }
    );
    assert_eq!(refusal("{PLAIN}secret"), Unsupported::Insecure { scheme: Weakness::Plaintext });
    for unknown in [
        "",
        "$",
        "secret",
        "$2$05$",
        "$2b",
        "$argon2id",
        "$argon2$v=19$",
        "$ARGON2ID$v=19$",
        " $2b$05$",
        "{SSHA!}",
        "argon2$",
    ] {
        assert_eq!(refusal(unknown), Unsupported::UnknownScheme, "{unknown:?}");
    }
}

#[test]
fn a_refusal_never_repeats_the_text() {
    for text in ["hunter2", "{noop}hunter2", "$2b$05$hunter2", "$argon2id$v=19$hunter2", "hunter2é"] {
        let refusal = refusal(text);
        assert!(!format!("{refusal} {refusal:?}").contains("hunter2"), "{text}");
    }
}

/// Texts that are a record, or nearly.
fn nearly_records() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "$",
        "argon2id",
        "argon2i",
        "argon2d",
        "argon2",
        "v=19",
        "v=16",
        "m=64",
        ",t=1",
        ",p=1",
        "m=8,t=1,p=1",
        "2b",
        "2a",
        "2x",
        "05",
        "04",
        "bcrypt",
        "{",
        "}",
        "{CRYPT}",
        "{ARGON2ID}",
        "c29tZXNhbHQ",
        "UwBfkbyIxTLRv8XyyWEpCQ",
        "lAqya7fEltnLJDpL482Yn.4FosXm4qmPdXgiaMtlVHoH2cdWKBSIS",
        "=",
        "é",
        "\0",
        "\n",
        "0",
        "99999999999999999999",
    ]);
    prop::collection::vec(parts, 0..12).prop_map(|parts| parts.concat())
}

/// Records with one run of bytes replaced.
fn damaged_records() -> impl Strategy<Value = String> {
    let whole = prop::sample::select(vectors_tests::texts());
    (whole, any::<prop::sample::Index>(), 0..4_usize, ".{0,3}").prop_map(|(whole, at, cut, put)| {
        let at = at.index(whole.len());
        let end = (at + cut).min(whole.len());
        format!("{}{put}{}", whole.get(..at).unwrap(), whole.get(end..).unwrap())
    })
}

/// Records of every shape that parses.
fn records() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "$argon2id",
        "$argon2i",
        "$argon2d",
        "{ARGON2}$argon2id",
        "argon2$argon2i",
    ]);
    let bytes = |range| prop::collection::vec(any::<u8>(), range);
    let version = prop::sample::select(vec![16, 19]);
    (name, version, 8..64_u32, 1..4_u32, bytes(8..65), bytes(16..129)).prop_map(
        |(name, version, m, t, salt, tag)| {
            use base64ct::{Base64Unpadded, Encoding};
            let (salt, tag) = (Base64Unpadded::encode_string(&salt), Base64Unpadded::encode_string(&tag));
            format!("{name}$v={version}$m={m},t={t},p=1${salt}${tag}")
        },
    )
}

proptest! {
    #[test]
    fn reading_never_panics(text in prop_oneof![any::<String>(), nearly_records(), damaged_records()]) {
        if let Ok(record) = parse(&text) {
            prop_assert_eq!(record.to_text(), text);
        }
    }

    #[test]
    fn a_record_leaves_as_it_came(text in records()) {
        let record = parse(&text).map_err(|refused| TestCaseError::fail(refused.to_string()))?;
        prop_assert_eq!(record.to_text(), &text);
        prop_assert_eq!(parse(record.to_text()).map(|again| again.scheme_label()), Ok(record.scheme_label()));
    }

    #[test]
    fn verifying_never_panics_and_no_password_matches_by_chance(text in records(), password in any::<Vec<u8>>()) {
        let record = parse(&text).map_err(|refused| TestCaseError::fail(refused.to_string()))?;
        let verdict = record.verify_presented(&Presented::exactly(&password), &Settings::FLOOR);
        prop_assert_eq!(verdict, Ok(Verdict::Mismatch));
    }
}
