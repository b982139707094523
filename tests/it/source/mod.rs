//! The repository's own files as the house tests read them.

mod lexer;
mod mentions;
mod regions;
mod tree;

pub use lexer::{Kind, Token};
pub use mentions::Mention;
pub use regions::attributes;
pub use tree::{Module, Tree};

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The repository's directory.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// One file of Rust source.
pub struct SourceFile {
    /// From the repository's directory, with forward slashes.
    pub path: String,
    /// The whole text.
    pub text: String,
    /// The code, without comments.
    pub code: Vec<Token>,
    /// For each token of `code`: whether only test builds hold it.
    pub in_test: Vec<bool>,
}

impl SourceFile {
    /// The file with this path and text.
    pub fn new(path: &str, text: &str) -> Self {
        let code: Vec<_> =
            lexer::tokens(text).into_iter().filter(|token| token.kind != Kind::Comment).collect();
        let in_test = regions::in_test(&code);
        Self { path: path.to_owned(), text: text.to_owned(), code, in_test }
    }

    /// The tokens that a release build holds, each with its place in `code`.
    pub fn product(&self) -> impl Iterator<Item = (usize, &Token)> {
        self.code.iter().enumerate().filter(|(at, _)| !self.in_test[*at])
    }

    /// Whether the tokens from `at` on are `pattern`.
    pub fn has(&self, at: usize, pattern: &[&str]) -> bool {
        self.code.get(at..at + pattern.len()).is_some_and(|found| {
            found.iter().zip(pattern).all(|(token, want)| {
                matches!(token.kind, Kind::Word | Kind::Mark | Kind::Number) && token.text == *want
            })
        })
    }
}

/// Every file of Rust source under `directory` of the repository, in order of its path.
pub fn rust_files(directory: &str) -> Vec<SourceFile> {
    let paths = files(directory).into_iter().filter(|path| path.ends_with(".rs"));
    let mut files: Vec<_> = paths.map(|path| SourceFile::new(&path, &read(&path))).collect();
    tree::mark_test_files(&mut files);
    files
}

/// The text of a file of the repository.
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("`{path}`: {error}"))
}

/// Every file under `directory` of the repository in order of its path, from the repository's directory on;
/// what builds leave, and git's own files, are not the repository's. An absent directory holds nothing.
pub fn files(directory: &str) -> Vec<String> {
    let (mut found, mut waiting) = (Vec::new(), vec![root().join(directory)]);
    while let Some(directory) = waiting.pop() {
        let Ok(entries) = fs::read_dir(&directory) else { continue };
        for entry in entries {
            let entry = entry.unwrap();
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() && !is_foreign(&path) {
                waiting.push(path);
            } else if kind.is_file() && entry.file_name() != ".git" {
                found.push(path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

fn is_foreign(directory: &Path) -> bool {
    [".git", "target", "wip"].map(|name| root().join(name)).contains(&PathBuf::from(directory))
}
