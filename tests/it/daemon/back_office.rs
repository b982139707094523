//! The example of a back end for staff: it holds no key, and everything that it shows is on record first.

use std::{
    io::{self, BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use strongroom::room::{CaseRef, Purpose, Why};

use super::Served;
use crate::{
    examples::{
        built,
        http::{self, Answer, Ask, form},
    },
    world::{JANE, PASSWORD, secret},
};

/// The example, running.
struct BackOffice {
    process: Child,
    address: SocketAddr,
}

impl Drop for BackOffice {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl BackOffice {
    fn start(served: &Served) -> Self {
        let mut process = Command::new(built("back_office"))
            .env_clear()
            .arg(&served.socket)
            .arg("127.0.0.1:0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let address = said.trim().strip_prefix("listening on http://").unwrap().parse().unwrap();
        Self { process, address }
    }

    fn get(&self, path: &str, cookie: &str) -> Answer {
        http::ask(self.address, &Ask { path, cookie, ..Ask::default() }, io::empty())
    }

    fn post(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
        let origin = format!("http://{}", self.address);
        let ask = Ask { method: "POST", path, cookie, origin: Some(&origin), ..Ask::default() };
        http::ask(self.address, &ask, form(fields).as_bytes())
    }
}

/// sam has a password, by a code that was issued anew.
fn enrolled(served: &Served) {
    let ada = served.world.staff("ada");
    let plain = Why::purpose(Purpose::AccessAdmin);
    let case = ada.open_case(None, &plain).unwrap();
    let why = plain.case(CaseRef::Case(case));
    let code = ada.reenrol(served.world.room.assume("sam").unwrap().principal, &why).unwrap();
    served.world.room.enrol(&code.code, &secret(PASSWORD)).unwrap();
}

#[test]
fn a_back_end_acts_for_whoever_is_logged_in_and_for_nobody_else() {
    let served = Served::new();
    enrolled(&served);
    let jane = served.world.customer(JANE);
    let ticket = served.world.ticket(&jane).to_string();
    let office = BackOffice::start(&served);
    let wrong = [("handle", "sam"), ("password", "not the password of sam")];
    assert_eq!(office.post("/login", "", &wrong).status, 403);
    assert_eq!(office.get("/tickets", "").status, 403);
    let right = [("handle", "sam"), ("password", PASSWORD)];
    let login = office.post("/login", "", &right);
    assert_eq!((login.status, login.header("location")), (303, Some("/tickets")), "{}", login.text());
    let cookie = login.cookie();
    assert!(office.get("/tickets", &cookie).page().contains(&ticket));

    let before = served.world.room.log_size().unwrap();
    let page = office.get(&format!("/tickets/{ticket}"), &cookie).page();
    assert!(page.contains("Please look at the last one."), "{page}");
    let entries = served.entries(before);
    let read = entries.iter().find(|entry| entry.entry.what.name() == "ticket.read").unwrap();
    assert_eq!(read.entry.via.component, "socket");
    assert_eq!(read.entry.roles, ["support"]);
    let shown = served.says(&["--as", "vera", "audit", "show", &read.entry.position.to_string()]);
    assert!(shown.contains("127.0.0.1"), "the person's address stands beside it: {shown}");

    let reply = [("message", "We look into <it>.")];
    assert_eq!(office.post(&format!("/tickets/{ticket}/replies"), &cookie, &reply).status, 303);
    let page = office.get(&format!("/tickets/{ticket}"), &cookie).page();
    assert!(page.contains("We look into &lt;it&gt;."), "{page}");

    // Somebody else's page, a word that is an argument, and a session that is over.
    let ask = Ask {
        method: "POST",
        path: "/logout",
        cookie: &cookie,
        origin: Some("http://evil.example"),
        ..Ask::default()
    };
    assert_eq!(http::ask(office.address, &ask, io::empty()).status, 403);
    assert_eq!(office.get("/tickets/--help", &cookie).status, 400);
    assert_eq!(office.post("/logout", &cookie, &[]).status, 303);
    assert_eq!(office.get("/tickets", &cookie).status, 403);
}
