//! What differs from run to run, replaced by names: ids by the order in which they are first seen, times, hashes,
//! paths.

/// The names that were given out, and the texts that they stand for.
#[derive(Default)]
pub struct Names {
    /// What stands for what: the longest text first.
    fixed: Vec<(String, String)>,
    /// Ids and their names.
    ids: Vec<(String, String)>,
}

const ID: usize = 22;
const HASH: usize = 43;
const SHARE: usize = 52;
const CURSOR: usize = 56;
/// Texts of a known form: `0` is a digit, `f` a hexadecimal digit, `b` a character of base64.
const PATTERNS: [(&str, &str); 3] = [
    ("0000-00-00 00:00:00 +00:00", "<time>"),
    ("0000-00-00T00:00:00.000Z", "<time>"),
    ("+ffffffff+bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "+<key>"),
];

impl Names {
    /// From now on `text` is `<name>`.
    pub fn fix(&mut self, text: &str, name: &str) {
        self.fixed.push((text.to_owned(), format!("<{name}>")));
        self.fixed.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
    }

    /// From now on this id is `<name>`.
    pub fn id(&mut self, id: &str, name: &str) {
        self.ids.push((id.to_owned(), format!("<{name}>")));
    }

    /// The text with every name replaced by what it stands for.
    pub fn meant(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (value, name) in self.fixed.iter().chain(&self.ids) {
            text = text.replace(name, value);
        }
        text
    }

    /// The text with names in place of what differs from run to run.
    pub fn redacted(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for (value, name) in &self.fixed {
            text = text.replace(value, name);
        }
        for (pattern, name) in PATTERNS {
            text = replaced(&text, pattern, name);
        }
        self.words(&text)
    }

    /// Names ids and hashes, which are words of a known length.
    fn words(&mut self, text: &str) -> String {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let mut out = String::new();
        let mut word = String::new();
        for c in text.chars() {
            if is_part(c) {
                word.push(c);
            } else {
                out.push_str(&self.word(&std::mem::take(&mut word)));
                out.push(c);
            }
        }
        out + &self.word(&word)
    }

    fn word(&mut self, word: &str) -> String {
        // A word of a sentence has no capital letter inside.
        let random = word.chars().skip(1).any(|c| c.is_ascii_uppercase());
        match word.len() {
            ID if random => self.name_of(word, "id"),
            CURSOR if random => self.name_of(word, "cursor"),
            HASH if random => "<hash>".to_owned(),
            SHARE if random => "<share>".to_owned(),
            13 if word.chars().all(|c| c.is_ascii_digit()) => "<ms>".to_owned(),
            _ => word.to_owned(),
        }
    }

    fn name_of(&mut self, id: &str, kind: &str) -> String {
        if let Some((_, name)) = self.ids.iter().find(|(known, _)| known == id) {
            return name.clone();
        }
        let numbered = self.ids.iter().filter(|(_, name)| name.starts_with(&format!("<{kind}-"))).count();
        let name = format!("{kind}-{}", numbered + 1);
        self.id(id, &name);
        format!("<{name}>")
    }
}

/// The text with every part that fits the pattern as `name`.
fn replaced(text: &str, pattern: &str, name: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        let length = if fits(rest, pattern) {
            out.push_str(name);
            pattern.len()
        } else {
            out.push(first);
            first.len_utf8()
        };
        rest = rest.split_at(length).1;
    }
    out
}

fn fits(text: &str, pattern: &str) -> bool {
    let mut text = text.chars();
    pattern.chars().all(|wanted| {
        text.next().is_some_and(|c| match wanted {
            '0' => c.is_ascii_digit(),
            'f' => c.is_ascii_hexdigit(),
            'b' => c.is_ascii_alphanumeric() || "+/=".contains(c),
            _ => c == wanted,
        })
    })
}

#[test]
fn what_differs_has_a_name() {
    let mut names = Names::default();
    names.fix("/a/b", "dir");
    names.id("BwcHBwcHBwcHBwcHBwcHBw", "sam");
    let redacted = names
        .redacted("/a/b/c BwcHBwcHBwcHBwcHBwcHBw ticket:CwcHBwcHBwcHBwcHBwcHBw 2026-01-31 12:00:00 +01:00");
    assert_eq!(redacted, "<dir>/c <sam> ticket:<id-1> <time>");
    assert_eq!(names.redacted("CwcHBwcHBwcHBwcHBwcHBw"), "<id-1>");
    assert_eq!(names.meant("<sam> <id-1> <dir>"), "BwcHBwcHBwcHBwcHBwcHBw CwcHBwcHBwcHBwcHBwcHBw /a/b");
    assert_eq!(names.redacted("at 2026-01-31T12:00:00.000Z."), "at <time>.");
    assert_eq!(names.redacted("1790000000000 of pseudonymousidentifier"), "<ms> of pseudonymousidentifier");
}
