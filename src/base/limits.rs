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
/// How long an attachment may be read after it was opened, monotonic: what was opened once is not open for ever.
pub const STREAM_LIFETIME: Duration = Duration::from_secs(3600);
/// Entries that verification reads at a time.
pub const VERIFY_PAGE_ENTRIES: u32 = 1024;
/// A signed checkpoint file, bytes.
pub const CHECKPOINT_BYTES_MAX: usize = 4 * 1024;
/// Time between two syncs of the outside checkpoint.
pub const CHECKPOINT_SYNC_INTERVAL: Duration = Duration::from_secs(1);
/// Faults that one verification tells singly; the rest it counts.
pub const VERIFY_FAULTS_MAX: usize = 100;
/// Counter-examples that a check of the policy tells singly; the rest it counts.
pub const POLICY_COUNTER_EXAMPLES_MAX: usize = 100;
/// Entries between two calls of a verification's progress callback.
pub const VERIFY_PROGRESS_ENTRIES: u64 = 4096;

/// An e-mail address, bytes (RFC 5321: 64 + 1 + 255).
pub const ADDRESS_BYTES_MAX: usize = 320;
/// A person's name, bytes.
pub const NAME_BYTES_MAX: usize = 512;
/// Words of one name that it is found by, the first ones, and words of one search.
pub const SEARCH_WORDS_MAX: usize = 16;
/// Accounts that one search shows.
pub const SEARCH_SHOWN_MAX: usize = 20;
/// Accounts that one search counts: where there are more, its answer says so many.
pub const SEARCH_COUNTED_MAX: u32 = 10_000;
/// A new password, bytes and code points, before normalising: refused before any work.
pub const PASSWORD_BYTES_MAX: usize = 1024;
/// A new password, code points.
pub const PASSWORD_CODE_POINTS_MAX: usize = 256;
/// A new password that is the only factor, code points (NIST SP 800-63B-4 section 3.1.1.2).
pub const PASSWORD_CODE_POINTS_MIN: usize = 15;
/// A stored password record, bytes.
pub const PASSWORD_RECORD_BYTES_MAX: usize = 1024;
/// Bytes of a password record that has another one in it, as it is kept.
pub const PASSWORD_RECORD_BYTES_OWN_MAX: usize = 2048;
/// A password as it is presented at a login, bytes. Above the limit for new ones, because records that other
/// systems made may be of longer ones.
pub const PASSWORD_PRESENTED_BYTES_MAX: usize = 4096;

/// Argon2id memory of new records, KiB: the least (OWASP Password Storage Cheat Sheet).
pub const ARGON2_MEMORY_KIB_MIN: u32 = 19_456;
/// Working memory of Argon2 that is kept for the next password, in all, KiB: of eight at once. A block is one KiB.
pub const ARGON2_IDLE_KIB_MAX: usize = 8 * 19_456;
/// Argon2id passes of new records: the least beside [`ARGON2_MEMORY_KIB_MIN`].
pub const ARGON2_PASSES_MIN: u32 = 2;
/// Argon2id lanes of new records: the least.
pub const ARGON2_LANES_MIN: u32 = 1;
/// Argon2 memory that a record may ask for, KiB.
pub const ARGON2_MEMORY_KIB_MAX: u32 = 1024 * 1024;
/// Argon2 passes that a record may ask for.
pub const ARGON2_PASSES_MAX: u32 = 16;
/// Argon2 lanes that a record may ask for.
pub const ARGON2_LANES_MAX: u32 = 16;
/// Argon2 memory times passes that a record may ask for, KiB: memory and passes both at their own limits would
/// be half a minute of a core for each guess.
pub const ARGON2_WORK_KIB_MAX: u32 = 4 * 1024 * 1024;
/// Salt of new Argon2id records, bytes (RFC 9106 section 3.1).
pub const ARGON2_SALT_BYTES: usize = 16;
/// Tag of new Argon2id records, bytes.
pub const ARGON2_TAG_BYTES: usize = 32;
/// Salt of an Argon2 record from elsewhere, least and most, bytes (RFC 9106 sets the least).
pub const ARGON2_SALT_BYTES_ACCEPTED: (usize, usize) = (8, 64);
/// Tag of an Argon2 record from elsewhere, least and most, bytes: a shorter one is matched by chance.
pub const ARGON2_TAG_BYTES_ACCEPTED: (usize, usize) = (16, 128);
/// bcrypt cost that a record may ask for, a power of two of rounds.
pub const BCRYPT_COST_MAX: u32 = 15;
/// scrypt and yescrypt memory of a record, KiB: 128 r (N + p) bytes.
pub const SCRYPT_MEMORY_KIB_MAX: u32 = 256 * 1024 + 64;
/// scrypt memory times lanes of a record, KiB: 128 N r p bytes.
pub const SCRYPT_WORK_KIB_MAX: u32 = 1024 * 1024;
/// scrypt lanes of a record.
pub const SCRYPT_LANES_MAX: u32 = 16;
/// PBKDF2 iterations of a record.
pub const PBKDF2_ITERATIONS_MAX: u32 = 10_000_000;
/// Rounds of a `crypt(3)` record.
pub const CRYPT_ROUNDS_MAX: u32 = 5_000_000;
/// Bytes of a password that `crypt(3)` schemes take, as libxcrypt does.
pub const PASSWORD_CRYPT_BYTES_MAX: usize = 512;
/// Bytes of the tag of a record of scrypt or PBKDF2, least and most.
pub const PASSWORD_TAG_BYTES_ACCEPTED: (usize, usize) = (16, 128);

