//! The examples are programs: built, started and driven as anybody would.

mod burst;
pub mod http;
mod offline;
mod service;

use std::{
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use http::{Ask, form};
use service::Service;
use strongroom::room::{
    CaseRef, Clock, Currency, InvoiceBody, InvoiceLine, InvoiceLines, InvoiceNumber, Money, Purpose, Room,
    RoomKind, Why,
};

use crate::world::{JANE, PASSWORD, START, World, ceremony, options, secret};

/// Builds an example with the cargo and the profile that built this test.
pub fn built(name: &str) -> PathBuf {
    let profile = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_path_buf();
    let mut build = Command::new(env!("CARGO"));
    build.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "--locked", "--quiet", "--example", name]);
    build.arg("--target-dir").arg(profile.parent().unwrap());
    if profile.file_name().is_some_and(|name| name == "release") {
        build.arg("--release");
    }
    assert!(build.status().unwrap().success(), "{build:?}");
    profile.join("examples").join(name)
}

/// A room on the system's clock, which the examples go by.
pub fn now() -> World {
    let (directory, clock) = (tempfile::tempdir().unwrap(), Clock::system());
    let options = options(&directory.path().join("room"), &clock);
    let made = Room::init(options, &ceremony(RoomKind::Demo)).unwrap();
    World { room: made.room, clock, directory }
}

/// Registers a customer in the browser's way, by the code that he is sent, and logs him in; gives the cookie.
fn registered(service: &Service, email: &str) -> String {
    let fields = [("email", email), ("name", "Jane <Doe>"), ("password", PASSWORD)];
    let asked = service.post("/register", "", &form(&fields));
    assert_eq!((asked.status, asked.header("location")), (303, Some("/confirm")), "{}", asked.text());
    let (code, _) = service.letter(email);
    let confirmed = service.post("/confirm", &asked.cookie(), &form(&[("code", &code)]));
    assert_eq!(
        (confirmed.status, confirmed.header("location")),
        (303, Some("/login")),
        "{}",
        confirmed.text()
    );
    logged_in(service, email, PASSWORD)
}

fn logged_in(service: &Service, email: &str, password: &str) -> String {
    let answer = service.post("/login", "", &form(&[("email", email), ("password", password)]));
    assert_eq!((answer.status, answer.header("location")), (303, Some("/account")), "{}", answer.text());
    answer.cookie()
}

#[test]
fn a_customer_does_everything_in_a_browser() {
    let world = now();
    let service = Service::start(&world.path());
    let cookie = registered(&service, JANE);
    let token = cookie.split_once('=').unwrap().1.to_owned();

    let account = service.get("/account", &cookie).page();
    assert!(account.contains("Hello, Jane &lt;Doe&gt;") && account.contains(JANE), "{account}");
    assert!(account.contains("No invoices yet."));

    let typed = [("subject", "Invoice & <script>"), ("body", "My card is 4111 1111 1111 1111.")];
    let opened = service.post("/tickets", &cookie, &form(&typed));
    let ticket = opened.header("location").unwrap().to_owned();
    let page = service.get(&ticket, &cookie).page();
    assert!(page.contains("Invoice &amp; &lt;script&gt;") && page.contains("[card •••• 1111]"), "{page}");
    assert_eq!(service.post(&ticket, &cookie, "body=Still.").status, 303);

    let page = service.get(&ticket, &cookie).page();
    assert!(page.contains("Still."), "{page}");

    invoiced(&world, &ticket);
    let account = service.get("/account", &cookie).page();
    assert!(account.contains("R-2026-1") && account.contains("9.99 EUR"), "{account}");

    let out = service.post("/logout", &cookie, "");
    assert_eq!((out.status, out.header("location")), (303, Some("/login")));
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    let stale = service.get("/account", &cookie);
    assert_eq!((stale.status, stale.header("location")), (303, Some("/login")));
    assert!(
        service.get("/login", &cookie).page().contains("Log in"),
        "a token that ended is as good as none"
    );

    let log = service.stopped();
    assert!(log.contains("/tickets/{ticket}"), "{log}");
    let secrets = [token.as_str(), PASSWORD, JANE, "Jane", ticket.trim_start_matches("/tickets/"), "Still"];
    for secret in secrets {
        assert!(!log.contains(secret), "`{secret}` is in the service's log:\n{log}");
    }
}

