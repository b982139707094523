//! What is counted of a process's own work with the room.

use crate::base::count::Counter;

/// Customers' logins in this process.
#[derive(Debug, Default)]
pub(super) struct Logins {
    pub(super) granted: Counter,
    pub(super) denied: Counter,
    pub(super) failed: Counter,
    pub(super) upgraded: Counter,
}

/// Webhooks that this process sent.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub(super) delivered: Counter,
    pub(super) failed: Counter,
}
