-- The keyring on a PostgreSQL-wire server, migration 1: every key, wrapped, and every index of an address. FORMAT.md section 5.
-- A backup of store.db holds none of this.

CREATE TABLE keyring (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    room BYTEA NOT NULL CHECK (length(room) = 16),
    format BIGINT NOT NULL,
    epoch BIGINT NOT NULL
);

CREATE TABLE wrapping_key (
    domain BIGINT NOT NULL,
    version BIGINT NOT NULL,
    state BIGINT NOT NULL CHECK (state IN (1, 2, 3, 4)),
    wrapped BYTEA CHECK (length(wrapped) = 73),
    check_value BYTEA NOT NULL CHECK (length(check_value) = 32),
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (domain, version),
    -- A destroyed version keeps its row and loses its bytes; no other state lacks them.
    CHECK ((state = 4) = (wrapped IS NULL))
);
CREATE UNIQUE INDEX wrapping_key_current ON wrapping_key (domain) WHERE state = 1;

CREATE TABLE data_key (
    class BIGINT NOT NULL,
    scope_kind BIGINT NOT NULL,
    owner BYTEA NOT NULL CHECK (length(owner) = 16),
    period BIGINT NOT NULL,
    generation BIGINT NOT NULL CHECK (generation >= 1),
    wrapping_version BIGINT NOT NULL,
    wrapped BYTEA CHECK (length(wrapped) = 73),
    check_value BYTEA NOT NULL CHECK (length(check_value) = 32),
    fenced_at BIGINT,
    PRIMARY KEY (class, scope_kind, owner, period, generation),
    CHECK ((wrapped IS NULL) = (fenced_at IS NOT NULL))
);
CREATE INDEX data_key_owner ON data_key (owner);
CREATE INDEX data_key_wrapping ON data_key (class, wrapping_version);

-- Class by class the oldest period that may still have a key.
CREATE TABLE period_floor (
    class BIGINT NOT NULL,
    scope_kind BIGINT NOT NULL,
    period BIGINT NOT NULL,
    PRIMARY KEY (class, scope_kind)
);

-- Rows below this version were put back; they do not open.
CREATE TABLE version_floor (
    class BIGINT NOT NULL,
    owner BYTEA NOT NULL CHECK (length(owner) = 16),
    version BIGINT NOT NULL,
    PRIMARY KEY (class, owner)
);

CREATE TABLE blind_index (
    field BIGINT NOT NULL,
    key_version BIGINT NOT NULL,
    mac BYTEA NOT NULL CHECK (length(mac) = 32),
    target BYTEA NOT NULL CHECK (length(target) = 16),
    state BIGINT NOT NULL CHECK (state IN (1, 2)),
    nonce BYTEA NOT NULL CHECK (length(nonce) = 16),
    PRIMARY KEY (field, key_version, mac)
);
CREATE INDEX blind_index_target ON blind_index (target);

-- What somebody may be found by: equal values have equal MACs. A row lies under the key of what it was made from, and
-- goes with it.
CREATE TABLE clue (
    field BIGINT NOT NULL CHECK (field IN (3, 4, 5)),
    key_version BIGINT NOT NULL,
    mac BYTEA NOT NULL CHECK (length(mac) = 32),
    object BYTEA NOT NULL CHECK (length(object) = 16),
    class BIGINT NOT NULL,
    scope_kind BIGINT NOT NULL,
    owner BYTEA NOT NULL CHECK (length(owner) = 16),
    period BIGINT NOT NULL,
    PRIMARY KEY (field, key_version, mac, object)
);
CREATE INDEX clue_owner ON clue (owner);

CREATE FUNCTION data_key_current_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.wrapped IS NOT NULL AND NOT EXISTS ( SELECT 1 FROM wrapping_key WHERE domain = NEW.class AND version = NEW.wrapping_version AND state = 1) THEN
        RAISE EXCEPTION 'a data key is wrapped by the current wrapping key only';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER data_key_current_only BEFORE INSERT ON data_key FOR EACH ROW EXECUTE FUNCTION data_key_current_only();

CREATE FUNCTION data_key_behind_fence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS ( SELECT 1 FROM data_key WHERE class = NEW.class AND scope_kind = NEW.scope_kind AND owner = NEW.owner AND period = NEW.period AND fenced_at IS NOT NULL) THEN
        RAISE EXCEPTION 'erased: no key is made behind a fence';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER data_key_behind_fence BEFORE INSERT ON data_key FOR EACH ROW EXECUTE FUNCTION data_key_behind_fence();

CREATE FUNCTION data_key_expired_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS ( SELECT 1 FROM period_floor WHERE class = NEW.class AND scope_kind = NEW.scope_kind AND NEW.period < period) THEN
        RAISE EXCEPTION 'expired: no key is made for a period that has ended';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER data_key_expired_period BEFORE INSERT ON data_key FOR EACH ROW EXECUTE FUNCTION data_key_expired_period();

CREATE FUNCTION data_key_erased_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.wrapped IS NULL THEN
        RAISE EXCEPTION 'erased: a destroyed key does not come back';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER data_key_erased_stays BEFORE UPDATE ON data_key FOR EACH ROW EXECUTE FUNCTION data_key_erased_stays();

CREATE FUNCTION data_key_fence_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.fenced_at IS NOT NULL THEN
        RAISE EXCEPTION 'erased: the fence stays';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER data_key_fence_stays BEFORE DELETE ON data_key FOR EACH ROW EXECUTE FUNCTION data_key_fence_stays();

CREATE FUNCTION clue_under_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS ( SELECT 1 FROM data_key WHERE class = NEW.class AND scope_kind = NEW.scope_kind AND owner = NEW.owner AND period = NEW.period AND wrapped IS NOT NULL) THEN
        RAISE EXCEPTION 'nobody is found by what has no key';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER clue_under_key BEFORE INSERT ON clue FOR EACH ROW EXECUTE FUNCTION clue_under_key();

CREATE FUNCTION keyring_epoch_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.epoch < OLD.epoch THEN
        RAISE EXCEPTION 'the epoch only grows';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keyring_epoch_grows BEFORE UPDATE ON keyring FOR EACH ROW EXECUTE FUNCTION keyring_epoch_grows();
