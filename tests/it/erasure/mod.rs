//! Erased means erased: of one account everything goes that neither law nor a hold keeps, nothing brings it back, and
//! the receipt says what went and what stays.

pub mod cuts;
mod ends;
pub mod forensic;
pub mod held;
mod ledger;
pub mod processes;
mod races;

use strongroom::room::{
    AccountId, AttachmentId, CaseRef, Currency, ErasureReceipt, Money, OwnerSession, PaymentFacts,
    PaymentFields, PaymentResult, Processor, ProcessorReference, Purpose, Room, StaffError, TicketId, Time,
    Why,
};

use crate::{
    scene::staff,
    world::{JANE, START, World},
};

/// What jane attaches: more than a chunk.
pub const SCAN: &[u8] = &[7; 20_000];
/// A moment in 2015: seven years have passed after its year.
pub const LONG_AGO: Time = Time::from_ms(1_430_000_000_000);

/// A customer with something of every class.
pub struct Jane {
    /// The room she is in.
    pub world: World,
    /// Her session.
    pub owner: OwnerSession,
    /// Her ticket.
    pub ticket: TicketId,
    /// What is attached to it.
    pub scan: AttachmentId,
    /// Position of an entry with a reason about her.
    pub reasoned: u64,
}

impl Jane {
    /// In a demonstration room.
    pub fn new() -> Self {
        let world = World::demo();
        let owner = world.customer(JANE);
        let ticket = world.ticket(&owner);
        let scan = world.room.owner(&owner).attach(ticket, "passport.pdf", "application/pdf", SCAN).unwrap();
        world.staff("sam").note(ticket, "She called twice.", &support()).unwrap();
        let why = support().because("She asked on the telephone.");
        let reasoned = world.staff("sam").account(owner.account(), &why).unwrap().position;
        let here = world.room.from(&strongroom::room::Origin::new().device(None));
        drop(here.login(JANE, &crate::world::secret(crate::world::PASSWORD)).unwrap());
        let soon = START.plus(std::time::Duration::from_secs(24 * 3600));
        drop(world.room.owner(&owner).make_api_key(&["dns:write"], soon).unwrap());
        drop(
            world
                .room
                .owner(&owner)
                .ask_address(&crate::world::secret(crate::world::PASSWORD), "jane.new@example.org")
                .unwrap(),
        );
        for date in [START, LONG_AGO] {
            pay(&world.room, owner.account(), ticket, date).unwrap();
        }
        Self { world, owner, ticket, scan: scan.attachment, reasoned }
    }

    /// Her account.
    pub fn account(&self) -> AccountId {
        self.owner.account()
    }

    /// Closes and erases her.
    pub fn erase(&self) -> ErasureReceipt {
        close(&self.world.room, self.account());
        erase(&self.world.room, self.account()).unwrap()
    }
}

/// Support's reason.
pub fn support() -> Why {
    Why::purpose(Purpose::SupportRequest)
}

/// A payment of an account, recorded by bill.
pub fn pay(room: &Room, account: AccountId, ticket: TicketId, date: Time) -> Result<(), StaffError> {
    let login = room.assume("bill").unwrap();
    let bill = room.staff(&login.token);
    let lea = staff(room, "lea");
    lea.assign(ticket, login.principal, &Why::unstated()).ok();
    let why = Why::purpose(Purpose::BillingDispute).case(CaseRef::Ticket(ticket));
    let amount = Money::new(999, Currency::from_code("EUR").unwrap()).unwrap();
    let facts = PaymentFacts { result: PaymentResult::Approved, amount, date };
    let reference = ProcessorReference::parse(Processor::Other, "order-2026-17").ok().unwrap();
    let recorded = bill.record_payment(account, &facts, PaymentFields { reference, card: None }, &why);
    let sam = room.assume("sam").unwrap().principal;
    lea.assign(ticket, sam, &Why::unstated()).ok();
    recorded.map(drop)
}

/// The privacy officer's reason: a case about the account.
pub fn asked(room: &Room, account: AccountId) -> Why {
    let why = Why::purpose(Purpose::DataSubjectRequest);
    let case = staff(room, "priya").open_case(Some(account), &why).unwrap();
    why.case(CaseRef::Case(case))
}

/// Closes an account.
pub fn close(room: &Room, account: AccountId) {
    staff(room, "priya").close_account(account, &asked(room, account)).unwrap();
}

/// Erases an account.
pub fn erase(room: &Room, account: AccountId) -> Result<ErasureReceipt, StaffError> {
    staff(room, "priya").erase_account(account, &asked(room, account))
}
