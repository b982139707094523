//! What operators give: shares, who is to administer access, `room.toml`, messages of the outbox.

use std::{fs, path::Path, time::Duration};

use strongroom::room::{
    Custody, Kind, NoticeId, Page, Registration, Retry, Room, RoomKind, RoomOptions, SecretText,
};

use super::{Kinded, Leaves, bad_lines, customers::bad_tokens, is_sound, left, people, refused};
use crate::{
    disk::{self, Census},
    post::{postman, unstated},
    webhooks::configured,
    world::{JANE, PASSWORD, START, World, ceremony, options, secret},
};

/// Runs `call`, which must be refused with `kind` and leave every row of a room that nobody has open as it is.
fn refused_offline<T, E: Kinded>(
    room: &Path,
    what: &str,
    kind: Kind,
    call: impl FnOnce(RoomOptions) -> Result<T, E>,
) {
    let before = Census::of(room);
    let Err(error) = call(options(room, &strongroom::room::Clock::manual(START))) else {
        panic!("{what}: it was not refused")
    };
    assert_eq!(error.kind_of(), kind, "{what}: {error:?}");
    let changed = before.changed(&Census::of(room));
    assert!(changed.is_empty(), "{what}: it changed {changed:?}");
}

#[test]
fn the_way_back_takes_no_bad_input() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("room");
    let clock = strongroom::room::Clock::manual(START);
    let made = Room::init(options(&path, &clock), &ceremony(RoomKind::Demo)).unwrap();
    let shares = made.shares;
    drop((made.room, made.codes));
    disk::closed(directory.path());
    let share = |at: usize| secret(shares[at].text.expose());
    let recover = |what: &str, kind, shares: &[SecretText], handles: &[&str], custody| {
        let handles: Vec<_> = handles.iter().map(|handle| (*handle).to_owned()).collect();
        refused_offline(&path, what, kind, |options| options.recover(shares, &handles, custody));
    };
    let any = Custody::default();
    for (what, text) in bad_tokens() {
        recover(what, Kind::Invalid, &[share(0), secret(&text)], &["rita"], any);
    }
    let text = shares[0].text.expose();
    let another = format!("{}{}", &text[..9], if &text[9..10] == "A" { "B" } else { "A" }) + &text[10..];
    for bad in [text.to_uppercase(), format!("{text}A"), text[1..].to_owned(), another] {
        recover("a mistyped share", Kind::Invalid, &[secret(&bad), share(1)], &["rita"], any);
    }
    recover("no share", Kind::Invalid, &[], &["rita"], any);
    recover("one share twice", Kind::Invalid, &[share(2), share(2)], &["rita"], any);
    let both = [share(0), share(1)];
    recover("nobody", Kind::Invalid, &both, &[], any);
    for (what, handle) in people::bad_handles() {
        recover(what, Kind::Invalid, &both, &["rita", &handle], any);
    }
    for taken in [&["ada"][..], &["rita", "RITA"], &[" sam "]] {
        recover("a handle in use", Kind::Conflict, &both, taken, any);
    }
    for (needed, shares) in [(0, 0), (1, 1), (1, 3), (3, 2), (2, 17), (0, 3), (255, 255)] {
        recover("no custody", Kind::Invalid, &both, &["rita"], Custody { needed, shares });
    }
    options(&path, &clock).recover(&both, &["rita".to_owned()], any).unwrap();
}

/// Texts of `room.toml` that are none, each with what is wrong; `[webhook]` among them.
fn bad_settings(right: &str) -> Vec<(&'static str, Vec<u8>)> {
    let url = |url: &str| format!("{right}[webhook]\nurl = {url:?}\nsecrets = [\"a\"]\n");
    let hooks = |rest: &str| format!("{right}[webhook]\nurl = \"https://example.com/\"\n{rest}\n");
    let mut bad: Vec<(&str, String)> = vec![
        ("empty", String::new()),
        ("no table", "strongroom".to_owned()),
        ("half of it", right[..right.len() / 2].to_owned()),
        ("twice", format!("{right}{right}")),
        ("a NUL", format!("{right}\0")),
        ("an unknown key", format!("{right}attachment_stop_percent = 90\n")),
        ("an unknown section", format!("{right}[webhooks]\n")),
        ("no percent", format!("{right}attachments_stop_percent = 0\n")),
        ("too many percent", format!("{right}attachments_stop_percent = 101\n")),
        ("percent over a byte", format!("{right}attachments_stop_percent = 300\n")),
        ("less than none", format!("{right}attachments_stop_percent = -1\n")),
        ("a reserve of nothing", format!("{right}reserve_bytes = 0\n")),
        ("a reserve that is too small", format!("{right}reserve_bytes = 8388607\n")),
        ("a reserve below nothing", format!("{right}reserve_bytes = -1\n")),
        ("a reserve in words", format!("{right}reserve_bytes = \"32 MiB\"\n")),
        ("percent as a text", format!("{right}attachments_stop_percent = \"90\"\n")),
        ("a number for a path", format!("{}outside = 7\n", right.replace("outside", "# "))),
        ("too long", format!("{right}# {}\n", "x".repeat(64 * 1024))),
        ("ten megabytes", "x = 1\n".repeat(10 * 1024 * 1024 / 6)),
        ("another format", right.replace("format = 1", "format = 99")),
        ("no secrets", hooks("")),
        ("an empty list of secrets", hooks("secrets = []")),
        ("three secrets", hooks("secrets = [\"a\", \"b\", \"c\"]")),
        ("a secret that is no path", hooks("secrets = [1]")),
        ("secrets that are no list", hooks("secrets = \"a\"")),
        ("an unknown key of webhooks", hooks("secrets = [\"a\"]\nsecret = \"whsec_\"")),
        ("authorities that are no path", hooks("secrets = [\"a\"]\nauthorities = []")),
        ("a long address", url(&format!("https://example.com/{}", "x".repeat(2048)))),
        ("nobody's address", url("https:///")),
        ("a user", url("https://user:password@example.com/")),
        ("in the clear", url("http://example.com/")),
        ("another scheme", url("file:///etc/passwd")),
    ];
    for (what, origin) in
        [("an empty origin", ""), ("white space", "a b"), ("a plus", "a+b"), ("a line", "a\nb")]
    {
        let line = right.lines().find(|line| line.starts_with("origin")).unwrap();
        bad.push((what, right.replace(line, &format!("origin = {origin:?}"))));
    }
    // One of them is not taken for white space by TOML; each is refused somewhere.
    bad.extend(bad_lines(2048).into_iter().map(|(what, line)| (what, url(&line))));
    let mut bad: Vec<_> = bad.into_iter().map(|(what, text)| (what, text.into_bytes())).collect();
    bad.push(("no UTF-8", [right.as_bytes(), b"# \xff\n"].concat()));
    bad
}

