//! In which roles sessions of staff act, where they were chosen. Rooms of format 1 have no such rows.
//!
//! They stand in no sum: each is written once, with its session, so that there is no older one to put back, and without
//! one a session acts in no two roles that exclude each other either.

use super::{Queries, StoreError, Value, authority::LogTurn, sql::people};
use crate::{
    access::{Roles, rows::SessionRolesRow},
    base::SessionId,
    seal::Unvouched,
};

/// Writes the roles of a new session.
pub(crate) fn insert(
    turn: &mut LogTurn<'_>,
    row: &SessionRolesRow,
    mac: &[u8; 32],
) -> Result<(), StoreError> {
    let values = [row.id.into(), u32::from(row.roles.bits()).into(), row.changed_at.into(), Value::from(mac)];
    turn.change_one(&people::SESSION_ROLES_INSERT, &values)
}

/// The roles that were chosen for a session.
pub(crate) fn find(
    db: &mut impl Queries,
    session: SessionId,
) -> Result<Option<Unvouched<SessionRolesRow>>, StoreError> {
    db.one(&people::SESSION_ROLES, &[session.into()], |row| {
        let roles = Roles::from_bits(row.number(1)?);
        Ok(Unvouched {
            row: SessionRolesRow { id: row.id(0)?, roles, changed_at: row.number(2)? },
            mac: row.bytes(3)?,
        })
    })
}