/// A ticket's subject line, bytes.
pub const SUBJECT_BYTES_MAX: usize = 1024;
/// Messages of one ticket, notes included: the entry of a reading names each of them and the ticket.
pub const TICKET_MESSAGES_MAX: usize = ENTRY_OBJECTS_MAX - 1;
/// Attachments of one ticket: all of them are shown with it.
pub const TICKET_ATTACHMENTS_MAX: usize = 256;
/// Business days in which a customer has an answer (the published policy's clause policy.contact).
pub const TICKET_ANSWER_BUSINESS_DAYS: u32 = 2;
/// How long before its time an answer counts as due.
pub const TICKET_DUE_AHEAD: Duration = Duration::from_secs(24 * 3600);
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
/// How full the disk of the data may be before attachments are refused, percent, unless room.toml says otherwise.
pub const ATTACHMENTS_STOP_PERCENT: u8 = 95;
/// How much of the disk of the data is kept for customers' logins, bytes, unless room.toml says otherwise: the growth of
/// some ten thousand of them, and of the databases' logs beneath.
pub const RESERVE_BYTES: u64 = 32 * 1024 * 1024;
/// The least that may be kept of it, bytes.
pub const RESERVE_BYTES_MIN: u64 = 8 * 1024 * 1024;
/// With less of it free than this the disk is full, bytes: what a database's log grows to before it is used anew.
pub const DISK_FULL_BELOW: u64 = 4 * 1024 * 1024;
/// How much must be free beside the reserve before it is made again, bytes: twice the mark, so that it is not given back at
/// once.
pub const RESERVE_AGAIN_ABOVE: u64 = 2 * DISK_FULL_BELOW;
/// What is read and cleared of a reserve that is given back, bytes.
pub const RESERVE_NOTE_BYTES_MAX: usize = 64;
/// How old the newest entry is before a heartbeat is written: three of them fit into the shortest time that the policy
/// lets the clock go on unasked, so that one may fail.
pub const BEAT_AFTER: Duration = Duration::from_secs(6 * 3600);
/// How far the clock may be behind the newest entry before it is told: hosts of a room differ by less.
pub const CLOCK_BEHIND_MAX: Duration = Duration::from_secs(5);
/// One small sealed field's plaintext, bytes.
pub const FIELD_BYTES_MAX: usize = 512 * 1024;
/// Lines of an invoice.
pub const INVOICE_LINES_MAX: usize = 200;
/// What one line of an invoice says, bytes.
pub const INVOICE_DESCRIPTION_BYTES_MAX: usize = 512;
/// An invoice's number, bytes.
pub const INVOICE_NUMBER_BYTES_MAX: usize = 64;
/// Lines of a billing address, the country aside.
pub const BILLING_ADDRESS_LINES_MAX: usize = 8;
/// One line of a billing address, bytes.
pub const BILLING_ADDRESS_LINE_BYTES_MAX: usize = 256;
/// An amount of money either way, minor units: 2^53 - 1, the last integer that JSON keeps.
pub const AMOUNT_MINOR_MAX: i64 = (1 << 53) - 1;
/// How old a transaction or invoice may be when it is recorded.
pub const BILLING_AGE_MAX: Duration = Duration::from_secs(30 * 366 * 24 * 3600);
/// How far ahead a transaction or invoice may be dated.
pub const BILLING_AHEAD_MAX: Duration = Duration::from_secs(366 * 24 * 3600);
/// Rows that one listing returns.
pub const LIST_ROWS_MAX: usize = 500;

