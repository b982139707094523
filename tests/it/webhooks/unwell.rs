//! Receivers that are not well, or not friendly.

use std::{net::TcpListener, thread};

use super::{
    delivered,
    receiver::{Answer, Receiver, status},
    with_one,
};

/// What the program says when its one webhook meets this answer; it was not delivered.
fn refused(answer: &Answer) -> String {
    let receiver = Receiver::new(vec![answer.clone()]);
    let world = with_one(&receiver.url());
    let (code, said) = delivered(&world);
    assert_eq!(code, 5, "{answer:?}: {said}");
    assert!(said.contains("0 delivered, 1 not"), "{answer:?}: {said}");
    assert!(receiver.next().body.contains("registered"), "{answer:?}");
    // It waits for its pause now.
    assert_eq!(delivered(&world), (0, "0 delivered, 0 not\n".to_owned()), "{answer:?}");
    let state = world.room.webhooks().unwrap();
    assert_eq!((state.pending, state.dead), (1, 0), "{answer:?}");
    said
}

#[test]
fn what_fails_at_the_receiver_is_tried_again_later() {
    for (answer, why) in [
        (status("500 Internal Server Error"), "the receiver answered 500"),
        (status("404 Not Found"), "the receiver answered 404"),
        (status("503 Service Unavailable"), "the receiver answered 503"),
        (Answer::Closes, "the connection failed"),
        (Answer::Says("SSH-2.0-OpenSSH_9.9\r\n".to_owned()), "the receiver's answer was not understood"),
    ] {
        let said = refused(&answer);
        assert!(said.contains(why), "{answer:?}: {said}");
    }
}

#[test]
fn nobody_there_is_tried_again_later() {
    // A port that nobody has any more.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let world = with_one(&format!("http://{address}/"));
    let (code, said) = delivered(&world);
    assert_eq!(code, 5, "{said}");
    assert!(said.contains("the connection failed: connection refused"), "{said}");
}

/// Whoever could point elsewhere would be sent what he may not have.
#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let to = elsewhere.local_addr().unwrap();
    for code in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let head = format!("HTTP/1.1 {code}\r\nLocation: http://{to}/\r\nContent-Length: 0\r\n\r\n");
        let said = refused(&Answer::Says(head));
        assert!(said.contains("the receiver answered 30"), "{said}");
    }
    assert!(elsewhere.accept().is_err(), "somebody came");
}

/// One that never answers, and one whose answer never ends, cost their ten seconds.
#[test]
fn a_receiver_that_hangs_or_is_slow_is_left() {
    let slow = thread::spawn(|| refused(&Answer::Slow));
    let said = refused(&Answer::Hangs);
    assert!(said.contains("the receiver did not answer in time"), "{said}");
    let said = slow.join().unwrap();
    assert!(said.contains("the receiver did not answer in time"), "{said}");
}

/// Its status counts, and the rest is not read.
#[test]
fn a_body_without_an_end_is_not_read() {
    let receiver = Receiver::new(vec![Answer::Endless]);
    assert_eq!(delivered(&with_one(&receiver.url())), (0, "1 delivered, 0 not\n".to_owned()));
}

/// 410 says that nobody wants them any more.
#[test]
fn what_a_receiver_wants_no_more_is_given_up() {
    let receiver = Receiver::new(vec![status("410 Gone"), status("200 OK")]);
    let world = with_one(&receiver.url());
    assert_eq!(delivered(&world).0, 5);
    let state = world.room.webhooks().unwrap();
    assert_eq!((state.pending, state.dead), (0, 1));
    let output = super::program(&world).args(["outbox", "redrive", "--all"]).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "1 message is tried again\n");
    assert_eq!(delivered(&world), (0, "1 delivered, 0 not\n".to_owned()));
    assert_eq!(receiver.next().headers["webhook-id"], receiver.next().headers["webhook-id"]);
}
