//! Why an account is suspended.

use crate::access::frozen::frozen;

frozen! {
    /// Why an account is suspended, in words that its owner is told.
    pub enum SuspensionReason {
        /// Something was done through it that may not be done.
        Abuse = 1 "abuse",
        /// Something is not paid.
        Payment = 2 "payment",
        /// Somebody else may have got into it.
        Security = 3 "security",
        /// An order of a court or an authority.
        Legal = 4 "legal",
        /// Its owner asked for it.
        Request = 5 "request",
    }
}
