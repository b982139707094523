//! Approvals and waivers: what takes a second person, and what is out of force.

super::statements! { Store;
    APPROVAL_INSERT, "approval.insert",
        "INSERT INTO approval (id, requester, action, role, beneficiary, subject, request, created_ms, expires_ms, first_approver, second_approver, state, changed_at, mac, request_text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    APPROVAL_UPDATE, "approval.update",
        "UPDATE approval SET first_approver = ?2, second_approver = ?3, state = ?4, changed_at = ?5, mac = ?6 WHERE id = ?1";
    APPROVAL, "approval", "SELECT id, requester, action, role, beneficiary, subject, request, created_ms, expires_ms, first_approver, second_approver, state, changed_at, mac FROM approval WHERE id = ?1";
    APPROVAL_TEXT, "approval.text", "SELECT request_text FROM approval WHERE id = ?1";
    APPROVALS_OPEN_OF, "approvals.open.of",
        "SELECT id, requester, action, role, beneficiary, subject, request, created_ms, expires_ms, first_approver, second_approver, state, changed_at, mac FROM approval WHERE requester = ?1 AND state <= 3 ORDER BY created_ms, id";
    APPROVALS, "approvals", "SELECT id, requester, action, role, beneficiary, subject, request, created_ms, expires_ms, first_approver, second_approver, state, changed_at, mac FROM approval ORDER BY id LIMIT ?1";
    APPROVALS_LIVE, "approvals.live", "SELECT id, requester, action, role, beneficiary, subject, request, created_ms, expires_ms, first_approver, second_approver, state, changed_at, mac FROM approval WHERE state <= 3";
    APPROVALS_DONE, "approvals.done",
        "SELECT id, requester, action, role, beneficiary, subject, request, created_ms, expires_ms, first_approver, second_approver, state, changed_at, mac FROM approval WHERE action = ?1 AND state BETWEEN 3 AND 5 ORDER BY changed_at DESC";
    WAIVER_INSERT, "waiver.insert",
        "INSERT INTO waiver (id, rule, given_by, created_ms, expires_ms, state, changed_at, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    WAIVER_UPDATE, "waiver.update", "UPDATE waiver SET state = ?2, changed_at = ?3, mac = ?4 WHERE id = ?1";
    WAIVER, "waiver", "SELECT id, rule, given_by, created_ms, expires_ms, state, changed_at, mac FROM waiver WHERE id = ?1";
    WAIVERS, "waivers",
        "SELECT id, rule, given_by, created_ms, expires_ms, state, changed_at, mac FROM waiver ORDER BY id LIMIT ?1";
    WAIVERS_LIVE, "waivers.live",
        "SELECT id, rule, given_by, created_ms, expires_ms, state, changed_at, mac FROM waiver WHERE state = 1";
}