/// The customer's invoice, by bill.
fn invoiced(world: &World, ticket: &str) {
    let ticket = ticket.trim_start_matches("/tickets/").parse().unwrap();
    let login = world.room.assume("bill").unwrap();
    let bill = world.room.staff(&login.token);
    bill.assign(ticket, login.principal, &Why::unstated()).unwrap();
    let why = Why::purpose(Purpose::BillingDispute).case(CaseRef::Ticket(ticket));
    let found = world.staff("sam").find(JANE, &Why::purpose(Purpose::SupportRequest)).unwrap();
    let amount = Money::new(999, Currency::from_code("EUR").unwrap()).unwrap();
    let lines = InvoiceLines::new(vec![InvoiceLine::new("Hosting", 1, amount).ok().unwrap()]).ok().unwrap();
    let number = InvoiceNumber::accept("R-2026-1").ok().unwrap();
    bill.record_invoice(found, START, InvoiceBody { number, address: None, lines }, &why).unwrap();
}

/// The trace that a request came with is in the entry of what was done for it, and no other one's.
#[test]
fn the_trace_of_a_request_stands_in_its_entry() {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let world = now();
    let service = Service::start(&world.path());
    let cookie = registered(&service, JANE);
    let fields = form(&[("subject", "Invoice"), ("body", "Please look.")]);
    let good = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let twice = format!("{good}\r\nTraceparent: {good}");
    let sent = [("", None), (&*good, Some(TRACE)), ("00-4BF9-nonsense", None), (&*twice, None)];
    for (traceparent, _) in sent {
        assert_eq!(
            service.post_traced("/tickets", &cookie, &fields, traceparent).status,
            303,
            "{traceparent}"
        );
    }
    service.stopped();
    let entries = crate::dba::log(&world.room);
    let opened = entries.iter().filter(|one| one.entry.what.name() == "ticket.opened");
    let traces: Vec<_> = opened.map(|one| one.entry.via.trace.map(|id| id.to_string())).collect();
    assert_eq!(traces, sent.map(|(_, trace)| trace.map(str::to_owned)));
}

