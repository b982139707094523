//! Floor 2: how long what is kept, as the published policy says it.

mod policy;

pub(crate) use policy::TEXT as POLICY_TEXT;
pub use policy::{BadPolicy, Policy, PolicyClause, PolicyFault, Span, policy_markdown};
