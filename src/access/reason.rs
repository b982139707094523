//! Why a request was refused: a closed list whose names stand in the log.

use std::fmt;

/// What a cell asks for that arrives with step 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepTwo {
    /// A notice to the person that the data is about, or to the security channel.
    Notice,
    /// A time-boxed grant that was asked for and approved for this case.
    Elevation,
}

/// Why a request was refused.
///
/// Declared in the order in which `decide` asks, so that the greater of two reasons is the nearer to a permit:
/// with several roles, the refusal names what the nearest role still lacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DenialReason {
    /// No principal of this id is vouched for.
    UnknownPrincipal,
    /// The principal is disabled.
    PrincipalDisabled,
    /// There is no session, it was ended, or it is somebody else's.
    SessionEnded,
    /// The session is past its time.
    SessionExpired,
    /// The session was not used for too long.
    SessionIdle,
    /// No live grant.
    NoRole,
    /// The principal is himself the customer that the request is about.
    OwnAccount,
    /// No role held allows this to anybody, or the request is not one that any role could make: it names no
    /// person where one is needed, or too many objects, or acts on what is not the actor's to act on.
    NotAllowed,
    /// A field that the role may not have by this action.
    FieldNotAllowed,
    /// No purpose was stated.
    PurposeMissing,
    /// The role may not act for this purpose.
    PurposeNotAllowed,
    /// No case was named, or there is none of this id.
    CaseMissing,
    /// The case is about somebody else.
    CaseOtherAccount,
    /// The case is about this person, but not what is acted on.
    CaseOtherObject,
    /// Somebody else works on the case.
    CaseNotYours,
    /// The case is closed.
    CaseClosed,
    /// The case is past its time.
    CaseExpired,
    /// The case stands for another purpose.
    CasePurpose,
    /// The right is the customer's own, and this is not his session.
    NotOwnSubject,
    /// Password and second factor were shown more than 15 minutes ago, or not both.
    StaleFactor,
    /// Nobody approves what he asked for himself, what is for him, or the same twice.
    OwnRequest,
    /// No role held approves this.
    NotApprover,
    /// The approver got a role from who asks, in the last 30 days.
    GrantedByRequester,
    /// What is missing comes with step 2, or is a time-boxed grant.
    NeedsStepTwo(StepTwo),
    /// All else is there: it waits for a second person.
    SecondPerson,
}

impl DenialReason {
    /// The frozen name in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownPrincipal => "unknown_principal",
            Self::PrincipalDisabled => "principal_disabled",
            Self::SessionEnded => "session_ended",
            Self::SessionExpired => "session_expired",
            Self::SessionIdle => "session_idle",
            Self::NoRole => "no_role",
            Self::OwnAccount => "own_account",
            Self::NotAllowed => "not_allowed",
            Self::FieldNotAllowed => "field_not_allowed",
            Self::PurposeMissing => "purpose_missing",
            Self::PurposeNotAllowed => "purpose_not_allowed",
            Self::CaseMissing => "case_missing",
            Self::CaseOtherAccount => "case_other_account",
            Self::CaseOtherObject => "case_other_object",
            Self::CaseNotYours => "case_not_yours",
            Self::CaseClosed => "case_closed",
            Self::CaseExpired => "case_expired",
            Self::CasePurpose => "case_purpose",
            Self::NotOwnSubject => "not_own_subject",
            Self::StaleFactor => "stale_factor",
            Self::OwnRequest => "own_request",
            Self::NotApprover => "not_approver",
            Self::GrantedByRequester => "granted_by_requester",
            Self::NeedsStepTwo(StepTwo::Notice) => "needs_step_two.notice",
            Self::NeedsStepTwo(StepTwo::Elevation) => "needs_step_two.elevation",
            Self::SecondPerson => "second_person",
        }
    }

    /// Every reason, in the order in which they are asked.
    pub const ALL: [Self; 26] = [
        Self::UnknownPrincipal,
        Self::PrincipalDisabled,
        Self::SessionEnded,
        Self::SessionExpired,
        Self::SessionIdle,
        Self::NoRole,
        Self::OwnAccount,
        Self::NotAllowed,
        Self::FieldNotAllowed,
        Self::PurposeMissing,
        Self::PurposeNotAllowed,
        Self::CaseMissing,
        Self::CaseOtherAccount,
        Self::CaseOtherObject,
        Self::CaseNotYours,
        Self::CaseClosed,
        Self::CaseExpired,
        Self::CasePurpose,
        Self::NotOwnSubject,
        Self::StaleFactor,
        Self::OwnRequest,
        Self::NotApprover,
        Self::GrantedByRequester,
        Self::NeedsStepTwo(StepTwo::Notice),
        Self::NeedsStepTwo(StepTwo::Elevation),
        Self::SecondPerson,
    ];

    /// The reason with this name, exactly as written.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// One sentence for whoever explains a refusal. The person refused is told it too: staff learn nothing here
/// about a customer that naming the case did not already presume.
impl fmt::Display for DenialReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownPrincipal => "nobody of this id may act in this room",
            Self::PrincipalDisabled => "this principal is disabled",
            Self::SessionEnded => "there is no session; log in first",
            Self::SessionExpired => "the session is past its time; log in again",
            Self::SessionIdle => "the session was idle for too long; log in again",
            Self::NoRole => "no role is granted at this time",
            Self::OwnAccount => "nobody works on his own customer account",
            Self::NotAllowed => "no role held allows this",
            Self::FieldNotAllowed => "the role may not have this field by this action",
            Self::PurposeMissing => "this takes a purpose",
            Self::PurposeNotAllowed => "the role may not act for this purpose",
            Self::CaseMissing => "this takes a ticket or a case that exists",
            Self::CaseOtherAccount => "the case is about another account",
            Self::CaseOtherObject => "the case is not about this object",
            Self::CaseNotYours => "you are not the one who works on the case",
            Self::CaseClosed => "the case is closed",
            Self::CaseExpired => "the case is past its time",
            Self::CasePurpose => "the case stands for another purpose",
            Self::NotOwnSubject => "this is for the customer's own session",
            Self::StaleFactor => "it takes password and second factor, shown in the last 15 minutes",
            Self::OwnRequest => {
                "nobody approves what he asked for himself, what is for him, or the same twice"
            }
            Self::NotApprover => "no role held approves this",
            Self::GrantedByRequester => {
                "whoever got a role from the requester in the last 30 days does not approve"
            }
            Self::NeedsStepTwo(StepTwo::Notice) => "this takes a notice, which is not built yet",
            Self::NeedsStepTwo(StepTwo::Elevation) => "this takes a grant of at most eight hours",
            Self::SecondPerson => "this takes a second person",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::DenialReason;

    #[test]
    fn reasons_are_in_the_order_of_asking_and_named_once() {
        assert!(DenialReason::ALL.is_sorted());
        for reason in DenialReason::ALL {
            assert_eq!(DenialReason::from_name(reason.name()), Some(reason));
            let sentence = reason.to_string();
            assert!(!sentence.ends_with('.') && !sentence.starts_with(char::is_uppercase), "{sentence}");
        }
        assert_eq!(DenialReason::from_name("needs_step_two"), None);
    }
}
