//! The room: what an auth service links and the command line works with.
//!
//! A [`Room`] is opened with [`RoomOptions`]. Customers [`register`](Room::register) and [`login`](Room::login);
//! what they do with their own data are the verbs of [`Owner`]. Staff act through [`Staff`]: each request is
//! decided and recorded in one transaction, and what opens sealed data is the [`Receipt`] of that entry, once it
//! is on disk and its checkpoint published.

mod accounts;
mod api_keys;
mod approvals;
mod approved;
mod ask;
#[cfg(feature = "tokio")]
mod asynchronous;
mod audit_log;
mod authority;
mod backup;
mod backup_place;
mod cautions;
mod challenge;
mod challenges;
mod chosen;
mod clock_rule;
mod clock_watch;
mod close;
mod clues;
mod colleagues;
mod config;
mod copying;
mod core;
mod cursor;
mod custody;
mod desk_accounts;
mod desk_billing;
mod desk_staff;
mod desk_tickets;
mod devices;
mod doctor;
mod doctor_host;
mod erase;
mod error;
mod factors;
mod finding;
mod health;
mod holds;
mod import;
mod inbox;
mod init;
mod inspect;
mod keyed;
mod layout;
mod log_part;
mod login;
mod manifest;
mod metrics;
mod newcomers;
mod notices;
mod open;
mod origin;
mod outbox;
mod over;
mod own_account;
mod own_address;
mod own_billing;
mod owner;
mod paging;
mod policy;
mod queues;
mod recover;
mod regain;
mod reset;
mod restore;
mod resume;
mod search;
mod second;
mod settings;
mod sign_up;
mod space;
mod staff;
mod staff_login;
mod standing;
mod suspend;
mod tally;
mod telephone;
#[cfg(test)]
mod test_room;
mod tickets;
mod token;
mod trouble;
mod upgrade;
mod uploads;
mod vault;
mod verify;
mod verify_field;
mod views;
mod waivers;
mod webhook;
mod work;

pub use accounts::{Registered, Registration};
pub use api_keys::{ApiKey, KeyHolder, NewApiKey};
pub use approvals::{ApprovalHeader, ApprovalView, Waiting};
pub use approved::Carried;
pub use ask::Why;
#[cfg(feature = "tokio")]
pub use asynchronous::{Admission, AsyncOwner, AsyncRoom, Load, Places};
pub use audit_log::{DetailText, EntryDetail};
pub use authority::Forgery;
pub use backup::Backup;
pub use backup_place::BackupError;
pub use cautions::{Cautions, Short, WaiverHeader, WaiverStanding};
pub use challenges::{Asked, CodeError, Looked, Proof};
pub use colleagues::NewCode;
pub use config::{Setting, SettingOrigin};
pub use core::{CodesTo, Room, RoomOptions};
pub use cursor::{BadCursor, Cursor, Listed, Page};
pub use custody::{Custody, CustodyShare};
pub use desk_accounts::{AccountSeals, AccountView};
pub use desk_billing::{BillingDetail, InvoiceDetail, PaymentDetail, PaymentView};
pub use desk_tickets::{AttachmentView, MessageView, TicketView, Words};
pub use erase::{Destroyed, ErasureReceipt, HORIZON, OPEN_FACTS, Probe, Remnant};
pub use error::{
    Awaited, EnrolError, Failure, Kind, ListError, OpenRoomError, Refused, RegisterError, StaffError,
    WriteError,
};
pub use factors::{FactorHeader, TotpOffer};
pub use finding::{Finding, Severity};
pub use health::Condition;
pub use import::{ImportError, ImportFault, ImportOptions, ImportReport, LineFault, LineRefused};
pub use inbox::{CaseHeader, Inbox};
pub use init::{Appointment, Ceremony, Code, InitError, Initialised, WAIVED_FOR};
pub use inspect::{Checkpointed, Health};
pub use keyed::MissingKeys;
pub use log_part::{LogEntry, LogPage, LogPart, Searched};
pub use login::{Answer, FactorWanted, Granted, LoggedIn, LoginError};
pub use metrics::{Metric, MetricKind, Metrics, metrics_markdown};
pub use origin::Origin;
pub use outbox::{Claimed, Contact, DeadLetter, Delivery, Lease, Letter, OutboxRow, OutboxState, Retry};
pub use own_account::OwnSession;
pub use own_billing::{OwnBilling, OwnInvoice, OwnPayment};
pub use owner::{OwnAttachment, OwnFile, OwnMessage, OwnTicket, Owner, Profile};
pub use policy::{
    CounterExample, Evidence as PolicyEvidence, Kept, PolicyReport, Verdict as ClauseVerdict, Ways,
};
pub use queues::{QueuedTicket, TicketQueue};
pub use regain::{RecoverError, Recovered};
pub use restore::{Backups, RestoreError, Restored};
pub use resume::Resumed;
pub use search::{Clue, FoundAccount, Search};
pub use sign_up::Swept;
pub use staff::{Staff, StaffSession};
pub use staff_login::{FactorAsked, SecondFactor, StaffLogin, StaffLoginError};
pub use standing::Suspension;
pub use tickets::{Attached, TicketOpened, Written};
pub use trouble::{Standing, Trouble, troubles_markdown};
pub use upgrade::{Format, StepKind, UpgradeError, UpgradeStep, Upgraded};
pub use uploads::Quotas;
pub use verify::{Verified, identify, verify};
pub use verify_field::Compared;
pub use views::{AttachmentHeader, Colleague, GrantHeader, HoldHeader, PrincipalHeader, TicketHeader};

