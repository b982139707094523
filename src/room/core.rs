//! What every use case stands on: the open room's parts, calls, details, vouched rows.

use std::{
    fmt,
    ops::Deref,
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
};

use zeroize::Zeroizing;

use super::{
    clock_watch::ClockWatch,
    error::Failure,
    layout::Layout,
    settings::RoomSettings,
    space::Space,
    tally::{Logins, Sent},
    uploads::{Quotas, Uploads},
    vault::Vault,
};
use crate::{
    access::{Roles, Vouched, rows::AuthorityRow},
    audit::{self, Call, DetailKind, Hash, Via},
    base::{
        AccountId, AccountState, Class, Clock, EntryNonce, RequestId, RoomId, Scope, Secret,
        random::NoRandomness, tell,
    },
    billing::guard,
    keys::{KeyError, LedgerFile},
    password::{Record, Settings},
    seal::{Codes, Detail, SealedDetail, Unvouched, Voucher},
    store::{
        AuthorityTable, Before, BlobStore, LogTurn, Presence, Settled, StoreDatabase, StoreError, accounts,
    },
};

/// Who has codes and links delivered that customers ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodesTo {
    /// Whoever claims them from the outbox: nothing secret comes back to whoever asks, and what is sent survives the
    /// asking process.
    Outbox,
    /// Whoever asks: he is handed each letter with the answer ([`Asked::unsent`](super::Asked::unsent)), and it is in no
    /// outbox. For programs without a machine that delivers, and of no use in a room of format 1, where it is always so.
    Asker,
}

/// How a program opens a room.
#[derive(Clone)]
pub struct RoomOptions {
    /// The room's directory.
    pub directory: PathBuf,
    /// Where time comes from.
    pub clock: Clock,
    /// The component that opens it, for `via` of each entry: `library`, an application's name, or
    /// [`Via::DIRECT`].
    pub component: String,
    /// The host that it runs on.
    pub host: String,
    /// What new passwords are hashed with; weaker records are upgraded at the next login. `init` makes it the room's.
    /// Afterwards the room says it, and a process may be stronger, never weaker.
    pub passwords: Option<Settings>,
    /// How much attachments may take. `init` makes it the room's; afterwards a process may be tighter, never looser.
    pub quotas: Option<Quotas>,
    /// The classes whose keys this process loads; all of them unless it says otherwise. What needs another one fails
    /// with [`KeyError::NotAskedFor`]. A login takes Identity, Credential and Activity; requests of staff that state
    /// a reason, and all that are recorded with an origin, take AuditDetail.
    pub classes: Vec<Class>,
    /// Who has codes and links delivered that customers ask for.
    pub codes_to: CodesTo,
    /// Where the person behind this process is: a terminal, an address. Sealed beside each entry.
    pub origin: Option<String>,
}

impl RoomOptions {
    /// The room in `directory`, opened by a library user on `host`.
    pub fn new(directory: impl Into<PathBuf>, host: &str) -> Self {
        Self {
            directory: directory.into(),
            clock: Clock::system(),
            component: "library".to_owned(),
            host: host.to_owned(),
            passwords: None,
            quotas: None,
            classes: Class::SEALED.to_vec(),
            codes_to: CodesTo::Outbox,
            origin: None,
        }
    }
}

/// Without the origin: it is a person's, and sealed wherever it is kept.
impl fmt::Debug for RoomOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { directory, clock, component, host, passwords, quotas, classes, codes_to, origin: _ } =
            self;
        let mut shown = f.debug_struct("RoomOptions");
        shown
            .field("directory", directory)
            .field("clock", clock)
            .field("component", component)
            .field("host", host)
            .field("passwords", passwords)
            .field("quotas", quotas)
            .field("classes", classes)
            .field("codes_to", codes_to);
        shown.finish_non_exhaustive()
    }
}

/// A room: what the auth service links. Cheap to clone, shared by threads.
#[derive(Clone)]
pub struct Room {
    pub(super) core: Arc<Core>,
}

/// What a caller shows of the device that a call comes from.
#[derive(Clone, Copy, Default)]
pub(super) enum Device {
    /// The caller keeps no tokens of devices.
    #[default]
    Unasked,
    /// It has no token, or what it shows is none.
    New,
    /// The hash of the token that it shows.
    Shown([u8; 32]),
}

/// An open room as calls of one origin see it: the parts are shared by all.
pub(super) struct Core {
    pub(super) parts: Arc<Parts>,
    pub(super) via: Via,
    /// Where the person is. Sealed beside each entry.
    pub(super) address: Option<String>,
    /// The device that the person is at.
    pub(super) device: Device,
    /// The size of the log when this process opened the room: what was begun before is nobody's of this process.
    pub(super) opened: u64,
    /// The roles in which sessions of staff begin; nothing for all that do not exclude each other.
    pub(super) roles: Option<Roles>,
}