/// A staff session from login.
pub const STAFF_SESSION_LIFETIME: Duration = Duration::from_secs(8 * 3600);
/// A staff session without use (PCI DSS 8.2.8).
pub const STAFF_SESSION_IDLE: Duration = Duration::from_secs(15 * 60);
/// How old a login may be where a fresh factor is asked for.
pub const FACTOR_FRESH: Duration = Duration::from_secs(15 * 60);
/// A challenge to show a second factor, from the right password on.
pub const CHALLENGE_LIFETIME: Duration = Duration::from_secs(5 * 60);
/// Second factors of one principal.
pub const FACTORS_MAX: usize = 8;
/// Wrong one-time codes in a row that cost nothing but the attempt.
pub const FACTOR_GUESSES_FREE: u64 = 5;
/// Wrong one-time codes in a row after which the factor takes none until it is reset (NIST SP 800-63B-4 section 3.2.2).
pub const FACTOR_GUESSES_MAX: u64 = 100;
/// Between two wrong one-time codes past [`FACTOR_GUESSES_FREE`].
pub const FACTOR_GUESS_PAUSE: Duration = Duration::from_secs(15 * 60);
/// A signature over a challenge, as text, bytes: several times what one has.
pub const SIGNATURE_BYTES_MAX: usize = 4096;
/// Wrong answers about one account's fields in [`FIELD_CHECK_SPAN`], from whomever: a name is not to be guessed.
pub const FIELD_CHECKS_WRONG_MAX: u64 = 5;
/// Fields that one colleague holds an answer against in [`FIELD_CHECK_SPAN`], of all accounts.
pub const FIELD_CHECKS_OF_ONE_MAX: u64 = 200;
/// Searches of one colleague in [`FIELD_CHECK_SPAN`]: more than work takes, and too few to go through a list of names.
pub const SEARCHES_OF_ONE_MAX: u64 = 200;
/// How long an answer or a search counts for [`FIELD_CHECKS_WRONG_MAX`], [`FIELD_CHECKS_OF_ONE_MAX`] and
/// [`SEARCHES_OF_ONE_MAX`].
pub const FIELD_CHECK_SPAN: Duration = Duration::from_secs(24 * 3600);
/// An owner's session from login (NIST SP 800-63B-4: 30 days at AAL1; a day is this store's default).
pub const OWNER_SESSION_LIFETIME: Duration = Duration::from_secs(24 * 3600);
/// A code that a customer types by hand (OWASP ASVS 5.0 6.6.2).
pub const CODE_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// Digits of such a code.
pub const CODE_DIGITS: u32 = 8;
/// How often such a code may be tried.
pub const CODE_TRIES_MAX: u32 = 5;
/// A link that resets a password or changes an address.
pub const LINK_LIFETIME: Duration = Duration::from_secs(30 * 60);
/// An account whose address nobody has confirmed, and the link that confirms it.
pub const UNVERIFIED_LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);
/// Codes of one account that may be open at once: what is asked for beyond is answered, and sent to nobody.
pub const CODES_OPEN_MAX: u64 = 3;
/// What has run out, and goes with one sweep's transaction.
pub const SWEEP_ROWS: u32 = 64;
/// Messages that one claim takes out of the outbox.
pub const OUTBOX_CLAIM_MAX: usize = 100;
/// For how long a claimed message is its claimer's at most.
pub const OUTBOX_LEASE_MAX: Duration = Duration::from_secs(3600);
/// Claims of a message of which none was acknowledged, after which it is a dead letter.
pub const OUTBOX_TRIES_MAX: u32 = 10;
/// After the first attempt that failed; each further pause is twice as long.
pub const OUTBOX_PAUSE_MIN: Duration = Duration::from_secs(30);
/// Between two attempts at most.
pub const OUTBOX_PAUSE_MAX: Duration = Duration::from_secs(6 * 3600);
/// A message, whatever becomes of it. What tells of a code goes with the code.
pub const OUTBOX_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// Keys that one account's programs may have at once.
pub const API_KEYS_MAX: u64 = 100;
/// What such a key is for: names, and the bytes of each.
pub const API_KEY_SCOPES_MAX: usize = 16;
/// One of these names, bytes.
pub const API_KEY_SCOPE_BYTES_MAX: usize = 64;
/// How long such a key may count.
pub const API_KEY_LIFETIME_MAX: Duration = Duration::from_secs(2 * 366 * 24 * 3600);
/// Devices of one account that are known.
pub const DEVICES_MAX: u32 = 20;
/// For how long a device is known after its last login, days.
pub const DEVICE_DAYS: u32 = 180;
/// A one-time enrolment code.
pub const ENROLMENT_LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);
/// A case that staff opened.
pub const CASE_LIFETIME: Duration = Duration::from_secs(24 * 3600);
/// A case about nobody's data: it outlives the requests that were made on its strength.
pub const STAFF_CASE_LIFETIME: Duration = Duration::from_secs(8 * 24 * 3600);
/// A request that takes a second person, from asking to carrying out.
pub const APPROVAL_LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);
/// What stands for a second person who is waived: everybody can see the request for so long, and refuse it.
pub const APPROVAL_DELAY: Duration = Duration::from_secs(24 * 3600);
/// Requests of one principal that wait for a second person.
pub const APPROVALS_OPEN_MAX: usize = 64;
/// How long whoever got a role from somebody does not approve what that person asks for.
pub const APPROVER_APART: Duration = Duration::from_secs(30 * 24 * 3600);
/// A rule out of force.
pub const WAIVER_LIFETIME_MAX: Duration = Duration::from_secs(180 * 24 * 3600);
/// A role that one asks for oneself, or that some rights take.
pub const ELEVATION_MAX: Duration = Duration::from_secs(8 * 3600);
/// A hold's review from its placing: what nobody looks at for a year is forgotten.
pub const HOLD_REVIEW_MAX: Duration = Duration::from_secs(366 * 24 * 3600);
/// A grant, at most (two access reviews apart).
pub const GRANT_LIFETIME_MAX: Duration = Duration::from_secs(366 * 24 * 3600);

