//! Where calls come from, where one process carries those of many people.

use std::sync::Arc;

use super::core::{Core, Device, Room};
use crate::{
    audit::Via,
    base::{SecretText, TraceId, limits, text},
};

/// Where a call comes from, as far as whoever carries it knows. What is not said is as the room was opened with, but
/// for the address, the peer, the id and the device, which are then unknown: they are one call's.
#[derive(Clone, Default)]
pub struct Origin {
    component: Option<String>,
    host: Option<String>,
    address: Option<String>,
    peer: Option<u32>,
    trace: Option<TraceId>,
    device: Device,
}

impl Origin {
    /// A call of which nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// The component that carries it, for `via` of each entry.
    #[must_use]
    pub fn component(self, name: &str) -> Self {
        Self { component: Some(name.to_owned()), ..self }
    }

    /// The host that it comes from, for `via` of each entry.
    #[must_use]
    pub fn host(self, name: &str) -> Self {
        Self { host: Some(name.to_owned()), ..self }
    }

    /// Where the person is: a network address, a terminal. Sealed beside each entry and in each Activity record.
    #[must_use]
    pub fn at(self, address: &str) -> Self {
        Self { address: Some(address.to_owned()), ..self }
    }

    /// The system's user at the other end of a local socket, as the system says it.
    #[must_use]
    pub fn peer(self, user: u32) -> Self {
        Self { peer: Some(user), ..self }
    }

    /// The caller's own id of the request.
    #[must_use]
    pub fn trace(self, id: TraceId) -> Self {
        Self { trace: Some(id), ..self }
    }

    /// The device that the person is at: by the token that came with its first login
    /// ([`LoggedIn::device`](super::LoggedIn::device)), or none where it shows none. Whoever says neither keeps no such
    /// tokens: no device is known then, and none is new.
    #[must_use]
    pub fn device(self, token: Option<&SecretText>) -> Self {
        Self { device: Device::showing(token), ..self }
    }
}

impl Room {
    /// The same room, for calls that come from `origin`: for a service whose requests are of many people. It costs
    /// nothing to make, and shares everything with this one.
    pub fn from(&self, origin: &Origin) -> Self {
        let core = &self.core;
        let via = Via {
            peer: origin.peer,
            trace: origin.trace,
            ..Via::new(
                origin.component.as_deref().unwrap_or(&core.via.component),
                origin.host.as_deref().unwrap_or(&core.via.host),
            )
        };
        let address = origin.address.as_deref().and_then(fitted);
        let (parts, opened) = (Arc::clone(&core.parts), core.opened);
        let (device, roles) = (origin.device, core.roles);
        Self { core: Arc::new(Core { parts, via, address, device, opened, roles }) }
    }
}

/// An address as it is kept.
pub(super) fn fitted(address: &str) -> Option<String> {
    text::fitted(address, limits::DETAIL_BYTES_MAX)
}
