//! The metrics: every one of the table stands in the text once, in the form that a scraper reads, and counts what happened.

use std::collections::BTreeMap;

use strongroom::room::{Metric, MetricKind};

use crate::{
    source,
    world::{JANE, World, secret},
};

/// The text's samples by name and labels, after holding its form against the exposition format.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    let mut current = "";
    for line in text.lines() {
        if let Some(described) = line.strip_prefix("# ") {
            let mut words = described.splitn(3, ' ');
            let (word, name) = (words.next().unwrap(), words.next().unwrap());
            assert!(matches!(word, "HELP" | "TYPE") && words.next().is_some(), "{line}");
            current = name;
            continue;
        }
        let (sample, value) = line.rsplit_once(' ').unwrap();
        let name = sample.split('{').next().unwrap();
        let base =
            ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        assert!(name == current || base == current, "{line} under {current}");
        let labels = sample.strip_prefix(name).unwrap();
        assert!(labels.is_empty() || labels.starts_with('{') && labels.ends_with("\"}"), "{line}");
        assert!(found.insert(sample.to_owned(), value.parse().unwrap()).is_none(), "{line} twice");
    }
    found
}

#[test]
fn each_metric_of_the_table_is_told_once() {
    let world = World::demo();
    let text = world.room.metrics().to_string();
    let told: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let mut table: Vec<&str> = Metric::ALL.iter().map(|metric| metric.name).collect();
    table.sort_unstable();
    let mut sorted = told.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, table);
    for metric in Metric::ALL {
        assert_eq!(metric.name.ends_with("_total"), metric.kind == MetricKind::Counter, "{}", metric.name);
        assert!(metric.name.starts_with("strongroom_"), "{}", metric.name);
    }
    let samples = samples(&text);
    for metric in Metric::ALL {
        let own = |sample: &&String| sample.starts_with(metric.name);
        assert!(samples.keys().any(|sample| own(&sample)), "{}", metric.name);
    }
}

#[test]
fn they_count_what_happened() {
    let world = World::demo();
    let before = samples(&world.room.metrics().to_string());
    let jane = world.customer(JANE);
    let _denied = world.room.login(JANE, &secret("not her password at all")).unwrap();
    let ticket = world.ticket(&jane);
    world.room.owner(&jane).attach(ticket, "a.txt", "text/plain", &[7_u8; 1234][..]).unwrap();
    let text = world.room.metrics().to_string();
    let after = samples(&text);
    let grown = |sample: &str| after[sample] - before.get(sample).copied().unwrap_or(0.0);
    assert_eq!(grown("strongroom_logins_total{outcome=\"granted\"}"), 1.0);
    assert_eq!(grown("strongroom_logins_total{outcome=\"denied\"}"), 1.0);
    assert_eq!(grown("strongroom_attachment_bytes"), 1234.0);
    let entries = world.room.log_size().unwrap();
    assert_eq!(after["strongroom_log_entries"], entries as f64);
    assert_eq!(after["strongroom_log_uncovered_entries"], 0.0);
    assert_eq!(after["strongroom_standing{standing=\"ready\"}"], 1.0);
    for lane in ["store", "keyring"] {
        let count = format!("strongroom_flush_seconds_count{{database=\"{lane}\"}}");
        let all = format!("strongroom_flush_seconds_bucket{{database=\"{lane}\",le=\"+Inf\"}}");
        assert!(grown(&count) > 0.0 && (after[&count] - after[&all]).abs() < 0.5, "{lane}");
    }
    assert!(!text.contains(JANE) && !text.contains(&jane.account().to_string()), "nothing is about a person");
}

#[test]
fn alert_rules_use_metrics_that_there_are() {
    let rules = source::read("packaging/alerts.yml");
    let used = rules
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("strongroom_"));
    for name in used {
        let base = name.strip_suffix("_bucket").unwrap_or(name);
        assert!(Metric::ALL.iter().any(|metric| metric.name == base), "{name}");
    }
    let operate = source::read("docs/operate.md");
    for trouble in strongroom::room::Trouble::ALL {
        assert!(operate.contains(&format!("### `{trouble}`")), "{trouble} has no section");
    }
}
