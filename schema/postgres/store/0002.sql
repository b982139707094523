-- store.db, migration 2: it expands, so that programs of format 1 go on reading and writing the room. FORMAT.md section 12.

-- What somebody is to be told, written in the transaction of what it tells. Ids, kinds and times: no word of it, no secret,
-- and no address but one that its account has no more.
CREATE TABLE outbox (
    seq BIGINT PRIMARY KEY,
    id BYTEA NOT NULL UNIQUE CHECK (length(id) = 16),
    -- 1: to people, 2: to another program.
    channel BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    receiver_kind BIGINT NOT NULL,
    receiver BYTEA NOT NULL CHECK (length(receiver) = 16),
    challenge BYTEA CHECK (length(challenge) = 16),
    object BYTEA CHECK (length(object) = 16),
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    -- Not claimed before: until its lease is over, or the pause after an attempt that failed.
    due_ms BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    state BIGINT NOT NULL,
    address_version BIGINT NOT NULL,
    address_sealed BYTEA
);
CREATE INDEX outbox_receiver ON outbox (receiver, channel, state, seq);
CREATE INDEX outbox_due ON outbox (channel, state, due_ms);
CREATE INDEX outbox_expires ON outbox (expires_ms);

-- Devices that an account is known to be used with. Of the token that one shows there is a digest under the room's key,
-- with the account: it gives no right, and only spares its customer a notice.
CREATE TABLE device (
    digest BYTEA PRIMARY KEY CHECK (length(digest) = 32),
    account BYTEA NOT NULL CHECK (length(account) = 16),
    created_ms BIGINT NOT NULL,
    used_day BIGINT NOT NULL
);
CREATE INDEX device_account ON device (account);

-- In which roles a session of staff acts, where whoever began it chose them: written with it, and never changed.
CREATE TABLE session_roles (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    -- Bit n - 1 for role n.
    roles BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    mac BYTEA NOT NULL CHECK (length(mac) = 32)
);
