//! Metrics as text: for a scraper, and for the page that explains them.

use std::fmt;

use super::{Metric, MetricKind, Metrics, Sample, Series};
use crate::base::count::Counted;

impl fmt::Display for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.series.iter().try_for_each(|series| series.fmt(f))
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Metric { name, kind, label, help } = self.metric;
        writeln!(f, "# HELP {name} {help}")?;
        writeln!(f, "# TYPE {name} {}", kind.name())?;
        for (value, sample) in &self.samples {
            // Names of closed lists: nothing in them needs an escape.
            let labels = if label.is_empty() { String::new() } else { format!("{label}=\"{value}\"") };
            match sample {
                Sample::Number(number) if labels.is_empty() => writeln!(f, "{name} {number}")?,
                Sample::Number(number) => writeln!(f, "{name}{{{labels}}} {number}")?,
                Sample::Counted(counted, parts) => histogram(f, name, &labels, counted, *parts)?,
            }
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "the exposition format has no other numbers")]
fn histogram(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    labels: &str,
    counted: &Counted,
    parts: f64,
) -> fmt::Result {
    for (bound, within) in &counted.within {
        let bound = *bound as f64 / parts;
        writeln!(f, "{name}_bucket{{{labels},le=\"{bound}\"}} {within}")?;
    }
    writeln!(f, "{name}_bucket{{{labels},le=\"+Inf\"}} {}", counted.count)?;
    writeln!(f, "{name}_sum{{{labels}}} {}", counted.sum as f64 / parts)?;
    writeln!(f, "{name}_count{{{labels}}} {}", counted.count)
}

/// The metrics as a markdown table, for `docs/metrics.md`.
pub fn metrics_markdown() -> String {
    let mut out = String::from("| Metric | Kind | Label | What it counts |\n|---|---|---|---|\n");
    for Metric { name, kind, label, help } in Metric::ALL {
        let label = if label.is_empty() { "–".to_owned() } else { format!("`{label}`") };
        let kind: MetricKind = kind;
        out.push_str(&format!("| `{name}` | {} | {label} | {help} |\n", kind.name()));
    }
    out
}
