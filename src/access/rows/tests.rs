//! The bytes of rows: their widths, and that every column counts.

use super::{AuthorityRow, EnrolmentRow, EnrolmentState, RowKind};
use crate::{
    access::{PrincipalKind, Purpose, Role, testing},
    base::{EnrolmentId, Time},
};

fn bytes(row: &impl AuthorityRow) -> Vec<u8> {
    let mut out = Vec::new();
    row.canonical(&mut out);
    out
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

/// The widths that the byte tables state.
#[test]
fn every_kind_of_row_has_its_kind_its_layout_and_one_width() {
    let rows = [
        (RowKind::Principal, bytes(&testing::principal(PrincipalKind::Human)), 28),
        (RowKind::Grant, bytes(&testing::grant(Role::Support)), 77),
        (RowKind::Session, bytes(&testing::session()), 109),
        (RowKind::Enrolment, bytes(&enrolment()), 83),
        (RowKind::Ticket, bytes(&testing::ticket()), 68),
        (RowKind::Case, bytes(&testing::case(Purpose::SecurityIncident)), 77),
    ];
    for (kind, bytes, width) in rows {
        assert_eq!((bytes[0], bytes[1], bytes.len()), (kind.number(), 1, width), "{kind}");
    }
}
