//! One line per entry, one entry per line.

use proptest::prelude::*;

use crate::{
    access::{Role, View},
    audit::{
        entry::{Actor, Detail, DetailKind, Entry, Named, Outcome, Undecodable, Unencodable, Via, What},
        event::{Data, Event},
        read::Line,
    },
    base::{AccountId, Class, EntryNonce, GrantId, PrincipalId, RequestId, SessionId, Time, TraceId, limits},
};

fn entry() -> Entry {
    Entry {
        position: 3,
        time: Time::from_ms(1_790_000_000_000),
        what: What::Known(Data::GrantRevoked { grant: GrantId::from_bytes([1; 16]) }),
        outcome: Outcome::Done,
        reason: None,
        actor: Actor::Principal(PrincipalId::from_bytes([2; 16])),
        session: Some(SessionId::from_bytes([3; 16])),
        roles: vec!["access-admin".into(), "reviewer".into()],
        rule: Some("access-admin/grant.revoke/x".into()),
        policy: [4; 32],
        purpose: Some("access_admin".into()),
        case: Some(Named { noun: "case".into(), id: [5; 16] }),
        subjects: vec![AccountId::from_bytes([6; 16])],
        objects: vec![Named { noun: "grant".into(), id: [1; 16] }],
        fields: vec!["body".into()],
        view: Some(View::Masked),
        request: RequestId::from_bytes([7; 16]),
        via: Via::new("direct", "host-1.example"),
        details: vec![
            Detail { kind: DetailKind::Actor, commitment: Some([8; 32]) },
            Detail { kind: DetailKind::Subject, commitment: None },
        ],
        nonce: EntryNonce::from_bytes([9; 16]),
        prev: [10; 32],
    }
}

fn line() -> String {
    String::from_utf8(entry().encode().unwrap()).unwrap()
}

/// The form is frozen: this line stands in FORMAT.md.
#[test]
fn the_line_is_this() {
    let expected = [
        r#"{"v":1,"position":3,"time":1790000000000,"event":"grant.revoked","outcome":"done","reason":null,"#,
        r#""actor":"principal:AgICAgICAgICAgICAgICAg","session":"AwMDAwMDAwMDAwMDAwMDAw","#,
        r#""roles":["access-admin","reviewer"],"rule":"access-admin/grant.revoke/x","#,
        r#""policy":"BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ","purpose":"access_admin","#,
        r#""case":"case:BQUFBQUFBQUFBQUFBQUFBQ","subjects":["BgYGBgYGBgYGBgYGBgYGBg"],"#,
        r#""objects":["grant:AQEBAQEBAQEBAQEBAQEBAQ"],"fields":["body"],"view":"masked","#,
        r#""request":"BwcHBwcHBwcHBwcHBwcHBw","via":{"component":"direct","host":"host-1.example"},"#,
        r#""data":{"grant":"AQEBAQEBAQEBAQEBAQEBAQ"},"#,
        r#""details":[{"kind":"actor","commitment":"CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"},"#,
        r#"{"kind":"subject","commitment":null}],"nonce":"CQkJCQkJCQkJCQkJCQkJCQ","#,
        r#""prev":"CgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo"}"#,
    ];
    assert_eq!(line(), expected.concat());
    assert_eq!(Entry::decode(line().as_bytes()), Ok(entry()));
    let read: serde_json::Value = serde_json::from_str(&line()).unwrap();
    assert_eq!(read["via"]["host"], "host-1.example", "it is JSON to everybody else too");
}