#[test]
fn what_is_set_badly_is_refused_before_anything_is_opened() {
    let world = World::demo();
    let path = world.path().join("room.toml");
    let right = fs::read_to_string(&path).unwrap();
    let own = || options(&world.path(), &world.clock);
    for (what, text) in bad_settings(&right) {
        fs::write(&path, text).unwrap();
        for refusal in [
            refused(&world, what, Kind::Invalid, Leaves::Nothing, || own().configuration()),
            refused(&world, what, Kind::Invalid, Leaves::Nothing, || own().webhook()),
            refused(&world, what, Kind::Invalid, Leaves::Nothing, || own().open()),
        ] {
            let said = refusal.to_string();
            assert!(said.len() < 1000 && !said.contains("password@"), "{what}: {said:.200}");
        }
    }
    fs::remove_file(&path).unwrap();
    refused(&world, "no file", Kind::NotFound, Leaves::Nothing, || own().configuration());
    fs::write(&path, right).unwrap();
    is_sound(&world);
}

/// A message that is none, a lease that is somebody else's or over, limits past what there may be.
#[test]
fn the_outbox_gives_nothing_for_bad_input() {
    let world = World::demo();
    let sends = configured(&world, "https://example.com/", "");
    let password = secret(PASSWORD);
    sends.register(&Registration { email: JANE, name: None, password: &password }).unwrap();
    let robot = postman(&sends);
    let (minute, why) = (Duration::from_secs(60), unstated());
    for (limit, lease) in [
        (0, minute),
        (101, minute),
        (usize::MAX, minute),
        (1, Duration::ZERO),
        (1, Duration::from_secs(3601)),
        (1, Duration::MAX),
    ] {
        refused(&world, "claiming", Kind::Invalid, Leaves::Nothing, || robot.claim(limit, lease, &why));
    }
    let one = robot.claim(1, minute, &why).unwrap().pop().unwrap();
    let mut wrong = one.lease;
    for (notice, tries) in
        [(NoticeId::from_bytes([9; 16]), 1), (one.lease.notice, 0), (one.lease.notice, u32::MAX)]
    {
        (wrong.notice, wrong.tries) = (notice, tries);
        refused(&world, "no lease", Kind::Conflict, Leaves::Nothing, || robot.ack(&wrong, &why));
        for retry in [Retry::Never, Retry::Later, Retry::After(Duration::MAX)] {
            refused(&world, "no lease", Kind::Conflict, Leaves::Nothing, || robot.nack(&wrong, retry, &why));
        }
    }
    let nothing = |what: &str, call: &dyn Fn() -> bool| {
        let before = Census::of(&world.path());
        assert!(!call(), "{what}");
        left(&world, what, &before, Leaves::Nothing);
    };
    for id in [NoticeId::from_bytes([0; 16]), NoticeId::from_bytes([9; 16]), one.lease.notice] {
        nothing("what was not given up", &|| sends.redrive(id).unwrap());
    }
    let event = sends.next_webhook(Duration::MAX).unwrap().unwrap();
    let (mut another, mut earlier) = (event.clone(), event.clone());
    another.notice = NoticeId::from_bytes([9; 16]);
    earlier.tries = 0;
    for wrong in [another, earlier] {
        nothing("another webhook", &|| sends.webhook_delivered(&wrong).unwrap());
        nothing("another webhook", &|| sends.webhook_failed(&wrong, Retry::Never).unwrap());
    }
    // However long it is asked to wait, it waits no longer than there is time.
    assert!(sends.webhook_failed(&event, Retry::After(Duration::MAX)).unwrap());
    assert!(
        sends
            .outbox_rows(false, &Page::first(500))
            .unwrap()
            .unwrap()
            .rows
            .iter()
            .any(|row| row.notice == event.notice)
    );
    is_sound(&world);
}
