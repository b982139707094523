//! An attachment's blob that was truncated, extended, reordered, swapped or changed gives out no wrong byte.

use std::{
    fs,
    io::{ErrorKind, Read, Seek, SeekFrom},
    path::PathBuf,
    time::Duration,
};

use strongroom::room::{
    AttachmentId, OwnerSession, Purpose, Quotas, RoomOptions, StaffError, TicketId, Why, WriteError,
};

use crate::world::{JANE, World, options};

/// Bytes of a sealed chunk, and of what stands before the first.
const CHUNK: usize = 16_400;
const HEAD: usize = 5 + 56;

/// The entry of a reading says where it starts; what lies before stays shut.
#[test]
fn a_reading_starts_where_its_entry_says() {
    let scene = Scene::new();
    let content: Vec<u8> = (0..40_000_u32).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let id = scene.attach(&content);
    let (sam, why) = (scene.world.staff("sam"), Why::purpose(Purpose::SupportRequest));
    for from in [0, 1, 20_000, 39_999, 40_000_usize] {
        let start = from as u64;
        let mut view = sam.attachment_from(id, start, &why).unwrap();
        let mut read = Vec::new();
        view.content.read_to_end(&mut read).unwrap();
        assert_eq!((read.as_slice(), view.content.from()), (&content[from..], start));
        let log = crate::dba::log(&scene.world.room);
        let line = &log[usize::try_from(view.position).unwrap()].line;
        assert!(line.contains(&format!("\"data\":{{\"attachment\":\"{id}\",\"from\":{from}}}")), "{line}");
        view.content.seek(SeekFrom::Start(start)).unwrap();
        if let Some(before) = start.checked_sub(1) {
            let refused = view.content.seek(SeekFrom::Start(before)).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::InvalidInput);
            assert_eq!(view.content.seek(SeekFrom::Start(0)).unwrap_err().kind(), ErrorKind::InvalidInput);
            assert_eq!(
                view.content.seek(SeekFrom::End(-40_000)).unwrap_err().kind(),
                ErrorKind::InvalidInput
            );
        }
        // Refused, it stays where it was.
        read.clear();
        view.content.read_to_end(&mut read).unwrap();
        assert_eq!(read, content[from..]);
    }
    let beyond = sam.attachment_from(id, 40_001, &why).map(drop);
    assert!(matches!(beyond, Err(StaffError::Input { field: "offset", .. })));
    let last = crate::dba::log(&scene.world.room);
    assert!(last.iter().rev().any(|entry| entry.entry.reason.as_deref() == Some("bad_input")));
}

struct Scene {
    world: World,
    owner: OwnerSession,
    ticket: TicketId,
}

impl Scene {
    fn new() -> Self {
        let world = World::demo();
        let owner = world.customer(JANE);
        let ticket = world.ticket(&owner);
        Self { world, owner, ticket }
    }

    fn attach(&self, content: &[u8]) -> AttachmentId {
        let owner = self.world.room.owner(&self.owner);
        owner.attach(self.ticket, "a.bin", "application/octet-stream", content).unwrap().attachment
    }

    fn blob(&self, id: AttachmentId) -> PathBuf {
        let hex: String = id.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        self.world.path().join("store/blobs").join(hex.split_at(2).0).join(&hex)
    }

    /// What can be read of an attachment, by its owner, before an error or the end.
    fn read(&self, id: AttachmentId) -> (Vec<u8>, bool) {
        let owner = self.world.room.owner(&self.owner);
        let mut reader = match owner.open_attachment(id) {
            Ok(file) => file.content,
            Err(WriteError::Failed(_)) => return (Vec::new(), false),
            Err(other) => panic!("{other}"),
        };
        let (mut read, mut buffer) = (Vec::new(), [0; 1000]);
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return (read, true),
                Ok(count) => read.extend_from_slice(&buffer[..count]),
                Err(_) => return (read, false),
            }
        }
    }
}

fn content(seed: u8) -> Vec<u8> {
    (0..60_000_u32).map(|n| (n % 239) as u8 ^ seed).collect()
}

