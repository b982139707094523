//! What customers write, and whose it is.

use std::io::{self, Read};

use rusqlite::Connection;
use strongroom::room::{
    AttachmentId, Kind, Purpose, Quotas, RoomOptions, Severity, TicketId, Why, WriteError,
};

use super::{Leaves, bad_lines, is_sound, refused};
use crate::{
    disk::sql,
    world::{JANE, World, options},
};

/// Texts that no message takes.
pub fn bad_bodies() -> Vec<(&'static str, String)> {
    let single = |(what, _): &(&str, String)| !matches!(*what, "a line feed" | "a carriage return");
    bad_lines(256 * 1024).into_iter().filter(single).collect()
}

/// Media types that say nothing, or too much.
pub fn bad_media_types() -> Vec<(&'static str, String)> {
    let texts =
        ["text", "/", "text/", "/plain", "text/plain; charset=utf-8", "text//plain", "té/xt", "a b/c"];
    let types = texts.iter().map(|text| ("no type", (*text).to_owned()));
    bad_lines(255).into_iter().chain(types).collect()
}

#[test]
fn what_cannot_be_shown_is_not_written() {
    let world = World::demo();
    let session = world.customer(JANE);
    let ticket = world.ticket(&session);
    let owner = world.room.owner(&session);
    for (what, line) in bad_lines(1024) {
        let what = format!("a subject: {what}");
        refused(&world, &what, Kind::Invalid, Leaves::Nothing, || owner.open_ticket(&line, "Body"));
    }
    for (what, body) in bad_bodies() {
        let what = format!("a body: {what}");
        refused(&world, &what, Kind::Invalid, Leaves::Nothing, || owner.open_ticket("Subject", &body));
        refused(&world, &what, Kind::Invalid, Leaves::Nothing, || owner.write(ticket, &body));
    }
    let attach = |name: &str, media: &str| owner.attach(ticket, name, media, &b"content"[..]);
    for (what, name) in bad_lines(512) {
        let what = format!("a file name: {what}");
        refused(&world, &what, Kind::Invalid, Leaves::Nothing, || attach(&name, "text/plain"));
    }
    for (what, media) in bad_media_types() {
        let what = format!("a media type: {what}: {media:.20}");
        refused(&world, &what, Kind::Invalid, Leaves::Nothing, || attach("a.txt", &media));
    }
    is_sound(&world);
}

#[test]
fn what_is_another_customers_is_not_there() {
    let world = World::demo();
    let (jane, eve) = (world.customer(JANE), world.customer("eve@example.com"));
    let ticket = world.ticket(&jane);
    let attached = world.room.owner(&jane).attach(ticket, "a.txt", "text/plain", &b"hers"[..]).unwrap();
    let owner = world.room.owner(&eve);
    let mut tickets = vec![ticket, TicketId::from_bytes([0; 16]), TicketId::from_bytes([255; 16])];
    // Another kind's id with the same bytes.
    tickets.push(TicketId::from_bytes(*eve.account().as_bytes()));
    for ticket in tickets {
        refused(&world, "reading", Kind::NotFound, Leaves::Nothing, || owner.ticket(ticket));
        refused(&world, "writing", Kind::NotFound, Leaves::Nothing, || owner.write(ticket, "Body"));
        let attach = || owner.attach(ticket, "a.txt", "text/plain", io::empty());
        refused(&world, "attaching", Kind::NotFound, Leaves::Nothing, attach);
    }
    for attachment in
        [attached.attachment, AttachmentId::from_bytes([0; 16]), AttachmentId::from_bytes([255; 16])]
    {
        refused(&world, "opening", Kind::NotFound, Leaves::Nothing, || owner.open_attachment(attachment));
    }
    assert!(owner.tickets(&crate::world::FIRST).unwrap().rows.is_empty());
    is_sound(&world);
}

/// A program that serves two rooms holds a session of one of them against the other.
#[test]
fn a_session_of_another_room_opens_nothing() {
    let (world, other) = (World::demo(), World::demo());
    let (stranger, jane) = (other.customer(JANE), world.customer(JANE));
    let ticket = world.ticket(&jane);
    let owner = world.room.owner(&stranger);
    refused(&world, "profile", Kind::Denied, Leaves::Nothing, || owner.profile());
    refused(&world, "opening", Kind::Denied, Leaves::Nothing, || owner.open_ticket("Subject", "Body"));
    refused(&world, "reading", Kind::Denied, Leaves::Nothing, || owner.ticket(ticket));
    refused(&world, "tickets", Kind::Denied, Leaves::Nothing, || owner.tickets(&crate::world::FIRST));
    is_sound(&world);
}

#[test]
fn a_closed_ticket_takes_nothing() {
    let world = World::demo();
    let session = world.customer(JANE);
    let ticket = world.ticket(&session);
    world.staff("sam").close_ticket(ticket, &Why::purpose(Purpose::SupportRequest)).unwrap();
    let owner = world.room.owner(&session);
    refused(&world, "writing", Kind::Conflict, Leaves::Nothing, || owner.write(ticket, "Body"));
    let attach = || owner.attach(ticket, "a.txt", "text/plain", &b"x"[..]);
    refused(&world, "attaching", Kind::Conflict, Leaves::Nothing, attach);
    is_sound(&world);
}

type Reading = Box<dyn FnMut(&mut [u8]) -> io::Result<usize>>;

/// A source that does not keep to the rules of reading.
struct Source(Reading);

impl Read for Source {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        (self.0)(out)
    }
}

