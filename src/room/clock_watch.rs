//! Where the clock went on by too much, as the times of the log's entries tell it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    base::{ApprovalId, Time},
    retention::Destroying,
};

/// The bounds of the policy, and what is known of the log's times.
pub(super) struct ClockWatch {
    pub(super) bounds: Destroying,
    watched: Mutex<Watched>,
    found: Mutex<BTreeMap<ApprovalId, u64>>,
}

impl ClockWatch {
    pub(super) fn new(bounds: Destroying) -> Self {
        Self { bounds, watched: Mutex::default(), found: Mutex::default() }
    }

    /// What is known.
    pub(super) fn seen(&self) -> Watched {
        *self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the entry was that carried out an approval which was reviewed since: a hint, for a batch may come to nothing.
    pub(super) fn found(&self, approval: ApprovalId) -> Option<u64> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).get(&approval).copied()
    }

    /// Keeps where it is.
    pub(super) fn find(&self, approval: ApprovalId, position: u64) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(approval, position);
    }

    /// Keeps what was seen of entries that are committed: those of a batch may come to nothing.
    pub(super) fn keep(&self, watched: Watched) {
        *self.watched.lock().unwrap_or_else(PoisonError::into_inner) = watched;
    }
}

/// What was seen of the log's times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Watched {
    /// Up to which entry the clock was confirmed.
    from: u64,
    /// How far the leaps have come.
    reached: u64,
    /// The newest entry before which the clock went on by too much.
    pub(super) jump: Option<u64>,
}

impl Watched {
    /// What there is to see in a log of this size, whose clock is confirmed up to `from`. Its times never go back: so
    /// there is a jump where the longest leap that is allowed leads nowhere.
    pub(super) fn leapt<E>(
        self,
        from: u64,
        size: u64,
        span: Duration,
        mut time_of: impl FnMut(u64) -> Result<Time, E>,
    ) -> Result<Self, E> {
        let mut watched = self.since(from, size);
        while watched.reached + 1 < size {
            let within = time_of(watched.reached)?.plus(span);
            let next = last_within(watched.reached, size - 1, within, &mut time_of)?;
            if next == watched.reached {
                watched.jump = Some(next + 1);
            }
            watched.reached = next.max(watched.reached + 1);
        }
        Ok(watched)
    }

    fn since(self, from: u64, size: u64) -> Self {
        if from < self.from || self.reached >= size {
            return Self { from, reached: from, jump: None };
        }
        Self { from, reached: self.reached.max(from), jump: self.jump.filter(|jump| *jump > from) }
    }
}

/// The last entry from `from` up to `to` whose time is `within`; `from` is one. Most often it is the last, or near.
fn last_within<E>(
    from: u64,
    to: u64,
    within: Time,
    time_of: &mut impl FnMut(u64) -> Result<Time, E>,
) -> Result<u64, E> {
    if time_of(to)? <= within {
        return Ok(to);
    }
    let (mut low, mut step) = (from, 1);
    while low + step < to && time_of(low + step)? <= within {
        (low, step) = (low + step, step * 2);
    }
    let mut high = to.min(low + step);
    while low + 1 < high {
        let middle = low.midpoint(high);
        if time_of(middle)? <= within {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, time::Duration};

    use super::Watched;
    use crate::base::Time;

    const SPAN: Duration = Duration::from_millis(100);

    fn leapt(before: Watched, from: u64, times: &[i64]) -> (Watched, usize) {
        let mut readings = 0;
        let time_of = |position| {
            readings += 1;
            Ok::<_, Infallible>(Time::from_ms(times[usize::try_from(position).unwrap()]))
        };
        let watched = before.leapt(from, times.len() as u64, SPAN, time_of).unwrap();
        (watched, readings)
    }

    fn plainly(from: usize, times: &[i64]) -> Option<u64> {
        let jumps = (from + 1..times.len()).filter(|at| times[*at] - times[*at - 1] > 100);
        jumps.max().map(|at| at as u64)
    }

    #[test]
    fn leaps_find_what_looking_at_each_neighbour_finds() {
        let mut state = 7_u64;
        let mut draw = |most: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % most
        };
        for _ in 0..2000 {
            let mut times = vec![5_i64];
            for _ in 0..draw(40) {
                let gap = [0, 1, 9, 60, 100, 101, 5000][usize::try_from(draw(7)).unwrap()];
                times.push(times.last().unwrap() + gap);
            }
            let from = usize::try_from(draw(times.len() as u64)).unwrap();
            let fresh = leapt(Watched::default(), from as u64, &times).0;
            assert_eq!(fresh.jump, plainly(from, &times), "{times:?} from {from}");
            // Seen in part before, with less of it confirmed, it is the same.
            let part = usize::try_from(1 + draw(times.len() as u64)).unwrap();
            let seen = leapt(Watched::default(), 0, &times[..part]).0;
            assert_eq!(
                leapt(seen, from as u64, &times).0.jump,
                fresh.jump,
                "{times:?} from {from} by {part}"
            );
        }
    }

    #[test]
    fn a_long_log_takes_few_readings_and_what_was_seen_takes_none() {
        let times: Vec<_> = (0..100_000).collect();
        let (watched, readings) = leapt(Watched::default(), 0, &times);
        assert!(watched.jump.is_none() && readings < 20 * 1000, "{readings}");
        assert_eq!(leapt(watched, 0, &times), (watched, 0));
    }

    #[test]
    fn what_was_confirmed_is_settled_and_what_was_taken_back_is_not() {
        let times = [0, 10, 500, 510, 520];
        let open = leapt(Watched::default(), 0, &times).0;
        assert_eq!(open.jump, Some(2));
        let settled = leapt(open, 3, &times).0;
        assert_eq!(settled.jump, None);
        assert_eq!(leapt(settled, 0, &times).0.jump, Some(2));
    }
}
