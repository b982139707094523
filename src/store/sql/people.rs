//! Principals, grants, sessions, enrolments, cases, holds, factors: rows that confer authority.

super::statements! { Store;
    PRINCIPAL_INSERT, "principal.insert",
        "INSERT INTO principal (id, kind, state, account, factors, index_nonce, handle_sealed, changed_at, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    PRINCIPAL_UPDATE, "principal.update",
        "UPDATE principal SET state = ?2, account = ?3, factors = ?4, changed_at = ?5, mac = ?6 WHERE id = ?1";
    PRINCIPAL, "principal",
        "SELECT id, kind, state, account, factors, changed_at, mac FROM principal WHERE id = ?1";
    PRINCIPALS, "principals",
        "SELECT id, kind, state, account, factors, changed_at, mac FROM principal ORDER BY id LIMIT ?1";
    PRINCIPALS_AFTER, "principals.after",
        "SELECT id, kind, state, account, factors, changed_at, mac FROM principal WHERE id > ?1 ORDER BY id LIMIT ?2";
    PRINCIPALS_LIVE, "principals.live",
        "SELECT id, kind, state, account, factors, changed_at, mac FROM principal WHERE state = 1";
    PRINCIPAL_HANDLE, "principal.handle", "SELECT index_nonce, handle_sealed FROM principal WHERE id = ?1";
    GRANT_INSERT, "grant.insert",
        "INSERT INTO role_grant (id, principal, role, not_before_ms, expires_ms, state, granted_by, changed_at, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    GRANT_UPDATE, "grant.update", "UPDATE role_grant SET state = ?2, changed_at = ?3, mac = ?4 WHERE id = ?1";
    GRANT, "grant",
        "SELECT id, principal, role, not_before_ms, expires_ms, state, granted_by, changed_at, mac FROM role_grant WHERE id = ?1";
    GRANTS_OF, "grants.of",
        "SELECT id, principal, role, not_before_ms, expires_ms, state, granted_by, changed_at, mac FROM role_grant WHERE principal = ?1 ORDER BY id";
    GRANTS, "grants",
        "SELECT id, principal, role, not_before_ms, expires_ms, state, granted_by, changed_at, mac FROM role_grant ORDER BY id LIMIT ?1";
    GRANTS_LIVE, "grants.live",
        "SELECT id, principal, role, not_before_ms, expires_ms, state, granted_by, changed_at, mac FROM role_grant WHERE state = 1";
    SESSION_INSERT, "session.insert",
        "INSERT INTO session (id, holder_kind, holder, token_hash, created_ms, expires_ms, used_ms, factor_ms, state, changed_at, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    SESSION_UPDATE, "session.update",
        "UPDATE session SET used_ms = ?2, factor_ms = ?3, state = ?4, changed_at = ?5, mac = ?6 WHERE id = ?1";
    SESSION_ROLES_INSERT, "session_roles.insert",
        "INSERT INTO session_roles (id, roles, changed_at, mac) VALUES (?1, ?2, ?3, ?4)";
    SESSION_ROLES, "session_roles", "SELECT id, roles, changed_at, mac FROM session_roles WHERE id = ?1";
    SESSION_BY_TOKEN, "session.by_token",
        "SELECT id, holder_kind, holder, token_hash, created_ms, expires_ms, used_ms, factor_ms, state, changed_at, mac FROM session WHERE token_hash = ?1";
    SESSION, "session",
        "SELECT id, holder_kind, holder, token_hash, created_ms, expires_ms, used_ms, factor_ms, state, changed_at, mac FROM session WHERE id = ?1";
    SESSIONS_OWNERS_DELETE, "sessions.owners.delete", "DELETE FROM session WHERE holder_kind = 2";
    SESSIONS, "sessions",
        "SELECT id, holder_kind, holder, token_hash, created_ms, expires_ms, used_ms, factor_ms, state, changed_at, mac FROM session WHERE holder_kind = 1 ORDER BY id LIMIT ?1";
    SESSIONS_LIVE, "sessions.live",
        "SELECT id, holder_kind, holder, token_hash, created_ms, expires_ms, used_ms, factor_ms, state, changed_at, mac FROM session WHERE holder_kind = 1 AND state = 1";
    SESSIONS_OVER, "sessions.over",
        "SELECT id, holder_kind, holder, token_hash, created_ms, expires_ms, used_ms, factor_ms, state, changed_at, mac FROM session WHERE holder_kind = 1 AND holder = ?1 AND state = 1 AND expires_ms <= ?2 LIMIT 64";
    OWNER_SESSIONS_DELETE, "sessions.owner.delete", "DELETE FROM session WHERE holder_kind = 2 AND holder = ?1";
    OWNER_SESSIONS_OTHER_DELETE, "sessions.owner.other.delete",
        "DELETE FROM session WHERE holder_kind = 2 AND holder = ?1 AND id <> ?2";
    OWNER_SESSION_DELETE, "session.owner.delete",
        "DELETE FROM session WHERE holder_kind = 2 AND holder = ?1 AND id = ?2";
    OWNER_SESSIONS, "sessions.owner",
        "SELECT id, holder_kind, holder, token_hash, created_ms, expires_ms, used_ms, factor_ms, state, changed_at, mac FROM session WHERE holder_kind = 2 AND holder = ?1 AND state = 1 AND expires_ms > ?2 AND (created_ms, id) < (?3, ?4) ORDER BY created_ms DESC, id DESC LIMIT ?5";
    SESSIONS_OF, "sessions.of",
        "SELECT id, holder_kind, holder, token_hash, created_ms, expires_ms, used_ms, factor_ms, state, changed_at, mac FROM session WHERE holder_kind = 1 AND holder = ?1 AND state = 1 ORDER BY id";
    ENROLMENT_INSERT, "enrolment.insert",
        "INSERT INTO enrolment (id, principal, code_hash, expires_ms, state, changed_at, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    ENROLMENT_UPDATE, "enrolment.update", "UPDATE enrolment SET state = ?2, changed_at = ?3, mac = ?4 WHERE id = ?1";
    ENROLMENT_BY_CODE, "enrolment.by_code",
        "SELECT id, principal, code_hash, expires_ms, state, changed_at, mac FROM enrolment WHERE code_hash = ?1";
    ENROLMENTS, "enrolments",
        "SELECT id, principal, code_hash, expires_ms, state, changed_at, mac FROM enrolment ORDER BY id LIMIT ?1";
    ENROLMENTS_OPEN, "enrolments.open",
        "SELECT id, principal, code_hash, expires_ms, state, changed_at, mac FROM enrolment WHERE principal = ?1 AND state = 1 ORDER BY id";
    ENROLMENTS_LIVE, "enrolments.live",
        "SELECT id, principal, code_hash, expires_ms, state, changed_at, mac FROM enrolment WHERE state = 1";
    CASE_INSERT, "case.insert",
        "INSERT INTO staff_case (id, account, purpose, opened_by, created_ms, expires_ms, state, changed_at, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    CASE_UPDATE, "case.update", "UPDATE staff_case SET state = ?2, changed_at = ?3, mac = ?4 WHERE id = ?1";
    CASE, "case",
        "SELECT id, account, purpose, opened_by, created_ms, expires_ms, state, changed_at, mac FROM staff_case WHERE id = ?1";
    CASES, "cases",
        "SELECT id, account, purpose, opened_by, created_ms, expires_ms, state, changed_at, mac FROM staff_case ORDER BY id LIMIT ?1";
    CASES_LIVE, "cases.live",
        "SELECT id, account, purpose, opened_by, created_ms, expires_ms, state, changed_at, mac FROM staff_case WHERE state = 1";
    CASES_OVER, "cases.over",
        "SELECT id, account, purpose, opened_by, created_ms, expires_ms, state, changed_at, mac FROM staff_case WHERE opened_by = ?1 AND state = 1 AND expires_ms <= ?2 LIMIT 64";
    HOLD_INSERT, "hold.insert",
        "INSERT INTO hold (id, account, classes, placed_by, case_kind, case_id, review_ms, state, changed_at, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    HOLD_UPDATE, "hold.update", "UPDATE hold SET state = ?2, changed_at = ?3, mac = ?4 WHERE id = ?1";
    HOLD, "hold",
        "SELECT id, account, classes, placed_by, case_kind, case_id, review_ms, state, changed_at, mac FROM hold WHERE id = ?1";
    HOLDS, "holds",
        "SELECT id, account, classes, placed_by, case_kind, case_id, review_ms, state, changed_at, mac FROM hold ORDER BY id LIMIT ?1";
    HOLDS_LIVE, "holds.live",
        "SELECT id, account, classes, placed_by, case_kind, case_id, review_ms, state, changed_at, mac FROM hold WHERE state = 1";
    FACTOR_INSERT, "factor.insert",
        "INSERT INTO factor (id, principal, kind, public_key, application, created_ms, used, failures, failed_ms, state, secret_sealed, changed_at, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    FACTOR_UPDATE, "factor.update",
        "UPDATE factor SET used = ?2, failures = ?3, failed_ms = ?4, state = ?5, changed_at = ?6, mac = ?7 WHERE id = ?1";
    FACTOR_SECRET, "factor.secret", "SELECT secret_sealed FROM factor WHERE id = ?1";
    FACTORS_OF, "factors.of",
        "SELECT id, principal, kind, public_key, application, created_ms, used, failures, failed_ms, state, changed_at, mac FROM factor WHERE principal = ?1 AND state = 1 ORDER BY id";
    FACTORS, "factors",
        "SELECT id, principal, kind, public_key, application, created_ms, used, failures, failed_ms, state, changed_at, mac FROM factor ORDER BY id LIMIT ?1";
    FACTORS_LIVE, "factors.live",
        "SELECT id, principal, kind, public_key, application, created_ms, used, failures, failed_ms, state, changed_at, mac FROM factor WHERE state = 1";
    FIELD_CHECK_INSERT, "field_check.insert",
        "INSERT INTO field_check (id, account, principal, matched, at_ms) VALUES (?1, ?2, ?3, ?4, ?5)";
    FIELD_CHECKS_FORGET, "field_checks.forget", "DELETE FROM field_check WHERE at_ms <= ?1";
    FIELD_CHECKS_WRONG, "field_checks.wrong",
        "SELECT count(*), COALESCE(min(at_ms), 0) FROM field_check WHERE account = ?1 AND at_ms > ?2 AND matched = 0";
    FIELD_CHECKS_OF_ONE, "field_checks.of_one",
        "SELECT count(*), COALESCE(min(at_ms), 0) FROM field_check WHERE principal = ?1 AND at_ms > ?2 AND matched <= 1";
    SEARCHES_OF_ONE, "searches.of_one",
        "SELECT count(*), COALESCE(min(at_ms), 0) FROM field_check WHERE principal = ?1 AND at_ms > ?2 AND matched = 2";
    FIELD_CHECKS_DELETE, "field_checks.delete", "DELETE FROM field_check WHERE account = ?1";
    CASES_OF, "cases.of",
        "SELECT id, account, purpose, opened_by, created_ms, expires_ms, state, changed_at, mac FROM staff_case WHERE opened_by = ?1 AND state = 1 AND expires_ms > ?2 AND (expires_ms, id) > (?3, ?4) ORDER BY expires_ms, id LIMIT ?5";
}