/// One line of a file of accounts, bytes: what is longer is passed over.
pub const IMPORT_LINE_BYTES_MAX: usize = 16 * 1024;
/// Lines of a file of accounts whose accounts are made together, under one entry that names them all.
pub const IMPORT_BATCH_LINES: usize = ENTRY_OBJECTS_MAX;

/// Callers that one commit may carry.
pub const BATCH_CALLERS_MAX: usize = 256;
/// Rows that one closure may change in the lane: what takes more runs in slices, or nobody else gets in.
pub const LANE_CLOSURE_ROWS_MAX: usize = 100_000;
/// How long one closure may have the lane; half of what those behind it wait.
pub const LANE_CLOSURE_TIME_MAX: Duration = Duration::from_secs(5);
/// How long a caller waits for the lane before `Busy`.
pub const LANE_WAIT_MAX: Duration = Duration::from_secs(10);
/// How long one caller may have had the lane before those who come as futures wait for it without a thread.
#[cfg(feature = "tokio")]
pub const LANE_HELD_UP_AFTER: Duration = Duration::from_millis(50);
/// How often they look whether it goes on.
#[cfg(feature = "tokio")]
pub const LANE_LOOK_INTERVAL: Duration = Duration::from_millis(10);
/// Verbs as futures that work at once for each core, where all they wait for is a flush: those that wait for the same
/// one cost no more flushes.
#[cfg(feature = "tokio")]
pub const COMMITS_PER_CORE: usize = 16;
/// Verbs as futures that read at once for each core.
#[cfg(feature = "tokio")]
pub const READS_PER_CORE: usize = 4;
/// Verbs as futures that wait for each core, where each will take a password's time.
#[cfg(feature = "tokio")]
pub const PASSWORDS_WAITING_PER_CORE: usize = 16;
/// Verbs as futures that wait for each core, where each will take a moment.
#[cfg(feature = "tokio")]
pub const MOMENTS_WAITING_PER_CORE: usize = 64;
/// How long a caller waits for the database's own lock, which only programs outside this one hold for long, and a
/// recovery for a moment. Well below [`LANE_WAIT_MAX`], because everybody behind that caller waits as well.
pub const ENGINE_LOCK_WAIT_MAX: Duration = Duration::from_secs(2);
/// Read-only connections to one database that are kept open while nobody reads: opening one costs as much as
/// many reads, and everybody whom one commit wakes reads at once.
pub const READERS_IDLE_MAX: usize = 64;
/// How often a process looks whether it may have the room open, or have it alone.
pub const PRESENCE_TRIES_MAX: u32 = 50;
/// How long it waits between two looks.
pub const PRESENCE_PAUSE: Duration = Duration::from_millis(10);
/// How old a backup of the data may be when an upgrade leans on it.
pub const UPGRADE_BACKUP_AGE_MAX: Duration = Duration::from_secs(24 * 3600);
/// Rows that a backup or a restore reads at a time.
pub const BACKUP_PAGE_ROWS: u32 = 4096;
/// A backup's manifest, bytes: some seven million attachments.
pub const MANIFEST_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// A page of a database, bytes, as new databases have them: for telling how far a copy is.
pub const DATABASE_PAGE_BYTES: u64 = 4096;
/// What is read of the file that says that a room is held, bytes.
pub const HOLD_BYTES_MAX: u64 = 256;
/// Files the room's configuration may fill, bytes.
pub const ROOM_TOML_BYTES_MAX: u64 = 64 * 1024;
/// Where webhooks go, bytes.
pub const WEBHOOK_URL_BYTES_MAX: usize = 2048;
/// Rows that an erasure removes in one transaction: others write between two of them.
pub const ERASURE_SLICE_ROWS: u32 = 500;
/// How often an erasure tries to empty the keyring's log while somebody reads from it.
pub const ERASURE_LOG_TRIES_MAX: u32 = 3;
