//! Every table and column that there is, what it holds, and what becomes of it when its person is erased. Erasure and
//! export are complete because this list is: a test holds it against the schemas, and `policy check` against the files.

use super::Database;
use crate::base::{Class, limits};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Values sealed under a key of this class, of at most so many bytes before sealing.
    Sealed(Class, usize),
    /// Random ids of 16 bytes.
    Id,
    /// Hashes and MACs of 32 bytes.
    Hash,
    /// States, kinds, versions, counts, positions, periods.
    Number,
    /// Times in milliseconds.
    Time,
    /// Amounts in minor units.
    Money,
    /// Names of closed lists, in ASCII.
    Label,
    /// What this program made itself of ids, hashes and numbers: entries, heads, wrapped keys.
    Made,
}

impl Holds {
    const fn name(self) -> &'static str {
        match self {
            Self::Sealed(class, _) => class.name(),
            Self::Id => "id",
            Self::Hash => "hash",
            Self::Number => "number",
            Self::Time => "time",
            Self::Money => "money",
            Self::Label => "label",
            Self::Made => "made",
        }
    }

    /// What SQLite calls it: tables are strict.
    pub(crate) const fn sql_type(self) -> &'static str {
        match self {
            Self::Sealed(..) | Self::Id | Self::Hash | Self::Made => "BLOB",
            Self::Number | Self::Time | Self::Money => "INTEGER",
            Self::Label => "TEXT",
        }
    }
}

/// What becomes of a table's rows about a person who is erased. Whatever it is, the keys of what is sealed are
/// destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// They are about nobody, or about staff.
    OfRoom,
    /// They go with this class.
    WithClass(Class),
    /// They stay, for they account for the rest; what is sealed in them is emptied.
    Emptied,
    /// They stay: ids, dates and states alone.
    Stay,
    /// They stay as the fence behind which no key is made, without the key.
    Fence,
    /// They stand while an erasure is on its way, or is put off.
    UntilDone,
    /// Each goes with the key under which it lies.
    WithKey,
    /// They go with class Identity; one is written then, which tells that the person is erased.
    Told,
    /// They are about nobody's account yet: within seven days they are confirmed, or gone with their keys.
    Unconfirmed,
}

impl Ends {
    fn sentence(self) -> String {
        match self {
            Self::OfRoom => "about no customer".to_owned(),
            Self::WithClass(class) => format!("rows go with class {}", class.name()),
            Self::Emptied => "rows stay, what is sealed is emptied".to_owned(),
            Self::Stay => "rows stay: ids, dates, states".to_owned(),
            Self::Fence => "rows stay as fences, without a key".to_owned(),
            Self::UntilDone => "rows go when it is done".to_owned(),
            Self::WithKey => "each row goes with its key".to_owned(),
            Self::Told => "rows go with class identity, and one tells of it".to_owned(),
            Self::Unconfirmed => "rows are of no account: confirmed or gone within 7 days".to_owned(),
        }
    }
}

/// A table.
pub(crate) struct Table {
    pub(crate) database: Database,
    pub(crate) name: &'static str,
    pub(crate) ends: Ends,
    pub(crate) columns: &'static [(&'static str, Holds)],
}

impl Table {
    /// Whether it stands in store.db; the others stand in keyring.db.
    pub(crate) fn is_of_store(&self) -> bool {
        self.database == Database::Store
    }
}

/// What later formats of store.db added to the first: the format, the table, and the column where the table was there
/// before.
static LATER: &[(u32, &str, Option<&str>)] =
    &[(2, "outbox", None), (2, "device", None), (2, "session_roles", None)];

/// The format of store.db that brought a column.
pub(crate) fn since(table: &str, column: &str) -> u32 {
    let added = LATER.iter().find(|(_, of, one)| *of == table && one.is_none_or(|one| one == column));
    added.map_or(1, |(format, ..)| *format)
}

/// What a format of store.db added to the one before.
pub(crate) fn added(format: u32) -> Vec<String> {
    let of_format = LATER.iter().filter(|(of, ..)| *of == format);
    of_format
        .map(|(_, table, column)| column.map_or(table.to_string(), |name| format!("{table}.{name}")))
        .collect()
}

/// How many bytes a value of a sealed column has at most, before sealing.
pub(crate) fn sealed_width(table: &str, column: &str) -> Option<usize> {
    let table = TABLES.iter().find(|known| known.name == table)?;
    table.columns.iter().find_map(|(name, holds)| match holds {
        Holds::Sealed(_, widest) if *name == column => Some(*widest),
        _ => None,
    })
}

