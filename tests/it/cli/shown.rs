//! Every command is shown: its help, a success and a refusal stand in some transcript.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use crate::source;

/// What is shown of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shown {
    Help,
    Success,
    Refusal,
}

/// What no transcript can show, and why.
const ELSEWHERE: [(&str, Shown, &str); 2] = [
    ("demo", Shown::Success, "`tests/it/demo.rs` plays it"),
    ("staff give", Shown::Success, "it takes two people, who come with step 2"),
];

/// Every command as its words, out of the manual.
fn commands() -> BTreeSet<Vec<String>> {
    let directory = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_strongroom");
    let output = Command::new(program).args(["--json", "man"]).arg(directory.path()).output().unwrap();
    let manual: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let pages = manual["pages"].as_array().unwrap().iter().map(|page| page.as_str().unwrap());
    let words = |page: &str| page.trim_end_matches(".1").split('-').skip(1).map(str::to_owned).collect();
    pages.map(words).filter(|words: &Vec<String>| !words.is_empty()).collect()
}

/// The words of the last call of the program in a line of shell, without the arguments for every command.
fn called(line: &str) -> Option<Vec<&str>> {
    let call =
        line.rsplit(['|', '&', ';']).find(|part| part.split_whitespace().any(|word| word == "strongroom"))?;
    let mut words = call.split_whitespace().skip_while(|word| *word != "strongroom").skip(1);
    let mut named = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "--room" | "--session" | "--as" | "--purpose" | "--case" | "--reason" => drop(words.next()),
            other => named.push(other),
        }
    }
    Some(named)
}

/// What each answer of the transcripts shows of which command.
fn shown(commands: &BTreeSet<Vec<String>>) -> BTreeMap<Vec<String>, BTreeSet<Shown>> {
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for file in source::files("tests/cli") {
        let text = source::read(&file);
        for part in text.split("\n$ ").skip(1) {
            let (line, answer) = part.split_once('\n').unwrap_or((part, ""));
            let answer = answer.split("\n```").next().unwrap();
            let Some(words) = called(line) else { continue };
            // The longest command that these words begin with.
            let command = (1..=words.len().min(3)).rev().map(|length| words[..length].iter());
            let command = command.map(|words| words.map(|word| (*word).to_owned()).collect::<Vec<_>>());
            let Some(command) = command.into_iter().find(|words| commands.contains(words)) else { continue };
            let refused = answer.lines().last().is_some_and(|last| last.starts_with("? "));
            let what = match (words.contains(&"--help"), refused) {
                (true, _) => Shown::Help,
                (false, true) => Shown::Refusal,
                (false, false) => Shown::Success,
            };
            found.entry(command).or_default().insert(what);
        }
    }
    found
}

#[test]
fn every_command_shows_its_help_a_success_and_a_refusal() {
    let commands = commands();
    let shown = shown(&commands);
    let mut missing = Vec::new();
    for command in &commands {
        let is_noun = commands.iter().any(|other| other.len() > command.len() && other.starts_with(command));
        let wanted: &[Shown] =
            if is_noun { &[Shown::Help] } else { &[Shown::Help, Shown::Success, Shown::Refusal] };
        let known = shown.get(command).cloned().unwrap_or_default();
        missing.extend(wanted.iter().filter(|one| !known.contains(one)).map(|one| (command.join(" "), *one)));
    }
    missing.retain(|(command, what)| !ELSEWHERE.iter().any(|(name, one, _)| name == command && one == what));
    assert!(missing.is_empty(), "no transcript shows {missing:#?}");
}

#[test]
fn a_call_is_read_out_of_a_line_of_shell() {
    for (line, words) in [
        ("strongroom --room room account show ID", vec!["account", "show", "ID"]),
        ("echo x > f && strongroom --as sam ticket list --mine | head", vec!["ticket", "list", "--mine"]),
        ("strongroom login a --json", vec!["login", "a", "--json"]),
    ] {
        assert_eq!(called(line), Some(words), "{line}");
    }
    assert_eq!(called("ls none"), None);
}
