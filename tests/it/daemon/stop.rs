//! Stopping: what runs is finished, and nothing new is begun.

use serde_json::json;

use super::{Served, program, serve, stranger::CONTENT, until};

#[test]
fn what_runs_is_finished_and_nothing_new_begins() {
    let mut served = Served::new();
    let jane = served.world.customer(crate::world::JANE);
    let ticket = served.world.ticket(&jane).to_string();
    let mut idle = served.line();
    idle.hello();
    let mut busy = served.line();
    busy.hello();
    let put = ["--as", "sam", "attachment", "put", &ticket, "-", "--name", "slow.txt"];
    busy.say(&json!({"call": {"arguments": put}}));
    assert_eq!(busy.message().unwrap(), json!({"open": {"source": "input"}}));
    busy.say(&json!({"opened": {"bytes": null}}));
    assert!(busy.message().unwrap()["read"].is_object());
    served.terminate();
    // The idle one is let go, the socket is gone, and the one at work goes on to his end.
    assert!(idle.hear().is_none());
    until(|| !served.socket.exists());
    assert_eq!(served.run(&["doctor"]).status.code(), Some(1));
    busy.send(CONTENT, b"what was on its way").unwrap();
    while let Some(asked) = busy.message() {
        assert!(asked["read"].is_object(), "{asked}");
        busy.send(CONTENT, b"").unwrap();
        let ended = busy.ended();
        assert_eq!(ended.exit, 0, "{}", ended.error);
        assert!(ended.output.starts_with("attached "), "{}", ended.output);
    }
    assert!(busy.hear().is_none());
    assert_eq!(served.process.wait().unwrap().code(), Some(0));
}

/// A daemon that was killed leaves its socket behind: the next one takes its place, and nobody else's.
#[test]
fn a_socket_that_was_left_behind_is_taken_over() {
    let mut served = Served::new();
    let again = program()
        .args(["serve", "--room"])
        .arg(served.world.path())
        .arg("--socket")
        .arg(&served.socket)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(again.status.code() == Some(1) && told.contains("is taken"), "{told}");
    served.process.kill().unwrap();
    served.process.wait().unwrap();
    assert!(served.socket.exists());
    served.process = serve(&served.world.path(), &served.socket, 300);
    assert!(served.says(&["--as", "sam", "ticket", "list", "--mine"]).contains("no tickets"));
}
