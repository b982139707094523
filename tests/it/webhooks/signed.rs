//! What is sent, and that a receiver can tell who sent it.

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
};

use serde_json::Value;

use super::{
    SECRETS, configured, delivered,
    receiver::{Answer, Receiver, Request, status},
    registered, with_one,
};
use crate::{examples::now, source, world::JANE};

/// The example of `docs/operate.md`, run by Python on this request with this secret: whether it takes it. Nothing where
/// there is no Python.
fn python(request: &Request, secret: &str, seconds_later: i64) -> Option<bool> {
    let page = source::read("docs/operate.md");
    let example = page.split("```python\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let call = "\nimport json, sys\nasked = json.load(sys.stdin)\n\
                print(verify(asked['secrets'], asked['headers'], asked['body'].encode(), asked['now']))\n";
    let spawned = Command::new("python3")
        .args(["-I", "-c", &format!("{example}{call}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = spawned else {
        crate::postgres::skip("there is no python3");
        return None;
    };
    let sent: i64 = request.headers["webhook-timestamp"].parse().unwrap();
    let asked = serde_json::json!({
        "secrets": [secret],
        "headers": request.headers,
        "body": request.body,
        "now": sent + seconds_later,
    });
    child.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(String::from_utf8(output.stdout).unwrap().trim() == "True")
}

#[test]
fn a_webhook_names_ids_and_nothing_of_anybody() {
    let receiver = Receiver::new(vec![status("204 No Content")]);
    let world = now();
    let account = registered(&configured(&world, &receiver.url(), ""));
    assert_eq!(delivered(&world), (0, "1 delivered, 0 not\n".to_owned()));

    let request = receiver.next();
    assert_eq!(request.line, "POST /hooks?of=room HTTP/1.1");
    assert_eq!(request.headers["content-type"], "application/json");
    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(body["schema"], "strongroom.webhook/1");
    assert_eq!(body["type"], "registered");
    assert_eq!(body["room"], world.room.id().to_string());
    assert_eq!(body["data"], serde_json::json!({"to": format!("account:{account}"), "about": null}));
    assert_eq!(body.as_object().unwrap().len(), 5);
    let all = format!("{:?} {}", request.headers, request.body);
    for hidden in [JANE, "Jane", "jane", "example.com"] {
        assert!(!all.contains(hidden), "{all}");
    }
    // Delivered once, and gone.
    assert_eq!(delivered(&world), (0, "0 delivered, 0 not\n".to_owned()));
    assert!(receiver.rest().is_empty());
}

#[test]
fn a_receiver_with_either_secret_knows_the_sender_by_another_program() {
    let receiver = Receiver::new(vec![status("200 OK")]);
    let world = with_one(&receiver.url());
    assert_eq!(delivered(&world).0, 0);
    let request = receiver.next();
    assert_eq!(request.headers["webhook-signature"].split(' ').count(), 2);
    assert_eq!(request.headers["webhook-key-id"].split(' ').count(), 2);

    for secret in SECRETS {
        let Some(taken) = python(&request, secret, 0) else { return };
        assert!(taken, "by {secret}");
        assert_eq!(python(&request, secret, 299), Some(true));
        for late in [301, -301] {
            assert_eq!(python(&request, secret, late), Some(false), "{late} seconds");
        }
    }
    let stranger = "whsec_YW5vdGhlciBzZWNyZXQgdGhhdCBub2JvZHkgaGFz";
    assert_eq!(python(&request, stranger, 0), Some(false));
    let changed = |change: fn(&mut Request)| {
        let mut other =
            Request { line: String::new(), headers: request.headers.clone(), body: request.body.clone() };
        change(&mut other);
        python(&other, SECRETS[0], 0)
    };
    assert_eq!(changed(|request| request.body.push(' ')), Some(false), "another body");
    let id = |request: &mut Request| drop(request.headers.insert("webhook-id".into(), "another".into()));
    assert_eq!(changed(id), Some(false), "another id");
    let time = |request: &mut Request| {
        let sent: i64 = request.headers["webhook-timestamp"].parse().unwrap();
        drop(request.headers.insert("webhook-timestamp".into(), (sent + 1).to_string()));
    };
    assert_eq!(changed(time), Some(false), "another time");
}

#[test]
fn a_receiver_is_known_by_its_certificate() {
    let receiver = Receiver::behind_tls(vec![Answer::Closes, status("200 OK")]);
    let url = format!("https://localhost:{}/", receiver.address.port());
    let world = now();
    registered(&configured(&world, &url, ""));
    let (code, said) = delivered(&world);
    assert_eq!((code, receiver.rest().len()), (5, 0), "nothing is sent to a stranger: {said}");
    assert!(said.contains("the receiver's certificate does not hold"), "{said}");

    let world = now();
    let authority = source::root().join("tests/tls/authority.pem");
    fs::copy(authority, world.path().join("authority.pem")).unwrap();
    registered(&configured(&world, &url, "authorities = \"authority.pem\"\n"));
    assert_eq!(delivered(&world), (0, "1 delivered, 0 not\n".to_owned()));
    assert!(receiver.next().body.contains("\"registered\""));
}
