-- The store on a PostgreSQL-wire server, migration 1. FORMAT.md section 6 tells each column's class and bytes.
-- Sealed columns end in _sealed; all others are open (random ids, states, counters, dates, money).

CREATE TABLE room (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    id BYTEA NOT NULL CHECK (length(id) = 16),
    format BIGINT NOT NULL,
    reads_from BIGINT NOT NULL,
    writes_from BIGINT NOT NULL,
    created_ms BIGINT NOT NULL
);

CREATE TABLE audit_entry (
    position BIGINT PRIMARY KEY CHECK (position >= 0),
    entry BYTEA NOT NULL,
    leaf BYTEA NOT NULL CHECK (length(leaf) = 32)
);

CREATE TABLE audit_head (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    head BYTEA NOT NULL,
    mac BYTEA NOT NULL CHECK (length(mac) = 32)
);

CREATE TABLE audit_detail (
    position BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    scope_kind BIGINT NOT NULL,
    owner BYTEA NOT NULL CHECK (length(owner) = 16),
    period BIGINT NOT NULL,
    text_sealed BYTEA NOT NULL,
    PRIMARY KEY (position, kind)
);
-- Texts about people, to be found when the person is erased; the actors' own go with their month. Both are asked for
-- before a key of theirs is made.
CREATE INDEX audit_detail_subject ON audit_detail (owner) WHERE scope_kind = 1;
CREATE INDEX audit_detail_month ON audit_detail (period) WHERE scope_kind = 5;

CREATE FUNCTION audit_entry_next() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.position IS DISTINCT FROM (SELECT coalesce(max(position), -1) + 1 FROM audit_entry) THEN
        RAISE EXCEPTION 'the audit log only grows at its end';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_entry_next BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_entry_next();

CREATE FUNCTION audit_entry_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'audit entries are not changed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_entry_kept BEFORE UPDATE ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_entry_kept();

CREATE FUNCTION audit_entry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'audit entries are not removed';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER audit_entry_stays BEFORE DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_entry_stays();

CREATE TABLE principal (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    kind BIGINT NOT NULL,
    state BIGINT NOT NULL,
    account BYTEA CHECK (length(account) = 16),
    factors BIGINT NOT NULL,
    index_nonce BYTEA NOT NULL CHECK (length(index_nonce) = 16),
    handle_sealed BYTEA NOT NULL,
    changed_at BIGINT NOT NULL,
    mac BYTEA NOT NULL CHECK (length(mac) = 32)
);

CREATE TABLE role_grant (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    principal BYTEA NOT NULL CHECK (length(principal) = 16),
    role BIGINT NOT NULL,
    not_before_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    state BIGINT NOT NULL,
    granted_by BYTEA CHECK (length(granted_by) = 16),
    changed_at BIGINT NOT NULL,
    mac BYTEA NOT NULL CHECK (length(mac) = 32)
);
CREATE INDEX role_grant_principal ON role_grant (principal);

CREATE TABLE session (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    holder_kind BIGINT NOT NULL,
    holder BYTEA NOT NULL CHECK (length(holder) = 16),
    token_hash BYTEA NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    used_ms BIGINT NOT NULL,
    factor_ms BIGINT,
    state BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    mac BYTEA NOT NULL CHECK (length(mac) = 32)
);
CREATE INDEX session_holder ON session (holder);
CREATE INDEX session_live ON session (id) WHERE holder_kind = 1 AND state = 1;

CREATE TABLE enrolment (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    principal BYTEA NOT NULL CHECK (length(principal) = 16),
    code_hash BYTEA NOT NULL UNIQUE CHECK (length(code_hash) = 32),
    expires_ms BIGINT NOT NULL,
    state BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    mac BYTEA NOT NULL CHECK (length(mac) = 32)
);

-- What staff show beside a password. The secret of one-time codes is sealed; of an SSH key the public half is here.
CREATE TABLE factor (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    principal BYTEA NOT NULL CHECK (length(principal) = 16),
    kind BIGINT NOT NULL,
    public_key BYTEA NOT NULL CHECK (length(public_key) = 32),
    application BYTEA NOT NULL CHECK (length(application) = 32),
    created_ms BIGINT NOT NULL,
    used BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    failed_ms BIGINT NOT NULL,
    state BIGINT NOT NULL,
    secret_sealed BYTEA,
    changed_at BIGINT NOT NULL,
    mac BYTEA NOT NULL CHECK (length(mac) = 32)
);
CREATE INDEX factor_principal ON factor (principal);

CREATE TABLE account (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    state BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    closed_ms BIGINT,
    erased_at BIGINT,
    suspended_reason BIGINT,
    suspended_until_ms BIGINT,
    index_nonce BYTEA NOT NULL CHECK (length(index_nonce) = 16),
    email_version BIGINT NOT NULL,
    email_sealed BYTEA NOT NULL,
    name_sealed BYTEA
);

