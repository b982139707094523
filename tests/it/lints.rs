//! The house's lints are on. Clippy does not run in `cargo test`; that nobody turned a lint down is checked here.

use toml::{Table, Value};

use crate::source;

/// Lints of the compiler that refuse.
const RUST: [&str; 3] = ["missing_docs", "unsafe_code", "unused_must_use"];

/// Lints of clippy that refuse: what ends a thread, what hides a fault, what prints, what skips the wiping.
const CLIPPY: [&str; 15] = [
    "unwrap_used",
    "expect_used",
    "panic",
    "unreachable",
    "todo",
    "unimplemented",
    "indexing_slicing",
    "string_slice",
    "allow_attributes",
    "allow_attributes_without_reason",
    "disallowed_methods",
    "print_stdout",
    "print_stderr",
    "mem_forget",
    "undocumented_unsafe_blocks",
];

/// Functions that `clippy.toml` bans by name.
const BANNED: [&str; 5] = [
    "std::time::SystemTime::now",
    "std::time::Instant::now",
    "std::env::var",
    "std::process::exit",
    "usize::to_be_bytes",
];

/// The lints of `wanted` that `manifest` does not refuse.
fn turned_down(manifest: &Table, group: &str, wanted: &[&str]) -> Vec<String> {
    let level = |lint: &str| {
        let lint = manifest.get("lints")?.get(group)?.get(lint)?;
        lint.as_str().or_else(|| lint.get("level").and_then(Value::as_str)).map(str::to_owned)
    };
    let refused = |lint: &str| level(lint).is_some_and(|level| level == "deny" || level == "forbid");
    wanted.iter().filter(|lint| !refused(lint)).map(|lint| format!("{group}::{lint}")).collect()
}

#[test]
fn every_lint_refuses() {
    let manifest: Table = source::read("Cargo.toml").parse().unwrap();
    assert_eq!(turned_down(&manifest, "rust", &RUST), Vec::<String>::new());
    assert_eq!(turned_down(&manifest, "clippy", &CLIPPY), Vec::<String>::new());
}

#[test]
fn every_banned_function_has_its_reason() {
    let clippy: Table = source::read("clippy.toml").parse().unwrap();
    let banned = clippy["disallowed-methods"].as_array().unwrap();
    let of = |key: &str| banned.iter().map(|ban| ban[key].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    for path in BANNED {
        assert!(of("path").iter().any(|banned| banned == path), "{path}");
    }
    assert!(of("reason").iter().all(|reason| reason.len() > 10));
}

#[test]
fn a_lint_turned_down_is_found() {
    let manifest = "[lints.clippy]\na = \"deny\"\nb = \"warn\"\nc = { level = \"deny\", priority = 1 }\nd = { level = \"allow\" }";
    let manifest: Table = manifest.parse().unwrap();
    assert_eq!(
        turned_down(&manifest, "clippy", &["a", "b", "c", "d", "e"]),
        ["clippy::b", "clippy::d", "clippy::e"]
    );
}

/// The version that Cargo.toml asks for, the one that everything is built and checked with, and the one that is promised.
#[test]
fn the_compiler_that_is_promised_is_the_one_that_builds_it() {
    let manifest: Table = source::read("Cargo.toml").parse().unwrap();
    let pinned: Table = source::read("rust-toolchain.toml").parse().unwrap();
    let promised = manifest["package"]["rust-version"].as_str().unwrap();
    let channel = pinned["toolchain"]["channel"].as_str().unwrap();
    assert_eq!(channel.rsplit_once('.').map(|(minor, _)| minor), Some(promised), "rust-toolchain.toml");
    assert!(source::read("docs/stability.md").contains(&format!("**{promised}**")), "docs/stability.md");
    let workflow = source::read(".ci/run");
    assert!(!workflow.contains("cargo +"), "a check that runs with another compiler");
}