use Class::{Activity, AuditDetail, Billing, Credential, Identity, Staff, Support};
use Ends::{Emptied, Fence, OfRoom, Stay, Told, Unconfirmed, UntilDone, WithClass, WithKey};
use Holds::{Hash, Id, Label, Made, Money, Number, Sealed, Time};

const fn store(name: &'static str, ends: Ends, columns: &'static [(&'static str, Holds)]) -> Table {
    Table { database: Database::Store, name, ends, columns }
}

const fn keyring(name: &'static str, ends: Ends, columns: &'static [(&'static str, Holds)]) -> Table {
    Table { database: Database::Keyring, name, ends, columns }
}

/// A processor's reference: version, processor, 72 characters.
const REFERENCE_BYTES_MAX: usize = 74;
/// A secret of one-time codes.
const FACTOR_SECRET_BYTES: usize = 20;
/// A masked card: brand, last four digits, expiry.
const CARD_BYTES: usize = 8;
/// A detail's text behind its salt.
const DETAIL_BYTES_MAX: usize = 32 + limits::DETAIL_BYTES_MAX;

/// Every table.
pub(crate) static TABLES: &[Table] = &[
    store(
        "room",
        OfRoom,
        &[
            ("one", Number),
            ("id", Id),
            ("format", Number),
            ("reads_from", Number),
            ("writes_from", Number),
            ("created_ms", Time),
        ],
    ),
    store("audit_entry", Stay, &[("position", Number), ("entry", Made), ("leaf", Hash)]),
    store("audit_head", OfRoom, &[("one", Number), ("head", Made), ("mac", Hash)]),
    store(
        "audit_detail",
        WithClass(AuditDetail),
        &[
            ("position", Number),
            ("kind", Number),
            ("scope_kind", Number),
            ("owner", Id),
            ("period", Number),
            ("text_sealed", Sealed(AuditDetail, DETAIL_BYTES_MAX)),
        ],
    ),
    store(
        "principal",
        Stay,
        &[
            ("id", Id),
            ("kind", Number),
            ("state", Number),
            ("account", Id),
            ("factors", Number),
            ("index_nonce", Id),
            ("handle_sealed", Sealed(Staff, limits::NAME_BYTES_MAX)),
            ("changed_at", Number),
            ("mac", Hash),
        ],
    ),
    store(
        "role_grant",
        OfRoom,
        &[
            ("id", Id),
            ("principal", Id),
            ("role", Number),
            ("not_before_ms", Time),
            ("expires_ms", Time),
            ("state", Number),
            ("granted_by", Id),
            ("changed_at", Number),
            ("mac", Hash),
        ],
    ),
    store(
        "session",
        WithClass(Credential),
        &[
            ("id", Id),
            ("holder_kind", Number),
            ("holder", Id),
            ("token_hash", Hash),
            ("created_ms", Time),
            ("expires_ms", Time),
            ("used_ms", Time),
            ("factor_ms", Time),
            ("state", Number),
            ("changed_at", Number),
            ("mac", Hash),
        ],
    ),
    store("session_roles", OfRoom, &[("id", Id), ("roles", Number), ("changed_at", Number), ("mac", Hash)]),
    store(
        "enrolment",
        OfRoom,
        &[
            ("id", Id),
            ("principal", Id),
            ("code_hash", Hash),
            ("expires_ms", Time),
            ("state", Number),
            ("changed_at", Number),
            ("mac", Hash),
        ],
    ),
    store(
        "factor",
        OfRoom,
        &[
            ("id", Id),
            ("principal", Id),
            ("kind", Number),
            ("public_key", Hash),
            ("application", Hash),
            ("created_ms", Time),
            ("used", Number),
            ("failures", Number),
            ("failed_ms", Time),
            ("state", Number),
            ("secret_sealed", Sealed(Staff, FACTOR_SECRET_BYTES)),
            ("changed_at", Number),
            ("mac", Hash),
        ],
    ),
    store(
        "account",
        Emptied,
        &[
            ("id", Id),
            ("state", Number),
            ("created_ms", Time),
            ("closed_ms", Time),
            ("erased_at", Number),
            ("suspended_reason", Number),
            ("suspended_until_ms", Time),
            ("index_nonce", Id),
            ("email_version", Number),
            ("email_sealed", Sealed(Identity, limits::ADDRESS_BYTES_MAX)),
            ("name_sealed", Sealed(Identity, limits::NAME_BYTES_MAX)),
        ],
    ),
    store(
        "signup",
        Unconfirmed,
        &[
            ("id", Id),
            ("expires_ms", Time),
            ("cards_masked", Number),
            ("email_sealed", Sealed(Identity, limits::ADDRESS_BYTES_MAX)),
            ("name_sealed", Sealed(Identity, limits::NAME_BYTES_MAX)),
            ("scheme", Label),
            ("record_sealed", Sealed(Credential, limits::PASSWORD_RECORD_BYTES_MAX)),
        ],
    ),
    store(
        "challenge",
        WithClass(Identity),
        &[
            ("id", Id),
            ("topic", Number),
            ("account", Id),
            ("created_ms", Time),
            ("expires_ms", Time),
            ("tries", Number),
            ("state", Number),
            ("changed_at", Number),
            ("mac", Hash),
            ("address_sealed", Sealed(Identity, limits::ADDRESS_BYTES_MAX)),
        ],
    ),
    store(
        "outbox",
        Told,
        &[
            ("seq", Number),
            ("id", Id),
            ("channel", Number),
            ("kind", Number),
            ("receiver_kind", Number),
            ("receiver", Id),
            ("challenge", Id),
            ("object", Id),
            ("created_ms", Time),
            ("expires_ms", Time),
            ("due_ms", Time),
            ("tries", Number),
            ("state", Number),
            ("address_version", Number),
            ("address_sealed", Sealed(Identity, limits::ADDRESS_BYTES_MAX)),
        ],
    ),
    store(
        "device",
        WithClass(Credential),
        &[("digest", Hash), ("account", Id), ("created_ms", Time), ("used_day", Number)],
    ),
    store(
        "api_key",
        WithClass(Credential),
        &[
            ("id", Id),
            ("account", Id),
            ("secret_hash", Hash),
            ("scopes", Label),
            ("created_ms", Time),
            ("expires_ms", Time),
            ("used_day", Number),
            ("state", Number),
            ("changed_at", Number),
            ("mac", Hash),
        ],
    ),
    store(
        "credential",
        WithClass(Credential),
        &[
            ("owner_kind", Number),
            ("owner", Id),
            ("version", Number),
            ("scheme", Label),
            ("changed_ms", Time),
            ("record_sealed", Sealed(Credential, limits::PASSWORD_RECORD_BYTES_MAX)),
        ],
    ),
    store(
        "activity",
        WithClass(Activity),
        &[
            ("id", Id),
            ("account", Id),
            ("day", Number),
            ("at_ms", Time),
            ("event", Number),
            ("detail_sealed", Sealed(Activity, limits::DETAIL_BYTES_MAX)),
        ],
    ),
    store(
        "ticket",
        WithClass(Support),
        &[
            ("id", Id),
            ("account", Id),
            ("state", Number),
            ("assignee", Id),
            ("created_ms", Time),
            ("waiting_ms", Time),
            ("changed_at", Number),
            ("mac", Hash),
            ("subject_sealed", Sealed(Support, limits::SUBJECT_BYTES_MAX)),
        ],
    ),
    store(
        "ticket_message",
        WithClass(Support),
        &[
            ("id", Id),
            ("ticket", Id),
            ("account", Id),
            ("kind", Number),
            ("author", Id),
            ("at_position", Number),
            ("created_ms", Time),
            ("body_sealed", Sealed(Support, limits::MESSAGE_BYTES_MAX)),
        ],
    ),
    store(
        "attachment",
        WithClass(Support),
        &[
            ("id", Id),
            ("ticket", Id),
            ("account", Id),
            ("generation", Number),
            ("bytes", Number),
            ("created_ms", Time),
            ("name_sealed", Sealed(Support, limits::FILE_NAME_BYTES_MAX)),
            ("media_type_sealed", Sealed(Support, limits::MEDIA_TYPE_BYTES_MAX)),
        ],
    ),
    store(
        "field_check",
        WithClass(Identity),
        &[("id", Id), ("account", Id), ("principal", Id), ("matched", Number), ("at_ms", Time)],
    ),
    store("attachment_use", WithClass(Support), &[("owner", Id), ("bytes", Number)]),
    store(
        "setting",
        OfRoom,
        &[
            ("id", Id),
            ("version", Number),
            ("argon2_memory_kib", Number),
            ("argon2_passes", Number),
            ("argon2_lanes", Number),
            ("attachment_bytes_max", Number),
            ("account_bytes_max", Number),
            ("room_bytes_max", Number),
            ("recovery", Hash),
            ("changed_at", Number),
            ("mac", Hash),
        ],
    ),
    store(
        "staff_case",
        Stay,
        &[
            ("id", Id),
            ("account", Id),
            ("purpose", Number),
            ("opened_by", Id),
            ("created_ms", Time),
            ("expires_ms", Time),
            ("state", Number),
            ("changed_at", Number),
            ("mac", Hash),
        ],
    ),
    store(
        "hold",
        Stay,
        &[
            ("id", Id),
            ("account", Id),
            ("classes", Number),
            ("placed_by", Id),
            ("case_kind", Number),
            ("case_id", Id),
            ("review_ms", Time),
            ("state", Number),
            ("changed_at", Number),
            ("mac", Hash),
        ],
    ),
    store(
        "approval",
        Stay,
        &[
            ("id", Id),
            ("requester", Id),
            ("action", Number),
            ("role", Number),
            ("beneficiary", Id),
            ("subject", Id),
            ("request", Hash),
            ("created_ms", Time),
            ("expires_ms", Time),
            ("first_approver", Id),
            ("second_approver", Id),
            ("state", Number),
            ("changed_at", Number),
            ("mac", Hash),
            ("request_text", Made),
        ],
    ),
    store(
        "waiver",
        OfRoom,
        &[
            ("id", Id),
            ("rule", Number),
            ("given_by", Id),
            ("created_ms", Time),
            ("expires_ms", Time),
            ("state", Number),
            ("changed_at", Number),
            ("mac", Hash),
        ],
    ),
    store(
        "payment",
        WithClass(Billing),
        &[
            ("id", Id),
            ("account", Id),
            ("year", Number),
            ("result", Number),
            ("amount_minor", Money),
            ("currency", Label),
            ("occurred_ms", Time),
            ("reference_sealed", Sealed(Billing, REFERENCE_BYTES_MAX)),
            ("card_sealed", Sealed(Billing, CARD_BYTES)),
        ],
    ),
    store(
        "invoice",
        WithClass(Billing),
        &[
            ("id", Id),
            ("account", Id),
            ("year", Number),
            ("amount_minor", Money),
            ("currency", Label),
            ("issued_ms", Time),
            ("body_sealed", Sealed(Billing, limits::FIELD_BYTES_MAX)),
        ],
    ),
    store(
        "intent",
        UntilDone,
        &[
            ("account", Id),
            ("class", Number),
            ("period", Number),
            ("state", Number),
            ("changed_at", Number),
            ("mac", Hash),
        ],
    ),
    keyring("keyring", OfRoom, &[("one", Number), ("room", Id), ("format", Number), ("epoch", Number)]),
    keyring(
        "wrapping_key",
        OfRoom,
        &[
            ("domain", Number),
            ("version", Number),
            ("state", Number),
            ("wrapped", Made),
            ("check_value", Hash),
            ("created_ms", Time),
        ],
    ),
    keyring(
        "data_key",
        Fence,
        &[
            ("class", Number),
            ("scope_kind", Number),
            ("owner", Id),
            ("period", Number),
            ("generation", Number),
            ("wrapping_version", Number),
            ("wrapped", Made),
            ("check_value", Hash),
            ("fenced_at", Number),
        ],
    ),
    keyring("period_floor", OfRoom, &[("class", Number), ("scope_kind", Number), ("period", Number)]),
    keyring("version_floor", Stay, &[("class", Number), ("owner", Id), ("version", Number)]),
    keyring(
        "blind_index",
        WithClass(Identity),
        &[
            ("field", Number),
            ("key_version", Number),
            ("mac", Hash),
            ("target", Id),
            ("state", Number),
            ("nonce", Id),
        ],
    ),
    keyring(
        "clue",
        WithKey,
        &[
            ("field", Number),
            ("key_version", Number),
            ("mac", Hash),
            ("object", Id),
            ("class", Number),
            ("scope_kind", Number),
            ("owner", Id),
            ("period", Number),
        ],
    ),
];

/// The columns for people, in Markdown. FORMAT.md holds this text between two markers, and a test holds them equal.
pub fn columns_markdown() -> String {
    let mut out =
        "| Table | Open columns | Sealed columns | When the person is erased |\n|---|---|---|---|\n"
            .to_owned();
    for table in TABLES {
        let (sealed, open): (Vec<_>, Vec<_>) =
            table.columns.iter().partition(|(_, holds)| matches!(holds, Sealed(..)));
        let listed = |columns: Vec<&(&str, Holds)>| {
            let each: Vec<_> =
                columns.iter().map(|(name, holds)| format!("`{name}` {}", holds.name())).collect();
            each.join(", ")
        };
        let (open, sealed, ends) = (listed(open), listed(sealed), table.ends.sentence());
        out.push_str(&format!("| `{}` | {open} | {sealed} | {ends} |\n", table.name));
    }
    out
}
