//! Commands of the desks, of two people who decide, and of the way back.

use serde_json::Value;
use strongroom::room::SecretText;

use super::{
    commands::{Shell, id},
    marks,
};

fn said<'a>(words: &[&'a str], why: &[&'a str]) -> Vec<&'a str> {
    [words, why].concat()
}

/// What is left of a day at the desks, and what the room says of itself.
pub fn the_desks_work(shell: &mut Shell, account: &str, ticket: &str) {
    let why = ["--purpose", "support_request", "--reason", marks::REASON];
    shell.private("name", marks::NAME);
    shell.private("name-wrong", marks::NAME_REFUSED);
    for name in ["name", "name-wrong"] {
        shell.run("support", &said(&["call", marks::EMAIL, "--name-file", name], &why));
    }
    shell.run("support", &["inbox"]);
    shell.run("support", &["work", marks::PASTED]);
    shell.run("support", &["work", &format!("ticket:{ticket}")]);
    shell.run("support", &["work", "--done"]);
    shell.run("support", &said(&["case", "close", marks::PASTED], &why));
    shell.run("legal", &said(&["account", "erase", account, "--dry-run"], &why));
    shell.run("legal", &said(&["account", "erase", marks::PASTED], &why));
    shell.run("support", &said(&["ticket", "close", marks::PASTED], &why));
    shell.run("", &["health"]);
    shell.run("", &["metrics"]);
    for command in [["config", "check"], ["config", "show"]] {
        shell.run("", &command);
    }
    let right = shell.read("room/room.toml");
    for (at, pasted) in [("attachments_stop_percent", marks::CARD), (marks::PASTED, "1"), ("outside", "[]")] {
        shell.private("room/room.toml", &format!("{at} = {pasted}\n{right}"));
        shell.run("", &["config", "check"]);
    }
    shell.private("room/room.toml", &right);
}

/// Waivers, roles and factors: asked by one, decided by another.
pub fn two_people_decide(shell: &mut Shell) {
    let why = ["--purpose", "access_admin", "--reason", marks::REASON];
    let case = format!("case:{}", id(&shell.run("admin", &said(&["case", "open"], &why)), "case"));
    let why = said(&why, &["--case", &case]);
    shell.run("admin", &said(&["waiver", "give", "second-person", "--for", "30d"], &why));
    shell.run("admin", &said(&["waiver", "give", marks::PASTED], &why));
    shell.run("admin", &said(&["waiver", "end", marks::PASTED], &why));
    shell.run("admin", &["waiver", "list", "--all"]);
    shell.run("admin", &said(&["room", "resume"], &why));
    let codes = ["--codes-to", "code-again"];
    for (verb, more) in
        [("give", &["support"][..]), ("revoke", &[]), ("disable", &[]), ("link", &[]), ("reenrol", &codes)]
    {
        shell.run("admin", &said(&[&["staff", verb, marks::PASTED], more].concat(), &why));
    }
    shell.run("admin", &said(&["staff", "factor", "reset", marks::PASTED], &why));
    let people = shell.once("admin", &said(&["staff", "list"], &why), &["--json"]);
    let somebody = people["people"][3]["principal"].as_str().unwrap_or_default().to_owned();
    for words in [["staff", "give", &somebody, "privacy-officer"], ["staff", "factor", "reset", &somebody]] {
        shell.run("admin", &said(&words, &why));
    }
    let waits = shell.run("admin-second", &["approval", "list"]);
    let waits = waits["approvals"].as_array().cloned().unwrap_or_default();
    assert!(!waits.is_empty(), "nothing waits");
    for one in waits.iter().map(|one: &Value| id(one, "approval")) {
        for verb in ["show", "approve", "run", "refuse"] {
            shell.run("admin-second", &["approval", verb, &one]);
        }
        shell.run("admin-second", &["approval", "show", &one, "--words"]);
    }
    for verb in ["show", "approve", "run", "refuse"] {
        shell.run("admin-second", &["approval", verb, marks::PASTED]);
    }
}

/// The way back: with what is no share, with too few, for somebody whose handle is none; then it is gone.
pub fn somebody_recovers(shell: &mut Shell) {
    shell.private("share-wrong", marks::SHARE_WRONG);
    let codes = shell.read("codes");
    let shares = codes.lines().filter_map(|line| line.strip_prefix("share ")?.split_once('\t'));
    for ((_, share), name) in shares.zip(["share-1", "share-2"]) {
        shell.private(name, share);
    }
    let recover = |handle, shares: [&'static str; 2]| {
        ["recover", "--appoint", handle, "--share-file", shares[0], "--share-file", shares[1]]
    };
    let both = ["share-1", "share-2"];
    shell.run("", &recover(marks::HANDLE_RECOVERED, ["share-1", "share-wrong"]));
    shell.run("", &recover(marks::HANDLE_RECOVERED, ["share-1", "share-1"]));
    shell.run("", &recover(marks::HANDLE_REFUSED, both));
    shell.run("", &recover(marks::HANDLE_ADMIN, both));
    shell.once("", &said(&recover(marks::HANDLE_RECOVERED, both), &["--codes-to", "recovered"]), &["--json"]);
    shell.run("", &recover(marks::HANDLE_UNKNOWN, both));
    for line in shell.read("recovered").lines() {
        let (_, text) = line.split_once('\t').unwrap();
        shell.marks.extend(marks::given("what recovering gave", &SecretText::new(text.to_owned())));
    }
}
