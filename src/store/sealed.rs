//! What is stored under a data key, as far as it matters whether the key may be made.

use super::{Queries, Statement, StoreError, Value, sql::sealed};
use crate::base::{Class, Scope};

/// Whether a value of this class and scope is stored. Of audit details it is not known: their table has no index by
/// owner, and one that was sealed under a lost key reads as broken, which is as loud.
pub(crate) fn is_sealed_under(db: &mut impl Queries, class: Class, scope: Scope) -> Result<bool, StoreError> {
    let (kind, owner, period) = (scope.kind().into(), Value::from(&scope.owner()), scope.period().into());
    let statements: (&[&'static Statement], &[Value]) = match class {
        Class::Identity => (&[&sealed::IDENTITY], &[owner]),
        Class::Credential => (&[&sealed::CREDENTIAL], &[kind, owner]),
        Class::Billing => (&[&sealed::PAYMENT, &sealed::INVOICE], &[owner, period]),
        Class::Support => (&[&sealed::SUPPORT], &[owner]),
        Class::Activity => (&[&sealed::ACTIVITY], &[period]),
        Class::Staff => (&[&sealed::STAFF], &[owner]),
        Class::AuditDetail | Class::Accountability => (&[], &[]),
    };
    let (statements, values) = statements;
    for statement in statements {
        if db.one(statement, values, |_| Ok(()))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
