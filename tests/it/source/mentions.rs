//! The paths that a file of source names: its `use` declarations taken apart, and every path in its code.

use std::collections::BTreeSet;

use super::{Kind, SourceFile, Token};

/// One path, named at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// As written; a path that starts with `::` has an empty first segment. A glob stops before its star.
    pub segments: Vec<String>,
    /// The module that it stands in, from the crate's root.
    pub module: Vec<String>,
    /// The line, counted from 1.
    pub line: usize,
    /// Whether only test builds hold it.
    pub in_test: bool,
    /// What a `use` declaration makes of it; `None` for a path in code.
    pub import: Option<Import>,
}

/// How a `use` declaration brings a path in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The name that it has from then on; `*` for a glob.
    pub name: String,
    /// Whether it is given on, to whomever.
    pub public: bool,
}

/// What [`scan`] finds in a file.
#[derive(Default)]
pub struct Found {
    /// Every path, in order.
    pub mentions: Vec<Mention>,
    /// Modules written inline, from the crate's root.
    pub inline_modules: Vec<Vec<String>>,
    /// Modules in files of their own that only test builds hold.
    pub test_modules: Vec<Vec<String>>,
    /// Modules whose file a `#[path]` names: the file, beside this one, and the module.
    pub placed: Vec<(String, Vec<String>)>,
    /// Every word of released code outside `use` declarations.
    pub words: BTreeSet<String>,
}

/// Reads `file`, which is the module `module`.
pub fn scan(file: &SourceFile, module: &[String]) -> Found {
    let (mut found, mut at, mut depth) = (Found::default(), 0, 0_usize);
    let mut inside: Vec<(usize, Vec<String>)> = vec![(0, module.to_vec())];
    while let Some(token) = file.code.get(at) {
        let here = inside.last().map(|(_, path)| path.clone()).unwrap_or_default();
        at += match token.text.as_str() {
            "{" if token.kind == Kind::Mark => {
                depth += 1;
                1
            }
            "}" if token.kind == Kind::Mark => {
                inside.pop_if(|(opened, _)| *opened == depth && depth > 0);
                depth = depth.saturating_sub(1);
                1
            }
            "mod" if token.kind == Kind::Word => {
                let name = file.code.get(at + 1).map(|name| name.text.clone());
                let path: Vec<String> = here.into_iter().chain(name).collect();
                found.placed.extend(placed_at(file, at).map(|placed| (placed, path.clone())));
                if file.has(at + 2, &["{"]) {
                    depth += 1;
                    found.inline_modules.push(path.clone());
                    inside.push((depth, path));
                } else if file.in_test[at] {
                    found.test_modules.push(path);
                }
                3
            }
            "use" if token.kind == Kind::Word && !file.has(at + 1, &["<"]) => {
                declaration(file, at, &here, &mut found)
            }
            _ => path(file, at, &here, &mut found),
        };
    }
    found
}

/// The file that `#[path = "name.rs"]` right before `mod` at `at` names.
fn placed_at(file: &SourceFile, at: usize) -> Option<String> {
    let start = at.checked_sub(6).filter(|start| file.has(*start, &["#", "[", "path", "="]))?;
    let directory = file.path.rsplit_once('/').map_or("", |(directory, _)| directory);
    Some(format!("{directory}/{}", file.code.get(start + 4)?.text))
}

/// A `use` declaration from `start` on: its mentions, and how many tokens it takes.
fn declaration(file: &SourceFile, start: usize, module: &[String], found: &mut Found) -> usize {
    let public = start > 0 && (file.code[start - 1].is_word("pub") || file.code[start - 1].is_mark(")"));
    let mut parser = UseTree { code: &file.code, at: start + 1, leaves: Vec::new() };
    parser.tree(&[]);
    found.mentions.extend(parser.leaves.into_iter().map(|(segments, name, line)| Mention {
        segments,
        module: module.to_vec(),
        line,
        in_test: file.in_test[start],
        import: Some(Import { name, public }),
    }));
    parser.at - start
}

struct UseTree<'a> {
    code: &'a [Token],
    at: usize,
    leaves: Vec<(Vec<String>, String, usize)>,
}

