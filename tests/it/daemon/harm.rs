//! Callers who send what is no call, too much, too slowly, or nothing: they harm nobody but themselves.

use std::{io::Write, net::Shutdown, thread, time::Duration};

use serde_json::json;

use super::{
    Served,
    stranger::{CONTENT, ERROR, Line, MESSAGE},
};

const GOOD: [&str; 3] = ["--as", "vera", "doctor"];

/// A frame with this length and kind in front, whatever it holds.
fn raw(length: u32, kind: u8, body: &[u8]) -> Vec<u8> {
    [&length.to_be_bytes()[..], &[kind], body].concat()
}

fn message(text: &str) -> Vec<u8> {
    raw(u32::try_from(text.len() + 1).unwrap(), MESSAGE, text.as_bytes())
}

/// Sends this, and hears what comes back until the connection ends.
fn sent(served: &Served, bytes: &[u8]) -> Vec<String> {
    let mut line = served.line();
    line.hello();
    // The other side may close before it has taken all of it.
    drop(line.0.write_all(bytes));
    drop(line.0.shutdown(Shutdown::Write));
    let mut heard = Vec::new();
    while let Some((_, body)) = line.hear() {
        heard.push(String::from_utf8_lossy(&body).into_owned());
    }
    heard
}

#[test]
fn what_is_no_call_is_refused_and_everybody_else_works_on() {
    let served = Served::new();
    let mut held = served.line();
    held.hello();
    let before = served.world.room.log_size().unwrap();
    let words = |count: usize| json!({"call": {"arguments": vec!["x"; count]}}).to_string();
    let deep = format!("{{\"call\":{{\"arguments\":{}", "[".repeat(200_000));
    for (what, bytes) in [
        ("noise", b"GET / HTTP/1.1\r\nHost: room\r\n\r\n".to_vec()),
        ("zeros", vec![0; 4096]),
        ("ones", vec![0xff; 4096]),
        ("an empty frame", raw(0, MESSAGE, b"")),
        ("a frame over the limit", raw(1_048_577, MESSAGE, b"{}")),
        ("the longest length", raw(u32::MAX, MESSAGE, b"{}")),
        ("an unknown kind", raw(3, 9, b"{}")),
        ("content first", raw(3, CONTENT, b"{}")),
        ("output of a client", raw(3, ERROR, b"{}")),
        ("no JSON", message("no JSON")),
        ("a number", message("7")),
        ("an unknown message", message("{\"calls\":{}}")),
        ("an unknown key", message("{\"call\":{\"arguments\":[],\"more\":1}}")),
        ("a wrong type", message("{\"call\":{\"arguments\":\"doctor\"}}")),
        ("two messages in one", message("{\"call\":{}} {\"call\":{}}")),
        ("an answer to nothing", message("\"done\"")),
        (
            "a second relay",
            [message("{\"relayed\":{\"from\":\"a\"}}"), message("{\"relayed\":{\"from\":\"b\"}}")].concat(),
        ),
        ("words without end", message(&words(1025))),
        ("no end of brackets", message(&deep)),
        ("no text", raw(4, MESSAGE, &[b'"', 0xff, b'"'])),
    ] {
        let heard = sent(&served, &bytes);
        assert_eq!(heard.len(), 1, "{what}: {heard:?}");
        assert!(heard[0].contains("{\"refused\":{\"kind\":\"invalid\""), "{what}: {heard:?}");
    }
    for (what, bytes) in
        [("nothing", vec![]), ("half a length", vec![0, 0]), ("half a frame", raw(90, 1, b"{\"c"))]
    {
        assert!(sent(&served, &bytes).is_empty(), "{what}");
    }
    // A call of nonsense is a call, which ends with the code for it.
    for words in [
        &["no-such-command"][..],
        &[],
        &["ticket", "show", "x\u{0}y"],
        &["--socket", "x", "doctor"],
        &["serve"],
        &["relay"],
    ] {
        assert!(matches!(held.call(words).exit, 2 | 3), "{words:?}");
    }
    assert_eq!(served.world.room.log_size().unwrap(), before, "nothing of this is an entry");
    held.call(&GOOD);
    assert!(served.world.room.log_size().unwrap() > before);
    served.run(&["--as", "vera", "doctor"]);
    let mut fresh = served.line();
    fresh.hello();
    assert!(!fresh.call(&GOOD).output.is_empty());
}

/// Each has the time that is given and no more; meanwhile, and afterwards, others are served.
#[test]
fn whoever_says_nothing_or_takes_nothing_is_given_up() {
    let served = Served::patient(1);
    let jane = served.world.customer(crate::world::JANE);
    let ticket = served.world.ticket(&jane).to_string();
    let mut silent = served.line();
    let mut half = served.line();
    let mut dripping = served.line();
    let mut deaf = served.line();
    for line in [&mut silent, &mut half, &mut dripping, &mut deaf] {
        line.hello();
    }
    half.0.write_all(&raw(1000, MESSAGE, b"{\"call\"")).unwrap();
    let mut drip = dripping.0.try_clone().unwrap();
    thread::spawn(move || {
        for byte in raw(100_000, MESSAGE, &[b' '; 1000]) {
            if drip.write_all(&[byte]).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
    });
    // It asks again and again and never reads an answer.
    let call = json!({"call": {"arguments": ["--help"]}}).to_string();
    deaf.0.set_write_timeout(Some(Duration::from_secs(60))).unwrap();
    while deaf.send(MESSAGE, call.as_bytes()).is_ok() {}
    // It is asked for something and never answers.
    let mut mute = served.line();
    mute.hello();
    let reply = ["--as", "sam", "ticket", "reply", &ticket];
    mute.say(&json!({"call": {"arguments": reply}}));
    assert_eq!(mute.message().unwrap(), json!({"open": {"source": "input"}}));
    for _ in 0..3 {
        let mut good = served.line();
        good.hello();
        assert!(!good.call(&GOOD).output.is_empty());
    }
    assert!(silent.hear().is_none() && half.hear().is_none() && dripping.hear().is_none());
    assert!(mute.hear().is_none());
    let mut good = served.line();
    good.hello();
    assert!(!good.call(&GOOD).output.is_empty());
}

/// Nobody keeps all others out: one user has so many connections, and is told when he wants more.
#[test]
fn one_user_has_so_many_connections() {
    let served = Served::new();
    let mut lines: Vec<Line> = (0..256).map(|_| served.line()).collect();
    for line in &mut lines {
        line.hello();
    }
    let refused = served.line().message().unwrap();
    assert_eq!(refused["refused"]["kind"], "busy");
    let told = served.run(&["--as", "vera", "doctor"]);
    let text = String::from_utf8_lossy(&told.stderr).into_owned();
    assert!(told.status.code() == Some(1) && text.contains("too many connections"), "{text}");
    assert!(!lines[0].call(&GOOD).output.is_empty(), "who is in is served");
    lines.truncate(255);
    super::until(|| served.line().message().unwrap()["hello"].is_object());
}
