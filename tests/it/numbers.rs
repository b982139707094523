//! How long files and functions are, and what may not stand in them at all. The numbers are the length at which one
//! reader keeps a file, and a function, in view.

use crate::source::{self, Kind, SourceFile};

const FILE_LINES_MAX: usize = 700;
const FILE_LINES_MEDIAN_MAX: usize = 200;
const FUNCTION_LINES_MAX: usize = 70;

/// Files that may say `unsafe`, each with its reason beside the block.
const UNSAFE: [&str; 0] = [];

/// Calls and macros that end a thread, and the lint whose reasoned `expect` lets one stand. Clippy knows types and has
/// the last word; `key.unwrap(blob)` and `cursor.expect(",")?` are methods of ours.
const ENDINGS: [(&[&str], &str); 5] = [
    (&[".", "unwrap", "(", ")"], "unwrap_used"),
    (&["panic", "!"], "panic"),
    (&["unreachable", "!"], "unreachable"),
    (&["todo", "!"], "todo"),
    (&["unimplemented", "!"], "unimplemented"),
];

fn lines(file: &SourceFile) -> usize {
    file.text.lines().count()
}

fn median(mut numbers: Vec<usize>) -> usize {
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}

/// Each function with a body: its name, its line, and its lines from `fn` to the closing brace.
fn functions(file: &SourceFile) -> Vec<(String, usize, usize)> {
    let code = &file.code;
    let starts = (0..code.len()).filter(|at| code[*at].is_word("fn"));
    // `fn(u8) -> u8` is a type; `fn $name` in a macro is a function.
    let named = starts
        .filter(|at| file.has(at + 1, &["$"]) || code.get(at + 1).is_some_and(|t| t.kind == Kind::Word));
    named
        .filter_map(|at| {
            let end = body_end(file, at)?;
            Some((code[at + 1].text.clone(), code[at].line, code[end].line - code[at].line + 1))
        })
        .collect()
}