-- Registrations whose address nobody has confirmed: in no index, so that nobody owns an address by typing it.
CREATE TABLE signup (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    expires_ms BIGINT NOT NULL,
    cards_masked BIGINT NOT NULL,
    email_sealed BYTEA NOT NULL,
    name_sealed BYTEA,
    scheme TEXT,
    record_sealed BYTEA
);
CREATE INDEX signup_expires ON signup (expires_ms);

-- One-time codes and links that customers were sent. They are MACs over the id, and stand nowhere.
CREATE TABLE challenge (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    topic BIGINT NOT NULL,
    account BYTEA NOT NULL CHECK (length(account) = 16),
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    state BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    mac BYTEA NOT NULL CHECK (length(mac) = 32),
    -- A new address, on its way.
    address_sealed BYTEA
);
CREATE INDEX challenge_account ON challenge (account);
CREATE INDEX challenge_expires ON challenge (expires_ms);

-- Keys of customers' programs.
CREATE TABLE api_key (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    account BYTEA NOT NULL CHECK (length(account) = 16),
    secret_hash BYTEA NOT NULL CHECK (length(secret_hash) = 32),
    scopes TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    used_day BIGINT,
    state BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    mac BYTEA NOT NULL CHECK (length(mac) = 32)
);
CREATE INDEX api_key_account ON api_key (account);
CREATE INDEX api_key_live ON api_key (id) WHERE state = 1;

CREATE TABLE credential (
    owner_kind BIGINT NOT NULL,
    owner BYTEA NOT NULL CHECK (length(owner) = 16),
    version BIGINT NOT NULL,
    scheme TEXT NOT NULL,
    changed_ms BIGINT NOT NULL,
    record_sealed BYTEA NOT NULL,
    PRIMARY KEY (owner_kind, owner)
);

CREATE TABLE activity (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    account BYTEA NOT NULL CHECK (length(account) = 16),
    day BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    event BIGINT NOT NULL,
    detail_sealed BYTEA NOT NULL
);
CREATE INDEX activity_day ON activity (day);
CREATE INDEX activity_account ON activity (account, at_ms);

CREATE TABLE ticket (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    account BYTEA NOT NULL CHECK (length(account) = 16),
    state BIGINT NOT NULL,
    assignee BYTEA CHECK (length(assignee) = 16),
    created_ms BIGINT NOT NULL,
    -- Since when the customer waits for an answer; nothing if the last word is staff's.
    waiting_ms BIGINT,
    changed_at BIGINT NOT NULL,
    mac BYTEA NOT NULL CHECK (length(mac) = 32),
    subject_sealed BYTEA NOT NULL
);
CREATE INDEX ticket_account ON ticket (account, created_ms);
CREATE INDEX ticket_queue ON ticket (state, assignee, created_ms, id);
CREATE INDEX ticket_waiting ON ticket (state, waiting_ms, id);
CREATE INDEX ticket_live ON ticket (id) WHERE state = 1;

CREATE TABLE ticket_message (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    ticket BYTEA NOT NULL CHECK (length(ticket) = 16),
    account BYTEA NOT NULL CHECK (length(account) = 16),
    kind BIGINT NOT NULL,
    author BYTEA NOT NULL CHECK (length(author) = 16),
    at_position BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    body_sealed BYTEA NOT NULL
);
CREATE INDEX ticket_message_ticket ON ticket_message (ticket, at_position);

CREATE TABLE attachment (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    ticket BYTEA NOT NULL CHECK (length(ticket) = 16),
    account BYTEA NOT NULL CHECK (length(account) = 16),
    generation BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    name_sealed BYTEA NOT NULL,
    media_type_sealed BYTEA NOT NULL
);
CREATE INDEX attachment_ticket ON attachment (ticket);
CREATE INDEX attachment_account ON attachment (account);

-- What attachments take: a row for each account, and the room's under zeros. Counted by trigger, so that no statement
-- can forget it.
CREATE TABLE attachment_use (
    owner BYTEA PRIMARY KEY CHECK (length(owner) = 16),
    bytes BIGINT NOT NULL
);
CREATE FUNCTION attachment_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO attachment_use (owner, bytes)
    VALUES (NEW.account, NEW.bytes), (decode(repeat('00', 16), 'hex'), NEW.bytes)
    ON CONFLICT (owner) DO UPDATE SET bytes = attachment_use.bytes + excluded.bytes;
    RETURN NEW;
END $$;
CREATE TRIGGER attachment_counted AFTER INSERT ON attachment FOR EACH ROW EXECUTE FUNCTION attachment_counted();

