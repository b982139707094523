//! What a customer does with his own data.

use std::{io::Read, sync::Arc};

use super::{
    admission::Load,
    carried::{Carried, verbs},
    run::AsyncRoom,
};
use crate::{
    access::OwnerSession,
    base::{ApiKeyId, AttachmentId, SecretText, SessionId, TicketId, Time},
    room::{
        api_keys::{ApiKey, NewApiKey},
        challenges::Asked,
        cursor::{Listed, Page},
        error::{Failure, WriteError},
        own_account::OwnSession,
        own_billing::OwnBilling,
        owner::{OwnFile, OwnTicket, Owner, Profile},
        tickets::{Attached, TicketOpened, Written},
        views::TicketHeader,
    },
    store::accounts::ActivityEvent,
};

/// An owner at work, whose verbs are futures. Cheap to clone: his session is evidence, and is shared, not copied.
#[derive(Clone)]
pub struct AsyncOwner {
    room: AsyncRoom,
    session: Arc<OwnerSession>,
}

impl AsyncRoom {
    /// The verbs of an account's owner.
    pub fn owner(&self, session: OwnerSession) -> AsyncOwner {
        AsyncOwner { room: self.clone(), session: Arc::new(session) }
    }
}

impl AsyncOwner {
    /// Runs `work` on a thread that may block, for several verbs in one go: [`AsyncRoom::run`].
    ///
    /// # Errors
    /// What `work` returns, or [`Failure::Full`]; then it was not called.
    pub async fn run<T, E>(
        &self,
        load: Load,
        work: impl FnOnce(Owner<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Failure> + Send + 'static,
    {
        let session = Arc::clone(&self.session);
        self.room.run(load, move |room| work(room.owner(&session))).await
    }

    /// [`Owner::attach`]. What `source` waits for holds a thread: it is a file or memory, and not a customer's line.
    ///
    /// # Errors
    /// As there; or there is no place, and it was not begun.
    pub async fn attach(
        &self,
        ticket: TicketId,
        name: &str,
        media_type: &str,
        source: impl Read + Send + 'static,
    ) -> Result<Attached, WriteError> {
        let (name, media_type) = (name.carried(), media_type.carried());
        self.run(Load::Commit, move |owner| owner.attach(ticket, &name, &media_type, source)).await
    }
}

verbs! { AsyncOwner as "Owner" {
    Commit profile() -> Profile, WriteError,
        |owner| owner.profile();
    Commit change_name(name: Option<&str>) -> usize, WriteError,
        move |owner| owner.change_name(name.as_deref());
    Password change_password(password: &SecretText, new: &SecretText) -> (), WriteError,
        move |owner| owner.change_password(&password, &new);
    Password ask_address(password: &SecretText, email: &str) -> Asked, WriteError,
        move |owner| owner.ask_address(&password, &email);
    Commit sessions(page: &Page) -> Listed<OwnSession>, WriteError,
        move |owner| owner.sessions(&page);
    Commit end_session(session: SessionId) -> (), WriteError,
        move |owner| owner.end_session(session);
    Commit open_ticket(subject: &str, body: &str) -> TicketOpened, WriteError,
        move |owner| owner.open_ticket(&subject, &body);
    Commit write(ticket: TicketId, body: &str) -> Written, WriteError,
        move |owner| owner.write(ticket, &body);
    Read tickets(page: &Page) -> Listed<TicketHeader>, WriteError,
        move |owner| owner.tickets(&page);
    Commit ticket(ticket: TicketId) -> OwnTicket, WriteError,
        move |owner| owner.ticket(ticket);
    Commit open_attachment(id: AttachmentId) -> OwnFile, WriteError,
        move |owner| owner.open_attachment(id);
    Read activity(page: &Page) -> Listed<(Time, ActivityEvent)>, WriteError,
        move |owner| owner.activity(&page);
    Commit billing(page: &Page) -> OwnBilling, WriteError,
        move |owner| owner.billing(&page);
    Commit make_api_key(scopes: &[&str], expires: Time) -> NewApiKey, WriteError,
        move |owner| {
            let scopes: Vec<_> = scopes.iter().map(String::as_str).collect();
            owner.make_api_key(&scopes, expires)
        };
    Commit api_keys(page: &Page) -> Listed<ApiKey>, WriteError,
        move |owner| owner.api_keys(&page);
    Commit revoke_api_key(id: ApiKeyId) -> (), WriteError,
        move |owner| owner.revoke_api_key(id);
    Password close(password: &SecretText) -> (), WriteError,
        move |owner| owner.close(&password);
} }