/// The closing brace of the function whose `fn` stands at `start`; `None` for a declaration without a body.
fn body_end(file: &SourceFile, start: usize) -> Option<usize> {
    let (mut depth, mut in_body) = (0_usize, false);
    for (at, token) in file.code.iter().enumerate().skip(start).filter(|(_, token)| token.kind == Kind::Mark)
    {
        match token.text.as_str() {
            ";" if depth == 0 => return None,
            // `Buffer<{ N }>` before the body is a constant.
            "{" => {
                in_body |= depth == 0 && !file.has(at - 1, &["<"]);
                depth += 1;
            }
            "(" | "[" => depth += 1,
            ")" | "]" | "}" => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if in_body && depth == 0 {
            return Some(at);
        }
    }
    None
}

/// `allow` at all, and `expect` without a reason.
fn quiet_lints(file: &SourceFile) -> Vec<String> {
    let mut faults = Vec::new();
    for (start, end) in source::attributes(&file.code) {
        let words: Vec<_> = file.code[start..end].iter().map(|token| token.text.as_str()).collect();
        let place = format!("{}:{}", file.path, file.code[start].line);
        if words.contains(&"allow") {
            faults.push(format!("{place}: `allow` stays when its cause is gone; `expect` does not"));
        }
        let reason = words.windows(3).any(|w| w[0] == "reason" && w[1] == "=" && w[2].len() > 10);
        if words.contains(&"expect") && !reason {
            faults.push(format!("{place}: `expect` without a reason"));
        }
        // With its reason: the full run of `.ci/run` runs it.
        if words.contains(&"ignore") && !words.contains(&"=") {
            faults.push(format!("{place}: a test that does not run, and does not say why"));
        }
    }
    faults
}

/// What ends a thread in released code, where the file holds no `expect` for its lint.
fn endings(file: &SourceFile) -> Vec<String> {
    let expected = |lint: &str| {
        let attributes = source::attributes(&file.code);
        attributes
            .into_iter()
            .any(|(start, end)| file.code[start..end].iter().any(|token| token.is_word(lint)))
    };
    let mut faults = Vec::new();
    for (at, token) in file.product() {
        let called = ENDINGS.iter().filter(|(pattern, _)| file.has(at, pattern)).map(|(_, lint)| *lint);
        let with_message =
            (file.has(at, &[".", "expect", "("]) && has_message(file, at + 3)).then_some("expect_used");
        for lint in called.chain(with_message).filter(|lint| !expected(lint)) {
            faults.push(format!("{}:{}: {lint}", file.path, token.line));
        }
    }
    faults
}

/// Whether the argument at `at` is a sentence for people and no `?` follows the call.
fn has_message(file: &SourceFile, at: usize) -> bool {
    file.code.get(at).is_some_and(|token| token.kind == Kind::Text && token.text.contains(' '))
        && file.has(at + 1, &[")"])
        && !file.has(at + 2, &["?"])
}

fn unsafe_words(file: &SourceFile) -> Vec<String> {
    let found =
        file.code.iter().filter(|token| token.is_word("unsafe") && !UNSAFE.contains(&file.path.as_str()));
    found.map(|token| format!("{}:{}: `unsafe`", file.path, token.line)).collect()
}

/// Notes to come back later. What is left undone stands in the tracker or in SECURITY.md, where people look.
fn notes(file: &SourceFile) -> Vec<String> {
    let is_note = |word: &str| [concat!("TO", "DO"), concat!("FIX", "ME")].contains(&word);
    let lines = file.text.lines().enumerate();
    let found = lines.filter(|(_, line)| line.split(|c: char| !c.is_alphanumeric()).any(is_note));
    found.map(|(at, _)| format!("{}:{}: a note to come back later", file.path, at + 1)).collect()
}

fn check(directories: &[&str], faults: impl Fn(&SourceFile) -> Vec<String>) {
    let files: Vec<_> = directories.iter().flat_map(|directory| source::rust_files(directory)).collect();
    let faults: Vec<_> = files.iter().flat_map(faults).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn files_are_short() {
    let files = source::rust_files("src");
    let long: Vec<_> =
        files.iter().filter(|file| lines(file) > FILE_LINES_MAX).map(|file| &file.path).collect();
    assert!(long.is_empty(), "over {FILE_LINES_MAX} lines: {long:?}");
    let median = median(files.iter().map(lines).collect());
    assert!(median <= FILE_LINES_MEDIAN_MAX, "the median file has {median} lines");
}

#[test]
fn functions_are_short() {
    check(&["src"], |file| {
        let long = functions(file).into_iter().filter(|(_, _, lines)| *lines > FUNCTION_LINES_MAX);
        long.map(|(name, at, lines)| format!("{}:{at}: `{name}` has {lines} lines", file.path)).collect()
    });
}

#[test]
fn no_lint_is_silenced_and_no_test_is_skipped() {
    check(&["src", "tests", "benches", "examples"], quiet_lints);
}

#[test]
fn nothing_ends_a_thread() {
    check(&["src"], endings);
}

#[test]
fn unsafe_stands_in_listed_files() {
    check(&["src", "tests", "benches", "examples"], unsafe_words);
}

#[test]
fn nothing_is_left_for_later() {
    check(&["src", "tests", "benches", "examples"], notes);
}

#[cfg(test)]
mod tests {
    use super::{SourceFile, endings, functions, lines, median, notes, quiet_lints, unsafe_words};

    fn file(source: &str) -> SourceFile {
        SourceFile::new("src/a.rs", source)
    }

    #[test]
    fn files_are_measured() {
        assert_eq!([lines(&file("")), lines(&file("a")), lines(&file("a\nb\n"))], [0, 1, 2]);
        assert_eq!([median(vec![]), median(vec![9, 1, 5]), median(vec![1, 2, 3, 4])], [0, 5, 3]);
    }

    #[test]
    fn functions_are_measured() {
        let source = "
            fn one() -> [u8; 2] { [0; 2] }
            const fn two(f: fn(u8) -> u8)
            where
                u8: Copy,
            {
                \"}\"; '}'; /* } */ // }
                fn inner() {
                }
            }
            trait T { fn declared(&self) -> [u8; 4]; fn given(&self) {} }
            fn sized() -> Buffer<{ N }> {
            }
            macro_rules! m { ($name:ident) => { fn $name() {
            } } }
        ";
        let found = functions(&file(source));
        let sizes: Vec<_> = found.iter().map(|(name, line, lines)| (name.as_str(), *line, *lines)).collect();
        let expected =
            [("one", 2, 1), ("two", 3, 8), ("inner", 8, 2), ("given", 11, 1), ("sized", 12, 2), ("$", 14, 2)];
        assert_eq!(sizes, expected);
    }

    #[test]
    fn silenced_lints_are_found() {
        let faults = |source: &str| quiet_lints(&file(source)).len();
        assert_eq!(faults("#[allow(dead_code)] fn a() {}"), 1);
        assert_eq!(faults("#![allow(missing_docs, reason = \"long enough\")]"), 1);
        assert_eq!(faults("#[cfg_attr(test, allow(dead_code))] fn a() {}"), 1);
        assert_eq!(faults("#[expect(dead_code)] fn a() {}"), 1);
        assert_eq!(faults("#[expect(dead_code, reason = \"x\")] fn a() {}"), 1);
        assert_eq!(faults("#[expect(dead_code, reason = \"the next floor uses it\")] fn a() {}"), 0);
        assert_eq!(faults("#[test] #[ignore] fn a() {} #[test] #[ignore = \"takes minutes\"] fn b() {}"), 1);
        assert_eq!(faults("// #[allow(x)]\n fn allow() { a.expect(b) }"), 0);
    }

    #[test]
    fn endings_are_found() {
        let faults = |source: &str| endings(&file(source)).len();
        for ending in ["a.unwrap()", "a.expect(\"b is c\")", "panic!()", "unreachable!(\"a\")", "todo!()"] {
            assert_eq!(faults(ending), 1, "{ending}");
        }
        for fine in [
            "a.unwrap_or(b)",
            "// a.unwrap()",
            "\"panic!()\"",
            "#[cfg(test)] mod tests { fn f() { a.unwrap() } }",
        ] {
            assert_eq!(faults(fine), 0, "{fine}");
        }
        assert_eq!(faults("#[expect(clippy::panic, reason = \"told why\")] fn a() { panic!() }"), 0);
    }

    #[test]
    fn unsafe_and_notes_are_found() {
        assert_eq!(unsafe_words(&file("fn a() { unsafe { b() } } // unsafe")).len(), 1);
        let note = concat!("// TO", "DO: b");
        assert_eq!([notes(&file(note)).len(), notes(&file("// todos, METHOD")).len()], [1, 0]);
    }
}
