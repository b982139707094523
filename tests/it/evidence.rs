//! Who may name what opens data: the makers of evidence and the readers of sealed bytes, each a list short enough
//! for a reviewer to read whole.

use crate::source::{self, SourceFile, Tree};

/// A type whose values prove something. It is made by its `assertion`, and by nothing else.
struct Evidence {
    name: &'static str,
    /// The file that defines it.
    defined: &'static str,
    /// The files that may call `assertion`. Test code may, everywhere: it is in no build that holds data.
    makers: &'static [&'static str],
}

const EVIDENCE: [Evidence; 4] = [
    // After the entry is committed and its checkpoint published.
    Evidence { name: "Receipt", defined: "src/audit/receipt.rs", makers: &["src/store/lane.rs"] },
    // After the row's MAC was compared.
    Evidence { name: "Vouched", defined: "src/access/vouched.rs", makers: &["src/seal/vouch.rs"] },
    // After a login, or for a session token whose row verifies.
    Evidence {
        name: "OwnerSession",
        defined: "src/access/owner.rs",
        makers: &["src/room/login.rs", "src/room/owner.rs"],
    },
    // When nothing is wrong with the clock; for an intent that vouches; for what the ledger lists.
    Evidence {
        name: "MayDestroy",
        defined: "src/retention/destroying.rs",
        makers: &["src/room/clock_rule.rs", "src/room/erase/begin.rs", "src/room/erase/replay.rs"],
    },
];

/// A data key's type, and where it may be named: files, or directories with a `/` at the end. Tests are held to it.
const DATA_KEY: (&str, &[&str]) = ("DataKey", &["src/keys/", "src/seal/", "src/room/vault.rs"]);

/// The modules that turn sealed bytes into plain ones, and where a path may end in them.
const OPENERS: [(&str, &[&str]); 2] = [
    ("crypto::xaes", &["src/crypto/", "src/keys/", "src/seal/"]),
    ("crypto::chunked", &["src/crypto/", "src/seal/"]),
];

/// Every place that makes evidence and may not, or does it in a way that a reviewer's `grep` misses.
fn forged(file: &SourceFile) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, token) in file.product().filter(|(_, token)| token.is_word("assertion")) {
        let defined = EVIDENCE.iter().any(|e| e.defined == file.path) && at > 0 && file.has(at - 1, &["fn"]);
        let made = EVIDENCE.iter().any(|evidence| {
            evidence.makers.contains(&file.path.as_str())
                && at > 1
                && file.has(at - 2, &[evidence.name, "::"])
        });
        if !defined && !made {
            faults.push(format!("{}:{}: names `assertion`", file.path, token.line));
        }
        if defined && at > 1 && file.has(at - 2, &["pub", "fn"]) {
            faults.push(format!("{}:{}: `assertion` is public", file.path, token.line));
        }
    }
    faults
}

/// Every guarded type that a `use` or a `type` gives another name: the new one is in no list.
fn renamed(tree: &Tree) -> Vec<String> {
    let guarded = |name: &str| EVIDENCE.iter().any(|evidence| evidence.name == name) || name == DATA_KEY.0;
    let mut faults = Vec::new();
    for module in &tree.files {
        for mention in &module.mentions {
            let (Some(import), Some(last)) = (mention.import.as_ref(), mention.segments.last()) else {
                continue;
            };
            if guarded(last) && !matches!(import.name.as_str(), "*" | "_") && import.name != *last {
                faults.push(format!("{}:{}: `{last}` as `{}`", module.file.path, mention.line, import.name));
            }
        }
        let file = &module.file;
        for (at, token) in file.code.iter().enumerate().filter(|(_, token)| token.is_word("type")) {
            let declaration = file.code.iter().skip(at).take_while(|token| !token.is_mark(";"));
            if declaration.clone().any(|token| token.is_mark("="))
                && declaration.clone().any(|t| guarded(&t.text))
            {
                faults.push(format!("{}:{}: a guarded type under another name", file.path, token.line));
            }
        }
    }
    faults
}

fn may(path: &str, places: &[&str]) -> bool {
    places.iter().any(|place| path == *place || (place.ends_with('/') && path.starts_with(place)))
}

fn data_key_named(file: &SourceFile) -> Vec<String> {
    let named = file.code.iter().filter(|token| token.is_word(DATA_KEY.0) && !may(&file.path, DATA_KEY.1));
    named.map(|token| format!("{}:{}: names `{}`", file.path, token.line, DATA_KEY.0)).collect()
}

