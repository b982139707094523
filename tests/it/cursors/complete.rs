//! The lists that are tried here are all that there are: each verb of the public face that answers several of something
//! goes on by a cursor, or stands below with what bounds it.

use std::collections::{BTreeMap, BTreeSet};

use super::LISTS;
use crate::source;

/// Verbs that answer several things in one part, and why there are never more of them.
const BOUNDED: &[(&str, &str)] = &[
    ("Owner::ask_address", "what could not be sent by the outbox: one message, or two"),
    ("Owner::ticket", "255 messages and 256 attachments: a full ticket takes no more"),
    ("Room::api_key", "16 scopes"),
    ("Room::ask_reset", "what could not be sent by the outbox: one message"),
    ("Room::cautions", "a role each, and a waiver in force: each is given by three people, for half a year"),
    ("Room::doctor", "one finding of each check"),
    ("Room::health", "one trouble of each kind"),
    ("Room::init", "one code for each of the ceremony"),
    ("Room::invite", "what could not be sent by the outbox: one message"),
    ("Room::settings", "one of each name"),
    ("Room::sign_up", "what could not be sent by the outbox: one message"),
    ("Room::upgrade", "one step for each format"),
    ("Room::upgrade_plan", "one step for each format"),
    ("Staff::approval", "as many approvers as it takes"),
    ("Staff::approve", "as many approvers as it takes"),
    ("Staff::audit_show", "the texts beside one entry: one of each kind"),
    (
        "Staff::check_policy",
        "one verdict for each clause, with a hundred counter-examples and the number of them",
    ),
    ("Staff::claim", "as many as were asked for, at most a hundred; the next claim gives the others"),
    ("Staff::disapprove", "as many approvers as it takes"),
    ("Staff::erase_account", "one line for each class and year"),
    ("Staff::factors", "eight factors"),
    ("Staff::health", "one finding of each check"),
    ("Staff::release_hold", "one line for each class and year"),
    ("Staff::search", "twenty, and the number of all: nobody goes through customers by paging"),
    ("Staff::ticket", "255 messages and 256 attachments: a full ticket takes no more"),
    ("Staff::verify", "a hundred faults and the number of them; rows that were forged are all named"),
];

/// What the public face says: the verbs, with their arguments and answers, and the types with those of their fields.
struct Face {
    verbs: BTreeMap<String, (String, String)>,
    fields: BTreeMap<String, Vec<String>>,
}

const HOLDERS: [&str; 5] = ["Room", "Staff", "Owner<'_>", "AsyncRoom", "AsyncOwner"];

impl Face {
    fn of(text: &str) -> Self {
        let mut face = Self { verbs: BTreeMap::new(), fields: BTreeMap::new() };
        for line in text.lines() {
            let Some(line) = line.strip_prefix("pub ") else { continue };
            if let Some((verb, arguments, answer)) = verb(line) {
                face.verbs.insert(verb, (arguments, answer));
            } else if let Some((path, of)) = line.split_once(": ").filter(|(path, _)| !path.contains('(')) {
                let owner = path.split("::").nth(2);
                if let Some(owner) = owner {
                    face.fields.entry(owner.to_owned()).or_default().push(of.to_owned());
                }
            }
        }
        face
    }

    /// What an answer holds, also in the fields of its types.
    fn within(&self, answer: &str) -> BTreeSet<String> {
        let (mut seen, mut next) = (BTreeSet::new(), vec![answer.to_owned()]);
        while let Some(text) = next.pop() {
            for part in text.split(|c: char| !(c.is_alphanumeric() || c == ':' || c == '_')) {
                let name = part.rsplit("::").next().unwrap_or_default();
                if part.starts_with("strongroom::") && seen.insert(name.to_owned()) {
                    next.extend(self.fields.get(name).into_iter().flatten().cloned());
                }
            }
            if text.replace("Vec<u8>", "").contains("Vec<") {
                seen.insert("Vec".to_owned());
            }
        }
        seen
    }

    /// Verbs that answer several of something.
    fn lists(&self) -> impl Iterator<Item = (&String, bool)> {
        self.verbs.iter().filter_map(|(verb, (arguments, answer))| {
            let holds = self.within(answer);
            let is_paged = holds.contains("Cursor") && arguments.contains("&strongroom::room::Page");
            holds.contains("Vec").then_some((verb, is_paged))
        })
    }
}

