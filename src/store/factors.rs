//! Second factors of principals: rows that confer authority, and the sealed secrets of one-time codes beside them.

use super::{
    AuthorityTable, LogTurn, Queries, Row, Statement, StoreError, Value, authority::known, sql::people,
};
use crate::{
    access::rows::{FactorKind, FactorRow, FactorState},
    base::{FactorId, PrincipalId},
    seal::Unvouched,
};

impl AuthorityTable for FactorRow {
    const ALL: &'static Statement = &people::FACTORS;
    const LIVE: &'static Statement = &people::FACTORS_LIVE;
    const UPDATE: &'static Statement = &people::FACTOR_UPDATE;

    fn read(row: &Row) -> Result<Unvouched<Self>, StoreError> {
        let factor = Self {
            id: row.id(0)?,
            principal: row.id(1)?,
            kind: known(row, FactorKind::from_number(row.number(2)?))?,
            public_key: row.bytes(3)?,
            application: row.bytes(4)?,
            created: row.time(5)?,
            used: row.number(6)?,
            failures: row.number(7)?,
            failed: row.time(8)?,
            state: known(row, FactorState::from_number(row.number(9)?))?,
            changed_at: row.number(10)?,
        };
        Ok(Unvouched { row: factor, mac: row.bytes(11)? })
    }

    fn is_folded(&self) -> bool {
        self.state == FactorState::Live
    }

    fn changeable(&self) -> Vec<Value> {
        vec![self.used.into(), self.failures.into(), self.failed.into(), self.state.number().into()]
    }
}

/// Writes a new factor; a sealed secret for one-time codes.
pub(crate) fn insert(
    turn: &mut LogTurn<'_>,
    row: &FactorRow,
    mac: &[u8; 32],
    secret: Option<Vec<u8>>,
) -> Result<(), StoreError> {
    let values = [
        row.id.into(),
        row.principal.into(),
        row.kind.number().into(),
        Value::from(&row.public_key),
        Value::from(&row.application),
        row.created.into(),
        row.used.into(),
        row.failures.into(),
        row.failed.into(),
        row.state.number().into(),
        secret.into(),
        row.changed_at.into(),
        Value::from(mac),
    ];
    turn.insert(&people::FACTOR_INSERT, row, mac, &values)
}

/// The live factors of a principal, by id.
pub(crate) fn of(
    db: &mut impl Queries,
    principal: PrincipalId,
) -> Result<Vec<Unvouched<FactorRow>>, StoreError> {
    db.all(&people::FACTORS_OF, &[principal.into()], FactorRow::read)
}

/// The sealed secret of a factor's one-time codes.
pub(crate) fn secret(db: &mut impl Queries, id: FactorId) -> Result<Option<Vec<u8>>, StoreError> {
    let sealed =
        db.one(&people::FACTOR_SECRET, &[id.into()], |row| Ok(row.optional_blob(0)?.map(<[u8]>::to_vec)))?;
    Ok(sealed.flatten())
}
