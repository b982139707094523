//! The public face is written down in docs/public-api.txt, so that no change of it goes unseen: what a program that links
//! the library can name, as rustdoc says it, of the library with all its features.
//!
//! After a change that is meant, `SNAPSHOTS=overwrite cargo test --test it public_api` writes it anew; the difference
//! says what CHANGELOG.md has to say, and whether it is breaking (docs/stability.md).

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{postgres, source};

const WRITTEN: &str = "docs/public-api.txt";

/// What rustdoc says of the library, in a form that it gives to whoever asks as its own tools do; an error where it is
/// missing or refuses.
fn described() -> Result<PathBuf, String> {
    let directory = tempfile::tempdir().map_err(|e| e.to_string())?;
    // In cargo's own environment the variable would have every dependency built anew.
    let rustdoc = directory.path().join("rustdoc");
    fs::write(&rustdoc, "#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec rustdoc \"$@\"\n").map_err(|e| e.to_string())?;
    fs::set_permissions(&rustdoc, fs::Permissions::from_mode(0o700)).map_err(|e| e.to_string())?;
    let done = Command::new(env!("CARGO"))
        .args(["rustdoc", "--locked", "--offline", "--quiet", "--lib", "--all-features"])
        .args(["--", "-Z", "unstable-options", "--output-format", "json"])
        .env("RUSTDOC", rustdoc)
        .current_dir(source::root())
        .output()
        .map_err(|e| e.to_string())?;
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    let target =
        Path::new(env!("CARGO_BIN_EXE_strongroom")).ancestors().nth(2).ok_or("no target directory")?;
    done.status.success().then(|| target.join("doc/strongroom.json")).ok_or(said)
}

/// Traits that a type has or has not, without a word of its own: they stand behind its name, all in one line. What else
/// the compiler says of every type, `Unpin` say, is no promise.
const PROMISED: [&str; 13] = [
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Display",
    "Eq",
    "Error",
    "Hash",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Send",
    "Sync",
];
const UNPROMISED: [&str; 6] =
    ["Freeze", "RefUnwindSafe", "StructuralPartialEq", "Unpin", "UnsafeUnpin", "UnwindSafe"];

/// The public face: an item in each line, and then each type with its traits.
fn face(described: &Path) -> Result<String, String> {
    let build = |is_bare| {
        let builder = public_api::Builder::from_rustdoc_json(described).omit_blanket_impls(true);
        let built = builder.omit_auto_derived_impls(is_bare).build().map_err(|e| e.to_string());
        built.map(|face| face.items().map(ToString::to_string).collect::<Vec<_>>())
    };
    let (mut lines, mut traits) = (Vec::new(), BTreeMap::<String, BTreeSet<&str>>::new());
    for item in build(false)? {
        let implemented = item.strip_prefix("impl ").and_then(|rest| rest.split_once(" for "));
        let Some((name, of)) = implemented else { continue };
        let name = name.rsplit("::").next().unwrap();
        if let Some(promised) = PROMISED.iter().find(|promised| **promised == name) {
            traits.entry(of.to_owned()).or_default().insert(promised);
        }
    }
    for item in build(true)? {
        let name = item.split_once(" for ").map_or("", |(implemented, _)| implemented);
        let name = name.rsplit("::").next().unwrap();
        let is_gathered = PROMISED.contains(&name) || UNPROMISED.contains(&name);
        let is_told_by_traits = item.starts_with("impl") && is_gathered || item.contains("::fmt(&self,");
        if !is_told_by_traits {
            lines.push(item);
        }
    }
    let traits = traits
        .into_iter()
        .map(|(of, traits)| format!("{of}: {}", traits.into_iter().collect::<Vec<_>>().join(" + ")));
    Ok(lines.into_iter().chain(traits).map(|line| format!("{line}\n")).collect())
}

#[test]
fn the_public_face_is_the_one_that_is_written_down() {
    let face = match described().and_then(|path| face(&path)) {
        Ok(face) => face,
        Err(why) => return postgres::skip(&format!("the public face cannot be read: {why}")),
    };
    let written =
        snapbox::Data::read_from(&source::root().join(WRITTEN), Some(snapbox::data::DataFormat::Text));
    snapbox::Assert::new().action_env("SNAPSHOTS").normalize_paths(false).eq(face, written);
}

/// Causes, which stand in another error's variant.
const CAUSES: [&str; 3] = ["KeyError", "OpenError", "StoreError"];

/// The same three questions to every error that an operation ends with: a program that maps them once has mapped all.
#[test]
fn every_error_of_an_operation_answers_the_same_three_questions() {
    let written = source::read(WRITTEN);
    let types = written
        .lines()
        .filter_map(|line| line.split_once(": "))
        .filter(|(_, traits)| traits.split(" + ").any(|name| name == "Error"));
    let names = types.filter_map(|(name, _)| name.strip_prefix("strongroom::room::"));
    let errors: Vec<_> = names
        .filter(|name| (name.ends_with("Error") || *name == "Failure") && !CAUSES.contains(name))
        .collect();
    assert!(errors.len() >= 15, "{errors:?}");
    for error in errors {
        for (question, answer) in [
            ("kind", "strongroom::room::Kind"),
            ("retry_after", "core::option::Option<core::time::Duration>"),
            ("request_id", "core::option::Option<strongroom::room::RequestId>"),
        ] {
            let answered = format!("strongroom::room::{error}::{question}(&self) -> {answer}");
            assert!(
                written.lines().any(|line| line.ends_with(&answered)),
                "{error} does not answer {question}"
            );
        }
    }
}
