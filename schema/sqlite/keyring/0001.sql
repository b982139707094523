-- keyring.db, migration 1: every key, wrapped, and every index of an address. FORMAT.md section 5.
-- A backup of store.db holds none of this.

CREATE TABLE keyring (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    room BLOB NOT NULL CHECK (length(room) = 16),
    format INTEGER NOT NULL,
    epoch INTEGER NOT NULL
) STRICT;

CREATE TABLE wrapping_key (
    domain INTEGER NOT NULL,
    version INTEGER NOT NULL,
    state INTEGER NOT NULL CHECK (state IN (1, 2, 3, 4)),
    wrapped BLOB CHECK (length(wrapped) = 73),
    check_value BLOB NOT NULL CHECK (length(check_value) = 32),
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (domain, version),
    -- A destroyed version keeps its row and loses its bytes; no other state lacks them.
    CHECK ((state = 4) = (wrapped IS NULL))
) STRICT;
CREATE UNIQUE INDEX wrapping_key_current ON wrapping_key (domain) WHERE state = 1;

CREATE TABLE data_key (
    class INTEGER NOT NULL,
    scope_kind INTEGER NOT NULL,
    owner BLOB NOT NULL CHECK (length(owner) = 16),
    period INTEGER NOT NULL,
    generation INTEGER NOT NULL CHECK (generation >= 1),
    wrapping_version INTEGER NOT NULL,
    wrapped BLOB CHECK (length(wrapped) = 73),
    check_value BLOB NOT NULL CHECK (length(check_value) = 32),
    fenced_at INTEGER,
    PRIMARY KEY (class, scope_kind, owner, period, generation),
    CHECK ((wrapped IS NULL) = (fenced_at IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX data_key_owner ON data_key (owner);
CREATE INDEX data_key_wrapping ON data_key (class, wrapping_version);

-- Class by class the oldest period that may still have a key.
CREATE TABLE period_floor (
    class INTEGER NOT NULL,
    scope_kind INTEGER NOT NULL,
    period INTEGER NOT NULL,
    PRIMARY KEY (class, scope_kind)
) STRICT;

-- Rows below this version were put back; they do not open.
CREATE TABLE version_floor (
    class INTEGER NOT NULL,
    owner BLOB NOT NULL CHECK (length(owner) = 16),
    version INTEGER NOT NULL,
    PRIMARY KEY (class, owner)
) STRICT;

CREATE TABLE blind_index (
    field INTEGER NOT NULL,
    key_version INTEGER NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 32),
    target BLOB NOT NULL CHECK (length(target) = 16),
    state INTEGER NOT NULL CHECK (state IN (1, 2)),
    nonce BLOB NOT NULL CHECK (length(nonce) = 16),
    PRIMARY KEY (field, key_version, mac)
) STRICT, WITHOUT ROWID;
CREATE INDEX blind_index_target ON blind_index (target);

-- What somebody may be found by: equal values have equal MACs. A row lies under the key of what it was made from, and
-- goes with it.
CREATE TABLE clue (
    field INTEGER NOT NULL CHECK (field IN (3, 4, 5)),
    key_version INTEGER NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 32),
    object BLOB NOT NULL CHECK (length(object) = 16),
    class INTEGER NOT NULL,
    scope_kind INTEGER NOT NULL,
    owner BLOB NOT NULL CHECK (length(owner) = 16),
    period INTEGER NOT NULL,
    PRIMARY KEY (field, key_version, mac, object)
) STRICT, WITHOUT ROWID;
CREATE INDEX clue_owner ON clue (owner);

CREATE TRIGGER data_key_current_only BEFORE INSERT ON data_key
WHEN NEW.wrapped IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM wrapping_key WHERE domain = NEW.class AND version = NEW.wrapping_version AND state = 1)
BEGIN SELECT RAISE(ABORT, 'a data key is wrapped by the current wrapping key only'); END;

CREATE TRIGGER data_key_behind_fence BEFORE INSERT ON data_key
WHEN EXISTS (
    SELECT 1 FROM data_key WHERE class = NEW.class AND scope_kind = NEW.scope_kind AND owner = NEW.owner
    AND period = NEW.period AND fenced_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'erased: no key is made behind a fence'); END;

CREATE TRIGGER data_key_expired_period BEFORE INSERT ON data_key
WHEN EXISTS (
    SELECT 1 FROM period_floor WHERE class = NEW.class AND scope_kind = NEW.scope_kind AND NEW.period < period)
BEGIN SELECT RAISE(ABORT, 'expired: no key is made for a period that has ended'); END;

CREATE TRIGGER data_key_erased_stays BEFORE UPDATE ON data_key
WHEN OLD.wrapped IS NULL
BEGIN SELECT RAISE(ABORT, 'erased: a destroyed key does not come back'); END;

CREATE TRIGGER data_key_fence_stays BEFORE DELETE ON data_key
WHEN OLD.fenced_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'erased: the fence stays'); END;

CREATE TRIGGER clue_under_key BEFORE INSERT ON clue
WHEN NOT EXISTS (
    SELECT 1 FROM data_key WHERE class = NEW.class AND scope_kind = NEW.scope_kind AND owner = NEW.owner
    AND period = NEW.period AND wrapped IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'nobody is found by what has no key'); END;

CREATE TRIGGER keyring_epoch_grows BEFORE UPDATE ON keyring
WHEN NEW.epoch < OLD.epoch
BEGIN SELECT RAISE(ABORT, 'the epoch only grows'); END;