CREATE FUNCTION attachment_uncounted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE attachment_use SET bytes = bytes - OLD.bytes
    WHERE owner IN (OLD.account, decode(repeat('00', 16), 'hex'));
    DELETE FROM attachment_use WHERE owner = OLD.account AND bytes <= 0;
    RETURN OLD;
END $$;
CREATE TRIGGER attachment_uncounted AFTER DELETE ON attachment FOR EACH ROW EXECUTE FUNCTION attachment_uncounted();

-- Who held what a caller says against whose field, and whether it was right: what the limits on guessing count.
CREATE TABLE field_check (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    account BYTEA NOT NULL CHECK (length(account) = 16),
    principal BYTEA NOT NULL CHECK (length(principal) = 16),
    matched BIGINT NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE INDEX field_check_account ON field_check (account, at_ms);
CREATE INDEX field_check_principal ON field_check (principal, at_ms);
CREATE INDEX field_check_at ON field_check (at_ms);

-- What must agree between the hosts of the room: one row, vouched for.
CREATE TABLE setting (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    version BIGINT NOT NULL,
    argon2_memory_kib BIGINT NOT NULL,
    argon2_passes BIGINT NOT NULL,
    argon2_lanes BIGINT NOT NULL,
    attachment_bytes_max BIGINT NOT NULL,
    account_bytes_max BIGINT NOT NULL,
    room_bytes_max BIGINT NOT NULL,
    recovery BYTEA NOT NULL CHECK (length(recovery) = 32),
    changed_at BIGINT NOT NULL,
    mac BYTEA NOT NULL CHECK (length(mac) = 32)
);

CREATE TABLE staff_case (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    account BYTEA CHECK (length(account) = 16),
    purpose BIGINT NOT NULL,
    opened_by BYTEA NOT NULL CHECK (length(opened_by) = 16),
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    state BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    mac BYTEA NOT NULL CHECK (length(mac) = 32)
);
CREATE INDEX staff_case_live ON staff_case (opened_by) WHERE state = 1;

-- What keeps data of an account from being destroyed: by class, until somebody releases it.
CREATE TABLE hold (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    account BYTEA NOT NULL CHECK (length(account) = 16),
    classes BIGINT NOT NULL,
    placed_by BYTEA NOT NULL CHECK (length(placed_by) = 16),
    case_kind BIGINT NOT NULL,
    case_id BYTEA NOT NULL CHECK (length(case_id) = 16),
    review_ms BIGINT NOT NULL,
    state BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    mac BYTEA NOT NULL CHECK (length(mac) = 32)
);

-- What somebody asked for and a second person decides. request_text is what request is the digest of.
CREATE TABLE approval (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    requester BYTEA NOT NULL CHECK (length(requester) = 16),
    action BIGINT NOT NULL,
    role BIGINT NOT NULL,
    beneficiary BYTEA CHECK (length(beneficiary) = 16),
    subject BYTEA CHECK (length(subject) = 16),
    request BYTEA NOT NULL CHECK (length(request) = 32),
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    first_approver BYTEA CHECK (length(first_approver) = 16),
    second_approver BYTEA CHECK (length(second_approver) = 16),
    state BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    mac BYTEA NOT NULL CHECK (length(mac) = 32),
    request_text BYTEA NOT NULL
);
CREATE INDEX approval_open ON approval (requester) WHERE state <= 3;

-- Rules that are out of force for a time.
CREATE TABLE waiver (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    rule BIGINT NOT NULL,
    given_by BYTEA CHECK (length(given_by) = 16),
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    state BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    mac BYTEA NOT NULL CHECK (length(mac) = 32)
);

CREATE TABLE payment (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    account BYTEA NOT NULL CHECK (length(account) = 16),
    year BIGINT NOT NULL,
    result BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    occurred_ms BIGINT NOT NULL,
    reference_sealed BYTEA NOT NULL,
    card_sealed BYTEA
);
CREATE INDEX payment_account ON payment (account, occurred_ms);

CREATE TABLE invoice (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    account BYTEA NOT NULL CHECK (length(account) = 16),
    year BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    issued_ms BIGINT NOT NULL,
    body_sealed BYTEA NOT NULL
);
CREATE INDEX invoice_account ON invoice (account, issued_ms);

-- What is to be destroyed, by class and period: begun here, then carried out across both databases and deleted.
-- Opening resumes what is begun (state 1); what a hold defers (state 2) is carried out when it is released.
CREATE TABLE intent (
    account BYTEA NOT NULL CHECK (length(account) = 16),
    class BIGINT NOT NULL,
    period BIGINT NOT NULL,
    state BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    mac BYTEA NOT NULL CHECK (length(mac) = 32),
    PRIMARY KEY (account, class, period)
);
