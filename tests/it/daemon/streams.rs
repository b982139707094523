//! Attachments through the socket: whole, and of any size in the same memory, however slowly they are taken.

use std::fs;

use serde_json::{Value, json};

use super::{Served, stranger::OUTPUT};

const LENGTH: usize = 24 * 1024 * 1024;

#[test]
fn attachments_stream_both_ways_in_constant_memory() {
    let served = Served::new();
    let directory = served.world.directory.path();
    let jane = served.world.customer(crate::world::JANE);
    let ticket = served.world.ticket(&jane).to_string();
    let content: Vec<u8> = (0..LENGTH).map(|at| u8::try_from(at * 7 / 1000 % 251).unwrap()).collect();
    fs::write(directory.join("big"), &content).unwrap();
    served.says(&["--as", "sam", "ticket", "list", "--mine"]);
    let small = served.status("VmHWM");
    let put = served.says(&["--as", "sam", "attachment", "put", &ticket, "big", "--json"]);
    let put: Value = serde_json::from_str(&put).unwrap();
    assert_eq!(put["bytes"], LENGTH);
    let id = put["attachment"].as_str().unwrap();
    let get = ["--as", "sam", "attachment", "get", id, "--purpose", "support_request"];
    served.says(&[&get[..], &["back"]].concat());
    assert!(fs::read(directory.join("back")).unwrap() == content, "it comes back as it went");

    // Nobody reads: what is on its way is bounded by the socket, and waits.
    let mut line = served.line();
    line.hello();
    line.say(&json!({"call": {"arguments": get}}));
    let (kind, mut read) = line.hear().unwrap();
    assert_eq!(kind, OUTPUT);
    let mut other = served.line();
    other.hello();
    assert_eq!(
        other.call(&["--as", "sam", "ticket", "list", "--mine"]).exit,
        0,
        "others are served meanwhile"
    );
    while let Some((OUTPUT, part)) = line.hear() {
        read.extend(part);
    }
    assert!(read == content, "it comes out whole in the end");
    let grown = served.status("VmHWM").saturating_sub(small);
    assert!(grown < 8 * 1024, "24 MiB took {grown} KiB of memory");
}

/// A client that goes away in the middle ends its own call and nothing else; half a file is not kept.
#[test]
fn half_an_upload_is_not_kept() {
    let served = Served::new();
    let jane = served.world.customer(crate::world::JANE);
    let ticket = served.world.ticket(&jane).to_string();
    let mut line = served.line();
    line.hello();
    let put = ["--as", "sam", "attachment", "put", &ticket, "-", "--name", "half.txt"];
    line.say(&json!({"call": {"arguments": put}}));
    line.message().unwrap();
    line.say(&json!({"opened": {"bytes": 100}}));
    line.message().unwrap();
    line.send(super::stranger::CONTENT, b"half of it").unwrap();
    line.message().unwrap();
    drop(line);
    let show = ["--as", "sam", "ticket", "show", &ticket, "--purpose", "support_request", "--json"];
    let shown: Value = serde_json::from_str(&served.says(&show)).unwrap();
    assert_eq!(shown["attachments"], json!([]), "{shown}");
}
