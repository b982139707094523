//! Webhooks: another program is told that something has happened, of what kind, and to whom by his id. No address, name or
//! word of anybody is sent: whoever needs one asks the room for it, and that is on record.
//!
//! A webhook is a row of the outbox in a channel of its own: written in the transaction of what it tells, delivered at
//! least once, in order for each receiver. This library opens no connection: a program takes the next one, sends its body
//! with its headers, and says what came of it.

mod key;
mod place;
mod queue;

pub use key::WebhookKey;
pub(super) use place::WebhookConfig;
pub use place::WebhookPlace;

use serde_json::json;

use crate::{
    access::{NoticeKind, Object, Receiver},
    base::{NoticeId, RoomId, Time},
};

/// Something that a webhook tells, until it is said what came of it or its lease is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEvent {
    /// Its id: the same at every try, so that a receiver can tell one that comes twice.
    pub notice: NoticeId,
    /// What has happened.
    pub kind: NoticeKind,
    /// To whom.
    pub to: Receiver,
    /// What it is about: the ticket, the request that waits, the waiver, the colleague.
    pub about: Option<Object>,
    /// When.
    pub created: Time,
    /// Which try it is, from 1.
    pub tries: u32,
    room: RoomId,
}

/// What is sent of an event: three headers, and a fourth that says by which keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookMessage {
    /// The headers, by their names.
    pub headers: [(&'static str, String); 4],
    /// The body, JSON.
    pub body: String,
}

impl WebhookEvent {
    /// What is sent at `now`, signed with each of these keys: two while one is being replaced. Headers and signature are
    /// those of Standard Webhooks 1.0; a receiver refuses what is not signed within five minutes of its own time.
    pub fn message(&self, keys: &[WebhookKey], now: Time) -> WebhookMessage {
        let (id, body) = (self.notice.to_string(), self.body());
        let signatures: Vec<_> = keys.iter().map(|key| key.sign(&id, now, &body)).collect();
        let ids: Vec<_> = keys.iter().map(WebhookKey::id).collect();
        let headers = [
            ("webhook-timestamp", key::seconds(now).to_string()),
            ("webhook-signature", signatures.join(" ")),
            ("webhook-key-id", ids.join(" ")),
            ("webhook-id", id),
        ];
        WebhookMessage { headers, body }
    }

    /// The body: the standard's `type`, `timestamp` and `data`, with the form's name and the room.
    fn body(&self) -> String {
        let value = json!({
            "schema": "strongroom.webhook/1",
            "type": self.kind.name(),
            "timestamp": self.created.to_string(),
            "room": self.room.to_string(),
            "data": {
                "to": receiver(self.to).to_string(),
                "about": self.about.map(|about| about.to_string()),
            },
        });
        value.to_string()
    }
}

/// The receiver, as entries name him.
fn receiver(of: Receiver) -> Object {
    match of {
        Receiver::Account(id) => Object::Account(id),
        Receiver::Principal(id) => Object::Principal(id),
    }
}
