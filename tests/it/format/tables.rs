//! The tables and lists of FORMAT.md against themselves and against the program.

use std::fmt::Display;

use strongroom::room::{
    Brand, Class, DenialReason, Field, PaymentResult, PrincipalKind, Processor, Purpose, Role,
};

use super::authority::KINDS;
use crate::source;

/// The tables under `header` with the paragraph in front of each.
fn tables(text: &str, header: &str) -> Vec<(String, Vec<Vec<String>>)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(header) {
        let before = text[..at].trim_end().rsplit("\n\n").next().unwrap().to_owned();
        let rows = text[at..].lines().skip(2).take_while(|line| line.starts_with('|'));
        let cells =
            |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        found.push((before, rows.map(cells).collect()));
    }
    found
}

/// The text of the file, each list on one line.
fn document() -> String {
    source::read("FORMAT.md")
}

#[test]
fn byte_tables_have_no_gap_and_the_stated_width() {
    let text = document();
    let tables = tables(&text, "| Offset | Bytes | What |");
    assert_eq!(tables.len(), 7);
    for (before, rows) in tables {
        let mut next = 0;
        for row in &rows {
            assert_eq!(row[0].parse(), Ok(next), "{before}: {row:?}");
            next += row[1].parse::<usize>().unwrap_or(0);
        }
        let stated = before.replace('\n', " ");
        assert!(
            stated.contains(&format!("{next} bytes")) || stated.contains(&format!("bytes, {next} and")),
            "{before}"
        );
    }
}

#[test]
fn the_widths_of_authority_rows_are_the_sums_of_their_columns() {
    let text = document();
    let tables = tables(&text, "| Kind | Table | Columns in the canonical bytes | Bytes in all |");
    let rows = &tables[0].1;
    for (row, kind) in rows.iter().zip(&KINDS) {
        // Without what stands in brackets, every number is a width.
        let outside: String = row[2].split('(').map(|part| part.rsplit(')').next().unwrap()).collect();
        let own: usize = outside.split([' ', ',']).filter_map(|word| word.parse::<usize>().ok()).sum();
        assert_eq!(row[1], format!("`{}`", kind.table));
        assert_eq!((row[3].parse(), 26 + own), (Ok(kind.width), kind.width), "{row:?}");
    }
    assert_eq!(rows.len(), KINDS.len());
}

/// Whether the document lists these, `1 first, 2 second`, behind `lead`.
fn lists(lead: &str, values: impl IntoIterator<Item = (u8, impl Display)>) -> bool {
    let values: Vec<String> = values.into_iter().map(|(number, name)| format!("{number} {name}")).collect();
    let flowing = document().replace('\n', " ");
    flowing.contains(&format!("{lead}: {}.", values.join(", ")))
}

#[test]
fn the_numbers_of_the_lists_are_the_programs() {
    assert!(lists("Roles", Role::ALL.map(|role| (role.number(), role))));
    assert!(lists("Purposes", Purpose::ALL.map(|purpose| (purpose.number(), purpose))));
    assert!(lists("Brands", Brand::ALL.map(|brand| (brand.number(), brand.name()))));
    assert!(lists("Processors", Processor::ALL.map(|processor| (processor.number(), processor.name()))));
    let results = PaymentResult::ALL.map(|result| (result.number(), result.name()));
    assert!(lists("in `payment.result`", results));
    let kinds = PrincipalKind::ALL.map(|kind| format!("{} {kind}", kind.number())).join(", ");
    assert!(document().contains(&format!("kind 1 ({kinds})")));
    for (lead, names) in [
        ("Reasons of `denied`", DenialReason::ALL.map(|reason| reason.name()).join(", ")),
        ("Fields", Field::ALL.map(Field::name).join(", ")),
    ] {
        assert!(document().replace('\n', " ").contains(&format!("{lead}: {names}.")), "{lead}");
    }
    for class in Class::ALL {
        assert!(document().contains(&format!("\n| {} | {} |", class.number(), class.name())), "{class:?}");
    }
}

/// `billing.payment_recorded` as the program writes it in code, `BillingPaymentRecorded`.
fn variant(event: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    event.split(['.', '_']).map(capital).collect()
}

#[test]
fn the_events_that_no_verb_writes_are_named() {
    let text = document();
    let (_, table) = text.split_once("<!-- generated: events -->").unwrap();
    let (table, _) = table.split_once("<!-- end -->").unwrap();
    let events =
        table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(name, _)| name);
    // One file of the room reads entries instead of writing them.
    let writes = |path: &String| path.ends_with(".rs") && path != "src/room/policy/record.rs";
    // What tells of the reserve is written in the lane, whatever the verb.
    let lane = "src/store/log.rs".to_owned();
    let files = source::files("src/room").into_iter().filter(writes).chain([lane]);
    let code: String = files.map(|path| source::read(&path)).collect();
    let unwritten: Vec<_> =
        events.filter(|name| !code.contains(&format!("Data::{} ", variant(name)))).collect();

    let flowing = text.replace('\n', " ");
    let (_, stated) = flowing.split_once("Written by no verb yet: ").unwrap();
    let (stated, _) = stated.split_once(". ").unwrap();
    let stated: Vec<_> = stated.split('`').skip(1).step_by(2).collect();
    let sorted = |mut names: Vec<_>| {
        names.sort_unstable();
        names
    };
    assert_eq!(sorted(unwritten), sorted(stated));
}
