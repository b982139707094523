//! Looking for every form of every secret at once.

use std::{collections::BTreeSet, fmt, path::Path};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};

use super::encodings::forms;
use crate::disk;

/// A secret that may stand nowhere, and what to call it in a report.
pub struct Mark {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A secret that was found: by name, never by value.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub struct Find {
    pub mark: String,
    pub place: String,
    pub form: String,
    pub at: usize,
}

impl fmt::Display for Find {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: byte {}: {}, as {}", self.place, self.at, self.mark, self.form)
    }
}

/// What bytes stand where.
#[derive(Default)]
pub struct Places(pub Vec<(String, Vec<u8>)>);

impl Places {
    pub fn add(&mut self, place: &str, bytes: impl Into<Vec<u8>>) {
        self.0.push((place.to_owned(), bytes.into()));
    }

    /// Every file under `root` whole: what is in use, what is free, and the names.
    pub fn add_files(&mut self, when: &str, root: &Path) {
        for (path, bytes) in disk::files(root) {
            let name = path.display().to_string();
            self.add(&format!("{when}: name of {name}"), name.as_bytes());
            self.add(&format!("{when}: {name}"), bytes);
        }
    }
}

/// Every form of these marks.
pub struct Search {
    automaton: AhoCorasick,
    /// Beside each pattern: whose form it is, and which.
    patterns: Vec<(String, String)>,
}

impl Search {
    pub fn of(marks: &[Mark]) -> Self {
        let (mut patterns, mut bytes) = (Vec::new(), Vec::new());
        for mark in marks {
            for form in forms(&mark.bytes) {
                patterns.push((mark.name.clone(), form.name));
                bytes.push(form.bytes);
            }
        }
        let automaton = AhoCorasickBuilder::new().ascii_case_insensitive(true).build(bytes).unwrap();
        Self { automaton, patterns }
    }

    /// Each mark and form that stands in these places, once for each place.
    pub fn find(&self, places: &Places) -> Vec<Find> {
        let mut found = Vec::new();
        for (place, bytes) in &places.0 {
            let mut seen = BTreeSet::new();
            for hit in self.automaton.find_overlapping_iter(bytes) {
                if seen.insert(hit.pattern()) {
                    let (mark, form) = self.patterns[hit.pattern().as_usize()].clone();
                    found.push(Find { mark, place: place.clone(), form, at: hit.start() });
                }
            }
        }
        found
    }
}
