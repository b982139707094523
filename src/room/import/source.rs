//! Lines of a file of any size, one at a time, in bounded memory.

use std::io::{self, BufRead};

use zeroize::Zeroizing;

/// A file that is read line by line.
pub(super) struct Source<R> {
    inner: R,
    /// The line at hand. It never grows, because what a growing buffer leaves behind is not wiped.
    line: Zeroizing<Vec<u8>>,
    bytes_max: usize,
    /// Bytes read so far.
    pub(super) read: u64,
}

/// A line without its line feed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// Its bytes.
    Whole(&'a [u8]),
    /// It is over the limit, and was passed over.
    TooLong,
}

impl<R: BufRead> Source<R> {
    /// The lines of `inner`, each of at most so many bytes.
    pub(super) fn new(inner: R, bytes_max: usize) -> Self {
        Self { inner, line: Zeroizing::new(Vec::with_capacity(bytes_max)), bytes_max, read: 0 }
    }

    /// The next line; `None` at the end. A last line needs no line feed.
    pub(super) fn line(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let (mut begun, mut too_long) = (false, false);
        loop {
            let here = match self.inner.fill_buf() {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if here.is_empty() {
                break;
            }
            begun = true;
            let end = here.iter().position(|byte| *byte == b'\n');
            let part = here.get(..end.unwrap_or(here.len())).unwrap_or_default();
            too_long |= self.line.len() + part.len() > self.bytes_max;
            if !too_long {
                self.line.extend_from_slice(part);
            }
            let taken = part.len() + usize::from(end.is_some());
            self.inner.consume(taken);
            self.read += taken as u64;
            if end.is_some() {
                break;
            }
        }
        Ok(match (begun, too_long) {
            (false, _) => None,
            (true, true) => Some(Line::TooLong),
            (true, false) => Some(Line::Whole(&self.line)),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::{Line, Source};

    fn lines(text: &str, buffer: usize) -> Vec<Option<String>> {
        let mut source = Source::new(BufReader::with_capacity(buffer, text.as_bytes()), 5);
        let mut lines = Vec::new();
        while let Some(line) = source.line().unwrap() {
            lines.push(match line {
                Line::Whole(bytes) => Some(String::from_utf8(bytes.to_vec()).unwrap()),
                Line::TooLong => None,
            });
        }
        assert_eq!(source.read, text.len() as u64);
        lines
    }

    #[test]
    fn lines_are_cut_at_line_feeds_and_nowhere_else() {
        let some = |text: &str| Some(text.to_owned());
        for buffer in [1, 3, 64] {
            let lines = lines("abc\n\n12345\n123456\nlast", buffer);
            assert_eq!(lines, [some("abc"), some(""), some("12345"), None, some("last")], "{buffer}");
        }
        assert!(lines("", 4).is_empty());
        assert_eq!(lines("a\n", 4), [some("a")]);
    }
}
