-- store.db, migration 1. FORMAT.md section 6 tells each column's class and bytes.
-- Sealed columns end in _sealed; all others are open (random ids, states, counters, dates, money).

CREATE TABLE room (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id BLOB NOT NULL CHECK (length(id) = 16),
    format INTEGER NOT NULL,
    reads_from INTEGER NOT NULL,
    writes_from INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE audit_entry (
    position INTEGER PRIMARY KEY CHECK (position >= 0),
    entry BLOB NOT NULL,
    leaf BLOB NOT NULL CHECK (length(leaf) = 32)
) STRICT;

CREATE TABLE audit_head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    head BLOB NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;

CREATE TABLE audit_detail (
    position INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    scope_kind INTEGER NOT NULL,
    owner BLOB NOT NULL CHECK (length(owner) = 16),
    period INTEGER NOT NULL,
    text_sealed BLOB NOT NULL,
    PRIMARY KEY (position, kind)
) STRICT;

-- Texts about people, to be found when the person is erased; the actors' own go with their month. Both are asked for
-- before a key of theirs is made.
CREATE INDEX audit_detail_subject ON audit_detail (owner) WHERE scope_kind = 1;
CREATE INDEX audit_detail_month ON audit_detail (period) WHERE scope_kind = 5;

-- Append-only by trigger: a guard against accidents, not the proof. OR REPLACE deletes without firing a
-- DELETE trigger unless recursive_triggers is on, so the insert is guarded too.
CREATE TRIGGER audit_entry_next BEFORE INSERT ON audit_entry
WHEN NEW.position IS NOT (SELECT coalesce(max(position), -1) + 1 FROM audit_entry)
BEGIN SELECT RAISE(ABORT, 'the audit log only grows at its end'); END;
CREATE TRIGGER audit_entry_kept BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'audit entries are not changed'); END;
CREATE TRIGGER audit_entry_stays BEFORE DELETE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'audit entries are not removed'); END;

