//! Why data is read: a closed list, because "." satisfies every free-text reason.

use crate::access::frozen::frozen;

use super::Role;

frozen! {
    /// Why somebody acts (GDPR article 5(1)(b): data is used for stated purposes).
    pub enum Purpose {
        /// A customer asked for help.
        SupportRequest = 1 "support_request",
        /// A customer disputes a charge, or the processor reports that he does.
        BillingDispute = 2 "billing_dispute",
        /// What the contract demands: invoices, refunds.
        Contract = 3 "contract",
        /// Suspected abuse of or through an account.
        FraudInvestigation = 4 "fraud_investigation",
        /// An incident.
        SecurityIncident = 5 "security_incident",
        /// A right that the person exercises (GDPR chapter III).
        DataSubjectRequest = 6 "data_subject_request",
        /// An order or a duty by law.
        LegalObligation = 7 "legal_obligation",
        /// Checking the log.
        Audit = 8 "audit",
        /// An access review.
        AccessReview = 9 "access_review",
        /// Staff joining, moving, leaving.
        AccessAdmin = 10 "access_admin",
        /// Rotation or destruction of keys.
        KeyCeremony = 11 "key_ceremony",
        /// The service is down.
        Outage = 12 "outage",
        /// A customer logs in.
        Authenticate = 13 "authenticate",
        /// A customer looks after his own account.
        SelfService = 14 "self_service",
        /// Deleting what is due.
        Retention = 15 "retention",
        /// Aggregates.
        Analytics = 16 "analytics",
    }
}

impl Purpose {
    /// Whether a customer's ticket can stand for it: a ticket justifies work about that customer; it justifies
    /// no key ceremony and no new colleague.
    pub(crate) const fn stands_on_ticket(self) -> bool {
        match self {
            Self::SupportRequest
            | Self::BillingDispute
            | Self::Contract
            | Self::FraudInvestigation
            | Self::SecurityIncident
            | Self::DataSubjectRequest
            | Self::LegalObligation
            | Self::SelfService => true,
            Self::Audit
            | Self::AccessReview
            | Self::AccessAdmin
            | Self::KeyCeremony
            | Self::Outage
            | Self::Authenticate
            | Self::Retention
            | Self::Analytics => false,
        }
    }
}

impl Role {
    /// What the role may act for. A purpose outside this list is refused wherever it is stated.
    pub const fn purposes(self) -> &'static [Purpose] {
        match self {
            Self::AuthService => &[Purpose::Authenticate, Purpose::SelfService],
            Self::TicketIntake | Self::Support | Self::SupportLead => &[Purpose::SupportRequest],
            Self::BillingSync => &[Purpose::Contract],
            Self::RetentionBatch => &[Purpose::Retention],
            Self::AnalyticsExport => &[Purpose::Analytics],
            Self::Billing => &[Purpose::BillingDispute, Purpose::Contract],
            Self::Security => &[Purpose::FraudInvestigation, Purpose::SecurityIncident],
            Self::PrivacyOfficer => &[Purpose::DataSubjectRequest, Purpose::LegalObligation],
            Self::Legal => &[Purpose::LegalObligation],
            Self::Auditor => &[Purpose::Audit, Purpose::AccessReview],
            Self::AccessAdmin => &[Purpose::AccessAdmin],
            Self::Reviewer => &[Purpose::AccessReview],
            Self::KeyCustodian => &[Purpose::KeyCeremony],
            Self::BreakGlass => &[Purpose::SecurityIncident, Purpose::Outage],
        }
    }
}