/// What few calls have stands where it is known, behind what all have, in one order.
#[test]
fn peer_and_trace_stand_where_they_are_known() {
    let trace = TraceId::parse("4bf92f35-77b3-4da6-a3ce-929d0e0e4736");
    let via = |peer, trace| Via { peer, trace, ..Via::new("socket", "h") };
    for (via, text) in [
        (via(Some(0), None), r#""host":"h","peer":0}"#),
        (via(None, trace), r#""host":"h","trace":"4bf92f3577b34da6a3ce929d0e0e4736"}"#),
        (
            via(Some(u32::MAX), trace),
            r#""host":"h","peer":4294967295,"trace":"4bf92f3577b34da6a3ce929d0e0e4736"}"#,
        ),
    ] {
        let entry = Entry { via, ..entry() };
        let line = String::from_utf8(entry.encode().unwrap()).unwrap();
        assert!(line.contains(text), "{line}");
        assert_eq!(Entry::decode(line.as_bytes()), Ok(entry));
    }
    let both = Entry { via: via(Some(7), trace), ..entry() };
    let line = String::from_utf8(both.encode().unwrap()).unwrap();
    for (from, to) in [
        ("\"peer\":7", "\"peer\":4294967296"),
        ("\"peer\":7", "\"peer\":null"),
        ("\"peer\":7", "\"peer\":\"7\""),
        ("4bf92f35", "4BF92F35"),
        ("4bf92f35", "4bf92f3"),
        (
            "\"peer\":7,\"trace\":\"4bf92f3577b34da6a3ce929d0e0e4736\"",
            "\"trace\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"peer\":7",
        ),
    ] {
        let changed = line.replacen(from, to, 1);
        assert_ne!(changed, line, "{from}");
        let decoded = Entry::decode(changed.as_bytes());
        assert!(matches!(decoded, Err(Undecodable::Malformed { .. })), "{to}: {decoded:?}");
    }
}

#[test]
fn what_differs_from_the_form_is_undecodable() {
    let line = line();
    for (from, to) in [
        ("{\"v\"", "{ \"v\""),
        ("\"position\":3", "\"position\":03"),
        ("\"position\":3", "\"position\":3.0"),
        ("\"position\":3", "\"position\":-3"),
        ("\"position\":3", "\"position\":9007199254740992"),
        ("\"position\":3", "\"position\":\"3\""),
        ("\"time\":", "\"tyme\":"),
        ("\"done\"", "\"undone\""),
        ("\"done\"", "\"DONE\""),
        ("principal:", "person:"),
        ("\"principal:AgICAgICAgICAgICAgICAg\"", "\"System\""),
        ("AgICAgICAgICAgICAgICAg", "AgICAgICAgICAgICAgICAh"),
        ("\"view\":\"masked\"", "\"view\":\"all\""),
        ("access-admin/grant", "access\\u002dadmin/grant"),
        ("access-admin/grant", "access\nadmin/grant"),
        ("host-1", "h\u{f6}st-1"),
        ("host-1.example", ""),
        ("\"reason\":null,", ""),
        ("\"reason\":null,", "\"reason\":null,\"extra\":1,"),
        ("\"data\":{\"grant\":\"AQEBAQEBAQEBAQEBAQEBAQ\"}", "\"data\":{}"),
        ("\"data\":{", "\"data\":{\"more\":1,"),
        ("\"grant.revoked\"", "\"grant.given\""),
        ("CgoKCgo\"}", "CgoKCgo\"} "),
        ("CgoKCgo\"}", "CgoKCgo\"}\n"),
        ("CgoKCgo\"}", "CgoKCgo\",\"z\":1}"),
        ("CgoKCgo\"}", "CgoKCgo\""),
    ] {
        let changed = line.replacen(from, to, 1);
        assert_ne!(changed, line, "{from}");
        let decoded = Entry::decode(changed.as_bytes());
        assert!(matches!(decoded, Err(Undecodable::Malformed { .. })), "{to}: {decoded:?}");
    }
    for cut in 0..line.len() {
        assert!(Entry::decode(&line.as_bytes()[..cut]).is_err());
    }
    assert_eq!(Entry::decode(&[b' '; 16 * 1024 + 1]), Err(Undecodable::TooLong));
    assert_eq!(Entry::decode(&[0xff]), Err(Undecodable::Malformed { at: 0 }));
}

#[test]
fn a_repeated_key_and_an_unknown_version_have_their_own_names() {
    for (from, to) in [
        ("\"time\":", "\"position\":3,\"time\":"),
        ("\"v\":1,", "\"v\":1,\"v\":1,"),
        ("\"v\":1,", "\"v\":1,\"actor\":\"system\","),
        ("\"data\":{", "\"data\":{\"grant\":1,"),
        ("\"component\":\"direct\"", "\"component\":\"direct\",\"component\":\"direct\""),
        ("CgoKCgo\"}", "CgoKCgo\",\"prev\":\"CgoKCgo\"}"),
    ] {
        let changed = line().replacen(from, to, 1);
        assert_eq!(Entry::decode(changed.as_bytes()), Err(Undecodable::DuplicateKey), "{to}");
    }
    let later = line().replacen("\"v\":1,", "\"v\":2,", 1);
    assert_eq!(Entry::decode(later.as_bytes()), Err(Undecodable::Version));
}

#[test]
fn an_unknown_event_is_kept_as_it_stands() {
    let known = r#""data":{"grant":"AQEBAQEBAQEBAQEBAQEBAQ"}"#;
    let with = |data: &str| {
        let line = line().replacen("grant.revoked", "grant.frozen", 1);
        line.replacen(known, &format!("\"data\":{data}"), 1)
    };
    for data in ["{}", r#"{"a":1}"#, r#"{"a":1,"b":"x","c":[1,"y",null],"d":null,"e":[]}"#] {
        let entry = Entry::decode(with(data).as_bytes()).unwrap();
        assert_eq!(entry.what, What::Unknown { event: "grant.frozen".into(), data: data.into() });
        assert_eq!(entry.encode().unwrap(), with(data).into_bytes());
    }
    for refused in
        ["{ }", "{,}", r#"{"a":1,}"#, r#"{"a":1.5}"#, r#"{"a":{}}"#, r#"{"a":true}"#, r#"{"a":[[]]}"#, "[]"]
    {
        assert!(Entry::decode(with(refused).as_bytes()).is_err(), "{refused}");
    }
    assert_eq!(Entry::decode(with(r#"{"a":1,"a":2}"#).as_bytes()), Err(Undecodable::DuplicateKey));
}

#[test]
fn what_could_not_be_read_back_is_not_written() {
    let unfit = |key, change: fn(&mut Entry)| {
        let mut entry = entry();
        change(&mut entry);
        assert_eq!(entry.encode(), Err(Unencodable::Unfit { key }));
    };
    unfit("position", |entry| entry.position = 1 << 53);
    unfit("reason", |entry| entry.reason = Some("a reason".into()));
    unfit("roles", |entry| entry.roles = vec!["\"".into()]);
    unfit("rule", |entry| entry.rule = Some("\n".into()));
    unfit("via", |entry| entry.via.host = "UPPER".into());
    unfit("objects", |entry| entry.objects[0].noun = "a:b".into());
    unfit("objects", |entry| entry.objects = vec![entry.objects[0].clone(); 257]);
    unfit("data", |entry| entry.what = What::Bare(Event::GrantRevoked));
    unfit("data", |entry| entry.what = What::Known(Data::LogRecovered { from: 0, to: u64::MAX }));
    unfit("data", |entry| entry.what = What::Unknown { event: "grant.revoked".into(), data: "{}".into() });
    unfit("data", |entry| entry.what = What::Unknown { event: "new".into(), data: "{}}".into() });

    let mut long = entry();
    long.subjects = vec![AccountId::from_bytes([0; 16]); 1000];
    assert!(matches!(long.encode(), Err(Unencodable::TooLong { .. })));
    assert_eq!(Via::new("", "H\u{f6}st\"\\\n").host, "h-st---");
    assert_eq!(Via::new("", &"x".repeat(300)).host.len(), 64);
}

/// Entries of each shape: what may be missing is missing in one and there in another.
fn shapes() -> Vec<Entry> {
    let trace = TraceId::parse("4bf92f3577b34da6a3ce929d0e0e4736");
    let bare = Entry {
        what: What::Bare(Event::AccountRead),
        outcome: Outcome::Denied,
        reason: Some("needs_case".into()),
        actor: Actor::System,
        session: None,
        roles: vec![],
        rule: None,
        purpose: None,
        case: None,
        subjects: vec![],
        objects: vec![],
        fields: vec![],
        view: None,
        details: vec![],
        via: Via { peer: Some(7), trace, ..Via::new("socket", "h") },
        ..entry()
    };
    let data = r#"{"a":1,"b":"x","c":[1,"y",null],"d":null,"e":[]}"#;
    let unknown = What::Unknown { event: "grant.frozen".into(), data: data.into() };
    let erased = Data::ErasureBegun {
        classes: vec![Class::Billing, Class::Support],
        years: vec![2026],
        deferred: vec![],
    };
    let actor = Actor::Account(AccountId::from_bytes([0xff; 16]));
    vec![
        entry(),
        bare,
        Entry { what: unknown, actor, ..entry() },
        Entry {
            objects: ["ticket", "approval"].map(|noun| Named { noun: noun.into(), id: [1; 16] }).into(),
            ..entry()
        },
        Entry { what: What::Known(erased), outcome: Outcome::Begun, ..entry() },
    ]
}

/// The reader that makes no entry takes what [`Entry::decode`] takes, which writes again what it read.
fn is_read_alike(line: &[u8]) -> bool {
    let (read, decoded) = (Line::read(line), Entry::decode(line));
    assert_eq!(read.as_ref().err(), decoded.as_ref().err(), "{}", String::from_utf8_lossy(line));
    if let (Ok(read), Ok(entry)) = (read, &decoded) {
        assert_eq!(entry.encode().as_deref(), Ok(line));
        let names_approval = entry.objects.iter().any(|named| named.noun == "approval");
        assert_eq!(read.names_approval, names_approval, "what uses one up is made whole and applied");
        assert_eq!((read.position, read.prev.bytes(), &read.what), (entry.position, entry.prev, &entry.what));
    }
    decoded.is_ok()
}

/// Each byte of each shape as others that may pass for it, taken away, and put there twice.
#[test]
fn readers_agree_on_every_line_one_byte_off() {
    for entry in shapes() {
        let line = entry.encode().unwrap();
        assert!(is_read_alike(&line));
        let mut taken = 0;
        for at in 0..line.len() {
            let (before, after) = line.split_at(at);
            taken += u32::from(is_read_alike(&[before, &after[1..]].concat()));
            taken += u32::from(is_read_alike(&[before, &after[..1], after].concat()));
            let mut changed = line.clone();
            for byte in [line[at] ^ 1, line[at] ^ 0x20, b'0', b'g', b'-', b'"', b',', 0x80] {
                changed[at] = byte;
                taken += u32::from(changed != line && is_read_alike(&changed));
            }
        }
        assert!(taken > 300, "other ids and names are entries too: {taken}");
    }
}

#[test]
fn a_line_names_256_things_and_no_more() {
    let mut entry = Entry { subjects: vec![], details: vec![], ..entry() };
    entry.objects = vec![Named { noun: "case".into(), id: [5; 16] }; limits::ENTRY_OBJECTS_MAX];
    let line = String::from_utf8(entry.encode().unwrap()).unwrap();
    assert!(is_read_alike(line.as_bytes()));
    let one = "\"case:BQUFBQUFBQUFBQUFBQUFBQ\"";
    let more = line.replacen(&format!("[{one}"), &format!("[{one},{one}"), 1);
    assert!(more.len() > line.len() && more.len() <= limits::ENTRY_BYTES_MAX);
    assert!(!is_read_alike(more.as_bytes()));
}

proptest! {
    #[test]
    fn entries_survive_their_line(
        position in 0..1_u64 << 53,
        ms in 0..1_i64 << 53,
        refused: bool,
        reason in proptest::option::of("[a-z0-9._-]{1,64}"),
        rule in proptest::option::of("[ !#-\\[\\]-~]{1,128}"),
        roles in proptest::collection::vec(0..16_usize, 0..5),
        ids: [u8; 16],
        objects in proptest::collection::vec(("[a-z]{1,9}", any::<[u8; 16]>()), 0..40),
        prev: [u8; 32],
    ) {
        let what = if refused { What::Bare(Event::AccountRead) } else { What::Known(Data::AccountRead {}) };
        let entry = Entry {
            position,
            time: Time::from_ms(ms),
            what,
            outcome: if refused { Outcome::Denied } else { Outcome::Granted },
            reason,
            rule,
            roles: roles.into_iter().map(|at| Role::ALL[at].name().to_owned()).collect(),
            actor: Actor::Account(AccountId::from_bytes(ids)),
            objects: objects.into_iter().map(|(noun, id)| Named { noun, id }).collect(),
            prev,
            ..entry()
        };
        let line = entry.encode().unwrap();
        prop_assert!(line.is_ascii() && !line.contains(&b'\n'));
        prop_assert_eq!(Entry::decode(&line), Ok(entry));
    }

    /// Whatever is done to a line, it is refused or means what it says byte for byte.
    #[test]
    fn a_changed_line_never_passes_for_another_form(at in any::<prop::sample::Index>(), byte: u8) {
        let mut changed = line().into_bytes();
        let at = at.index(changed.len());
        changed[at] = byte;
        if let Ok(entry) = Entry::decode(&changed) {
            prop_assert_eq!(entry.encode().unwrap(), changed);
        }
    }

    /// Pieces of lines put together anyhow, and cut and repeated.
    #[test]
    fn readers_agree_on_lines_put_together_of_others(
        shapes_of in [0..5_usize, 0..5],
        cuts in any::<[prop::sample::Index; 3]>(),
        byte in proptest::option::of(any::<u8>()),
    ) {
        let [mut one, two] = shapes_of.map(|at| shapes()[at].encode().unwrap());
        let [from, to, at] = [cuts[0].index(one.len()), cuts[1].index(two.len()), cuts[2].index(one.len())];
        one.splice(from.min(at)..from.max(at), byte);
        is_read_alike(&one);
        let spliced = [one.get(..from).unwrap_or(&one), &two[to..]].concat();
        is_read_alike(&spliced);
    }

    #[test]
    fn no_bytes_make_the_decoder_stumble(bytes: Vec<u8>) {
        prop_assert!(Entry::decode(&bytes).is_err());
    }
}