CREATE TABLE principal (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    kind INTEGER NOT NULL,
    state INTEGER NOT NULL,
    account BLOB CHECK (length(account) = 16),
    factors INTEGER NOT NULL,
    index_nonce BLOB NOT NULL CHECK (length(index_nonce) = 16),
    handle_sealed BLOB NOT NULL,
    changed_at INTEGER NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;

CREATE TABLE role_grant (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    principal BLOB NOT NULL CHECK (length(principal) = 16),
    role INTEGER NOT NULL,
    not_before_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    state INTEGER NOT NULL,
    granted_by BLOB CHECK (length(granted_by) = 16),
    changed_at INTEGER NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;
CREATE INDEX role_grant_principal ON role_grant (principal);

CREATE TABLE session (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    holder_kind INTEGER NOT NULL,
    holder BLOB NOT NULL CHECK (length(holder) = 16),
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    used_ms INTEGER NOT NULL,
    factor_ms INTEGER,
    state INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;
CREATE INDEX session_holder ON session (holder);
CREATE INDEX session_live ON session (id) WHERE holder_kind = 1 AND state = 1;

CREATE TABLE enrolment (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    principal BLOB NOT NULL CHECK (length(principal) = 16),
    code_hash BLOB NOT NULL UNIQUE CHECK (length(code_hash) = 32),
    expires_ms INTEGER NOT NULL,
    state INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;

-- What staff show beside a password. The secret of one-time codes is sealed; of an SSH key the public half is here.
CREATE TABLE factor (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    principal BLOB NOT NULL CHECK (length(principal) = 16),
    kind INTEGER NOT NULL,
    public_key BLOB NOT NULL CHECK (length(public_key) = 32),
    application BLOB NOT NULL CHECK (length(application) = 32),
    created_ms INTEGER NOT NULL,
    used INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    failed_ms INTEGER NOT NULL,
    state INTEGER NOT NULL,
    secret_sealed BLOB,
    changed_at INTEGER NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;
CREATE INDEX factor_principal ON factor (principal);

CREATE TABLE account (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    state INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    closed_ms INTEGER,
    erased_at INTEGER,
    suspended_reason INTEGER,
    suspended_until_ms INTEGER,
    index_nonce BLOB NOT NULL CHECK (length(index_nonce) = 16),
    email_version INTEGER NOT NULL,
    email_sealed BLOB NOT NULL,
    name_sealed BLOB
) STRICT;

-- Registrations whose address nobody has confirmed: in no index, so that nobody owns an address by typing it.
CREATE TABLE signup (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    expires_ms INTEGER NOT NULL,
    cards_masked INTEGER NOT NULL,
    email_sealed BLOB NOT NULL,
    name_sealed BLOB,
    scheme TEXT,
    record_sealed BLOB
) STRICT;
CREATE INDEX signup_expires ON signup (expires_ms);

-- One-time codes and links that customers were sent. They are MACs over the id, and stand nowhere.
CREATE TABLE challenge (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    topic INTEGER NOT NULL,
    account BLOB NOT NULL CHECK (length(account) = 16),
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    state INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 32),
    -- A new address, on its way.
    address_sealed BLOB
) STRICT;
CREATE INDEX challenge_account ON challenge (account);
CREATE INDEX challenge_expires ON challenge (expires_ms);

-- Keys of customers' programs.
CREATE TABLE api_key (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    account BLOB NOT NULL CHECK (length(account) = 16),
    secret_hash BLOB NOT NULL CHECK (length(secret_hash) = 32),
    scopes TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    used_day INTEGER,
    state INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;
CREATE INDEX api_key_account ON api_key (account);
CREATE INDEX api_key_live ON api_key (id) WHERE state = 1;

CREATE TABLE credential (
    owner_kind INTEGER NOT NULL,
    owner BLOB NOT NULL CHECK (length(owner) = 16),
    version INTEGER NOT NULL,
    scheme TEXT NOT NULL,
    changed_ms INTEGER NOT NULL,
    record_sealed BLOB NOT NULL,
    PRIMARY KEY (owner_kind, owner)
) STRICT;

CREATE TABLE activity (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    account BLOB NOT NULL CHECK (length(account) = 16),
    day INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    event INTEGER NOT NULL,
    detail_sealed BLOB NOT NULL
) STRICT;
CREATE INDEX activity_day ON activity (day);
CREATE INDEX activity_account ON activity (account, at_ms);

CREATE TABLE ticket (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    account BLOB NOT NULL CHECK (length(account) = 16),
    state INTEGER NOT NULL,
    assignee BLOB CHECK (length(assignee) = 16),
    created_ms INTEGER NOT NULL,
    -- Since when the customer waits for an answer; nothing if the last word is staff's.
    waiting_ms INTEGER,
    changed_at INTEGER NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 32),
    subject_sealed BLOB NOT NULL
) STRICT;
CREATE INDEX ticket_account ON ticket (account, created_ms);
CREATE INDEX ticket_queue ON ticket (state, assignee, created_ms, id);
CREATE INDEX ticket_waiting ON ticket (state, waiting_ms, id);
CREATE INDEX ticket_live ON ticket (id) WHERE state = 1;

CREATE TABLE ticket_message (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    ticket BLOB NOT NULL CHECK (length(ticket) = 16),
    account BLOB NOT NULL CHECK (length(account) = 16),
    kind INTEGER NOT NULL,
    author BLOB NOT NULL CHECK (length(author) = 16),
    at_position INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    body_sealed BLOB NOT NULL
) STRICT;
CREATE INDEX ticket_message_ticket ON ticket_message (ticket, at_position);

CREATE TABLE attachment (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    ticket BLOB NOT NULL CHECK (length(ticket) = 16),
    account BLOB NOT NULL CHECK (length(account) = 16),
    generation INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    name_sealed BLOB NOT NULL,
    media_type_sealed BLOB NOT NULL
) STRICT;
CREATE INDEX attachment_ticket ON attachment (ticket);
CREATE INDEX attachment_account ON attachment (account);

-- What attachments take: a row for each account, and the room's under zeros. Counted by trigger, so that no statement
-- can forget it.
CREATE TABLE attachment_use (
    owner BLOB PRIMARY KEY CHECK (length(owner) = 16),
    bytes INTEGER NOT NULL
) STRICT;
CREATE TRIGGER attachment_counted AFTER INSERT ON attachment
BEGIN
    INSERT INTO attachment_use (owner, bytes) VALUES (NEW.account, NEW.bytes), (zeroblob(16), NEW.bytes)
    ON CONFLICT (owner) DO UPDATE SET bytes = attachment_use.bytes + excluded.bytes;
END;
CREATE TRIGGER attachment_uncounted AFTER DELETE ON attachment
BEGIN
    UPDATE attachment_use SET bytes = bytes - OLD.bytes WHERE owner IN (OLD.account, zeroblob(16));
    DELETE FROM attachment_use WHERE owner = OLD.account AND bytes <= 0;
END;

-- Who held what a caller says against whose field, and whether it was right: what the limits on guessing count.
CREATE TABLE field_check (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    account BLOB NOT NULL CHECK (length(account) = 16),
    principal BLOB NOT NULL CHECK (length(principal) = 16),
    matched INTEGER NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX field_check_account ON field_check (account, at_ms);
CREATE INDEX field_check_principal ON field_check (principal, at_ms);
CREATE INDEX field_check_at ON field_check (at_ms);

-- What must agree between the hosts of the room: one row, vouched for.
CREATE TABLE setting (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    argon2_memory_kib INTEGER NOT NULL,
    argon2_passes INTEGER NOT NULL,
    argon2_lanes INTEGER NOT NULL,
    attachment_bytes_max INTEGER NOT NULL,
    account_bytes_max INTEGER NOT NULL,
    room_bytes_max INTEGER NOT NULL,
    recovery BLOB NOT NULL CHECK (length(recovery) = 32),
    changed_at INTEGER NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;

CREATE TABLE staff_case (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    account BLOB CHECK (length(account) = 16),
    purpose INTEGER NOT NULL,
    opened_by BLOB NOT NULL CHECK (length(opened_by) = 16),
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    state INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;
CREATE INDEX staff_case_live ON staff_case (opened_by) WHERE state = 1;

-- What keeps data of an account from being destroyed: by class, until somebody releases it.
CREATE TABLE hold (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    account BLOB NOT NULL CHECK (length(account) = 16),
    classes INTEGER NOT NULL,
    placed_by BLOB NOT NULL CHECK (length(placed_by) = 16),
    case_kind INTEGER NOT NULL,
    case_id BLOB NOT NULL CHECK (length(case_id) = 16),
    review_ms INTEGER NOT NULL,
    state INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;

-- What somebody asked for and a second person decides. request_text is what request is the digest of.
CREATE TABLE approval (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    requester BLOB NOT NULL CHECK (length(requester) = 16),
    action INTEGER NOT NULL,
    role INTEGER NOT NULL,
    beneficiary BLOB CHECK (length(beneficiary) = 16),
    subject BLOB CHECK (length(subject) = 16),
    request BLOB NOT NULL CHECK (length(request) = 32),
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    first_approver BLOB CHECK (length(first_approver) = 16),
    second_approver BLOB CHECK (length(second_approver) = 16),
    state INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 32),
    request_text BLOB NOT NULL
) STRICT;
CREATE INDEX approval_open ON approval (requester) WHERE state <= 3;

-- Rules that are out of force for a time.
CREATE TABLE waiver (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    rule INTEGER NOT NULL,
    given_by BLOB CHECK (length(given_by) = 16),
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    state INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;

CREATE TABLE payment (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    account BLOB NOT NULL CHECK (length(account) = 16),
    year INTEGER NOT NULL,
    result INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    occurred_ms INTEGER NOT NULL,
    reference_sealed BLOB NOT NULL,
    card_sealed BLOB
) STRICT;
CREATE INDEX payment_account ON payment (account, occurred_ms);

CREATE TABLE invoice (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    account BLOB NOT NULL CHECK (length(account) = 16),
    year INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    issued_ms INTEGER NOT NULL,
    body_sealed BLOB NOT NULL
) STRICT;
CREATE INDEX invoice_account ON invoice (account, issued_ms);

-- What is to be destroyed, by class and period: begun here, then carried out across both databases and deleted.
-- Opening resumes what is begun (state 1); what a hold defers (state 2) is carried out when it is released.
CREATE TABLE intent (
    account BLOB NOT NULL CHECK (length(account) = 16),
    class INTEGER NOT NULL,
    period INTEGER NOT NULL,
    state INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 32),
    PRIMARY KEY (account, class, period)
) STRICT;
