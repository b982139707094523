//! Every size, count and time has a limit, and every limit stands here with its unit in its name.

use std::time::Duration;

/// An audit entry's line, bytes.
pub const ENTRY_BYTES_MAX: usize = 16 * 1024;
/// Objects that one entry may name.
pub const ENTRY_OBJECTS_MAX: usize = 256;
/// Free text of one audit detail (a reason, a terminal's name), bytes.
pub const DETAIL_BYTES_MAX: usize = 2 * 1024;
/// From commit to the start of opening, monotonic.
pub const RECEIPT_LIFETIME: Duration = Duration::from_secs(60);
/// A signed checkpoint file, bytes.
pub const CHECKPOINT_BYTES_MAX: usize = 4 * 1024;
/// Time between two syncs of the outside checkpoint.
pub const CHECKPOINT_SYNC_INTERVAL: Duration = Duration::from_secs(1);
/// Faults that one verification tells singly; the rest it counts.
pub const VERIFY_FAULTS_MAX: usize = 100;
/// Entries between two calls of a verification's progress callback.
pub const VERIFY_PROGRESS_ENTRIES: u64 = 4096;

/// An e-mail address, bytes (RFC 5321: 64 + 1 + 255).
pub const ADDRESS_BYTES_MAX: usize = 320;
/// A person's name, bytes.
pub const NAME_BYTES_MAX: usize = 512;
/// A new password, bytes and code points, before normalising: refused before any work.
pub const PASSWORD_BYTES_MAX: usize = 1024;
/// A new password, code points.
pub const PASSWORD_CODE_POINTS_MAX: usize = 256;
/// A new password that is the only factor, code points (NIST SP 800-63B-4 section 3.1.1.2).
pub const PASSWORD_CODE_POINTS_MIN: usize = 15;
/// A stored password record, bytes.
pub const PASSWORD_RECORD_BYTES_MAX: usize = 1024;

/// A ticket's subject line, bytes.
pub const SUBJECT_BYTES_MAX: usize = 1024;
/// A ticket message, bytes.
pub const MESSAGE_BYTES_MAX: usize = 256 * 1024;
/// An attachment's file name, bytes.
pub const FILE_NAME_BYTES_MAX: usize = 512;
/// An attachment's media type, bytes (RFC 6838: 127 + 1 + 127).
pub const MEDIA_TYPE_BYTES_MAX: usize = 255;
/// One attachment, bytes, unless the room says otherwise.
pub const ATTACHMENT_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// All attachments of one account, bytes.
pub const ACCOUNT_ATTACHMENT_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;
/// All attachments of the room, bytes, unless the room says otherwise.
pub const ROOM_ATTACHMENT_BYTES_MAX: u64 = 1024 * 1024 * 1024 * 1024;
/// One small sealed field's plaintext, bytes.
pub const FIELD_BYTES_MAX: usize = 512 * 1024;
/// Lines of an invoice.
pub const INVOICE_LINES_MAX: usize = 200;
/// Rows that one listing returns.
pub const LIST_ROWS_MAX: usize = 500;

/// A staff session from login.
pub const STAFF_SESSION_LIFETIME: Duration = Duration::from_secs(8 * 3600);
/// A staff session without use (PCI DSS 8.2.8).
pub const STAFF_SESSION_IDLE: Duration = Duration::from_secs(15 * 60);
/// How old a login may be where a fresh factor is asked for.
pub const FACTOR_FRESH: Duration = Duration::from_secs(15 * 60);
/// An owner's session from login (NIST SP 800-63B-4: 30 days at AAL1; a day is this store's default).
pub const OWNER_SESSION_LIFETIME: Duration = Duration::from_secs(24 * 3600);
/// A one-time enrolment code.
pub const ENROLMENT_LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);
/// A case that staff opened.
pub const CASE_LIFETIME: Duration = Duration::from_secs(24 * 3600);
/// A grant, at most (two access reviews apart).
pub const GRANT_LIFETIME_MAX: Duration = Duration::from_secs(366 * 24 * 3600);

/// Callers that one commit may carry.
pub const BATCH_CALLERS_MAX: usize = 256;
/// How long a caller waits for the lane before `Busy`.
pub const LANE_WAIT_MAX: Duration = Duration::from_secs(10);
/// Files the room's configuration may fill, bytes.
pub const ROOM_TOML_BYTES_MAX: u64 = 64 * 1024;
