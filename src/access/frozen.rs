//! Closed enumerations whose numbers stand in rows and associated data and whose names stand in the log.

/// Declares an enumeration `Variant = number "name"`. Numbers and names are frozen once released: a stored
/// row or entry holds them for years. Both directions are generated, so that no reader drifts from the writer.
macro_rules! frozen {
    ($(#[$meta:meta])* $vis:vis enum $name:ident {
        $($(#[$doc:meta])* $variant:ident = $number:literal $text:literal,)+
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        $vis enum $name { $($(#[$doc])* $variant = $number,)+ }

        impl $name {
            /// Every value, in the order of its number.
            pub const ALL: [Self; [$($text),+].len()] = [$(Self::$variant),+];

            /// The frozen number.
            pub const fn number(self) -> u8 {
                self as u8
            }

            /// The value with this number; `None` for what no version of this program writes.
            pub fn from_number(number: u8) -> Option<Self> {
                Self::ALL.into_iter().find(|value| value.number() == number)
            }

            /// The frozen name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The value with this name, exactly as written.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|value| value.name() == name)
            }
        }

        // Both directions belong to every list, whether this version reads it back or not.
        const _: (fn(u8) -> Option<$name>, fn(&str) -> Option<$name>) = ($name::from_number, $name::from_name);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

pub(super) use frozen;

#[cfg(test)]
mod tests {
    use crate::access::{
        Action, Field, NoticeKind, Purpose, Role, SuspensionReason, View,
        rows::{RowKind, Topic},
    };

    /// A second value under one number or name would let a stored row or entry mean two things.
    #[test]
    fn numbers_and_names_mean_one_thing() {
        macro_rules! check {
            ($($kind:ident),+) => {$(
                for value in $kind::ALL {
                    assert_eq!($kind::from_number(value.number()), Some(value));
                    assert_eq!($kind::from_name(value.name()), Some(value));
                    assert!(value.name().bytes().all(|b| b.is_ascii_lowercase() || b"._-".contains(&b)), "{value}");
                }
                assert_eq!($kind::from_number(0), None, "zero is what an empty row holds");
                assert_eq!($kind::from_name(""), None);
            )+};
        }
        check!(Role, Purpose, Action, Field, View, RowKind, SuspensionReason, Topic, NoticeKind);
    }
}
