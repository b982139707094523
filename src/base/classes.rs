//! A set of classes.

use std::fmt;

use super::class::Class;

/// A set of classes of personal data, as one byte: bit n − 1 for the class of number n.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Classes(u8);

impl Classes {
    /// No class.
    pub const NONE: Self = Self(0);

    /// The set of these classes.
    pub const fn of(list: &[Class]) -> Self {
        let (mut bits, mut left) = (0, list);
        while let [first, rest @ ..] = left {
            bits |= Self::bit(*first);
            left = rest;
        }
        Self(bits)
    }

    const fn bit(class: Class) -> u8 {
        1 << (class.number() - 1)
    }

    /// The set with these bits. Each of the 256 is one.
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    /// The bits, as formats hold them.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether `class` is in it.
    pub const fn contains(self, class: Class) -> bool {
        self.0 & Self::bit(class) != 0
    }

    /// Whether all of it is in `other`.
    pub const fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether no class is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The classes in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = Class> {
        Class::ALL.into_iter().filter(move |class| self.contains(*class))
    }
}

impl FromIterator<Class> for Classes {
    fn from_iter<I: IntoIterator<Item = Class>>(classes: I) -> Self {
        Self(classes.into_iter().fold(0, |bits, class| bits | Self::bit(class)))
    }
}

/// The names, with commas between them.
impl fmt::Display for Classes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Class::name).collect();
        f.pad(&names.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::Classes;
    use crate::base::Class;

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        for bits in 0..=u8::MAX {
            let set = Classes::from_bits(bits);
            let list: Vec<_> = set.iter().collect();
            assert_eq!((set.bits(), list.len()), (bits, bits.count_ones() as usize));
            assert_eq!((Classes::of(&list), list.iter().copied().collect()), (set, set));
            assert!(Class::ALL.into_iter().all(|class| set.contains(class) == list.contains(&class)));
            assert!(set.is_within(Classes::of(&Class::ALL)) && set.is_within(set));
            assert_eq!(set.is_within(Classes::NONE), set.is_empty());
        }
        assert_eq!(Classes::of(&[Class::Support, Class::Identity]).to_string(), "identity,support");
        assert_eq!(Classes::of(&[Class::Identity]).bits(), 1, "frozen: bit n - 1 for class n");
    }
}
