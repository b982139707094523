//! What a backup is of.

/// The two halves of a room, which are backed up apart: whoever has one of them has nothing to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupKind {
    /// The store and its blobs: everything sealed, and no key.
    Data,
    /// The keyring: keys, wrapped, and indexes.
    Keyring,
}

impl BackupKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Data, Self::Keyring];

    /// The frozen name, in entries and manifests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Keyring => "keyring",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
