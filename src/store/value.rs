//! What statements are bound to and what rows give back.

use crate::base::{Id, Kind, Time};

use super::StoreError;

/// A bound value. There is no way to put a value into a statement's text.
#[derive(Clone)]
pub(crate) enum Value {
    /// SQL NULL.
    Null,
    /// A 64-bit integer.
    Int(i64),
    /// Text: scheme labels and currencies; no personal data is stored as text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<u8> for Value {
    fn from(value: u8) -> Self {
        Self::Int(i64::from(value))
    }
}

/// Positions, sizes and counters: under 2^63 by their own limits.
impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<Time> for Value {
    fn from(value: Time) -> Self {
        Self::Int(value.as_ms())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(value: &[u8; N]) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value)
    }
}

impl<K: Kind> From<Id<K>> for Value {
    fn from(value: Id<K>) -> Self {
        Self::Blob(value.as_bytes().to_vec())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One row of an answer.
pub(crate) struct Row {
    statement: &'static str,
    values: Vec<Value>,
}

impl Row {
    pub(super) fn new(statement: &'static str, values: Vec<Value>) -> Self {
        Self { statement, values }
    }

    /// A stored value that no version of this program writes: the file was changed or is damaged.
    pub(super) fn corrupt(&self) -> StoreError {
        StoreError::Corrupt { statement: self.statement }
    }

    fn get(&self, column: usize) -> Result<&Value, StoreError> {
        self.values.get(column).ok_or_else(|| self.corrupt())
    }

    /// The integer in this column.
    pub(super) fn int(&self, column: usize) -> Result<i64, StoreError> {
        match self.get(column)? {
            Value::Int(value) => Ok(*value),
            _ => Err(self.corrupt()),
        }
    }

    /// The integer in this column, in the range of `T`.
    pub(super) fn number<T: TryFrom<i64>>(&self, column: usize) -> Result<T, StoreError> {
        T::try_from(self.int(column)?).map_err(|_| self.corrupt())
    }

    /// The integer or NULL in this column.
    pub(super) fn optional_number<T: TryFrom<i64>>(&self, column: usize) -> Result<Option<T>, StoreError> {
        match self.get(column)? {
            Value::Null => Ok(None),
            _ => self.number(column).map(Some),
        }
    }

    /// The time in this column.
    pub(super) fn time(&self, column: usize) -> Result<Time, StoreError> {
        let ms = self.int(column)?;
        let time = Time::from_ms(ms);
        if time.as_ms() == ms { Ok(time) } else { Err(self.corrupt()) }
    }

    /// The time or NULL in this column.
    pub(super) fn optional_time(&self, column: usize) -> Result<Option<Time>, StoreError> {
        match self.get(column)? {
            Value::Null => Ok(None),
            _ => self.time(column).map(Some),
        }
    }

    /// The text in this column.
    pub(super) fn text(&self, column: usize) -> Result<&str, StoreError> {
        match self.get(column)? {
            Value::Text(value) => Ok(value),
            _ => Err(self.corrupt()),
        }
    }

    /// The bytes in this column.
    pub(super) fn blob(&self, column: usize) -> Result<&[u8], StoreError> {
        match self.get(column)? {
            Value::Blob(value) => Ok(value),
            _ => Err(self.corrupt()),
        }
    }

    /// The bytes or NULL in this column.
    pub(super) fn optional_blob(&self, column: usize) -> Result<Option<&[u8]>, StoreError> {
        match self.get(column)? {
            Value::Null => Ok(None),
            _ => self.blob(column).map(Some),
        }
    }

    /// The `N` bytes in this column.
    pub(super) fn bytes<const N: usize>(&self, column: usize) -> Result<[u8; N], StoreError> {
        self.blob(column)?.try_into().map_err(|_| self.corrupt())
    }

    /// The id in this column.
    pub(super) fn id<K: Kind>(&self, column: usize) -> Result<Id<K>, StoreError> {
        self.bytes(column).map(Id::from_bytes)
    }

    /// The id or NULL in this column.
    pub(super) fn optional_id<K: Kind>(&self, column: usize) -> Result<Option<Id<K>>, StoreError> {
        match self.get(column)? {
            Value::Null => Ok(None),
            _ => self.id(column).map(Some),
        }
    }
}
