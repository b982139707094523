//! What can be asked of the room by staff and machines.

use crate::access::frozen::frozen;

frozen! {
    /// An action. Reading actions imply their view: the cell of the matrix says masked or clear.
    pub enum Action {
        /// Find an account by a whole, exact address.
        AccountLookup = 1 "account.lookup",
        /// See an account's fields masked.
        AccountReadMasked = 2 "account.read_masked",
        /// See one field of an account in clear.
        AccountRevealField = 3 "account.reveal_field",
        /// See the payment card as brand and last four digits.
        BillingReadMasked = 4 "billing.read_masked",
        /// See expiry, processor reference, billing address, invoice lines.
        BillingReadDetail = 5 "billing.read_detail",
        /// Record a transaction or an invoice.
        BillingWrite = 6 "billing.write",
        /// Read the ticket that one is assigned to.
        TicketReadAssigned = 7 "ticket.read_assigned",
        /// Read a ticket that one is not assigned to.
        TicketReadAny = 8 "ticket.read_any",
        /// Open a ticket, answer in it, leave an internal note.
        TicketWrite = 9 "ticket.write",
        /// Say who works on a ticket.
        TicketAssign = 10 "ticket.assign",
        /// Close a ticket.
        TicketClose = 11 "ticket.close",
        /// Attach a file to a ticket.
        AttachmentPut = 12 "attachment.put",
        /// Read an attached file.
        AttachmentOpen = 13 "attachment.open",
        /// Open a case: why data is read where no ticket says so.
        CaseOpen = 14 "case.open",
        /// Close a case.
        CaseClose = 15 "case.close",
        /// Read entries of the log.
        AuditRead = 16 "audit.read",
        /// Verify the log.
        AuditVerify = 17 "audit.verify",
        /// Take the newest checkpoint away.
        AuditCheckpoint = 18 "audit.checkpoint",
        /// Create a principal and its enrolment code.
        StaffCreate = 19 "staff.create",
        /// Disable a principal.
        StaffDisable = 20 "staff.disable",
        /// Give a role to a principal.
        GrantGive = 21 "grant.give",
        /// Take a role away.
        GrantRevoke = 22 "grant.revoke",
        /// See who works here, by handle, and what they may do.
        PolicyRead = 23 "policy.read",
        /// Read the room's state of health.
        HealthRead = 24 "health.read",
        /// Close an account: nobody logs in to it any more, and its periods begin.
        AccountClose = 25 "account.close",
        /// Destroy what a closed account holds, but for what law keeps.
        AccountErase = 26 "account.erase",
        /// Keep classes of an account from being destroyed.
        HoldPlace = 27 "hold.place",
        /// End a hold; what it stopped goes on.
        HoldRelease = 28 "hold.release",
        /// See which holds there are.
        HoldRead = 29 "hold.read",
        /// List tickets of many customers: one's own, those that nobody has, those that are due.
        TicketList = 30 "ticket.list",
        /// Hold the room against the published policy.
        PolicyCheck = 31 "policy.check",
        /// Issue an enrolment code anew, and end the password and the sessions that there were.
        StaffReenrol = 32 "staff.reenrol",
        /// Say which customer's account is a member of staff's own.
        StaffLink = 33 "staff.link",
        /// Learn whether what somebody says of an account is right, without seeing it.
        AccountVerifyField = 34 "account.verify_field",
        /// Find accounts by what is known of them, masked.
        AccountFind = 35 "account.find",
        /// Suspend an account until a time, or until it is reinstated.
        AccountSuspend = 36 "account.suspend",
        /// End a suspension.
        AccountReinstate = 37 "account.reinstate",
        /// Take a second factor from a member of staff, who lost it.
        StaffFactorReset = 38 "staff.factor_reset",
        /// Approve or refuse what somebody else asked for.
        ApprovalDecide = 39 "approval.decide",
        /// See what waits for a second person.
        ApprovalRead = 40 "approval.read",
        /// Put a rule out of force for a time, in the open.
        WaiverGive = 41 "waiver.give",
        /// Take messages to customers out of the outbox, and say what became of them.
        OutboxClaim = 42 "outbox.claim",
        /// Let the room serve staff again after an alarm.
        RoomResume = 43 "room.resume",
        /// Put a rule in force again that was waived.
        WaiverEnd = 44 "waiver.end",
        /// See what was said in words of what waits for a second person.
        ApprovalReason = 45 "approval.reason",
    }
}

impl Action {
    /// Whether the request must say whose data it is about. Looking up may find nobody; the rest of an
    /// account's actions without a subject would be an entry that no person could ever find.
    pub(crate) const fn needs_subject(self) -> bool {
        match self {
            Self::AccountReadMasked
            | Self::AccountRevealField
            | Self::BillingReadMasked
            | Self::BillingReadDetail
            | Self::BillingWrite
            | Self::TicketReadAssigned
            | Self::TicketReadAny
            | Self::TicketWrite
            | Self::TicketAssign
            | Self::TicketClose
            | Self::AttachmentPut
            | Self::AttachmentOpen
            | Self::AccountClose
            | Self::AccountErase
            | Self::HoldPlace
            | Self::HoldRelease
            | Self::AccountVerifyField
            | Self::AccountSuspend
            | Self::AccountReinstate => true,
            Self::AccountLookup
            | Self::CaseOpen
            | Self::CaseClose
            | Self::AuditRead
            | Self::AuditVerify
            | Self::AuditCheckpoint
            | Self::StaffCreate
            | Self::StaffDisable
            | Self::GrantGive
            | Self::GrantRevoke
            | Self::PolicyRead
            | Self::HealthRead
            | Self::HoldRead
            | Self::TicketList
            | Self::PolicyCheck
            | Self::StaffReenrol
            | Self::StaffLink
            | Self::AccountFind
            | Self::StaffFactorReset
            | Self::ApprovalDecide
            | Self::ApprovalRead
            | Self::WaiverGive
            | Self::WaiverEnd
            | Self::ApprovalReason
            | Self::OutboxClaim
            | Self::RoomResume => false,
        }
    }

    /// Whether it is about customers, also where the request cannot say about whom: then what is said in words may be
    /// about somebody, and nobody knows who.
    pub(crate) const fn is_about_customers(self) -> bool {
        self.needs_subject() || matches!(self, Self::AccountLookup | Self::AccountFind)
    }

    /// Whether one request may be about several customers: they stand among its objects then, and it has no subject.
    pub(crate) const fn is_about_many(self) -> bool {
        matches!(self, Self::AccountFind | Self::OutboxClaim)
    }

    /// Whether the case itself is what is acted on, so that a case about something else of the same person is
    /// no reason: "the ticket that one is assigned to" is that ticket, not any ticket of its customer.
    pub(crate) const fn acts_on_its_case(self) -> bool {
        matches!(self, Self::TicketReadAssigned | Self::TicketAssign | Self::TicketClose | Self::CaseClose)
    }
}