#[test]
fn a_session_is_a_cookie_that_nobody_else_sees_or_sends() {
    let world = now();
    let service = Service::start(&world.path());
    registered(&service, JANE);
    let login = service.post("/login", "", &form(&[("email", JANE), ("password", PASSWORD)]));
    let cookie = login.header("set-cookie").unwrap().to_owned();
    assert!(
        cookie.starts_with("session=") && cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
    let cookie = login.cookie();

    // What another site makes a browser send: no origin, its own, none that it says.
    for origin in [None, Some("http://evil.example"), Some("null"), Some("http://127.0.0.1")] {
        for path in ["/login", "/register", "/confirm", "/forgotten", "/reset", "/logout", "/tickets"] {
            let ask = Ask { method: "POST", path, cookie: &cookie, origin, ..Ask::default() };
            assert_eq!(service.ask(&ask, &b"subject=a&body=b"[..]).status, 403, "{path} from {origin:?}");
        }
    }
    assert!(service.get("/account", &cookie).page().contains("No tickets yet."));

    for path in ["/", "/login", "/account", "/tickets/none", "/style.css", "/nowhere", "/healthz"] {
        let answer = service.get(path, &cookie);
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        for part in ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"]
        {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
    }

    // Behind TLS.
    let secure = Service::start_for(&world.path(), Some("https://accounts.example.com"));
    let answer = secure.post("/login", "", &form(&[("email", JANE), ("password", PASSWORD)]));
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-session=") && cookie.contains("; Secure"), "{cookie}");
}

#[test]
fn a_forgotten_password_is_set_by_a_link_that_looking_at_does_not_use_up() {
    const OTHER: &str = "a second kettle whistles at dusk";
    let world = now();
    let service = Service::start(&world.path());
    let cookie = registered(&service, JANE);
    let answers = [JANE, "nobody@example.com", "no address"].map(|email| {
        let answer = service.post("/forgotten", "", &form(&[("email", email)]));
        (answer.status, answer.header("location").map(str::to_owned), answer.cookie().len(), answer.text())
    });
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!((answers[0].0, answers[0].1.as_deref()), (303, Some("/reset")));

    let (code, link) = service.letter(JANE);
    for _ in 0..3 {
        assert!(service.get(&format!("/reset?link={link}"), "").page().contains(&link));
    }
    let elsewhere = service.post("/reset", "", &form(&[("code", &code), ("password", OTHER)]));
    assert_eq!(elsewhere.status, 422, "a code counts in the browser that asked");
    let reset = || service.post("/reset", "", &form(&[("link", &link), ("password", OTHER)]));
    let answer = reset();
    assert_eq!((answer.status, answer.header("location")), (303, Some("/login")), "{}", answer.text());
    let (status, again) = (reset(), service.get(&format!("/reset?link={link}"), ""));
    assert_eq!((status.status, again.status), (403, 403), "it is used up");
    assert_eq!(service.get("/account", &cookie).status, 303, "all sessions have ended");
    logged_in(&service, JANE, OTHER);
    let log = service.stopped();
    assert!(!log.contains(&code) && !log.contains(&link), "{log}");
}

#[test]
fn every_refused_login_is_the_same_answer() {
    let world = now();
    let service = Service::start(&world.path());
    registered(&service, JANE);
    let mut answers = Vec::new();
    for (email, password) in [
        (JANE, "not her password at all"),
        ("nobody@example.com", PASSWORD),
        ("", PASSWORD),
        ("no address", ""),
    ] {
        let answer = service.post("/login", "", &form(&[("email", email), ("password", password)]));
        assert_eq!((answer.status, answer.header("set-cookie")), (401, None), "{email}");
        answers.push(answer.without_date());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[test]
fn errors_of_the_room_are_answers_of_http() {
    let world = now();
    let service = Service::start(&world.path());
    let cookie = registered(&service, JANE);
    let status = |answer: http::Answer| (answer.status, answer.text());
    let again = form(&[("email", JANE), ("name", ""), ("password", PASSWORD)]);
    // Who registers is not told that there is an account; who reads its mail is.
    let asked = service.post("/register", "", &again);
    assert_eq!((asked.status, asked.header("location")), (303, Some("/confirm")));
    let (typed, _) = service.letter(JANE);
    let (code, page) = status(service.post("/confirm", &asked.cookie(), &form(&[("code", &typed)])));
    assert!(code == 409 && page.contains("This address has an account already."), "{code} {page}");
    let short = form(&[("email", "eve@example.com"), ("name", ""), ("password", "short")]);
    let (code, page) = status(service.post("/register", "", &short));
    assert!(code == 422 && page.contains("The password was refused"), "{code} {page}");
    for path in ["/tickets/none", "/tickets/AAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(service.get(path, &cookie).status, 404, "{path}");
    }
    let opened = service.post("/tickets", &cookie, "subject=A&body=B");
    let ticket = opened.header("location").unwrap().to_owned();

    let other = registered(&service, "eve@example.com");
    assert_eq!(service.get(&ticket, &other).status, 404, "another's ticket is not there");
    assert_eq!(service.post(&ticket, &other, "body=Mine").status, 404);
}

/// Two hundred logins at once: the runtime goes on answering, whoever finds no place is told when to come again, and
/// in the end everybody is in.
#[test]
fn a_flood_of_logins_holds_up_nobody_else() {
    const LOGINS: usize = 200;
    let world = now();
    let service = Service::start(&world.path());
    let cookie = registered(&service, JANE);
    let body = form(&[("email", JANE), ("password", PASSWORD)]);
    let (begun, done, shed) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let (mut well, mut read) = (0, 0);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..LOGINS {
            scope.spawn(|| {
                begun.fetch_add(1, Ordering::SeqCst);
                loop {
                    let answer = service.post("/login", "", &body);
                    match (answer.status, answer.header("retry-after")) {
                        (303, None) => break,
                        (503, Some("1")) => shed.fetch_add(1, Ordering::SeqCst),
                        other => panic!("{other:?}"),
                    };
                    std::thread::sleep(std::time::Duration::from_millis(200));
                }
                if done.fetch_add(1, Ordering::SeqCst) + 1 == LOGINS {
                    over.store(true, Ordering::SeqCst);
                }
            });
        }
        while begun.load(Ordering::SeqCst) < LOGINS {
            std::thread::yield_now();
        }
        while !over.load(Ordering::SeqCst) {
            assert_eq!(service.get("/healthz", "").text(), "ok\n");
            well += 1;
            assert_eq!(service.get("/account", &cookie).status, 200, "who is in is not shed");
            read += 1;
        }
    });
    assert!(shed.into_inner() > 0, "two hundred at once find no place on this machine");
    assert!(well > 20 && read > 20, "{well} answers of /healthz and {read} pages while {LOGINS} logged in");
}

#[test]
fn a_service_that_is_asked_to_stop_answers_what_is_in_flight() {
    let world = now();
    let service = Service::start(&world.path());
    let cookie = registered(&service, JANE);
    let begun = service.begin("/tickets", &cookie, "subject=In+flight");
    service.ask_to_stop();
    let answer = begun.end("&body=Half+of+it+came+later");
    assert_eq!(answer.status, 303, "{}", answer.text());
    let ticket = answer.header("location").unwrap().trim_start_matches("/tickets/").parse().unwrap();
    assert!(service.stopped().contains("asked to stop"));
    let Some(jane) = world.room.login(JANE, &secret(PASSWORD)).unwrap().complete() else { panic!("denied") };
    let kept = world.room.owner(&jane.owner).ticket(ticket).unwrap();
    assert_eq!(kept.messages[0].body.expose().as_str(), "Half of it came later");
}