/// Every path that ends in one of [`OPENERS`], whatever re-exports it takes, from a place that may not.
fn opened(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for module in &tree.files {
        for mention in &module.mentions {
            let end = tree.resolve(mention).module.unwrap_or_default().join("::");
            if OPENERS.iter().any(|(opener, places)| end == *opener && !may(&module.file.path, places)) {
                faults.push(format!("{}:{}: uses `{end}`", module.file.path, mention.line));
            }
        }
    }
    faults
}

#[test]
fn evidence_is_made_where_the_list_says() {
    let faults: Vec<_> = source::rust_files("src").iter().flat_map(forged).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn data_keys_and_openers_are_named_where_the_list_says() {
    let files = source::rust_files("src");
    let mut faults: Vec<_> = files.iter().flat_map(data_key_named).collect();
    let tree = Tree::of(files.into_iter().filter(|file| !file.path.starts_with("src/bin/")).collect());
    faults.extend(opened(&tree));
    faults.extend(renamed(&tree));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::{SourceFile, Tree, data_key_named, forged, opened, renamed};

    #[test]
    fn forging_is_found_however_it_is_written() {
        let faults = |path: &str, source: &str| forged(&SourceFile::new(path, source)).len();
        assert_eq!(faults("src/store/lane.rs", "Receipt::assertion(x)"), 0);
        assert_eq!(faults("src/audit/receipt.rs", "pub(crate) fn assertion() {}"), 0);
        assert_eq!(
            faults("src/room/staff.rs", "#[cfg(test)] mod tests { fn f() { Receipt::assertion(x) } }"),
            0
        );
        for (path, source) in [
            ("src/room/staff.rs", "Receipt::assertion(x)"),
            ("src/store/lane.rs", "Vouched::assertion(x)"),
            ("src/store/lane.rs", "<Receipt>::assertion(x)"),
            ("src/store/lane.rs", "fn assertion() {}"),
            ("src/audit/receipt.rs", "Self::assertion(x)"),
            ("src/audit/receipt.rs", "pub fn assertion() {}"),
            ("src/seal/vouch.rs", "Vouched::<Row>::assertion(x)"),
        ] {
            assert_eq!(faults(path, source), 1, "{path}: {source}");
        }
    }

    #[test]
    fn an_opener_is_found_behind_its_re_exports() {
        let tree = |store: &str, keys: &str| {
            let files = [
                (
                    "src/crypto/mod.rs",
                    "mod xaes; mod chunked; pub use xaes::open as unseal; pub use chunked::Reader;",
                ),
                ("src/crypto/chunked.rs", ""),
                ("src/crypto/xaes.rs", ""),
                ("src/keys/mod.rs", keys),
                ("src/lib.rs", "mod crypto; mod keys; mod store;"),
                ("src/store/mod.rs", store),
            ];
            Tree::of(files.map(|(path, text)| SourceFile::new(path, text)).into())
        };
        assert_eq!(opened(&tree("use crate::crypto::digest;", "use crate::crypto::xaes;")).len(), 0);
        assert_eq!(opened(&tree("use crate::crypto::unseal;", "")).len(), 1);
        assert_eq!(opened(&tree("use crate::crypto; fn f() { crypto::xaes::open() }", "")).len(), 1);
        assert_eq!(opened(&tree("", "use crate::crypto::Reader;")).len(), 1);
    }

    #[test]
    fn a_data_key_is_found_by_name_and_has_no_other() {
        let faults = |path: &str| data_key_named(&SourceFile::new(path, "fn f(key: &DataKey) {}")).len();
        assert_eq!(["src/keys/a.rs", "src/seal/mod.rs", "src/room/vault.rs"].map(faults), [0; 3]);
        assert_eq!(["src/store/a.rs", "src/room/staff.rs", "src/bin/strongroom/main.rs"].map(faults), [1; 3]);
        let names = |text: &str| renamed(&Tree::of(vec![SourceFile::new("src/keys/mod.rs", text)])).len();
        assert_eq!(names("use super::Receipt; type Word = u8; trait T { type Item; }"), 0);
        for renaming in
            ["use crate::keys::DataKey as Bytes;", "type Bytes = DataKey;", "type V = Vouched<GrantRow>;"]
        {
            assert_eq!(names(renaming), 1, "{renaming}");
        }
    }
}
