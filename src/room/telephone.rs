//! A customer calls: a ticket that says so, on which the agent works. The customer sees it among his own.

use tracing::instrument;

use super::{
    ask::{Granted, Sought, Why},
    error::{StaffError, WriteError},
    staff::Staff,
    standing::{By, writable},
    tickets::{Author, TicketOpened},
};
use crate::{
    access::{Action, Field, Object},
    audit::Data,
    base::AccountId,
    store::{accounts, tickets::MessageKind},
};

/// What such a ticket is called.
const SUBJECT: &str = "Telephone call";
/// What the customer reads in it.
const OPENED: &str = "This ticket was opened for a telephone call.";

impl Staff {
    /// Opens a ticket for a telephone call and takes it. It is a ticket as any other: what is done on the strength of it
    /// names it, and the customer sees that it is there.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.take_call", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn take_call(&self, account: AccountId, why: &Why) -> Result<TicketOpened, StaffError> {
        let core = &*self.room.core;
        let me = self.principal()?;
        let fields = || vec![Field::Subject, Field::Body];
        let Some(me) = me else { return Err(self.absent(Action::TicketWrite, why)) };
        // Who may not write, or about nobody, makes no key.
        if core.store.read(|db| accounts::find(db, account))?.is_none() {
            return Err(self.absent(Action::TicketWrite, why));
        }
        let about =
            Sought { subject: Some(account), objects: vec![Object::Account(account)], fields: fields() };
        self.foresee(Action::TicketWrite, why, about)?;
        let author = Author { kind: MessageKind::Reply, id: *me.as_bytes() };
        let sealed = core.seal_ticket(account, author, SUBJECT.to_owned(), OPENED.to_owned())?;
        let (ticket, message) = (sealed.id, sealed.message.row.id);
        let answered = self.act(
            Action::TicketWrite,
            why,
            Some(account),
            |_, turn| {
                let objects = vec![Object::Ticket(ticket), Object::Message(message), Object::Principal(me)];
                let sought = Sought { subject: Some(account), objects, fields: fields() };
                Ok(accounts::find(turn, account)?.map(|_| (sought, ())))
            },
            |core, turn, _, ()| {
                writable(turn, account, By::Staff)?;
                core.insert_ticket(turn, sealed, Some(me)).map_err(written)?;
                Ok(Granted::change(Data::TicketOpened { ticket, cards_masked: 0 }, ()))
            },
        );
        answered.map(|_| TicketOpened { ticket, cards_masked: 0 })
    }
}

fn written(e: WriteError) -> StaffError {
    match e {
        WriteError::Failed(failure) => StaffError::Failed(failure),
        _ => StaffError::State { what: "the ticket cannot be opened" },
    }
}