impl Deref for Core {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

/// What is open once for each process.
pub(super) struct Parts {
    pub(super) id: RoomId,
    pub(super) layout: Layout,
    pub(super) clock: Clock,
    pub(super) store: StoreDatabase,
    pub(super) blobs: Box<dyn BlobStore>,
    pub(super) vault: Vault,
    pub(super) voucher: Voucher,
    /// What was erased, outside both databases.
    pub(super) ledger: LedgerFile,
    /// Makes pseudonyms of what was typed and found nobody.
    pub(super) query_key: Secret<32>,
    /// Makes the codes that customers are sent, and holds what comes back against them.
    pub(super) codes: Codes,
    /// Vouches for manifests of backups.
    pub(super) backup_key: Secret<32>,
    /// Digest of the matrix that decides and of the published policy.
    pub(super) policy: Hash,
    /// The room's settings, as strict as this process wants them.
    pub(super) settings: RoomSettings,
    pub(super) uploads: Uploads,
    pub(super) space: Space,
    pub(super) logins: Logins,
    pub(super) sent: Sent,
    pub(super) clock_watch: ClockWatch,
    /// The classes whose keys this process asked for.
    pub(super) classes: Vec<Class>,
    /// What an unknown name is verified against, for the same work.
    pub(super) decoy: Record,
    /// Whether this host's `room.toml` names a place for webhooks.
    pub(super) sends_webhooks: bool,
    /// Who has codes delivered.
    pub(super) codes_to: CodesTo,
    /// Whether the room was seen to have an outbox.
    pub(super) outbox: AtomicBool,
    /// Keeps restores away; let go after everything above is closed.
    pub(super) _presence: Presence,
}

/// A call in the making: its id, its nonce, and the details that stand beside its entry.
pub(super) struct Opening {
    pub(super) request: RequestId,
    pub(super) nonce: EntryNonce,
    pub(super) details: Vec<SealedDetail>,
    /// A reason was stated that is kept nowhere.
    unkept: bool,
}

impl Opening {
    /// Leaves out what was sealed about somebody who has been erased since.
    pub(super) fn forget_the_erased(&mut self, turn: &mut LogTurn<'_>) -> Result<(), StoreError> {
        for detail in std::mem::take(&mut self.details) {
            let erased = match detail.scope {
                Scope::Account(subject) => accounts::state(turn, subject)? == Some(AccountState::Erased),
                Scope::AccountYear(..) | Scope::Principal(_) | Scope::RoomDay(_) | Scope::RoomMonth(_) => {
                    false
                }
            };
            self.unkept |= erased;
            if !erased {
                self.details.push(detail);
            }
        }
        Ok(())
    }
}

/// Whom a reason in words is about: under whose key it is sealed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// This person: her own key, so that erasing her erases it.
    About(AccountId),
    /// Staff, or nobody: the month's key, as where the actor was.
    AboutStaff,
    /// Perhaps a person, whom the room does not know: there is no key that her erasure would destroy, so they are not
    /// kept.
    AboutNobodyKnown,
}

impl Core {
    /// The id of a call, which its verb's span tells too.
    fn new_request(&self) -> Result<RequestId, NoRandomness> {
        let request = RequestId::random()?;
        tell("request", request);
        self.tell_trace();
        Ok(request)
    }

    /// Has the verb's span tell the caller's own id of the request.
    pub(super) fn tell_trace(&self) {
        if let Some(trace) = self.via.trace {
            tell("trace", trace);
        }
    }

    /// Whether nobody gets on in one of the lanes.
    #[cfg(feature = "tokio")]
    pub(super) fn is_held_up(&self) -> bool {
        self.store.is_held_up() || self.vault.database.is_held_up()
    }

    /// Begins a call about `subject`, for a reason in words about that person.
    pub(super) fn opening(
        &self,
        subject: Option<AccountId>,
        reason: Option<&str>,
    ) -> Result<Opening, Failure> {
        self.opening_with(subject.map_or(Words::AboutNobodyKnown, Words::About), reason)
    }

    /// Begins a call of the program's own. Where it runs is left out if the key that would seal it is lost: what was
    /// begun must come to its end.
    pub(super) fn opening_of_program(&self) -> Result<Opening, Failure> {
        match self.opening(None, None) {
            Err(Failure::Key(KeyError::Missing { .. })) => {
                let (request, nonce) = (self.new_request()?, EntryNonce::random()?);
                Ok(Opening { request, nonce, details: Vec::new(), unkept: false })
            }
            other => other,
        }
    }

