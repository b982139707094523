//! What can be wrong with a room while it is used. Each has a name, and a section of `docs/operate.md` under that name.

use std::fmt;

/// Whether a room does its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It does.
    Ready,
    /// It does, and something must be seen to.
    Degraded,
    /// It does not, or must not any more: take it out of service.
    Down,
}

impl Standing {
    /// Every standing, the best first.
    pub const ALL: [Self; 3] = [Self::Ready, Self::Degraded, Self::Down];

    /// The name in JSON and in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Degraded => "degraded",
            Self::Down => "down",
        }
    }
}

/// Declares the troubles: variant, name, standing, what it means, what resolves it.
macro_rules! troubles {
    ($($variant:ident $name:literal $standing:ident $what:literal, $resolve:literal;)+) => {
        /// Something that is wrong with a room.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Trouble { $(#[doc = $what] $variant,)+ }

        impl Trouble {
            /// Every trouble.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// The name in JSON and in metrics, and of its section in `docs/operate.md`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The trouble of this name.
            pub(super) fn from_name(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|trouble| trouble.name() == name)
            }

            /// What it leaves of the room's work.
            pub const fn standing(self) -> Standing {
                match self { $(Self::$variant => Standing::$standing,)+ }
            }

            /// What it means.
            pub const fn what(self) -> &'static str {
                match self { $(Self::$variant => $what,)+ }
            }

            /// What resolves it.
            pub const fn resolve(self) -> &'static str {
                match self { $(Self::$variant => $resolve,)+ }
            }
        }
    };
}

troubles! {
    StoreUnreadable "store_unreadable" Down
        "The store's database cannot be read.",
        "see to the disk; then open the room again, and restore the newest backup if it does not open";
    LogUnsound "log_unsound" Degraded
        "The log's head is not authentic, or the log is not as its head says: no entry is appended, so staff are refused. Customers log in and read what is theirs.",
        "keep a copy, run `strongroom audit verify`, and bring the room back with `strongroom restore`: nobody can resume a log that is not whole";
    RightsUnsound "rights_unsound" Degraded
        "Rows that give rights are not those of the log's head: one was written past this program, put back or taken away.",
        "keep a copy, run `strongroom audit verify`, and bring the room back with `strongroom restore`: nobody can say who may resume it";
    LedgerUnsound "ledger_unsound" Degraded
        "The erasure ledger is missing or was changed: a restore would bring back what was erased.",
        "bring the file back from a copy of the outside place; then two people resume the room with `strongroom room resume`";
    Held "held" Degraded
        "The room was opened for customers alone, because its evidence was found broken: staff are refused.",
        "see to what was found; then two people resume the room with `strongroom room resume`";
    WritingStopped "writing_stopped" Degraded
        "A checkpoint could not be written outside after a commit: this process appends no entry any more. Customers log in and read what is theirs.",
        "see to the directory of the checkpoints, then start the program again: opening settles what was left";
    WritingFails "writing_fails" Down
        "The newest batch of changes could not be written: nothing is recorded, so nothing is shown.",
        "see to the disk: most likely it is full; the room goes on by itself once it can write";
    CheckpointAhead "checkpoint_ahead" Degraded
        "The checkpoint outside is of a longer log: an older database was put back.",
        "stop every program that uses the room, and bring the database back with `strongroom restore`";
    CheckpointMissing "checkpoint_missing" Degraded
        "There is no valid checkpoint outside.",
        "bring the files of the checkpoints back; where they are lost, run `strongroom audit verify`, and two people resume the room with `strongroom room resume`";
    KeyringUnreadable "keyring_unreadable" Down
        "The keyring's database cannot be read.",
        "see to the disk; then open the room again, and restore the newest backup of the keyring if it does not open";
    KeyringOlder "keyring_older" Down
        "The keyring is older than the log's head: what was erased since would come back with it.",
        "stop every program that uses the room, and bring the newer keyring back with `strongroom restore`";
    KeysUnreadable "keys_unreadable" Degraded
        "A file of a provider's key cannot be read. This process has the keys; the next to start will not.",
        "bring the file back before anything is restarted";
    DiskFilling "disk_filling" Degraded
        "The disk of the data is nearly full: attachments are refused, everything else goes on.",
        "free some space, or raise `attachments_stop_percent` in room.toml knowingly";
    DiskFull "disk_full" Degraded
        "The disk of the data is full: customers log in and read what is theirs from the reserve, staff and everything else are refused.",
        "free some space, then run `strongroom health`: the room makes its reserve again and goes on by itself";
    ClockBehind "clock_behind" Degraded
        "The clock is behind the newest entry of the log: entries get that entry's time until it has caught up.",
        "set the clock right, and find out who moved it";
    ClockInDoubt "clock_in_doubt" Degraded
        "The clock went on by more than a day between two entries, or past the newest: it jumped, or the room was out of use. Nothing is destroyed by its age.",
        "see to the clock; when it is right, two people say so with `strongroom room resume`";
    ErasureUnfinished "erasure_unfinished" Degraded
        "An erasure has begun and is not done.",
        "open the room once more: opening carries it on, and says what stands in its way";
}

impl Trouble {
    /// Whether a room that is opened in this state can serve customers.
    pub(super) const fn leaves_customers(self) -> bool {
        matches!(
            self,
            Self::LogUnsound
                | Self::RightsUnsound
                | Self::LedgerUnsound
                | Self::CheckpointAhead
                | Self::CheckpointMissing
                | Self::Held
        )
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The troubles as markdown, for `docs/operate.md`.
pub fn troubles_markdown() -> String {
    let mut out = String::from("| State | Room | What it means | What resolves it |\n|---|---|---|---|\n");
    for trouble in Trouble::ALL {
        let (standing, what, resolve) = (trouble.standing().name(), trouble.what(), trouble.resolve());
        out.push_str(&format!("| [`{trouble}`](#{trouble}) | {standing} | {what} | {resolve} |\n"));
    }
    out
}
