//! A text as the guard reads it: its runs of digits, and what stands between them.

use super::digits::{self, Separator};

/// A maximal run of digits.
pub(super) struct Run {
    /// Where its first digit begins, bytes.
    pub(super) start: usize,
    /// Where its last digit ends, bytes.
    pub(super) end: usize,
    /// How many digits it has.
    pub(super) digits: usize,
    /// What joins it to the next run.
    pub(super) joint: Option<Joint>,
}

/// The separators between two runs and nothing else: one, two (`4111  1111`) or three (`4111 - 1111`). Equal joints have
/// the same kinds in the same order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Joint([Option<Separator>; 3]);

/// The state between two characters.
enum Gap {
    /// The last visible character was a digit.
    None,
    /// Separators since the last digit, as many as a joint may have.
    Joint(Joint),
    /// Anything else: no joint.
    Other,
}

impl Gap {
    fn after(self, c: char) -> Self {
        let kind = digits::separator(c);
        match (self, kind) {
            (Self::None, Some(_)) => Self::Joint(Joint([kind, None, None])),
            (Self::Joint(Joint([first, None, None])), Some(_)) => Self::Joint(Joint([first, kind, None])),
            (Self::Joint(Joint([first, second, None])), Some(_)) => Self::Joint(Joint([first, second, kind])),
            _ => Self::Other,
        }
    }
}

/// The runs of `text`, in order.
pub(super) fn of(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut gap = Gap::Other;
    for (start, c) in text.char_indices() {
        if digits::is_invisible(c) {
            continue;
        }
        if digits::value(c).is_none() {
            gap = gap.after(c);
            continue;
        }
        let end = start + c.len_utf8();
        match (runs.last_mut(), gap) {
            (Some(run), Gap::None) => {
                run.end = end;
                run.digits += 1;
            }
            (last, gap) => {
                if let (Some(run), Gap::Joint(joint)) = (last, gap) {
                    run.joint = Some(joint);
                }
                runs.push(Run { start, end, digits: 1, joint: None });
            }
        }
        gap = Gap::None;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn runs_are_maximal_and_joined_by_like_separators() {
        let runs = of("a12 \u{a0}345-٦٧ - 8\u{200b}9\u{200b}x0    1");
        let seen: Vec<_> = runs.iter().map(|run| (run.digits, run.joint.is_some())).collect();
        assert_eq!(seen, [(2, true), (3, true), (2, true), (2, false), (1, false), (1, false)]);
        assert_eq!((runs[0].start, runs[0].end), (1, 3));
        assert_eq!(
            runs[3].end - runs[3].start,
            5,
            "the invisible character inside counts, the one behind does not"
        );
        let like = of("1 2\u{2003}3-4");
        assert!(like[0].joint == like[1].joint && like[1].joint != like[2].joint);
        assert!(of("no digits").is_empty() && of("").is_empty());
    }
}
