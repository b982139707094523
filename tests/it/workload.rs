//! A room at work in a process of its own, saying what it was told is done; and what must hold of the room
//! afterwards, whatever happened to the process or to its disk.

use std::{collections::BTreeSet, error::Error, io::Read as _, path::Path};

use strongroom::room::{
    AccountId, CodesTo, LogPart, OwnerSession, Page, PrincipalId, Purpose, RegisterError, Registration, Room,
    RoomKind, RoomOptions, Staff, TicketId, Why, verify,
};

use crate::{
    powercut::{Ack, Verdict},
    world::{PASSWORD, ceremony, secret},
};

/// The prepared customers: the first process works for the first, the second for the second.
pub const CUSTOMERS: [&str; 2] = ["jane.doe@example.com", "john.roe@example.com"];

fn options(root: &Path) -> RoomOptions {
    RoomOptions { codes_to: CodesTo::Asker, ..RoomOptions::new(root.join("room"), "host-1") }
}

/// Fills an empty directory with a demonstration room and its customers.
pub fn prepare(root: &Path) {
    let room = Room::init(options(root), &ceremony(RoomKind::Demo)).unwrap().room;
    for email in CUSTOMERS {
        room.register(&Registration { email, name: Some("Jane Doe"), password: &secret(PASSWORD) }).unwrap();
    }
}

/// The same for a process that may be killed meanwhile: the room has its name when it is whole.
pub fn prepare_once(root: &Path) -> Verdict {
    if !root.join("room").exists() {
        let making = root.join("making");
        if making.exists() {
            std::fs::remove_dir_all(&making)?;
        }
        std::fs::create_dir(&making)?;
        prepare(&making);
        std::fs::rename(making.join("room"), root.join("room"))?;
    }
    Ok(())
}

/// The prepared room.
///
/// # Errors
/// It does not open.
pub fn open(root: &Path) -> Result<Room, Box<dyn Error>> {
    Ok(options(root).open().map_err(|e| format!("does not open: {e}"))?)
}

/// For what staff in these tests act.
pub fn why() -> Why {
    Why::purpose(Purpose::SupportRequest)
}

/// A customer's session.
///
/// # Errors
/// The login failed or was denied.
pub fn login(room: &Room, email: &str) -> Result<OwnerSession, Box<dyn Error>> {
    match room.login(email, &secret(PASSWORD))?.complete() {
        Some(granted) => Ok(granted.owner),
        None => Err(format!("lost the account of {email}: its login is denied").into()),
    }
}

/// A customer and a member of staff at work in one process.
pub struct Shift<'a> {
    room: Room,
    owner: OwnerSession,
    staff: Staff,
    principal: PrincipalId,
    ack: &'a Ack,
    /// Tells this process's tickets, attachments and addresses from others'.
    who: String,
}

impl<'a> Shift<'a> {
    /// Opens the prepared room and logs both in.
    ///
    /// # Errors
    /// The room does not open, or nobody gets in.
    pub fn begin(root: &Path, ack: &'a Ack, customer: usize, who: &str) -> Result<Self, Box<dyn Error>> {
        let room = open(root)?;
        let owner = login(&room, CUSTOMERS[customer])?;
        let login = room.assume("sam")?;
        let (staff, principal) = (room.staff(&login.token), login.principal);
        Ok(Self { room, owner, staff, principal, ack, who: who.to_owned() })
    }

    /// One of each thing that is acknowledged.
    ///
    /// # Errors
    /// Anything that fails.
    pub fn round(&mut self, round: u32) -> Verdict {
        let ticket =
            self.room.owner(&self.owner).open_ticket(&self.named(round), "It fails.\nAgain.")?.ticket;
        self.done("ticket", &[&ticket]);
        self.staff.assign(ticket, self.principal, &Why::unstated())?;
        let view = self.staff.ticket(ticket, &why())?;
        self.done("entry", &[&view.position, &ticket]);
        self.attach(ticket, round)?;
        let view = self.staff.account(self.owner.account(), &why())?;
        self.done("entry", &[&view.position, &self.owner.account()]);
        match round % 8 {
            1 => {
                self.done("named", &[&self.staff.reply(ticket, "Have you tried it again?", &why())?.message]);
            }
            3 => self.relogin()?,
            5 => self.register(round)?,
            _ => {}
        }
        Ok(())
    }

    fn named(&self, round: u32) -> String {
        format!("{} {round}", self.who)
    }

    fn done(&self, kind: &str, facts: &[&dyn std::fmt::Display]) {
        let facts: String = facts.iter().map(|fact| format!(" {fact}")).collect();
        self.ack.done(format!("{kind}{facts}"));
    }

    fn attach(&self, ticket: TicketId, round: u32) -> Verdict {
        let content = payload(round);
        let owner = self.room.owner(&self.owner);
        let attached = owner.attach(ticket, &self.named(round), "application/octet-stream", &content[..])?;
        self.done("attached", &[&attached.attachment, &attached.bytes]);
        Ok(())
    }

    fn relogin(&mut self) -> Verdict {
        let login = self.room.assume("sam")?;
        self.staff = self.room.staff(&login.token);
        self.done("session", &[&login.token.expose()]);
        Ok(())
    }

