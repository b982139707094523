//! Verifies a room's log from copies of two of its files, without the room and without its keys.
//!
//! ```text
//! verify_offline STORE_DB KEY CHECKPOINT [EARLIER]
//! ```
//!
//! `STORE_DB` is a copy of `store/store.db`, with its `-wal` if there is one; `CHECKPOINT` a copy of
//! `outside/checkpoint.a` or `.b`, taken *before* the database. `KEY` is the log's public key as the record of the
//! ceremony has it: a key that came with the copy proves nothing. `EARLIER` is a checkpoint that you kept from last time.
//!
//! **What it proves**, if it says `authenticated`: the entries are, byte for byte and in this order, those that the holder of
//! the log's signing key signed; none was changed, left out, put in or appended; whoever holds which role, and which hold
//! keeps whose data, is what the log says. With `EARLIER`: the log is the one of last time, and has only grown.
//!
//! **What it does not prove.** That the copy is the newest: an old copy with its old checkpoint verifies too, so compare
//! size and root with what you, or a witness, have seen since. That what the entries say is true: they are what the room
//! recorded, and whoever can read the room's files reads unrecorded. That rows of other tables are genuine: their MACs
//! take the room's keys (`strongroom audit verify` does that). Nothing of a customer is opened or shown.
//!
//! Exit codes: 0 authenticated, 5 sound but with entries that nobody has signed yet, 4 broken, 1 not readable, 2 usage.

use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    io::{self, Write},
    process::ExitCode,
};

use base64ct::{Base64, Encoding};
use rusqlite::{Connection, OpenFlags};
use strongroom::{
    audit::{
        Entry, Evidence, Grant, Head, HeadRow, Hold, Key, Named, Report, Row, Verdict, VerifierKey, verify,
    },
    room::{AccountId, Classes, GrantId, HoldId, PrincipalId, Role, RoomId, Time},
};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [store, key, checkpoint, earlier @ ..] = arguments.as_slice() else {
        return said("usage: verify_offline STORE_DB KEY CHECKPOINT [EARLIER]", 2);
    };
    let Ok(key) = VerifierKey::parse(key) else { return said("this is no key of a log", 2) };
    match verified(store, &key, checkpoint, earlier.first()) {
        Ok(report) => match report.verdict() {
            Verdict::Authenticated => ExitCode::SUCCESS,
            Verdict::Consistent => ExitCode::from(5),
            Verdict::Broken => ExitCode::from(4),
        },
        Err(error) => said(&format!("it cannot be read: {error}"), 1),
    }
}

fn said(what: &str, exit: u8) -> ExitCode {
    let _nobody_reads = writeln!(io::stderr(), "{what}");
    ExitCode::from(exit)
}

fn verified(
    store: &str,
    key: &VerifierKey,
    checkpoint: &str,
    earlier: Option<&String>,
) -> Result<Report, Box<dyn Error>> {
    // The checkpoint before the database: of a room at work the log may have grown since, and never shrunk.
    let newest = fs::read(checkpoint)?;
    let earlier = earlier.map(fs::read).transpose()?;
    let db = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let snapshot = db.unchecked_transaction()?;
    let head = head(&snapshot)?;
    let grants = grants(&snapshot)?;
    let holds = holds(&snapshot)?;
    let evidence = Evidence {
        head: head.map(|head| HeadRow { head, authentic: None }),
        files: [Some(&newest), earlier.as_deref()],
        key: Key::Pinned(key),
        grants: Some(&grants),
        holds: Some(&holds),
        approvals: None,
        waivers: None,
        factors: None,
        lives: None,
    };
    let mut events = BTreeMap::<String, u64>::new();
    let mut rows = snapshot.prepare("SELECT position, entry, leaf FROM audit_entry ORDER BY position")?;
    let rows = rows.query_map((), |row| {
        let row = Row { position: number(row, 0)?, entry: row.get(1)?, leaf: row.get(2)? };
        if let Some(Ok(entry)) = row.entry.as_deref().map(Entry::decode) {
            *events.entry(entry.what.name().to_owned()).or_default() += 1;
        }
        Ok(row)
    })?;
    let report = verify(rows, &evidence, |_| ())?;
    print(&report, &events)?;
    Ok(report)
}

