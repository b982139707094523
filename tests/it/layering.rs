//! A module uses modules on lower floors only, and inside one floor the files form no circle.
//!
//! What counts as an arrow:
//! - every path in `src/`, in `use` declarations (groups and new names taken apart) and in code, that runs into
//!   another floor, on its way through a re-export or at its end;
//! - test code is held to the floors like any other;
//! - between files: the file that a path ends in once re-exports are followed, so that `super::Id` is an arrow to
//!   the file that defines `Id`. Test code is left out here: a test may stand above what it tests;
//! - a `mod.rs` that gives on what a file below it defines is a table of contents and no arrow, as long as its own
//!   code does not use the name.

mod circles;

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{self, Mention, Module, SourceFile, Tree};

struct Floor {
    number: u8,
    module: &'static str,
    may_use: &'static [&'static str],
}

/// ARCHITECTURE.md holds the same table for people; a test below compares the two.
const FLOORS: [Floor; 11] = [
    Floor { number: 0, module: "base", may_use: &[] },
    Floor { number: 1, module: "crypto", may_use: &["base"] },
    Floor { number: 2, module: "password", may_use: &["base"] },
    Floor { number: 2, module: "billing", may_use: &["base"] },
    Floor { number: 2, module: "access", may_use: &["base"] },
    Floor { number: 2, module: "retention", may_use: &["base"] },
    Floor { number: 2, module: "keys", may_use: &["base", "crypto"] },
    Floor { number: 3, module: "audit", may_use: &["base", "crypto", "access"] },
    Floor {
        number: 4,
        module: "seal",
        may_use: &["base", "crypto", "password", "billing", "access", "keys", "audit"],
    },
    Floor {
        number: 5,
        module: "store",
        may_use: &["base", "crypto", "password", "billing", "access", "retention", "keys", "audit", "seal"],
    },
    Floor {
        number: 6,
        module: "room",
        may_use: &[
            "base",
            "crypto",
            "password",
            "billing",
            "access",
            "retention",
            "keys",
            "audit",
            "seal",
            "store",
        ],
    },
];

/// The floors that a program which links the library sees; the others are the crate's own.
const PUBLIC: [&str; 3] = ["audit", "password", "room"];

fn floor(module: &str) -> Option<&'static Floor> {
    FLOORS.iter().find(|floor| floor.module == module)
}

fn is_library(path: &str) -> bool {
    !path.starts_with("src/bin/")
}

fn library() -> Tree {
    Tree::of(source::rust_files("src").into_iter().filter(|file| is_library(&file.path)).collect())
}

/// The program: a crate of its own, whose files are named here as if they stood in its root.
fn program() -> Tree {
    let rooted =
        |file: SourceFile| SourceFile::new(&file.path.replace("src/bin/strongroom/", "src/"), &file.text);
    Tree::of(source::rust_files("src/bin").into_iter().map(rooted).collect())
}

/// Every arrow that [`FLOORS`] does not allow.
fn forbidden_arrows(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for module in &tree.files {
        let Some(own) = module.path.first() else { continue };
        let Some(own) = floor(own) else {
            faults.push(format!("{}: `{own}` is on no floor", module.file.path));
            continue;
        };
        for mention in &module.mentions {
            let place = format!("{}:{}", module.file.path, mention.line);
            let resolved = tree.resolve(mention);
            for used in resolved.through.iter().filter(|used| *used != own.module) {
                if !own.may_use.contains(&used.as_str()) {
                    faults.push(format!(
                        "{place}: `{}` may not use `{used}` ({})",
                        own.module,
                        written(mention)
                    ));
                }
            }
            if resolved.module == Some(Vec::new()) {
                faults.push(format!("{place}: uses what stands in the crate's root ({})", written(mention)));
            }
        }
    }
    faults
}

fn written(mention: &Mention) -> String {
    mention.segments.join("::")
}

/// The arrows between files that released code draws, as the module's doc counts them.
fn file_arrows(tree: &Tree) -> BTreeMap<String, BTreeSet<String>> {
    let mut arrows = BTreeMap::<_, BTreeSet<_>>::new();
    for module in &tree.files {
        let to = arrows.entry(module.file.path.clone()).or_default();
        for mention in module.mentions.iter().filter(|mention| !mention.in_test) {
            let Some(target) = tree.resolve(mention).module.and_then(|target| tree.file_of(&target)) else {
                continue;
            };
            if target.path != module.path && !is_contents(module, mention, target) {
                to.insert(target.file.path.clone());
            }
        }
    }
    arrows
}

