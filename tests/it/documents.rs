//! The documents name only what exists, and nothing in the repository names the machine that it was written on.

use std::{collections::BTreeSet, path::Path};

use strongroom::room::{
    columns_markdown, events_markdown, matrix_markdown, metrics_markdown, policy_markdown, troubles_markdown,
};

use crate::source;

/// Documents that a repository of this kind has, whatever else it has.
const DOCUMENTS: [&str; 7] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "FORMAT.md",
    "README.md",
    "SECURITY.md",
    "deny.toml",
];

/// Directories that documents may leave out in front of a file: `store/lane.rs` stands in `src/`.
const SHORTENED: [&str; 4] = ["", "src", "tests/it", "src/bin/strongroom"];

fn documents() -> Vec<String> {
    let is_document =
        |path: &String| path.ends_with(".md") && (!path.contains('/') || path.starts_with("docs/"));
    source::files("").into_iter().filter(is_document).collect()
}

/// The text without its fenced blocks: what stands in them is a transcript, checked as one.
fn prose(text: &str) -> String {
    let mut fenced = false;
    let outside = text.lines().map(|line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        if fence || fenced { "" } else { line }
    });
    outside.collect::<Vec<_>>().join("\n")
}

/// The targets of the links, `[text](target)` and `[name]: target`.
fn links(text: &str) -> Vec<String> {
    let prose = prose(text);
    let inline = prose.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    let named = prose
        .lines()
        .filter_map(|line| line.strip_prefix('[')?.split_once("]: ").map(|(_, target)| target.trim()));
    inline
        .chain(named)
        .filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
        .map(str::to_owned)
        .collect()
}

/// The texts in backquotes that look like a file or directory of the repository.
fn quoted_paths(text: &str) -> Vec<String> {
    let prose = prose(text);
    prose.split('`').skip(1).step_by(2).filter(|quoted| looks_like_path(quoted)).map(str::to_owned).collect()
}

/// Whether a text is made like a path and either starts in one of the repository's directories or ends like a file of
/// source or a document. `store/store.db` and `room.toml` are files of a room.
fn looks_like_path(text: &str) -> bool {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    let first = text.split('/').next().unwrap_or_default();
    let in_repository = text.contains('/')
        && matches!(
            first,
            "src" | "tests" | "docs" | "benches" | "scripts" | "schema" | "policy" | "fuzz" | ".ci"
        );
    let like_source =
        [".rs", ".md", ".sql", ".c", ".sh"].iter().any(|end| text.len() > end.len() && text.ends_with(end));
    plain && (in_repository || like_source)
}

fn exists(path: &str) -> bool {
    SHORTENED.iter().any(|directory| source::root().join(directory).join(path).exists())
}

