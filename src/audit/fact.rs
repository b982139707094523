//! The values that an event's `data` may hold: integers, names of closed lists, ids, hashes, and lists of these.
//! Nothing that a person typed.

use super::{
    backup::BackupKind,
    json::{self, Cursor, Unexpected},
    tree::Hash,
};
use crate::{
    access::{
        PrincipalKind, Role,
        rows::{FactorKind, Waivable},
    },
    base::{Class, Id, Kind, Time, base64url::Coded},
};

/// A value with one text.
pub(super) trait Fact: Sized {
    /// What FORMAT.md calls it.
    const KIND: &'static str;
    /// What FORMAT.md calls a list of it.
    const LIST: &'static str;
    /// Appends the text.
    fn write(&self, out: &mut String);
    /// Reads the text.
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Unexpected>;
    /// Whether the text can be read back: integers have an end.
    fn is_sound(&self) -> bool {
        true
    }
}

impl Fact for u64 {
    const KIND: &'static str = "integer";
    const LIST: &'static str = "list of integers";

    fn write(&self, out: &mut String) {
        json::integer(out, *self);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Unexpected> {
        cursor.integer()
    }

    fn is_sound(&self) -> bool {
        *self < json::INTEGER_END
    }
}

impl Fact for Time {
    const KIND: &'static str = "time";
    const LIST: &'static str = "list of times";

    fn write(&self, out: &mut String) {
        json::integer(out, u64::try_from(self.as_ms()).unwrap_or(0));
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Unexpected> {
        cursor.integer().map(|ms| Self::from_ms(i64::try_from(ms).unwrap_or(i64::MAX)))
    }
}

impl Fact for Hash {
    const KIND: &'static str = "hash";
    const LIST: &'static str = "list of hashes";

    fn write(&self, out: &mut String) {
        json::bytes(out, self);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Unexpected> {
        cursor.quoted(Cursor::coded::<43, 32>).map(Coded::bytes)
    }
}

impl<K: Kind> Fact for Id<K> {
    const KIND: &'static str = "id";
    const LIST: &'static str = "list of ids";

    fn write(&self, out: &mut String) {
        json::bytes(out, self.as_bytes());
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Unexpected> {
        cursor.quoted(Cursor::coded::<22, 16>).map(Coded::bytes).map(Self::from_bytes)
    }
}

impl<T: Fact> Fact for Vec<T> {
    const KIND: &'static str = T::LIST;
    const LIST: &'static str = "list of lists";

    fn write(&self, out: &mut String) {
        json::list(out, self, |out, item| item.write(out));
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Unexpected> {
        cursor.list(T::read)
    }

    fn is_sound(&self) -> bool {
        self.iter().all(Fact::is_sound)
    }
}

macro_rules! named {
    ($($name:ident $noun:literal, $list:literal from $parse:expr;)+) => {$(
        impl Fact for $name {
            const KIND: &'static str = $noun;
            const LIST: &'static str = $list;

            fn write(&self, out: &mut String) {
                json::quote(out, self.name());
            }

            fn read(cursor: &mut Cursor<'_>) -> Result<Self, Unexpected> {
                cursor.parsed($parse)
            }
        }
    )+};
}

named! {
    Waivable "rule", "list of rules" from Waivable::from_name;
    Role "role", "list of roles" from Role::from_name;
    BackupKind "kind of backup", "list of kinds of backups" from BackupKind::from_name;
    FactorKind "kind of factor", "list of kinds of factors" from FactorKind::from_name;
    PrincipalKind "kind of principal", "list of kinds of principals" from PrincipalKind::from_name;
    Class "class", "list of classes" from |name| Class::ALL.into_iter().find(|class| class.name() == name);
}