/// Whether `mention` only gives on what `target`, a file below `module`, defines.
fn is_contents(module: &Module, mention: &Mention, target: &Module) -> bool {
    let Some(import) = mention.import.as_ref() else { return false };
    import.public && target.path.starts_with(&module.path) && !module.words.contains(&import.name)
}

/// What would hide an arrow from this test.
fn hidden(file: &SourceFile) -> Vec<String> {
    let patterns: [(&[&str], &str); 4] = [
        (&["include", "!"], "source brought in as text"),
        (&["extern", "crate"], "the crate under another name"),
        (&["macro_use"], "macros without a path"),
        (&["macro_export"], "a macro in the crate's root"),
    ];
    let beside = |at: usize| file.code.get(at).is_some_and(|name| !name.text.contains('/'));
    let mut faults = Vec::new();
    for (at, token) in file.code.iter().enumerate() {
        let found = patterns.iter().filter(|(pattern, _)| file.has(at, pattern)).map(|(_, what)| *what);
        // A file's tests may stand beside it under its name.
        let moved = file.has(at, &["#", "[", "path"])
            && !(file.in_test[at] && file.has(at + 6, &["mod"]) && beside(at + 4));
        for what in found.chain(moved.then_some("a file under another name")) {
            faults.push(format!("{}:{}: {what}", file.path, token.line));
        }
    }
    faults
}

/// Stars that hide which names of a module a file uses or gives on. Test code may take in what it stands beside; the
/// variants of an `enum` may be taken in anywhere.
fn stars(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for module in &tree.files {
        for mention in &module.mentions {
            let Some(import) = mention.import.as_ref().filter(|import| import.name == "*") else { continue };
            let resolved = tree.resolve(mention);
            let takes_module = resolved.module.is_some() && !resolved.item && !mention.in_test;
            if import.public || takes_module {
                faults.push(format!("{}:{}: `{}::*`", module.file.path, mention.line, written(mention)));
            }
        }
    }
    faults
}

/// The modules that the crate's root makes public.
fn public_modules(root: &SourceFile) -> BTreeSet<String> {
    (0..root.code.len())
        .filter(|at| root.has(*at, &["pub", "mod"]))
        .filter_map(|at| root.code.get(at + 2))
        .map(|name| name.text.clone())
        .collect()
}

/// The rows of ARCHITECTURE.md's table of floors, as (number, module, what it may use).
fn documented_floors(text: &str) -> Vec<(String, String, String)> {
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let rows = text.lines().map(cells).filter(|cells| cells.len() == 6 && cells[1].parse::<u8>().is_ok());
    rows.map(|cells| (cells[1].clone(), cells[2].replace('`', ""), cells[4].replace('`', ""))).collect()
}