pub use webhook::{WebhookEvent, WebhookKey, WebhookMessage, WebhookPlace};
pub use work::Work;

pub use crate::access::{
    Action, CaseRef, DenialReason, Exclusion, Field, MalformedObject, NoticeKind, Object, OwnerSession,
    PrincipalKind, Purpose, Receiver, Role, Roles, StepTwo, SuspensionReason, TeamProfile, View,
    matrix_markdown,
    rows::{
        ApprovalState, FactorKind, GrantState, PrincipalState, TicketState, Topic, Waivable, WaiverState,
    },
};
pub use crate::audit::{
    BackupKind, DetailKind, Entry, Fault, FaultKind, Place, Receipt, Report, Unfit, Verdict as LogVerdict,
    VerifierKey, Via, events_markdown,
};
pub use crate::base::text::BadText;
pub use crate::base::{
    AccountId, AccountState, ApiKeyId, ApprovalId, AttachmentId, CaseId, Class, Classes, Clock, EnrolmentId,
    FactorId, GrantId, HoldId, Id, InvoiceId, MalformedId, MessageId, Moment, NoticeId, PaymentId,
    PrincipalId, RequestId, RoomId, RoomKind, SecretText, SessionId, TicketId, Time, TraceId, WaiverId,
};
pub use crate::billing::{
    BadAmount, BadCard, BadInvoice, BadReference, BillingAddress, Brand, Country, Currency, Expiry,
    Invoice as InvoiceBody, InvoiceLine, InvoiceLines, InvoiceNumber, LastFour, MaskedCard, Money,
    PaymentFacts, PaymentFields, PaymentResult, Processor, ProcessorReference, RefusedLine,
};
pub use crate::keys::KeyError;
pub use crate::retention::{
    BadPeriod, BadPolicy, Clause, Destroying, Fate, Held, Line, Periods, Plan, Policy, PolicyClause,
    PolicyFault, Schedule, Span, policy_markdown,
};
pub use crate::seal::{
    AttachmentReader, Card, Clear, Email, FileName, Handle, Invoice, Masked, MediaType, MessageBody, Name,
    NoteBody, OpenError, Reference, Sealable, Sealed, Subject,
};
pub use crate::store::outbox::Channel;
pub use crate::store::{
    EngineFault, StoreError, accounts::ActivityEvent, columns::columns_markdown, tickets::MessageKind,
};