/// A position; a negative one is none.
fn number(row: &rusqlite::Row<'_>, column: usize) -> Result<u64, rusqlite::Error> {
    let stored: i64 = row.get(column)?;
    u64::try_from(stored).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, stored))
}

/// The head as the database has it. Its MAC takes the room's key: here it only tells how long the log claims to be.
fn head(db: &Connection) -> Result<Option<Head>, rusqlite::Error> {
    let room = db.query_one("SELECT id FROM room", (), |row| row.get(0).map(RoomId::from_bytes))?;
    let head: Vec<u8> = db.query_one("SELECT head FROM audit_head", (), |row| row.get(0))?;
    Ok(Head::from_canonical(&head, &room))
}

/// The table of holds (FORMAT.md section 6).
fn holds(db: &Connection) -> Result<Vec<Hold>, rusqlite::Error> {
    let mut rows = db.prepare(
        "SELECT id, account, classes, placed_by, case_kind, case_id, review_ms, state, changed_at FROM hold",
    )?;
    let unknown = |column| rusqlite::Error::IntegralValueOutOfRange(column, 0);
    let rows = rows.query_map((), |row| {
        let case = |noun: &str| Ok::<_, rusqlite::Error>(Named { noun: noun.to_owned(), id: row.get(5)? });
        Ok(Hold {
            id: row.get(0).map(HoldId::from_bytes)?,
            account: Some(row.get(1).map(AccountId::from_bytes)?),
            classes: row.get(2).map(Classes::from_bits)?,
            placed_by: Some(row.get(3).map(PrincipalId::from_bytes)?),
            case: Some(match row.get(4)? {
                1 => case("ticket")?,
                2 => case("case")?,
                _ => return Err(unknown(4)),
            }),
            review: row.get(6).map(Time::from_ms)?,
            released: match row.get(7)? {
                1 => false,
                2 => true,
                _ => return Err(unknown(7)),
            },
            changed_at: number(row, 8)?,
        })
    })?;
    rows.collect()
}

/// The table of grants (FORMAT.md section 6).
fn grants(db: &Connection) -> Result<Vec<Grant>, rusqlite::Error> {
    let mut rows = db.prepare(
        "SELECT id, principal, role, not_before_ms, expires_ms, state, granted_by, changed_at FROM role_grant",
    )?;
    let unknown = |column| rusqlite::Error::IntegralValueOutOfRange(column, 0);
    let rows = rows.query_map((), |row| {
        Ok(Grant {
            id: GrantId::from_bytes(row.get(0)?),
            principal: PrincipalId::from_bytes(row.get(1)?),
            role: Role::from_number(row.get(2)?).ok_or_else(|| unknown(2))?,
            not_before: Time::from_ms(row.get(3)?),
            expires: Time::from_ms(row.get(4)?),
            revoked: row.get::<_, u8>(5)? == 2,
            granted_by: row.get::<_, Option<[u8; 16]>>(6)?.map(PrincipalId::from_bytes),
            changed_at: number(row, 7)?,
        })
    })?;
    rows.collect()
}

fn print(report: &Report, events: &BTreeMap<String, u64>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "log       {} entries, {}", report.size, report.verdict())?;
    writeln!(out, "root      {}", Base64::encode_string(&report.root))?;
    if let Some(checkpoint) = &report.checkpoint {
        writeln!(out, "signed    the first {} entries, by {}", checkpoint.size, checkpoint.origin)?;
    }
    if report.unsigned > 0 {
        writeln!(out, "unsigned  {} entries past the checkpoint", report.unsigned)?;
    }
    for (event, count) in events {
        writeln!(out, "{count:>8}  {event}")?;
    }
    for fault in &report.faults {
        writeln!(out, "fault     {fault}")?;
    }
    if report.faults_left_out > 0 {
        writeln!(out, "fault     and {} more", report.faults_left_out)?;
    }
    Ok(())
}