#[test]
fn no_wrong_byte_is_given_out() {
    let scene = Scene::new();
    let (id, other) = (scene.attach(&content(1)), scene.attach(&content(2)));
    let good = fs::read(scene.blob(id)).unwrap();
    let foreign = fs::read(scene.blob(other)).unwrap();
    let chunk = |n: usize| HEAD + n * CHUNK..HEAD + (n + 1) * CHUNK;
    let swapped = [&good[..HEAD], &good[chunk(1)], &good[chunk(0)], &good[HEAD + 2 * CHUNK..]].concat();
    let flipped = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let cases = [
        ("cut by a byte", good[..good.len() - 1].to_vec()),
        ("cut at a chunk", good[..HEAD + 2 * CHUNK].to_vec()),
        ("cut to its head", good[..HEAD].to_vec()),
        ("emptied", Vec::new()),
        ("extended by a byte", [&good[..], &[0]].concat()),
        ("extended by a chunk", [&good[..], &good[chunk(0)]].concat()),
        ("chunks swapped", swapped),
        ("another attachment's", foreign.clone()),
        ("head of another", [&foreign[..HEAD], &good[HEAD..]].concat()),
        ("format changed", flipped(0)),
        ("generation changed", flipped(4)),
        ("salt changed", flipped(10)),
        ("first chunk changed", flipped(HEAD + 7)),
        ("last chunk changed", flipped(good.len() - 1)),
    ];
    for (what, bytes) in cases {
        fs::write(scene.blob(id), bytes).unwrap();
        let (read, whole) = scene.read(id);
        assert!(!whole, "{what}: passed for whole");
        assert!(content(1).starts_with(&read), "{what}: wrong bytes were given out");
    }
    fs::write(scene.blob(id), good).unwrap();
    assert!(scene.read(id) == (content(1), true));
}

#[test]
fn any_offset_opens_and_staff_meet_the_same_refusals() {
    let scene = Scene::new();
    let id = scene.attach(&content(3));
    let (sam, why) = (scene.world.staff("sam"), Why::purpose(Purpose::SupportRequest));
    let mut view = sam.attachment(id, &why).unwrap();
    assert_eq!(view.content.len(), 60_000);
    for offset in [0, 1, 16_383, 16_384, 16_385, 32_768, 59_999, 60_000, 70_000] {
        let mut rest = Vec::new();
        view.content.seek(SeekFrom::Start(offset)).unwrap();
        view.content.read_to_end(&mut rest).unwrap();
        let expected = content(3).split_off(usize::try_from(offset).unwrap().min(60_000));
        assert!(rest == expected, "from {offset}");
    }
    fs::remove_file(scene.blob(id)).unwrap();
    assert!(
        matches!(sam.attachment(id, &why), Err(StaffError::Failed(_))),
        "a blob that is gone is no empty file"
    );
}

#[test]
fn a_source_that_fails_or_never_ends_leaves_nothing() {
    struct Broken(u8);
    impl Read for Broken {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            self.0 -= 1;
            if self.0 == 0 { Err(std::io::ErrorKind::ConnectionReset.into()) } else { Ok(out.len()) }
        }
    }
    let scene = Scene::new();
    let quotas = Quotas { attachment_bytes_max: 500_000, account_bytes_max: 900_000, ..Quotas::default() };
    let room = RoomOptions { quotas: Some(quotas), ..options(&scene.world.path(), &scene.world.clock) }
        .open()
        .unwrap();
    let owner = room.owner(&scene.owner);
    let failed = owner.attach(scene.ticket, "a", "text/plain", Broken(5)).err().unwrap();
    assert!(matches!(failed, WriteError::Source { .. }), "{failed}");
    let over = |bytes_max| {
        let refused = owner.attach(scene.ticket, "a", "text/plain", std::io::repeat(7)).err().unwrap();
        assert!(matches!(refused, WriteError::Quota { bytes_max: max } if max == bytes_max), "{refused}");
    };
    over(500_000);
    let kept = owner.attach(scene.ticket, "a", "text/plain", &[0; 500_000][..]).unwrap();
    over(400_000);
    fs::remove_file(scene.blob(kept.attachment)).unwrap();
    let blobs = scene.world.path().join("store/blobs");
    let files = fs::read_dir(blobs).unwrap().flat_map(|entry| fs::read_dir(entry.unwrap().path()).unwrap());
    assert_eq!(files.count(), 0, "no blob and no temporary file stays");
}

#[test]
fn an_attachment_does_not_stay_open_for_ever() {
    let scene = Scene::new();
    let id = scene.attach(&vec![7; 40_000]);
    let mut view = scene.world.staff("sam").attachment(id, &Why::purpose(Purpose::SupportRequest)).unwrap();
    let mut own = scene.world.room.owner(&scene.owner).open_attachment(id).unwrap();
    let mut byte = [0];
    scene.world.later(Duration::from_secs(3600));
    assert_eq!((view.content.read(&mut byte).unwrap(), own.content.read(&mut byte).unwrap()), (1, 1));
    scene.world.later(Duration::from_secs(1));
    for late in [view.content.read(&mut byte), own.content.read(&mut byte)] {
        assert_eq!(late.unwrap_err().kind(), ErrorKind::TimedOut);
    }
}