impl UseTree<'_> {
    /// One tree below `prefix`: a path that ends in a name, a star, a new name or a group of trees.
    fn tree(&mut self, prefix: &[String]) {
        let mut segments = prefix.to_vec();
        while let Some(token) = self.code.get(self.at) {
            match (token.kind, token.text.as_str()) {
                (Kind::Mark, "::") if segments.is_empty() => segments.push(String::new()),
                (Kind::Mark, "::") => {}
                (Kind::Mark, "{") => return self.group(&segments),
                (Kind::Mark, "*") => {
                    self.leaves.push((segments, "*".into(), token.line));
                    self.at += 1;
                    return;
                }
                (Kind::Word, "self") if !prefix.is_empty() && segments.len() == prefix.len() => {}
                (Kind::Word, "as") => break,
                (Kind::Word, _) => segments.push(token.text.clone()),
                _ => break,
            }
            self.at += 1;
        }
        let line = self.code.get(self.at.saturating_sub(1)).map_or(0, |token| token.line);
        let mut name = segments.last().cloned().unwrap_or_default();
        if self.code.get(self.at).is_some_and(|token| token.is_word("as")) {
            name = self.code.get(self.at + 1).map(|token| token.text.clone()).unwrap_or_default();
            self.at += 2;
        }
        self.leaves.push((segments, name, line));
    }

    fn group(&mut self, prefix: &[String]) {
        self.at += 1;
        while let Some(token) = self.code.get(self.at) {
            match token.text.as_str() {
                "}" => {
                    self.at += 1;
                    return;
                }
                "," => self.at += 1,
                ";" => return,
                _ => self.tree(prefix),
            }
        }
    }
}

/// A path in code from `start` on, if one starts there: its mention, and how many tokens it takes.
fn path(file: &SourceFile, start: usize, module: &[String], found: &mut Found) -> usize {
    let code = &file.code;
    if code[start].kind != Kind::Word {
        return 1;
    }
    let (mut segments, mut at) = (vec![code[start].text.clone()], start + 1);
    while file.has(at, &["::"]) && code.get(at + 1).is_some_and(|token| token.kind == Kind::Word) {
        segments.push(code[at + 1].text.clone());
        at += 2;
    }
    let before = start.checked_sub(1).map_or("", |before| code[before].text.as_str());
    let limits_sight = before == "in" && start > 2 && file.has(start - 3, &["pub", "("]);
    if !file.in_test[start] {
        found.words.extend(segments.iter().cloned());
    }
    // After a dot stands a method, after `::` another crate's path or the rest of one; `pub(in crate::a)` names who
    // may see, not whom the code uses.
    if segments.len() > 1 && !limits_sight && !matches!(before, "." | "::") {
        let (module, line, in_test) = (module.to_vec(), code[start].line, file.in_test[start]);
        found.mentions.push(Mention { segments, module, line, in_test, import: None });
    }
    at - start
}

#[cfg(test)]
mod tests {
    use super::{SourceFile, scan};

    fn paths(source: &str) -> Vec<String> {
        let found = scan(&SourceFile::new("src/a.rs", source), &["a".into()]);
        found
            .mentions
            .iter()
            .map(|m| {
                let name = m.import.as_ref().map(|import| {
                    format!("{} {}", if import.public { " pub as" } else { " as" }, import.name)
                });
                format!("{}: {}{}", m.module.join("::"), m.segments.join("::"), name.unwrap_or_default())
            })
            .collect()
    }

    #[test]
    fn a_use_declaration_is_taken_apart() {
        let source =
            "pub(crate) use crate::{\n base::{self, id::{Id, Kind as K}},\n audit::*, // crate::room\n};";
        assert_eq!(
            paths(source),
            [
                "a: crate::base pub as base",
                "a: crate::base::id::Id pub as Id",
                "a: crate::base::id::Kind pub as K",
                "a: crate::audit pub as *",
            ]
        );
        assert_eq!(paths("use ::std::fmt; use super::x as _;"), ["a: ::std::fmt as fmt", "a: super::x as _"]);
        assert_eq!(paths("use self::b::{c};"), ["a: self::b::c as c"]);
    }

    #[test]
    fn a_path_in_code_is_found_wherever_it_stands() {
        assert_eq!(paths("fn f(x: &crate::room::Room) { super::super::b::g() }").len(), 2);
        assert_eq!(paths("mod m { mod n { fn f() { crate::b::c() } } fn g() { self::d() } }").len(), 2);
        assert_eq!(paths("mod m { mod n {} fn g() { self::d() } } b::e()"), ["a::m: self::d", "a: b::e"]);
        assert_eq!(paths("macro_rules! m { () => { $crate::store::x() } }"), ["a: crate::store::x"]);
        assert_eq!(paths("for x in crate::b::all() {}"), ["a: crate::b::all"]);
        assert_eq!(paths("\"crate::room\"; /* crate::room */ // crate::room"), Vec::<String>::new());
        assert_eq!(paths("pub(in crate::room) fn f() -> impl T + use<'_> {}"), Vec::<String>::new());
    }
}
