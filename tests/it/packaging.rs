//! What a release is packed with: the bill of materials says what is linked into the program, as CycloneDX 1.5 wants it.

use std::{collections::BTreeSet, process::Command};

use serde_json::Value;

use crate::source;

/// The bill of materials, or nothing where there is no Python that reads TOML.
fn bill() -> Option<Value> {
    let python = Command::new("python3").args(["-c", "import tomllib"]).output();
    if !python.is_ok_and(|python| python.status.success()) {
        assert!(
            std::env::var_os("STRONGROOM_TEST_SKIP_NOTHING").is_none(),
            "no Python 3.11, and nothing may be skipped"
        );
        return None;
    }
    let mut program = Command::new("python3");
    program.arg(source::root().join("packaging/bill_of_materials")).args(["--libc", "glibc 2.41"]);
    let output = program.env("SOURCE_DATE_EPOCH", "1790000000").env("CARGO", env!("CARGO")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("`{key}` of {value}"))
}

/// What the schema of CycloneDX 1.5 requires, and the forms that it gives.
fn is_formed(bill: &Value) {
    assert_eq!((text(bill, "bomFormat"), text(bill, "specVersion")), ("CycloneDX", "1.5"));
    let serial = text(bill, "serialNumber").strip_prefix("urn:uuid:").unwrap();
    assert_eq!(serial.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    assert_eq!(
        (bill["version"].as_u64(), text(&bill["metadata"], "timestamp")),
        (Some(1), "2026-09-21T14:13:20Z")
    );
    let mut refs = BTreeSet::from([text(&bill["metadata"]["component"], "bom-ref")]);
    for component in bill["components"].as_array().unwrap() {
        assert_eq!(text(component, "type"), "library");
        assert!(["required", "excluded"].contains(&text(component, "scope")));
        assert!(text(component, "purl").starts_with("pkg:") && !text(component, "version").is_empty());
        assert!(refs.insert(text(component, "bom-ref")), "{component} stands there twice");
        for hash in component["hashes"].as_array().into_iter().flatten() {
            let content = text(hash, "content");
            assert_eq!(text(hash, "alg"), "SHA-256");
            assert!(content.len() == 64 && content.bytes().all(|byte| byte.is_ascii_hexdigit()));
        }
        for license in component["licenses"].as_array().unwrap() {
            let expression = license["expression"].as_str().or(license["license"]["name"].as_str());
            assert!(expression.is_some_and(|text| !text.contains('/')), "{component}");
        }
    }
    for one in bill["dependencies"].as_array().unwrap() {
        let on = one["dependsOn"].as_array().unwrap().iter().map(|on| on.as_str().unwrap());
        assert!(on.chain([text(one, "ref")]).all(|known| refs.contains(known)), "{one}");
    }
}

#[test]
fn the_bill_of_materials_says_what_is_in_the_program() {
    let Some(bill) = bill() else { return };
    is_formed(&bill);
    let scope = |name: &str| {
        let component = bill["components"].as_array().unwrap().iter().find(|one| one["name"] == name);
        component.map(|component| text(component, "scope"))
    };
    // Linked, among them what is C; building only; and for tests only.
    for name in ["aes-gcm", "argon2", "ed25519-dalek", "rusqlite", "sqlite", "glibc", "clap"] {
        assert_eq!(scope(name), Some("required"), "{name}");
    }
    for name in ["serde_derive", "cc"] {
        assert_eq!(scope(name), Some("excluded"), "{name}");
    }
    for name in ["tempfile", "proptest", "criterion", "strongroom"] {
        assert_eq!(scope(name), None, "{name}");
    }
    // Every crate has the digest by which it was downloaded.
    let lock = source::read("Cargo.lock");
    for component in bill["components"].as_array().unwrap() {
        if text(component, "purl").starts_with("pkg:cargo/") {
            assert!(lock.contains(text(&component["hashes"][0], "content")), "{component}");
        }
    }
}
