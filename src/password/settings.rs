//! What new records cost, and which records are weaker than that.

use std::fmt;

use super::unsupported::Cost;
use crate::base::limits::{
    ARGON2_LANES_MAX, ARGON2_LANES_MIN, ARGON2_MEMORY_KIB_MAX, ARGON2_MEMORY_KIB_MIN, ARGON2_PASSES_MAX,
    ARGON2_PASSES_MIN, ARGON2_WORK_KIB_MAX,
};

/// The Argon2id parameters of new records (RFC 9106, version 0x13), never below the floor of 19,456 KiB, two
/// passes, one lane.
///
/// ```
/// use strongroom::password::Settings;
///
/// assert_eq!(Settings::default(), Settings::FLOOR);
/// assert!(Settings::new(65_536, 3, 1).is_ok());
/// assert!(Settings::new(4_096, 3, 1).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

/// Settings that no record may be made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadSettings {
    /// Below the floor.
    Weaker {
        /// What there is too little of.
        what: Cost,
        /// How much was given.
        given: u32,
        /// The least.
        floor: u32,
    },
    /// Above what a record may ask for: it could not be verified again.
    TooCostly {
        /// What there is too much of.
        what: Cost,
        /// How much was given.
        given: u64,
        /// The most.
        limit: u32,
    },
}

impl Settings {
    /// The weakest settings, and the default.
    pub const FLOOR: Self =
        Self { memory_kib: ARGON2_MEMORY_KIB_MIN, passes: ARGON2_PASSES_MIN, lanes: ARGON2_LANES_MIN };

    /// Settings of so many KiB of memory, passes over it, and lanes.
    ///
    /// Lanes divide the memory and are computed one after the other here: more of them cost an attacker nothing.
    ///
    /// # Errors
    /// [`BadSettings`] when one is below its floor or above its ceiling.
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, BadSettings> {
        let bounds = [
            (Cost::Argon2MemoryKib, memory_kib, ARGON2_MEMORY_KIB_MIN, ARGON2_MEMORY_KIB_MAX),
            (Cost::Argon2Passes, passes, ARGON2_PASSES_MIN, ARGON2_PASSES_MAX),
            (Cost::Argon2Lanes, lanes, ARGON2_LANES_MIN, ARGON2_LANES_MAX),
        ];
        for (what, given, floor, limit) in bounds {
            if given < floor {
                return Err(BadSettings::Weaker { what, given, floor });
            }
            if given > limit {
                return Err(BadSettings::TooCostly { what, given: u64::from(given), limit });
            }
        }
        let work = u64::from(memory_kib) * u64::from(passes);
        if work > u64::from(ARGON2_WORK_KIB_MAX) {
            return Err(BadSettings::TooCostly {
                what: Cost::Argon2WorkKib,
                given: work,
                limit: ARGON2_WORK_KIB_MAX,
            });
        }
        Ok(Self { memory_kib, passes, lanes })
    }

    /// Memory, KiB.
    pub fn memory_kib(&self) -> u32 {
        self.memory_kib
    }

    /// Passes over the memory.
    pub fn passes(&self) -> u32 {
        self.passes
    }

    /// Lanes.
    pub fn lanes(&self) -> u32 {
        self.lanes
    }

    /// Whether records of these settings cost an attacker at least as much as records of `other`.
    pub fn is_as_strong_as(&self, other: &Self) -> bool {
        other.are_met_by(self.memory_kib, self.passes)
    }

    /// Whether guessing against these parameters costs an attacker at least as much as against the settings.
    ///
    /// Compared is the memory traffic of one guess, m(3t - 1) KiB, which bounds guessing on the hardware that is
    /// best at it. An order, not an equality: a record that is stronger than the settings stays, and hosts with
    /// different settings do not rewrite one another's records for ever.
    pub(super) fn are_met_by(&self, memory_kib: u32, passes: u32) -> bool {
        memory_kib >= ARGON2_MEMORY_KIB_MIN
            && traffic(memory_kib, passes) >= traffic(self.memory_kib, self.passes)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::FLOOR
    }
}

/// KiB that one guess moves: the first pass writes each block and reads one other, later passes read it too.
fn traffic(memory_kib: u32, passes: u32) -> u64 {
    u64::from(memory_kib).saturating_mul((3 * u64::from(passes)).saturating_sub(1))
}

impl fmt::Display for BadSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weaker { what, given, floor } => {
                write!(f, "{what} of {given} is below the floor of {floor}")
            }
            Self::TooCostly { what, given, limit } => {
                write!(f, "{what} of {given} is above the limit of {limit}")
            }
        }
    }
}

impl std::error::Error for BadSettings {}

#[cfg(test)]
mod tests {
    use super::{BadSettings, Cost, Settings};

    #[test]
    fn nothing_below_the_floor_or_above_the_ceiling() {
        for (given, what) in [
            ((19_455, 2, 1), Cost::Argon2MemoryKib),
            ((u32::MAX, 1, 1), Cost::Argon2MemoryKib),
            ((47_104, 1, 1), Cost::Argon2Passes),
            ((19_456, 17, 1), Cost::Argon2Passes),
            ((19_456, 2, 0), Cost::Argon2Lanes),
            ((19_456, 2, 17), Cost::Argon2Lanes),
            ((1_048_576, 5, 1), Cost::Argon2WorkKib),
        ] {
            let (BadSettings::Weaker { what: found, .. } | BadSettings::TooCostly { what: found, .. }) =
                Settings::new(given.0, given.1, given.2).unwrap_err();
            assert_eq!(found, what, "{given:?}");
        }
        assert_eq!(Settings::new(19_456, 2, 1), Ok(Settings::FLOOR));
        assert!(Settings::new(1_048_576, 4, 16).is_ok());
    }

    #[test]
    fn stronger_records_stay_and_weaker_ones_go() {
        let settings = Settings::new(65_536, 3, 1).unwrap();
        assert!(settings.are_met_by(65_536, 3));
        assert!(settings.are_met_by(65_536, 4));
        assert!(settings.are_met_by(131_072, 2));
        assert!(!settings.are_met_by(65_536, 2));
        assert!(!settings.are_met_by(19_456, 2));
        assert!(
            !settings.are_met_by(19_455, 4_000_000),
            "memory under the floor is never made up for by passes"
        );
    }
}