#[test]
fn a_source_that_fails_or_lies_leaves_no_blob() {
    let world = World::demo();
    let session = world.customer(JANE);
    let ticket = world.ticket(&session);
    let owner = world.room.owner(&session);
    let mut calls = 0;
    let sources: [(&str, Source); 3] = [
        ("fails at once", Source(Box::new(|_| Err(io::ErrorKind::NotFound.into())))),
        (
            "fails in the middle",
            Source(Box::new(move |out| {
                calls += 1;
                if calls < 9 { Ok(out.len()) } else { Err(io::ErrorKind::ConnectionReset.into()) }
            })),
        ),
        ("says once that it gave more than fits", {
            let mut said = false;
            Source(Box::new(move |out| {
                Ok(if std::mem::replace(&mut said, true) { 0 } else { out.len() + 1 })
            }))
        }),
    ];
    for (what, source) in sources {
        let attach = || owner.attach(ticket, "a.txt", "text/plain", source);
        refused(&world, what, Kind::Invalid, Leaves::Nothing, attach);
    }
    assert_eq!(
        owner.attach(ticket, "empty.txt", "text/plain", io::empty()).unwrap().bytes,
        0,
        "nothing is a file too"
    );
    is_sound(&world);
}

/// A source that does something when it is first read.
struct Meanwhile<F: FnMut()> {
    run: Option<F>,
    bytes: io::Take<io::Repeat>,
}

impl<F: FnMut()> Read for Meanwhile<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // The first part is taken before, the rest after.
        if self.bytes.limit() < 40_000
            && let Some(mut run) = self.run.take()
        {
            run();
        }
        let length = buffer.len().min(30_000);
        self.bytes.read(&mut buffer[..length])
    }
}

#[test]
fn uploads_at_the_same_time_share_what_is_left() {
    let roomy = Quotas { attachment_bytes_max: 1 << 20, account_bytes_max: 1 << 20, room_bytes_max: 1 << 20 };
    for quotas in
        [Quotas { account_bytes_max: 100_000, ..roomy }, Quotas { room_bytes_max: 100_000, ..roomy }]
    {
        let mut world = World::demo();
        let session = world.customer(JANE);
        let ticket = world.ticket(&session);
        world.room =
            RoomOptions { quotas: Some(quotas), ..options(&world.path(), &world.clock) }.open().unwrap();
        let owner = world.room.owner(&session);
        let attach = |source: &mut dyn Read| owner.attach(ticket, "a.bin", "a/b", source);
        let mut second = None;
        let first = attach(&mut Meanwhile {
            run: Some(|| second = Some(attach(&mut io::repeat(7).take(80_000)))),
            bytes: io::repeat(7).take(60_000),
        });
        assert_eq!(first.unwrap().bytes, 60_000, "who came first is not taken from");
        let refused = second.unwrap().err().unwrap();
        assert!(matches!(refused, WriteError::Quota { bytes_max: 70_000 }), "{refused}");
        // What was refused, and what has ended, is given back.
        assert_eq!(attach(&mut io::repeat(7).take(40_000)).unwrap().bytes, 40_000);
        assert!(attach(&mut io::repeat(7).take(1)).is_err());
        is_sound(&world);
    }
}

#[test]
fn what_attachments_take_is_counted_with_their_rows() {
    let world = World::demo();
    let session = world.customer(JANE);
    let ticket = world.ticket(&session);
    let owner = world.room.owner(&session);
    for bytes in [5, 7] {
        owner.attach(ticket, "a.bin", "a/b", io::repeat(7).take(bytes)).unwrap();
    }
    let store = world.path().join("store/store.db");
    let counted = || {
        let all = Connection::open(&store).unwrap();
        let mut rows = all.prepare("SELECT bytes FROM attachment_use ORDER BY owner").unwrap();
        rows.query_map([], |row| row.get(0)).unwrap().collect::<Result<Vec<i64>, _>>().unwrap()
    };
    assert_eq!(counted(), [12, 12], "the room, and the account");
    sql(&store, "DELETE FROM attachment WHERE bytes = 5");
    assert_eq!(counted(), [7, 7]);
    sql(&store, "DELETE FROM attachment");
    assert_eq!(counted(), [0]);
    sql(&store, "UPDATE attachment_use SET bytes = 9");
    let findings = world.room.doctor().unwrap();
    assert!(findings.iter().any(|f| f.check == "contents" && f.severity == Severity::Warning));
}

#[test]
fn an_attachment_over_a_quota_leaves_no_blob() {
    let roomy = Quotas { attachment_bytes_max: 1 << 20, account_bytes_max: 1 << 20, room_bytes_max: 1 << 20 };
    for (what, quotas) in [
        ("one attachment", Quotas { attachment_bytes_max: 100_000, ..roomy }),
        ("an account", Quotas { account_bytes_max: 100_000, ..roomy }),
        ("the room", Quotas { room_bytes_max: 100_000, ..roomy }),
    ] {
        let mut world = World::demo();
        let session = world.customer(JANE);
        let ticket = world.ticket(&session);
        world.room =
            RoomOptions { quotas: Some(quotas), ..options(&world.path(), &world.clock) }.open().unwrap();
        let owner = world.room.owner(&session);
        let attach = |bytes| owner.attach(ticket, "a.bin", "a/b", io::repeat(7).take(bytes));
        let sam = world.staff("sam");
        for bytes in [100_001, 2 << 20] {
            refused(&world, what, Kind::Invalid, Leaves::Nothing, || attach(bytes));
            let why = Why::purpose(Purpose::SupportRequest);
            let by_sam = || sam.attach(ticket, "a.bin", "a/b", io::repeat(7).take(bytes), &why);
            refused(&world, what, Kind::Invalid, Leaves::Nothing, by_sam);
        }
        assert_eq!(attach(100_000).unwrap().bytes, 100_000, "{what}");
        if what != "one attachment" {
            refused(&world, what, Kind::Invalid, Leaves::Nothing, || attach(1));
        }
        is_sound(&world);
    }
}
