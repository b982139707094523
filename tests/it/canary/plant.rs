//! Controls: a secret that stands somewhere is found, in every form, wherever it stands.

use super::{
    allowed, capture,
    encodings::forms,
    marks,
    search::{Find, Mark, Places, Search},
};
use crate::{disk, world::World};

/// Bytes in which nothing stands.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let step = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    (0..length).map(step).collect()
}

/// Odd, so that nothing stands where words begin.
const NOISE_BYTES: usize = 307;

fn in_noise(bytes: &[u8]) -> Places {
    let mut places = Places::default();
    places.add("noise", [noise(NOISE_BYTES), bytes.to_vec(), noise(NOISE_BYTES)].concat());
    places
}

#[test]
fn every_form_of_every_mark_is_found() {
    let marks = marks::typed();
    let search = Search::of(&marks);
    assert!(search.find(&in_noise(b"")).is_empty(), "there is nothing in noise");
    for mark in &marks {
        for form in forms(&mark.bytes) {
            let found = search.find(&in_noise(&form.bytes));
            let found = found.iter().any(|find| find.mark == mark.name && find.at == NOISE_BYTES);
            assert!(found, "{} as {} is not found", mark.name, form.name);
        }
    }
}

/// As other programs write a secret, without `forms`: the search must not merely find what it made itself.
#[test]
fn what_other_programs_write_is_found() {
    let search = Search::of(&[Mark { name: "m".to_owned(), bytes: "qz90 Žofie & \"přátelé\"/".into() }]);
    for written in [
        "QZ90 \u{17d}OFIE & \"P\u{158}\u{c1}TEL\u{c9}\"/",
        "qz90 Z\u{30c}ofie & \"pr\u{30c}a\u{301}tele\u{301}\"/",
        "717A393020C5BD6F6669652026202270C599C3A174656CC3A9222F",
        "qz90%20%C5%BDofie%20%26%20%22p%C5%99%C3%A1tel%C3%A9%22%2F",
        "{\"k\": \"qz90 \\u017dofie & \\\"p\\u0159\\u00e1tel\\u00e9\\\"/\"}",
        "cXo5MCDFvW9maWUgJiAicMWZw6F0ZWzDqSIv",
        "eHF6OTAgxb1vZmllICYgInDFmcOhdGVsw6kiL3g=",
        "eHhxejkwIMW9b2ZpZSAmICJwxZnDoXRlbMOpIi94eA==",
        "a043f5c7dae510e0537ebfedca604be69934854184cbfcbcba2397acd86ce484\
         110921c424382633c2e83e0818b015f6c1472af404ceee417a15908a297e09b1",
        "LlK/o2UEaiJrE90PIDGJWgWdZc0P4KHDakHWnwC1T/E=",
        "[113, 122, 57, 48, 32, 197, 189, 111, 102, 105, 101, 32, 38, 32, 34, 112, 197, 153, 195, 161, 116, 101, \
         108, 195, 169, 34, 47]",
    ] {
        assert!(!search.find(&in_noise(written.as_bytes())).is_empty(), "{written}");
    }
    assert!(search.find(&in_noise("qz90 Žofie & přátelé".as_bytes())).is_empty());
}

/// What a careless program would do to a room, and to its log: none of it escapes the search.
#[test]
fn what_is_careless_is_found() {
    const PLANTED: &str = "qz91 Přísně tajné, nikde jinde";
    let search = Search::of(&[Mark { name: "planted".to_owned(), bytes: PLANTED.into() }]);
    let tape = capture::tape();
    let world = World::demo();
    let store = world.path().join("store/store.db");
    disk::sql(
        &store,
        &format!(
            "PRAGMA secure_delete = OFF; CREATE TABLE careless (text TEXT);
             INSERT INTO careless VALUES ('{PLANTED}'); DROP TABLE careless;"
        ),
    );
    std::fs::write(world.path().join(PLANTED), PLANTED.to_uppercase()).unwrap();
    tracing::trace!(password = PLANTED, "a careless event");
    let span = tracing::trace_span!("careless", password = ?PLANTED.as_bytes());
    drop(span);
    assert!(std::panic::catch_unwind(|| panic!("a careless panic about `{PLANTED}`")).is_err());

    let mut places = Places::default();
    places.add_files("open", &world.path());
    places.add("log", tape.bytes());
    let found = search.find(&places);
    let found =
        |place: &str, form: &str| found.iter().any(|find| find.place.ends_with(place) && find.form == form);
    assert!(found("store.db-wal", "raw"), "a freed page");
    assert!(found(&format!("name of {PLANTED}"), "raw"), "a file's name");
    assert!(found(&format!("open: {PLANTED}"), "raw of its upper case"), "a file");
    assert!(found("log", "raw") && found("log", "a list of numbers"), "events and spans");
    let panic = [b"a careless panic about `", PLANTED.as_bytes()].concat();
    assert!(tape.bytes().windows(panic.len()).any(|window| window == panic), "a panic");
}

/// One leak is told from what may stand there, by mark and by place.
#[test]
fn the_list_of_what_may_stand_where_is_held_to() {
    let find = |mark: &str, place: &str| Find {
        mark: mark.to_owned(),
        place: place.to_owned(),
        form: String::new(),
        at: 0,
    };
    let leaks = |find| allowed::judge(vec![find], allowed::LIBRARY).0.len();
    assert_eq!(leaks(find("HOST", "closed: room/store/store.db")), 0);
    assert_eq!(leaks(find("HOST", "closed: room/room.toml")), 1);
    assert_eq!(leaks(find("NAME", "closed: room/store/store.db")), 1);
    assert_eq!(leaks(find("the key of log-1.key", "closed: room/keys/log-1.key")), 0);
    assert_eq!(leaks(find("the key of log-1.key", "closed: room/keys/index-1.key")), 1);
    assert_eq!(leaks(find("the key of log-1.key", "closed: room/store/log-1.key")), 1);
    assert!(!allowed::judge(Vec::new(), allowed::LIBRARY).1.is_empty(), "a line that allows nothing is told");
}
