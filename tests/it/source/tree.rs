//! The crate's modules, and which module a path means once re-exports are followed.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    SourceFile,
    mentions::{self, Mention},
};

/// Re-exports that one path may run through: more is a circle.
const HOPS_MAX: usize = 16;

/// One file of the crate as a module.
pub struct Module {
    /// From the crate's root; empty for the root.
    pub path: Vec<String>,
    /// What it names, in order.
    pub mentions: Vec<Mention>,
    /// Every word of its released code outside `use` declarations.
    pub words: BTreeSet<String>,
    /// The file.
    pub file: SourceFile,
}

/// What a path means.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The top-level modules that it runs through on its way.
    pub through: BTreeSet<String>,
    /// The module that holds what it names; `None` for another crate's.
    pub module: Option<Vec<String>>,
    /// Whether it names something in that module, and not the module itself.
    pub item: bool,
}

/// A crate's source.
pub struct Tree {
    /// The files, in order of their paths.
    pub files: Vec<Module>,
    /// Each module, inline ones included, and the file that holds it.
    modules: BTreeMap<Vec<String>, usize>,
    /// For each module the names that its `use` declarations bring in.
    imports: BTreeMap<Vec<String>, BTreeMap<String, Vec<String>>>,
}

impl Tree {
    /// The tree of these files, whose paths start at `src/`.
    pub fn of(mut files: Vec<SourceFile>) -> Self {
        mark_test_files(&mut files);
        let (mut modules, mut imports) = (BTreeMap::new(), BTreeMap::<_, BTreeMap<_, _>>::new());
        let mut read = Vec::new();
        let paths = module_paths(&files);
        for (at, (file, path)) in files.into_iter().zip(paths).enumerate() {
            let found = mentions::scan(&file, &path);
            modules.insert(path.clone(), at);
            modules.extend(found.inline_modules.into_iter().map(|inline| (inline, at)));
            for mention in &found.mentions {
                if let Some(import) = mention.import.as_ref().filter(|import| import.name != "*") {
                    let names: &mut BTreeMap<_, _> = imports.entry(mention.module.clone()).or_default();
                    names.entry(import.name.clone()).or_insert_with(|| mention.segments.clone());
                }
            }
            let (mentions, words) = (found.mentions, found.words);
            read.push(Module { path, mentions, words, file });
        }
        Self { files: read, modules, imports }
    }

    /// The file that holds `module`.
    pub fn file_of(&self, module: &[String]) -> Option<&Module> {
        self.modules.get(module).and_then(|at| self.files.get(*at))
    }

    /// What `mention` means.
    pub fn resolve(&self, mention: &Mention) -> Resolved {
        let mut through = BTreeSet::new();
        let end = self.walk(&mention.module, &mention.segments, HOPS_MAX, &mut through);
        let item = end.as_ref().is_some_and(|end| end.item);
        Resolved { through, module: end.map(|end| end.module), item }
    }

    fn walk(
        &self,
        from: &[String],
        segments: &[String],
        hops: usize,
        through: &mut BTreeSet<String>,
    ) -> Option<End> {
        let (head, rest) = segments.split_first()?;
        let start = match head.as_str() {
            "crate" => Vec::new(),
            "self" => from.to_vec(),
            "super" => parent(from),
            _ => return self.step(from, head, rest, hops, through),
        };
        Some(self.descend(start, rest, hops, through))
    }

    /// Goes on in the module `here`, where anything that is neither a module nor brought in is an item.
    fn descend(
        &self,
        here: Vec<String>,
        rest: &[String],
        hops: usize,
        through: &mut BTreeSet<String>,
    ) -> End {
        through.extend(here.first().cloned());
        match rest.split_first() {
            None => End { module: here, item: false },
            Some((head, rest)) if head == "super" => self.descend(parent(&here), rest, hops, through),
            Some((head, rest)) => {
                self.step(&here, head, rest, hops, through).unwrap_or(End { module: here, item: true })
            }
        }
    }

    /// The name `head` in the module `here`: a module below it, or what a `use` declaration made of the name.
    fn step(
        &self,
        here: &[String],
        head: &str,
        rest: &[String],
        hops: usize,
        through: &mut BTreeSet<String>,
    ) -> Option<End> {
        let below: Vec<String> = here.iter().cloned().chain([head.to_owned()]).collect();
        if self.modules.contains_key(&below) {
            return Some(self.descend(below, rest, hops, through));
        }
        let hops = hops.checked_sub(1)?;
        let target = self.imports.get(here)?.get(head)?;
        let end = self.walk(here, target, hops, through)?;
        Some(if end.item { end } else { self.descend(end.module, rest, hops, through) })
    }
}