#[test]
fn a_module_uses_lower_floors_only() {
    let faults = forbidden_arrows(&library());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_files_of_a_floor_and_of_the_program_form_no_circle() {
    for tree in [library(), program()] {
        let circles = circles::find(&file_arrows(&tree));
        assert!(circles.is_empty(), "files in a circle: {circles:#?}");
    }
}

#[test]
fn nothing_hides_an_arrow() {
    let mut faults: Vec<_> = source::rust_files("src").iter().flat_map(hidden).collect();
    faults.extend(stars(&library()));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn three_floors_are_public() {
    let tree = library();
    let root = tree.file_of(&[]).expect("src/lib.rs");
    assert_eq!(public_modules(&root.file), PUBLIC.map(str::to_owned).into());
}

#[test]
fn the_table_points_downwards_and_the_document_holds_it() {
    for own in &FLOORS {
        for used in own.may_use {
            assert!(floor(used).is_some_and(|used| used.number < own.number), "{} and {used}", own.module);
        }
    }
    let table = FLOORS.map(|floor| {
        let may_use = if floor.may_use.is_empty() { "–".to_owned() } else { floor.may_use.join(", ") };
        (floor.number.to_string(), floor.module.to_owned(), may_use)
    });
    assert_eq!(documented_floors(&source::read("ARCHITECTURE.md")), table);
}

#[cfg(test)]
mod tests {
    use super::{SourceFile, Tree, circles, file_arrows, forbidden_arrows, hidden, public_modules, stars};

    fn tree(files: &[(&str, &str)]) -> Tree {
        Tree::of(files.iter().map(|(path, text)| SourceFile::new(path, text)).collect())
    }

    fn faults_of(store: &str) -> Vec<String> {
        forbidden_arrows(&tree(&[
            ("src/access/mod.rs", "pub struct Role;"),
            ("src/base/mod.rs", "pub struct Id;"),
            (
                "src/lib.rs",
                "mod access; mod base; mod room; mod store; pub use room::Room; pub const X: u8 = 1;",
            ),
            ("src/room/mod.rs", "pub use crate::access::Role; pub struct Room; pub mod part {}"),
            ("src/store/mod.rs", store),
        ]))
    }

    #[test]
    fn an_arrow_upwards_is_found_however_it_is_written() {
        for allowed in
            ["use crate::{base::Id, access::Role};", "fn f() { std::env::args(); self::g(); Self::h() }"]
        {
            assert_eq!(faults_of(allowed), Vec::<String>::new(), "{allowed}");
        }
        for forbidden in [
            "use crate::room::Room;",
            "use crate::{base::Id,\n    room::{self as above}};",
            "use crate::room as above; fn f() { above::g() }",
            "fn f(x: &crate::room::Room) {}",
            "fn f() { super::room::g() }",
            "mod deep { use super::super::room::part; }",
            "use crate::Room;",
            "use crate::room::Role;",
            "fn f() -> u8 { crate::X }",
            "#[cfg(test)] mod tests { use crate::room::Room; }",
            "macro_rules! m { () => { $crate::room::g() } }",
            "use crate::room::*;",
        ] {
            assert_ne!(faults_of(forbidden), Vec::<String>::new(), "{forbidden}");
        }
    }

    #[test]
    fn a_module_without_a_floor_is_found() {
        let faults = forbidden_arrows(&tree(&[("src/helpers/text.rs", "")]));
        assert_eq!(faults, ["src/helpers/text.rs: `helpers` is on no floor"]);
    }

    #[test]
    fn a_circle_between_files_is_found_and_a_table_of_contents_is_none() {
        let circles_of = |parent: &str, first: &str, second: &str| {
            let files = [
                ("src/base/first.rs", first),
                ("src/base/mod.rs", parent),
                ("src/base/second.rs", second),
                ("src/lib.rs", "mod base;"),
            ];
            circles::find(&file_arrows(&tree(&files))).len()
        };
        let contents = "mod first; mod second; pub use first::First; pub use second::Second;";
        assert_eq!(
            circles_of(contents, "pub struct First;", "use super::First; pub struct Second(First);"),
            0
        );
        assert_eq!(circles_of(contents, "use super::Second;", "fn f() { crate::base::First::new() }"), 1);
        let own = "mod first; mod second; pub use first::First; pub struct Own(First);";
        assert_eq!(circles_of(own, "use super::Own;", ""), 1);
        assert_eq!(circles_of("mod first; fn f() { first::g() } fn h() {}", "fn g() { super::h() }", ""), 1);
        assert_eq!(
            circles_of(contents, "#[cfg(test)] mod tests { use super::super::Second; }", "use super::First;"),
            0
        );
    }

    #[test]
    fn what_hides_an_arrow_is_found() {
        for hiding in [
            "#[path = \"../room/mod.rs\"] mod x;",
            "#[path = \"x_y.rs\"] mod x;",
            "#[cfg(test)] #[path = \"../room/mod.rs\"] mod x;",
            "include!(\"x.rs\");",
            "extern crate self as strongroom;",
            "#[macro_use] mod x;",
            "#[macro_export] macro_rules! m { () => {} }",
        ] {
            assert_eq!(hidden(&SourceFile::new("src/a.rs", hiding)).len(), 1, "{hiding}");
        }
        assert_eq!(
            hidden(&SourceFile::new("src/a.rs", "#[cfg(test)] #[path = \"a_tests.rs\"] mod tests;")).len(),
            0
        );
        let stars_of =
            |source: &str| stars(&tree(&[("src/base/id.rs", ""), ("src/base/mod.rs", source)])).len();
        assert_eq!(stars_of("#[cfg(test)] mod tests { use super::*; } use id::Kind::*; use std::fmt::*;"), 0);
        assert_eq!(
            stars_of("pub(crate) use id::Kind::*; use crate::base::id::*; mod a { use super::*; }"),
            3
        );
        let root = SourceFile::new("src/lib.rs", "pub mod a; pub(crate) mod b; mod c;");
        assert_eq!(public_modules(&root), ["a".to_owned()].into());
    }
}
