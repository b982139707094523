//! The bytes of rows: frozen, of one width, and changed by every column.

use std::time::Duration;

use super::{
    ApiKeyRow, ApiKeyState, AuthorityRow, CaseState, ChallengeRow, ChallengeState, EnrolmentRow,
    EnrolmentState, FactorKind, FactorRow, FactorState, GrantState, HoldRow, HoldState, Holder, IntentRow,
    IntentState, PrincipalState, RowKind, SessionState, TicketState, Topic,
};
use crate::{
    access::{CaseRef, PrincipalKind, Purpose, Role, testing},
    base::{
        AccountId, ApiKeyId, CaseId, ChallengeId, Class, Classes, EnrolmentId, FactorId, GrantId, HoldId,
        PrincipalId, SessionId, TicketId, Time, limits,
    },
};

fn bytes(row: &impl AuthorityRow) -> Vec<u8> {
    let mut out = Vec::new();
    row.canonical(&mut out);
    out
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn enrolment() -> EnrolmentRow {
    EnrolmentRow {
        id: EnrolmentId::from_bytes([0xe0; 16]),
        principal: testing::ACTOR,
        code_hash: [8; 32],
        expires: testing::NOW,
        state: EnrolmentState::Open,
        changed_at: 6,
    }
}

fn hold() -> HoldRow {
    HoldRow {
        id: HoldId::from_bytes([0xd0; 16]),
        account: testing::SUBJECT,
        classes: Classes::of(&[Class::Support]),
        placed_by: testing::ACTOR,
        case: CaseRef::Case(testing::CASE),
        review: testing::NOW,
        state: HoldState::Live,
        changed_at: 7,
    }
}

fn factor() -> FactorRow {
    FactorRow {
        id: FactorId::from_bytes([0xf0; 16]),
        principal: testing::ACTOR,
        kind: FactorKind::SshKey,
        public_key: [3; 32],
        application: [0; 32],
        created: testing::NOW,
        used: 5,
        failures: 0,
        failed: Time::ZERO,
        state: FactorState::Live,
        changed_at: 8,
    }
}

fn intent() -> IntentRow {
    IntentRow {
        account: testing::SUBJECT,
        class: Class::Billing,
        period: 2026,
        state: IntentState::Begun,
        changed_at: 7,
    }
}

fn api_key() -> ApiKeyRow {
    ApiKeyRow {
        id: ApiKeyId::from_bytes([0xa0; 16]),
        account: testing::SUBJECT,
        secret_hash: [8; 32],
        scopes: "dns:write".to_owned(),
        scopes_digest: [9; 32],
        created: Time::ZERO,
        expires: testing::NOW,
        state: ApiKeyState::Live,
        changed_at: 7,
    }
}

fn challenge() -> ChallengeRow {
    ChallengeRow {
        id: ChallengeId::from_bytes([0xb0; 16]),
        topic: Topic::Reset,
        account: testing::SUBJECT,
        created: testing::NOW,
        expires: testing::NOW.plus(limits::LINK_LIFETIME),
        tries: 0,
        state: ChallengeState::Open,
        changed_at: 7,
    }
}

/// The widths that the byte tables state.
#[test]
fn every_kind_of_row_has_its_kind_its_layout_and_one_width() {
    let rows = [
        (RowKind::Principal, bytes(&testing::principal(PrincipalKind::Human)), 46),
        (RowKind::Grant, bytes(&testing::grant(Role::Support)), 77),
        (RowKind::Session, bytes(&testing::session()), 109),
        (RowKind::Enrolment, bytes(&enrolment()), 83),
        (RowKind::Ticket, bytes(&testing::ticket()), 68),
        (RowKind::Case, bytes(&testing::case(Purpose::SecurityIncident)), 77),
        (RowKind::Hold, bytes(&hold()), 85),
        (RowKind::Intent, bytes(&intent()), 32),
        (RowKind::Factor, bytes(&factor()), 140),
        (RowKind::ApiKey, bytes(&api_key()), 123),
        (RowKind::Challenge, bytes(&challenge()), 64),
    ];
    for (kind, bytes, width) in rows {
        assert_eq!((bytes[0], bytes[1], bytes.len()), (kind.number(), 1, width), "{kind}");
    }
}

/// A grant, byte by byte: what is vouched for today must be what was vouched for years ago.
#[test]
fn the_bytes_of_a_grant_are_frozen() {
    let mut grant = testing::grant(Role::Support);
    (grant.not_before, grant.expires, grant.changed_at) = (Time::from_ms(0x0102), Time::MAX, 0x0a0b);
    let expected = [
        "0201",
        &"06".repeat(16),
        &"a1".repeat(16),
        "06",
        "0000000000000102",
        "001fffffffffffff",
        "01",
        "01",
        &"a2".repeat(16),
        "0000000000000a0b",
    ];
    assert_eq!(hex(&bytes(&grant)), expected.concat());
    grant.granted_by = None;
    assert!(hex(&bytes(&grant)).contains(&format!("01{}0000000000000a0b", "00".repeat(17))));
}

/// Whatever column is edited, the bytes differ: a column left out could be edited with SQL.
#[test]
fn every_column_counts() {
    macro_rules! counts {
        ($row:expr; $($column:ident = $value:expr),+ $(,)?) => {{
            let row = $row;
            let mut seen = vec![bytes(&row)];
            $({
                let mut edited = row.clone();
                edited.$column = $value;
                let edited = bytes(&edited);
                assert_eq!(edited.len(), seen[0].len(), stringify!($column));
                assert!(!seen.contains(&edited), stringify!($column));
                seen.push(edited);
            })+
        }};
    }
    let (other, account, later) =
        (PrincipalId::from_bytes([1; 16]), AccountId::from_bytes([1; 16]), Time::MAX);
    counts!(testing::principal(PrincipalKind::Human);
        id = other, kind = PrincipalKind::Machine, state = PrincipalState::Disabled, account = Some(account),
        account = Some(AccountId::from_bytes([0; 16])), factors = 1, changed_at = 99);
    counts!(testing::grant(Role::Support);
        id = GrantId::from_bytes([1; 16]), principal = other, role = Role::Security, not_before = later,
        expires = later, state = GrantState::Revoked, granted_by = None, granted_by = Some(other), changed_at = 99);
    counts!(testing::session();
        id = SessionId::from_bytes([1; 16]), holder = Holder::Principal(other),
        holder = Holder::Account(AccountId::from_bytes(*testing::ACTOR.as_bytes())), token_hash = [1; 32],
        created = later, expires = later, used = later, factor = None, factor = Some(later), factor = Some(Time::ZERO),
        state = SessionState::Ended, changed_at = 99);
    counts!(enrolment();
        id = EnrolmentId::from_bytes([1; 16]), principal = other, code_hash = [1; 32], expires = later,
        state = EnrolmentState::Used, state = EnrolmentState::Withdrawn, changed_at = 99);
    counts!(testing::ticket();
        id = TicketId::from_bytes([1; 16]), account = account, state = TicketState::Closed, assignee = None,
        assignee = Some(other), created = later, changed_at = 99);
    counts!(testing::case(Purpose::SecurityIncident);
        id = CaseId::from_bytes([1; 16]), account = None, account = Some(account),
        purpose = Purpose::FraudInvestigation, opened_by = other, created = later, expires = later,
        state = CaseState::Closed, changed_at = 99);
    counts!(hold();
        id = HoldId::from_bytes([1; 16]), account = account, classes = Classes::NONE, placed_by = other,
        case = CaseRef::Case(CaseId::from_bytes([1; 16])),
        case = CaseRef::Ticket(TicketId::from_bytes(*testing::CASE.as_bytes())), review = later,
        state = HoldState::Released, changed_at = 99);
    counts!(factor();
        id = FactorId::from_bytes([1; 16]), principal = other, kind = FactorKind::Totp, public_key = [4; 32],
        application = [3; 32], created = later, used = 6, failures = 1, failed = later,
        state = FactorState::Removed, changed_at = 99);
    counts!(api_key();
        id = ApiKeyId::from_bytes([1; 16]), account = account, secret_hash = [1; 32], scopes_digest = [1; 32],
        created = later, expires = later, state = ApiKeyState::Revoked, changed_at = 99);
    counts!(challenge();
        id = ChallengeId::from_bytes([1; 16]), topic = Topic::Verify, account = account, created = later,
        expires = later, tries = 1, state = ChallengeState::Withdrawn, changed_at = 99);
    counts!(intent();
        account = account, class = Class::Support, period = 2025, state = IntentState::Deferred,
        changed_at = 99);
}

#[test]
fn a_code_is_tried_for_ten_minutes_and_five_times_and_its_link_works_on() {
    let (row, at) = (challenge(), |span| testing::NOW.plus(span));
    let almost = |span: Duration| span.checked_sub(Duration::from_millis(1)).unwrap();
    assert!(row.takes_code(testing::NOW) && row.takes_code(at(almost(limits::CODE_LIFETIME))));
    assert!(!row.takes_code(at(limits::CODE_LIFETIME)) && row.is_open(at(limits::CODE_LIFETIME)));
    assert!(row.is_open(at(almost(limits::LINK_LIFETIME))) && !row.is_open(at(limits::LINK_LIFETIME)));
    let tried = |tries| ChallengeRow { tries, ..challenge() };
    assert!(tried(4).takes_code(testing::NOW) && !tried(5).takes_code(testing::NOW));
    assert!(tried(5).is_open(testing::NOW), "its link is not guessed");
    assert!(!ChallengeRow { state: ChallengeState::Withdrawn, ..challenge() }.is_open(testing::NOW));
    assert!(!row.is_open(Time::ZERO), "before it was asked for");
}

#[test]
fn a_key_counts_until_it_expires_or_is_revoked() {
    let before = Time::from_ms(testing::NOW.as_ms() - 1);
    assert!(api_key().is_live(before) && !api_key().is_live(testing::NOW));
    assert!(!ApiKeyRow { state: ApiKeyState::Revoked, ..api_key() }.is_live(before));
}

#[test]
fn a_holder_is_what_its_parts_say() {
    for holder in [Holder::Principal(testing::ACTOR), Holder::Account(testing::SUBJECT)] {
        assert_eq!(Holder::from_parts(holder.number(), *holder.id_bytes()), Some(holder));
    }
    assert_eq!([0, 3, 255].map(|number| Holder::from_parts(number, [0; 16])), [None; 3]);
}

#[test]
fn an_enrolment_code_works_until_it_expires_or_is_used() {
    let before = Time::from_ms(testing::NOW.as_ms() - 1);
    assert!(enrolment().is_open(before) && !enrolment().is_open(testing::NOW));
    for state in [EnrolmentState::Used, EnrolmentState::Withdrawn] {
        assert!(!EnrolmentRow { state, ..enrolment() }.is_open(before));
    }
}

#[test]
fn codes_are_guessed_ever_more_slowly_and_then_not_at_all() {
    let pause = limits::FACTOR_GUESS_PAUSE;
    let takes = |failures, after: std::time::Duration| {
        FactorRow { failures, failed: testing::NOW, ..factor() }.takes_codes(testing::NOW.plus(after))
    };
    let at_once = std::time::Duration::ZERO;
    assert!(takes(limits::FACTOR_GUESSES_FREE - 1, at_once));
    assert!(!takes(limits::FACTOR_GUESSES_FREE, at_once) && takes(limits::FACTOR_GUESSES_FREE, pause));
    assert!(takes(limits::FACTOR_GUESSES_MAX - 1, pause) && !takes(limits::FACTOR_GUESSES_MAX, pause * 100));
    let tomorrow = FactorRow { failures: 7, failed: Time::MAX, ..factor() };
    assert!(!tomorrow.takes_codes(testing::NOW), "a clock that was set back ends no pause");
}
