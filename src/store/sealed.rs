//! What is stored under data keys, as far as it matters whether a key may be made, or is missing.

use super::{Queries, Statement, StoreError, Value, sql::sealed};
use crate::base::{Class, Scope};

/// Whether a value of this class and scope is stored.
pub(crate) fn is_sealed_under(db: &mut impl Queries, class: Class, scope: Scope) -> Result<bool, StoreError> {
    let (kind, owner, period) = (scope.kind().into(), Value::from(&scope.owner()), scope.period().into());
    let statements: (&[&'static Statement], &[Value]) = match (class, scope) {
        (Class::Identity, _) => (&[&sealed::IDENTITY], &[owner]),
        (Class::Credential, _) => (&[&sealed::CREDENTIAL], &[kind, owner]),
        (Class::Billing, _) => (&[&sealed::PAYMENT, &sealed::INVOICE], &[owner, period]),
        (Class::Support, _) => (&[&sealed::SUPPORT], &[owner]),
        (Class::Activity, _) => (&[&sealed::ACTIVITY], &[period]),
        (Class::Staff, _) => (&[&sealed::STAFF], &[owner]),
        (Class::AuditDetail, Scope::RoomMonth(_)) => (&[&sealed::DETAIL_MONTH], &[period]),
        (Class::AuditDetail, _) => (&[&sealed::DETAIL_SUBJECT], &[owner]),
        (Class::Accountability, _) => (&[], &[]),
    };
    let (statements, values) = statements;
    for statement in statements {
        if db.one(statement, values, |_| Ok(()))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Every scope of a class under which a value is stored.
pub(crate) fn each_scope(
    db: &mut impl Queries,
    class: Class,
    each: &mut dyn FnMut(Scope) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let statement = match class {
        Class::Identity => &sealed::SCOPES_IDENTITY,
        Class::Credential => &sealed::SCOPES_CREDENTIAL,
        Class::Billing => &sealed::SCOPES_BILLING,
        Class::Support => &sealed::SCOPES_SUPPORT,
        Class::Activity => {
            let mut day = |row: super::Row| each(Scope::RoomDay(row.number(0)?));
            return db.engine().query(&sealed::SCOPES_ACTIVITY, &[], &mut day);
        }
        Class::AuditDetail => &sealed::SCOPES_DETAIL,
        Class::Staff => &sealed::SCOPES_STAFF,
        Class::Accountability => return Ok(()),
    };
    db.engine().query(statement, &[], &mut |row| {
        let scope = Scope::from_parts(row.number(0)?, row.bytes(1)?, row.number(2)?);
        each(scope.ok_or_else(|| row.corrupt())?)
    })
}