    fn register(&self, round: u32) -> Verdict {
        let email = format!("{}.{round}@example.com", self.who);
        self.room.register(&Registration { email: &email, name: None, password: &secret(PASSWORD) })?;
        self.done("registered", &[&email]);
        Ok(())
    }
}

/// Bytes that tell from which round they are; of no length, of one chunk and a half, of several.
fn payload(round: u32) -> Vec<u8> {
    let length = [0, 100, 24_576, 16_384, 50_000][usize::try_from(round % 5).unwrap()];
    (0..length).map(|at: u32| u8::try_from((at * 7 + round * 31) % 251).unwrap()).collect()
}

/// Holds a room against what was acknowledged.
///
/// # Errors
/// What is lost or wrong.
pub fn check(root: &Path, acked: &[Vec<u8>]) -> Verdict {
    let acked: Vec<String> = acked.iter().map(|ack| String::from_utf8(ack.clone()).unwrap()).collect();
    if !root.join("room").exists() {
        return if acked.is_empty() { Ok(()) } else { Err("lost the room".into()) };
    }
    let room = open(root)?;
    check_entries(&room, &acked)?;
    check_tickets(&room, &acked)?;
    check_people(&room, &acked)?;
    drop(room);
    let verified = verify(&root.join("room"), None, |_| {})?;
    if verified.is_sound() { Ok(()) } else { Err(format!("unsound: {:?}", verified.report.faults).into()) }
}

/// What was acknowledged of one kind, word by word.
fn of<'a>(acked: &'a [String], kind: &'a str) -> impl Iterator<Item = Vec<&'a str>> {
    acked.iter().filter_map(move |ack| ack.strip_prefix(kind)).map(|facts| facts.split_whitespace().collect())
}

fn check_entries(room: &Room, acked: &[String]) -> Verdict {
    let lines = entries(room)?;
    for facts in of(acked, "entry ") {
        let position: usize = facts[0].parse()?;
        if !lines.get(position).is_some_and(|line| line.contains(facts[1])) {
            return Err(format!("lost entry {position} about {}", facts[1]).into());
        }
    }
    for facts in of(acked, "named ") {
        if !lines.iter().any(|line| line.contains(facts[0])) {
            return Err(format!("lost the entry about {}", facts[0]).into());
        }
    }
    Ok(())
}

/// Every entry's line, each at its position.
///
/// # Errors
/// There is a gap, or the log cannot be read.
pub fn entries(room: &Room) -> Result<Vec<String>, Box<dyn Error>> {
    let vera = room.staff(&room.assume("vera")?.token);
    let mut lines = Vec::new();
    let size = room.log_size()?;
    while u64::try_from(lines.len())? < size {
        let page = vera
            .audit_log(LogPart::All, u64::try_from(lines.len())?, &Page::first(500), &Why::unstated())?
            .entries;
        if page.is_empty() {
            return Err(format!("{} of {size} entries", lines.len()).into());
        }
        for entry in page {
            if entry.entry.position != u64::try_from(lines.len())? {
                return Err(format!("a gap before {}", entry.entry.position).into());
            }
            lines.push(entry.line);
        }
    }
    Ok(lines)
}

fn check_tickets(room: &Room, acked: &[String]) -> Verdict {
    let mut found = BTreeSet::new();
    for email in CUSTOMERS {
        let owner = login(room, email)?;
        let owner = room.owner(&owner);
        for header in owner.tickets(&crate::world::FIRST)?.rows {
            let ticket = owner.ticket(header.ticket)?;
            found.insert(header.ticket.to_string());
            let round = ticket.subject.expose().as_str().rsplit(' ').next().unwrap_or_default().parse()?;
            for attachment in ticket.attachments {
                let mut content = Vec::new();
                let id = attachment.header.attachment;
                let mut file = owner.open_attachment(id).map_err(|e| format!("mangled blob: {e}"))?;
                file.content.read_to_end(&mut content).map_err(|e| format!("mangled blob: {e}"))?;
                if content != payload(round) {
                    return Err(format!("mangled blob {id}").into());
                }
                found.insert(id.to_string());
            }
        }
    }
    for facts in of(acked, "ticket ").chain(of(acked, "attached ")) {
        if !found.contains(facts[0]) {
            return Err(format!("lost {}", facts[0]).into());
        }
    }
    Ok(())
}

fn check_people(room: &Room, acked: &[String]) -> Verdict {
    let account: AccountId = login(room, CUSTOMERS[0])?.account();
    // Each is a hash of a password, made slow on purpose: the youngest are the ones in danger.
    let registered: Vec<_> = of(acked, "registered ").map(|facts| facts[0].to_owned()).collect();
    for email in registered.iter().rev().take(3) {
        login(room, email)?;
    }
    if let Some(token) = of(acked, "session ").last() {
        let staff = room.staff(&secret(token[0]));
        staff.account(account, &why()).map_err(|e| format!("lost a session: {e}"))?;
    }
    // A registration that was cut off has not spoiled its address.
    let email = "new.customer@example.com";
    match room.register(&Registration { email, name: None, password: &secret(PASSWORD) }) {
        Ok(_) | Err(RegisterError::AddressTaken) => login(room, email).map(drop),
        Err(other) => Err(other.into()),
    }
}