/// Name, arguments and answer of a verb.
fn verb(line: &str) -> Option<(String, String, String)> {
    let (_, rest) = line.split_once("fn strongroom::room::")?;
    let holder = HOLDERS.iter().find(|holder| rest.starts_with(&format!("{holder}::")))?;
    let (name, rest) = rest.strip_prefix(&format!("{holder}::"))?.split_once('(')?;
    let (arguments, answer) = rest.rsplit_once(") -> ")?;
    let answer = answer.strip_prefix("core::result::Result<").map_or(answer, done);
    let holder = holder.trim_end_matches("<'_>");
    let name = name.split('<').next().unwrap_or(name);
    Some((format!("{holder}::{name}"), arguments.to_owned(), answer.to_owned()))
}

/// Of the two types of a result the first.
fn done(both: &str) -> &str {
    let mut depth = 0_i32;
    let end = both.char_indices().find(|(_, c)| {
        depth += match c {
            '<' | '(' | '[' => 1,
            '>' | ')' | ']' => -1,
            _ => 0,
        };
        *c == ',' && depth == 0
    });
    end.map_or(both, |(at, _)| both.split_at(at).0)
}

/// What is wrong: lists that end without a word, and words about lists that are none.
fn amiss(face: &Face) -> Vec<String> {
    let tried: BTreeSet<_> = LISTS.iter().filter_map(|(name, _)| name.split(' ').next()).collect();
    let bounded: BTreeSet<_> = BOUNDED.iter().map(|(verb, _)| *verb).collect();
    let mut amiss = Vec::new();
    for (verb, is_paged) in face.lists() {
        let blocking = verb.strip_prefix("Async").map_or_else(|| verb.clone(), str::to_owned);
        match (is_paged, bounded.contains(blocking.as_str()), tried.contains(blocking.as_str())) {
            (true, false, true) | (false, true, false) => {}
            (true, _, false) => amiss.push(format!("{verb} is tried by none of the lists")),
            (true, true, true) => amiss.push(format!("{verb} has a cursor, and needs no word here")),
            (false, ..) => amiss.push(format!("{verb} answers several of something, and takes no cursor")),
        }
    }
    let lists: BTreeSet<_> = face.lists().map(|(verb, _)| verb.as_str()).collect();
    for name in bounded.union(&tried).filter(|name| !lists.contains(**name)) {
        amiss.push(format!("{name} is no list"));
    }
    amiss
}

#[test]
fn every_list_goes_on_by_a_cursor_or_is_bounded() {
    let amiss = amiss(&Face::of(&source::read("docs/public-api.txt")));
    assert!(amiss.is_empty(), "{}", amiss.join("\n"));
}

/// The test itself: a list that a cursor is missing from is seen, however deep it lies.
#[test]
fn a_new_list_without_a_cursor_is_seen() {
    let whole = source::read("docs/public-api.txt");
    let fails = |more: &str| amiss(&Face::of(&format!("{whole}\n{more}")));
    let plain = "pub fn strongroom::room::Staff::new_list(&self) -> core::result::Result<alloc::vec::Vec<strongroom::room::Time>, strongroom::room::StaffError>";
    assert_eq!(fails(plain), ["Staff::new_list answers several of something, and takes no cursor"]);
    let deep = "pub strongroom::room::NewThing::inner: core::option::Option<strongroom::room::NewPart>
pub strongroom::room::NewPart::times: alloc::vec::Vec<strongroom::room::Time>
pub async fn strongroom::room::AsyncOwner::new_list(&self) -> core::result::Result<strongroom::room::NewThing, strongroom::room::WriteError>";
    assert_eq!(fails(deep), ["AsyncOwner::new_list answers several of something, and takes no cursor"]);
    let paged = "pub fn strongroom::room::Owner<'_>::new_list(&self, &strongroom::room::Page) -> core::result::Result<strongroom::room::Listed<strongroom::room::Time>, strongroom::room::WriteError>";
    assert_eq!(fails(paged), ["Owner::new_list is tried by none of the lists"]);
    let one = "pub fn strongroom::room::Room::new_one(&self) -> core::result::Result<alloc::vec::Vec<u8>, strongroom::room::Failure>";
    assert!(fails(one).is_empty());
}
