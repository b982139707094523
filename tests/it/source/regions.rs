//! Which tokens belong to an attribute, and which an attribute keeps out of release builds.

use super::{Kind, Token};

/// Items that a bare `#[cfg(test)]` may stand on. On anything else (a field, a statement, an arm) its reach is
/// not plain to a scanner, and the tokens count as released.
const ITEMS: [&str; 14] = [
    "pub",
    "mod",
    "fn",
    "impl",
    "use",
    "const",
    "static",
    "struct",
    "enum",
    "trait",
    "type",
    "async",
    "unsafe",
    "macro_rules",
];

/// Where each attribute starts (its `#`) and ends (past its `]`), inner ones included.
pub fn attributes(code: &[Token]) -> Vec<(usize, usize)> {
    (0..code.len()).filter_map(|at| Some((at, attribute_end(code, at)?))).collect()
}

fn attribute_end(code: &[Token], at: usize) -> Option<usize> {
    code.get(at).filter(|token| token.is_mark("#"))?;
    let open = at + 1 + usize::from(code.get(at + 1)?.is_mark("!"));
    code.get(open)?.is_mark("[").then(|| group_end(code, open))
}

/// Past the bracket that closes the one at `open`.
fn group_end(code: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in code.iter().enumerate().skip(open).filter(|(_, token)| token.kind == Kind::Mark) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    code.len()
}

/// For each token: whether it stands in an item under `#[cfg(test)]` or `#[test]`.
pub fn in_test(code: &[Token]) -> Vec<bool> {
    let mut marks = vec![false; code.len()];
    for (start, end) in attributes(code) {
        let attribute: String = code[start..end].iter().map(|token| token.text.as_str()).collect();
        if !matches!(attribute.as_str(), "#[cfg(test)]" | "#[test]") {
            continue;
        }
        let item = after_attribute(code, end);
        if code
            .get(item)
            .is_some_and(|token| token.kind == Kind::Word && ITEMS.contains(&token.text.as_str()))
        {
            let end = item_end(code, item);
            marks[start..end].fill(true);
        }
    }
    marks
}

/// The first token past the attributes that follow `end`.
fn after_attribute(code: &[Token], end: usize) -> usize {
    let mut at = end;
    while let Some(next) = attribute_end(code, at) {
        at = next;
    }
    at
}

/// Past the `;` or the block that ends the item at `start`.
fn item_end(code: &[Token], start: usize) -> usize {
    let mut at = start;
    while let Some(token) = code.get(at) {
        match token.text.as_str() {
            ";" if token.kind == Kind::Mark => return at + 1,
            "{" if token.kind == Kind::Mark => return group_end(code, at),
            "(" | "[" if token.kind == Kind::Mark => at = group_end(code, at),
            _ => at += 1,
        }
    }
    code.len()
}

#[test]
fn only_whole_items_are_test_code() {
    let released = |source: &str| {
        let file = super::SourceFile::new("a.rs", source);
        file.product().map(|(_, token)| token.text.clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(released("#[cfg(test)] mod tests { fn a() { x(); } } fn b() {}"), "fn b ( ) { }");
    assert_eq!(released("#[cfg(test)] #[expect(dead_code)] mod a_tests; mod b;"), "mod b ;");
    assert_eq!(released("#[test] fn a() -> [u8; 2] { [0; 2] } b"), "b");
    assert!(released("struct S { #[cfg(test)] a: u8, b: u8 }").contains('b'));
    assert!(released("#[cfg(not(test))] fn a() {}").contains('a'));
    assert!(released("#[cfg(any(test, feature = \"x\"))] fn a() {}").contains('a'));
}
