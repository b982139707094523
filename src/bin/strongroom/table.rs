//! Tables whose columns align, whatever is written in them.

use std::fmt;

use unicode_width::UnicodeWidthStr;

use crate::shown;

/// Rows under a head.
pub struct Table<const N: usize> {
    /// The columns' names; one that starts with `>` is aligned to the right.
    head: [&'static str; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// A table with these columns.
    pub const fn new(head: [&'static str; N]) -> Self {
        Self { head, rows: Vec::new() }
    }

    /// Adds a row. Each cell stays on its line and moves no cursor.
    pub fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells.map(|cell| shown::line(&cell)));
    }

    fn lines(&self) -> impl Iterator<Item = [&str; N]> {
        let head = self.head.map(|name| name.trim_start_matches('>'));
        std::iter::once(head).chain(self.rows.iter().map(|row| row.each_ref().map(String::as_str)))
    }

    fn widths(&self) -> [usize; N] {
        let mut widths = [0; N];
        for line in self.lines() {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = cell.width().max(*width);
            }
        }
        widths
    }
}

impl<const N: usize> fmt::Display for Table<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        for (number, line) in self.lines().enumerate() {
            let mut text = String::new();
            for ((cell, width), name) in line.into_iter().zip(widths).zip(self.head) {
                let missing = " ".repeat(width.saturating_sub(cell.width()));
                let (before, after) =
                    if name.starts_with('>') { (missing.as_str(), "") } else { ("", missing.as_str()) };
                text.push_str(&format!("{before}{cell}{after}  "));
            }
            let end = if number == 0 { "" } else { "\n" };
            write!(f, "{end}{}", text.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_align_by_what_is_seen() {
        let mut table = Table::new(["name", ">amount", "state"]);
        table.row(["漢字".into(), "5".into(), "open".into()]);
        table.row(["a\u{1b}".into(), "12.34".into(), String::new()]);
        assert_eq!(
            table.to_string(),
            "name     amount  state\n\
             漢字          5  open\n\
             a\\u{1b}   12.34"
        );
    }
}