/// Marks every token of the files that `#[cfg(test)] mod name;` declares, and of the files below them.
pub fn mark_test_files(files: &mut [SourceFile]) {
    let paths = module_paths(files);
    let declared = files.iter().zip(&paths).map(|(file, path)| mentions::scan(file, path).test_modules);
    let tests: Vec<_> = declared.flatten().collect();
    for (file, path) in files.iter_mut().zip(&paths) {
        if tests.iter().any(|test| path.starts_with(test)) {
            file.in_test.fill(true);
        }
    }
}

/// Where a path ends.
struct End {
    module: Vec<String>,
    item: bool,
}

fn parent(module: &[String]) -> Vec<String> {
    module.split_last().map(|(_, parent)| parent.to_vec()).unwrap_or_default()
}

/// The module that each file is: by its place, unless a `#[path]` beside it says otherwise.
fn module_paths(files: &[SourceFile]) -> Vec<Vec<String>> {
    let placed: BTreeMap<_, _> =
        files.iter().flat_map(|file| mentions::scan(file, &module_path(&file.path)).placed).collect();
    files
        .iter()
        .map(|file| placed.get(&file.path).cloned().unwrap_or_else(|| module_path(&file.path)))
        .collect()
}

/// The module that the file `src/a/b.rs` or `src/a/b/mod.rs` is.
fn module_path(file: &str) -> Vec<String> {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs");
    let mut segments: Vec<String> = path.split('/').map(str::to_owned).collect();
    segments.pop_if(|last| matches!(last.as_str(), "mod" | "lib" | "main"));
    segments
}

#[cfg(test)]
mod tests {
    use super::{SourceFile, Tree};

    fn tree(files: &[(&str, &str)]) -> Tree {
        Tree::of(files.iter().map(|(path, text)| SourceFile::new(path, text)).collect())
    }

    #[test]
    fn a_path_is_followed_to_the_file_that_holds_what_it_names() {
        let tree = tree(&[
            ("src/base/id.rs", "pub struct Id;"),
            ("src/base/mod.rs", "mod id; pub use id::Id; pub use outer::Thing; pub use self::Id as Name;"),
            ("src/lib.rs", "mod base; mod room;"),
            ("src/room/handle.rs", "use super::super::base; fn f(x: base::Name, y: crate::base::Thing) {}"),
            ("src/room/mod.rs", "mod handle; pub use crate::base::Id;"),
            ("src/store/mod.rs", "fn f(x: crate::room::Id, y: outer::Thing) {}"),
        ]);
        let ends = |file: usize| {
            let resolved = tree.files[file].mentions.iter().map(|mention| tree.resolve(mention));
            let text = |r: super::Resolved| {
                let through: Vec<_> = r.through.into_iter().collect();
                format!("{} through {}", r.module.map_or("-".into(), |m| m.join("::")), through.join(","))
            };
            resolved.map(text).collect::<Vec<_>>()
        };
        assert_eq!(ends(3), ["base through base,room", "base::id through base,room", "base through base"]);
        assert_eq!(ends(5), ["base::id through base,room", "- through "]);
        assert_eq!(ends(1), ["base::id through base", "- through ", "base::id through base"]);
    }

    #[test]
    fn a_circle_of_names_ends() {
        let tree = tree(&[("src/lib.rs", "use a as b; use b as a; fn f() { a::c() } use d; d::e();")]);
        for mention in &tree.files[0].mentions {
            assert_eq!(tree.resolve(mention).module, None);
        }
    }

    #[test]
    fn a_test_module_in_its_own_file_is_test_code_with_all_below_it() {
        let tree = tree(&[
            ("src/a/mod.rs", "#[cfg(test)] mod world; mod real;"),
            (
                "src/a/real.rs",
                "fn f() {} #[cfg(test)] #[path = \"real_tests.rs\"] mod tests; pub struct Real;",
            ),
            ("src/a/real_tests.rs", "use super::Real;"),
            ("src/a/world/mod.rs", "mod part;"),
            ("src/a/world/part.rs", "fn f() {}"),
        ]);
        let tests: Vec<_> =
            tree.files.iter().map(|module| module.file.in_test.last() == Some(&true)).collect();
        assert_eq!(tests, [false, false, true, true, true]);
        assert_eq!(tree.files[2].path, ["a", "real", "tests"]);
        assert_eq!(tree.resolve(&tree.files[2].mentions[0]).module, Some(vec!["a".into(), "real".into()]));
    }
}
