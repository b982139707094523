use super::{LineFault, read};
use crate::base::Time;
use crate::password::Dialect;

const RECORD: &str = "$2b$04$abcdefghijklmnopqrstuuvhGcqPi1SvmSX7Fzyh5UOLKkAdO3HOu";
const NOW: Time = Time::from_ms(1_790_000_000_000);

fn fault(line: &str) -> LineFault {
    read(&line.replace("RECORD", RECORD), &Dialect::none(), NOW)
        .err()
        .unwrap_or_else(|| panic!("read: {line}"))
}

#[test]
fn a_line_says_who_since_when_and_by_what_record() {
    for (line, created, name) in [
        (r#"{"identifier":" Jane.Doe@Example.COM ","password_record":"RECORD"}"#, None, None),
        (
            r#"{"created_at":"2020-01-01T01:00:00+01:00","name":"Jane","password_record":"RECORD","identifier":"jane.doe@example.com"}"#,
            Some(1_577_836_800_000),
            Some("Jane"),
        ),
        (
            r#" {"identifier":"\u006aane.doe@example.com","name":null,"password_record":"RECORD","created_at":1577836800000} "#,
            Some(1_577_836_800_000),
            None,
        ),
    ] {
        let line = line.replace("RECORD", &RECORD.replace('/', "\\/"));
        let (normal, with) = read(&line, &Dialect::none(), NOW).unwrap_or_else(|e| panic!("{e}: {line}"));
        assert_eq!(normal.expose(), "jane.doe@example.com");
        assert_eq!(with.created.map(Time::as_ms), created);
        assert_eq!(with.name.as_ref().map(|name| name.as_str()), name);
        assert_eq!(with.record.to_text(), RECORD);
    }
    let card = r#"{"identifier":"a@b.example","name":"J 4111 1111 1111 1111","password_record":"RECORD"}"#;
    let (_, with) = read(&card.replace("RECORD", RECORD), &Dialect::none(), NOW).unwrap();
    assert_eq!(
        (with.name.unwrap().as_str(), with.cards_masked),
        ("J [card \u{2022}\u{2022}\u{2022}\u{2022} 1111]", 1)
    );
}

#[test]
fn each_fault_has_its_name() {
    let with = |more: &str| format!(r#"{{"identifier":"a@b.example","password_record":"RECORD"{more}}}"#);
    for (line, name) in [
        (" ".to_owned(), "empty"),
        ("{".to_owned(), "not_json"),
        (with("") + "x", "not_json"),
        (with("") + &with(""), "not_json"),
        ("[1]".to_owned(), "no_object"),
        ("null".to_owned(), "no_object"),
        ("-1".to_owned(), "no_object"),
        ("1.5".to_owned(), "no_object"),
        ("\"a\"".to_owned(), "no_object"),
        (with(r#","e_mail":"a""#), "unknown_key"),
        (with(r#","Name":"a""#), "unknown_key"),
        (with(r#","identifier":"c@d.example""#), "repeated_key"),
        (with(r#","\u006eame":"a","name":"b""#), "repeated_key"),
        (with(r#","name":null,"name":null"#), "repeated_key"),
        (r#"{"identifier":"a@b.example"}"#.to_owned(), "missing_key"),
        (r#"{"password_record":"RECORD"}"#.to_owned(), "missing_key"),
        (r#"{"identifier":null,"password_record":"RECORD"}"#.to_owned(), "missing_key"),
        (r#"{"identifier":7,"password_record":"RECORD"}"#.to_owned(), "type"),
        (with(r#","name":["a"]"#), "type"),
        (with(r#","name":{"a":{}}"#), "type"),
        (with(r#","created_at":true"#), "type"),
        (with(r#","created_at":-1"#), "type"),
        (with(r#","created_at":1.5"#), "type"),
        (r#"{"identifier":"a","password_record":"RECORD"}"#.to_owned(), "identifier"),
        (with(r#","name":" ""#), "name"),
        (with(r#","name":"a\u001b[2J""#), "name"),
        (
            r#"{"identifier":"a@b.example","password_record":"5f4dcc3b5aa765d61d8327deb882cf99"}"#.to_owned(),
            "password_record",
        ),
        (r#"{"identifier":"a@b.example","password_record":""}"#.to_owned(), "password_record"),
        (with(r#","created_at":"yesterday""#), "created_at"),
        (with(r#","created_at":9007199254740992"#), "created_at"),
        (with(r#","created_at":18446744073709551615"#), "created_at"),
        (with(r#","created_at":1790000000001"#), "future"),
    ] {
        let fault = fault(&line);
        assert_eq!(fault.name(), name, "{line}");
        assert!(!fault.to_string().contains("example"), "{fault}");
    }
    assert!(
        read(&with(r#","created_at":1790000000000"#).replace("RECORD", RECORD), &Dialect::none(), NOW)
            .is_ok()
    );
    assert!(read(&format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)), &Dialect::none(), NOW).is_err());
}