/// The anchors of a document's headings, as they are linked.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings =
        prose(text).lines().filter(|line| line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
    let anchor = |heading: String| {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.into_iter().map(anchor).collect()
}

/// What is wrong with a link from `document` to `target`.
fn broken(document: &str, text: &str, target: &str) -> Option<String> {
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = Path::new(document).parent().unwrap_or(Path::new("")).join(file);
    if !file.is_empty() && !source::root().join(&path).exists() {
        return Some(format!("{document}: `{file}` does not exist"));
    }
    let linked = if file.is_empty() { text.to_owned() } else { String::new() };
    let linked = if file.ends_with(".md") { source::read(&path.to_string_lossy()) } else { linked };
    let missing = !anchor.is_empty() && !anchors(&linked).contains(anchor);
    missing.then(|| format!("{document}: `{target}` leads to no heading"))
}

/// The beginnings of the paths that belong to this machine: where the repository stands here, and the compiler.
/// Nothing is listed by name, so that the test itself names no machine.
fn machine_paths() -> Vec<String> {
    [env!("CARGO_MANIFEST_DIR"), env!("CARGO")].into_iter().filter_map(machine_path).collect()
}

/// The part of an absolute path that another machine does not have: its first directory, or the first two where every
/// system has the first.
fn machine_path(path: &str) -> Option<String> {
    let mut names = path.strip_prefix('/')?.split('/');
    let first = names.next()?;
    match first {
        "usr" | "opt" | "bin" | "etc" => None,
        "home" | "tmp" | "var" | "srv" | "mnt" | "Users" | "private" => {
            Some(format!("/{first}/{}/", names.next()?))
        }
        "src" | "app" => None,
        _ => Some(format!("/{first}/")),
    }
}

/// Whether `text` names a path that starts with `machine`: not inside a longer path or an address.
fn names_path(text: &str, machine: &str) -> bool {
    let starts = text
        .match_indices(machine)
        .map(|(at, _)| text.get(..at).and_then(|before| before.chars().next_back()));
    starts.into_iter().any(|before| !before.is_some_and(|c| c.is_alphanumeric() || "._-/~$}>*".contains(c)))
}

#[test]
fn every_link_and_every_file_in_the_documents_exists() {
    let mut faults = Vec::new();
    for document in documents() {
        let text = source::read(&document);
        faults.extend(links(&text).iter().filter_map(|target| broken(&document, &text, target)));
        let absent = quoted_paths(&text).into_iter().filter(|path| !exists(path));
        faults.extend(absent.map(|path| format!("{document}: `{path}` does not exist")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_documents_of_a_house_are_there() {
    for document in DOCUMENTS.into_iter().chain(["LICENSE-APACHE", "LICENSE-MIT"]) {
        assert!(!source::read(document).trim().is_empty(), "{document}");
    }
}

/// What a document holds between the markers of a generated part.
fn generated<'t>(text: &'t str, name: &str) -> &'t str {
    let marker = format!("<!-- generated: {name} -->\n");
    let (_, rest) = text.split_once(&marker).unwrap_or_else(|| panic!("no part `{name}`"));
    rest.split_once("<!-- end -->").unwrap().0.trim_end()
}

#[test]
fn generated_parts_are_what_the_code_says() {
    for (document, name, code) in [
        ("SECURITY.md", "matrix", matrix_markdown()),
        ("FORMAT.md", "events", events_markdown()),
        ("FORMAT.md", "columns", columns_markdown()),
        ("README.md", "policy", policy_markdown()),
        ("docs/metrics.md", "metrics", metrics_markdown()),
        ("docs/operate.md", "troubles", troubles_markdown()),
        ("docs/operate.md", "states", crate::trouble::markdown()),
    ] {
        let code = code.trim_end();
        let stands = generated(&source::read(document), name) == code;
        assert!(stands, "{document}, `{name}`: put this between its markers\n\n{code}\n");
    }
}

#[test]
fn nothing_names_this_machine() {
    let machine = machine_paths();
    let mut faults = Vec::new();
    for path in source::files("") {
        let bytes = std::fs::read(source::root().join(&path)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let named = machine.iter().filter(|machine| names_path(&text, machine));
        faults.extend(named.map(|machine| format!("{path}: `{machine}`")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_dependency_comes_from_the_public_registry() {
    let sources: BTreeSet<String> = source::read("Cargo.lock")
        .lines()
        .filter(|line| line.starts_with("source = "))
        .map(str::to_owned)
        .collect();
    assert_eq!(
        sources,
        ["source = \"registry+https://github.com/rust-lang/crates.io-index\"".to_owned()].into()
    );
}

#[cfg(test)]
mod tests {
    use super::{anchors, broken, links, looks_like_path, machine_path, names_path, quoted_paths};

    #[test]
    fn links_and_paths_are_found_outside_transcripts() {
        let text = "See [a](B.md#c), [d](https://e.example/f) and `src/lib.rs`.\n```\n[x](y) `src/z.rs`\n```\n[n]: g/h.md\n";
        assert_eq!(links(text), ["B.md#c", "g/h.md"]);
        assert_eq!(quoted_paths(text), ["src/lib.rs"]);
    }

    #[test]
    fn a_path_is_told_from_a_word() {
        for path in
            ["src/base", "tests/it/main.rs", "store/lane.rs", "FORMAT.md", ".ci/run", "docs/operate.md"]
        {
            assert!(looks_like_path(path), "{path}");
        }
        for word in
            ["cargo test", "room.toml", "store/store.db", "and/or", "src", "a.example", ".rs", "foo(bar.rs)"]
        {
            assert!(!looks_like_path(word), "{word}");
        }
    }

    #[test]
    fn a_broken_link_is_found() {
        let text = "# One, two: `three`\n[a](#one-two-three)\n";
        assert_eq!(anchors(text), ["one-two-three".to_owned()].into());
        assert_eq!(broken("README.md", text, "#one-two-three"), None);
        assert_eq!(broken("README.md", text, "src/lib.rs"), None);
        assert!(broken("README.md", text, "#four").is_some());
        assert!(broken("README.md", text, "absent.md").is_some());
        assert!(broken("docs/a.md", text, "Cargo.toml").is_some());
    }

    #[test]
    fn a_path_of_the_machine_is_found() {
        assert_eq!(machine_path("/builds/a/b"), Some("/builds/".into()));
        assert_eq!(machine_path("/home/jane/a"), Some("/home/jane/".into()));
        assert_eq!([machine_path("/usr/bin/cargo"), machine_path("relative")], [None, None]);
        for named in ["see /builds/a", "\"/builds/x\"", "/builds/x", "file:///builds/", "=/builds/"] {
            assert_eq!(names_path(named, "/builds/"), !named.contains("//"), "{named}");
        }
        assert!(!names_path("https://a.example/builds/x and $DIR/builds/x", "/builds/"));
    }
}
