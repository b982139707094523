//! What must not compile: each file under `tests/ui/` is a program against the public face, and beside it stands what
//! the compiler answers. After a change of wording, `SNAPSHOTS=overwrite cargo test --test it compile_fail` writes the
//! answers anew; read each before it is committed, because a program that fails for another reason proves nothing.
//!
//! The compiler is called on each file with the library that this test is linked with: nothing is built for it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::source;

/// The library as cargo has it, and what the programs name beside it, with the names by which they do.
fn libraries() -> Vec<(String, PathBuf)> {
    let profile = env::current_exe().unwrap().ancestors().nth(2).unwrap().to_path_buf();
    let mut build = Command::new(env!("CARGO"));
    // What examples are built with is what this test is built with, and is there.
    build.args(["build", "--locked", "--offline", "--example", "auth_service", "--message-format", "json"]);
    build.arg("--target-dir").arg(profile.parent().unwrap()).current_dir(source::root());
    if profile.file_name().is_some_and(|name| name == "release") {
        build.arg("--release");
    }
    let built = build.output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let messages = String::from_utf8(built.stdout).unwrap();
    let artifacts = messages.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let file = |artifact: Value| {
        let name = artifact["target"]["name"].as_str()?.to_owned();
        let files = artifact["filenames"].as_array()?.iter().filter_map(Value::as_str);
        let library =
            files.map(PathBuf::from).find(|file| file.extension().is_some_and(|kind| kind == "rlib"))?;
        ["strongroom", "serde", "zeroize"].contains(&name.as_str()).then_some((name, library))
    };
    artifacts.filter_map(file).collect()
}

/// What the compiler answers to a program; nothing if it compiles.
fn answer(program: &Path, libraries: &[(String, PathBuf)]) -> Option<String> {
    let made = tempfile::tempdir().unwrap();
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or("rustc".into()));
    rustc.args([
        "--edition",
        "2024",
        "--crate-type",
        "bin",
        "--emit",
        "metadata",
        "--diagnostic-width",
        "140",
    ]);
    rustc.arg("--out-dir").arg(made.path()).current_dir(source::root());
    for (name, file) in libraries {
        rustc.arg("--extern").arg(format!("{name}={}", file.display()));
        rustc.arg("-L").arg(format!("dependency={}", file.parent().unwrap().display()));
    }
    let said = rustc.arg(program).output().unwrap();
    (!said.status.success()).then(|| told(&String::from_utf8(said.stderr).unwrap()))
}

/// The answer without what changes with other things: where this tree lies, the library's line numbers and how wide they
/// are, the compiler's last words.
fn told(answer: &str) -> String {
    let root = format!("{}/", source::root().display());
    let answer = answer.replace(&root, "");
    let is_left_out = |line: &str| {
        let ends = ["For more information about", "Some errors have detailed", "error: aborting due to"];
        let asides = ["the full name for the type has been written", "consider using `--verbose`"];
        ends.iter().any(|end| line.starts_with(end)) || asides.iter().any(|aside| line.contains(aside))
    };
    let (mut told, mut is_of_library) = (Vec::new(), false);
    for line in answer.lines().filter(|line| !is_left_out(line)) {
        let behind = line.trim_start_matches([' ', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        let number = line[..line.len() - behind.len()].trim();
        let place = behind.split_at_checked(4).filter(|(mark, _)| ["--> ", "::: "].contains(mark));
        let line = if let Some((mark, place)) = place {
            is_of_library = place.starts_with("src/");
            let place = if is_of_library { place.split(':').next().unwrap() } else { place };
            format!(" {mark}{place}")
        } else if !number.is_empty() && !is_of_library {
            format!("{number} {behind}")
        } else if !number.is_empty() || behind.starts_with(['|', '=']) {
            format!("  {behind}")
        } else if let Some(count) = behind.strip_prefix("and ").and_then(|rest| rest.strip_suffix(" others"))
        {
            line.replace(count, "$N")
        } else {
            // A message, or what goes on from one.
            is_of_library &= line.starts_with(' ');
            line.to_owned()
        };
        told.push(line.trim_end().to_owned());
    }
    format!("{}\n", told.join("\n").trim_end())
}

fn programs() -> Vec<PathBuf> {
    let programs = source::files("tests/ui").into_iter().filter(|path| path.ends_with(".rs"));
    programs.map(PathBuf::from).collect()
}

#[test]
fn what_must_not_compile_does_not() {
    let (libraries, programs) = (libraries(), programs());
    assert!(programs.len() >= 20, "{programs:?}");
    let (mut compile, asserts) =
        (Vec::new(), snapbox::Assert::new().action_env("SNAPSHOTS").normalize_paths(false));
    for program in programs {
        match answer(&program, &libraries) {
            Some(answer) => {
                let written = source::root().join(program.with_extension("stderr"));
                asserts.eq(answer, snapbox::Data::read_from(&written, Some(snapbox::data::DataFormat::Text)));
            }
            None => compile.push(program),
        }
    }
    assert!(compile.is_empty(), "{compile:?}");
}

/// One that compiles is seen: what the others name beside what they must not is there.
#[test]
fn what_may_compile_does() {
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("fine.rs");
    fs::write(
        &program,
        "use strongroom::room::{Name, Room, Sealed};\nfn _of(_: &Room, _: Sealed<Name>) {}\nfn main() {}\n",
    )
    .unwrap();
    assert_eq!(answer(&program, &libraries()), None);
}