    /// Begins a call for a reason in words. A card number in it is masked. What is not kept, because it is about
    /// nobody known or about somebody behind a fence, is listed as not kept.
    pub(super) fn opening_with(&self, words: Words, reason: Option<&str>) -> Result<Opening, Failure> {
        let (request, nonce) = (self.new_request()?, EntryNonce::random()?);
        let mut details = Vec::new();
        if let Some(address) = &self.address {
            let scope = Scope::month_of(self.clock.now());
            details.extend(self.detail(DetailKind::Actor, scope, address, &nonce)?);
        }
        let mut unkept = false;
        if let Some(reason) = reason {
            let kept = match self.scope_of(words)? {
                Some(scope) => self.detail(DetailKind::Subject, scope, &guard::mask(reason).text, &nonce)?,
                None => None,
            };
            unkept = kept.is_none();
            details.extend(kept);
        }
        Ok(Opening { request, nonce, details, unkept })
    }

    fn scope_of(&self, words: Words) -> Result<Option<Scope>, Failure> {
        Ok(match words {
            Words::About(account) => {
                self.store.read(|db| accounts::find(db, account))?.map(|_| Scope::Account(account))
            }
            Words::AboutStaff => Some(Scope::month_of(self.clock.now())),
            Words::AboutNobodyKnown => None,
        })
    }

    /// A sealed detail; none behind a fence.
    fn detail(
        &self,
        kind: DetailKind,
        scope: Scope,
        text: &str,
        nonce: &EntryNonce,
    ) -> Result<Option<SealedDetail>, Failure> {
        let key = match self.vault.key_for_writing(&self.store, Class::AuditDetail, scope) {
            Err(Failure::Key(KeyError::Erased { .. })) => return Ok(None),
            other => other?,
        };
        let detail = Detail { kind, text: Zeroizing::new(text.to_owned()) };
        Ok(Some(detail.seal(self.id, &key, nonce)?))
    }

    /// What the call's entries share.
    pub(super) fn call(&self, opening: &Opening) -> Call {
        let unkept = opening.unkept.then_some(audit::Detail { kind: DetailKind::Subject, commitment: None });
        Call {
            request: opening.request,
            via: self.via.clone(),
            policy: self.policy,
            details: opening.details.iter().map(SealedDetail::commitment).chain(unkept).collect(),
        }
    }

    /// Runs a batch closure; a commit without its checkpoint is told with its request.
    pub(super) fn commit<T, E: From<Failure> + From<StoreError>>(
        &self,
        request: RequestId,
        run: impl FnOnce(&mut LogTurn<'_>) -> Result<T, E>,
    ) -> Result<Settled<T>, E> {
        /// Tells the lane's own failures from the closure's.
        enum Either<E> {
            Lane(StoreError),
            Run(E),
        }
        impl<E> From<StoreError> for Either<E> {
            fn from(e: StoreError) -> Self {
                Self::Lane(e)
            }
        }
        self.store.commit(|turn| run(turn).map_err(Either::Run)).map_err(|e| match e {
            Either::Run(e) => e,
            Either::Lane(StoreError::Unsettled) => Failure::Unsettled { request }.into(),
            Either::Lane(e) => e.into(),
        })
    }

    /// The row, if it is vouched for. A forged row is as good as none, and is reported.
    pub(super) fn vouch<T: AuthorityRow>(&self, stored: Option<Unvouched<T>>) -> Option<Vouched<T>> {
        match self.voucher.vouch(stored?) {
            Ok(row) => Some(row),
            Err(forged) => {
                tracing::error!(
                    kind = forged.kind.name(),
                    "a row that confers authority was written past this program"
                );
                None
            }
        }
    }

    /// Whether the keyring is the log head's or newer. An older one that was put in its place brings back what was
    /// erased since: nobody is shown anything with it.
    pub(super) fn keyring_is_current(&self, turn: &LogTurn<'_>) -> Result<(), StoreError> {
        let (_, epoch) = self.vault.database.identity()?;
        if turn.unsound().is_none() && epoch < turn.head().epoch {
            return Err(StoreError::Integrity { what: "the keyring is older than the log's head" });
        }
        Ok(())
    }

    /// Replaces a vouched row by a newer one.
    pub(super) fn change<T: AuthorityTable>(
        &self,
        turn: &mut LogTurn<'_>,
        before: &T,
        after: &T,
    ) -> Result<(), StoreError> {
        let before = Before { row: before, mac: self.voucher.mac(before) };
        turn.change(&before, after, &self.voucher.mac(after))
    }
}
