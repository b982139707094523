//! What an operator should know: the host, the log's end and its checkpoint, what is overdue, what is left to
//! verification.

use std::collections::HashSet;

use tracing::instrument;

use super::{
    authority,
    core::Room,
    doctor_host,
    error::{Failure, Kind},
    finding::{Finding, Severity},
    queues,
};
use crate::{
    access::rows::{IntentRow, IntentState},
    audit::{Entry, leaf_hash},
    base::{AccountId, PrincipalId, limits},
    store::{
        accounts,
        authority::{self as rows, Rows},
        keyring,
        log::{self, LogRow},
        tickets,
    },
};

impl Room {
    /// Looks the room over. It opens nothing sealed and writes nothing.
    ///
    /// # Errors
    /// The room could not be read.
    #[instrument(name = "room.doctor", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn doctor(&self) -> Result<Vec<Finding>, Failure> {
        let mut findings = doctor_host::findings(&self.core.layout, &self.core.space)?;
        findings.push(Finding::fine("settings", self.core.settings.to_string()));
        findings.push(self.log_finding()?);
        let newest = self.newest_entries()?;
        findings.push(chain_finding(&newest));
        findings.push(direct_finding(&newest));
        findings.push(self.keyring_finding()?);
        findings.push(self.holds_finding()?);
        findings.push(self.erasures_finding()?);
        findings.push(self.tickets_finding()?);
        findings.push(self.outbox_finding()?);
        findings.push(self.claims_finding()?);
        findings.extend(self.counts()?);
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        Ok(findings)
    }

    fn log_finding(&self) -> Result<Finding, Failure> {
        let size = self.log_size()?;
        Ok(match self.core.store.book().notary().newest() {
            Ok(Some(checkpoint)) if checkpoint.size == size => {
                Finding::fine("log", format!("{size} entries, all under the outside checkpoint"))
            }
            Ok(Some(checkpoint)) => Finding::told(
                Severity::Note,
                "log",
                format!("{size} entries, {} under the outside checkpoint", checkpoint.size),
                "another process is at work, or was cut off: the next opening settles it",
            ),
            Ok(None) | Err(_) => Finding::told(
                Severity::Fault,
                "log",
                format!("{size} entries and no valid outside checkpoint"),
                "stop writing and run `audit verify`",
            ),
        })
    }

    fn outbox_finding(&self) -> Result<Finding, Failure> {
        let (letters, webhooks) = (self.outbox()?, self.webhooks()?);
        let waiting = letters.pending + webhooks.pending;
        if letters.dead + webhooks.dead == 0 {
            return Ok(Finding::fine("outbox", format!("{waiting} wait to be delivered, none was given up")));
        }
        let found = format!(
            "{waiting} wait to be delivered; {} letters and {} webhooks were given up",
            letters.dead, webhooks.dead
        );
        let hint = "see them with `outbox dead`, mend what takes none, and run `outbox redrive --all`";
        Ok(Finding::told(Severity::Warning, "outbox", found, hint))
    }

    fn newest_entries(&self) -> Result<Vec<LogRow>, Failure> {
        let from = self.log_size()?.saturating_sub(u64::from(limits::VERIFY_PAGE_ENTRIES));
        Ok(self.core.store.read(|db| log::entries(db, from, limits::VERIFY_PAGE_ENTRIES))?)
    }

    /// Yesterday's keyring under today's data lacks keys of theirs, and knows the newest addresses no more.
    fn keyring_finding(&self) -> Result<Finding, Failure> {
        let missing = self.core.missing_keys()?;
        Ok(if missing.is_nothing() {
            Finding::fine("keyring", "all that is sealed has its key or its fence".to_owned())
        } else {
            Finding::told(
                Severity::Fault,
                "keyring",
                format!("the keyring lacks {missing}, and no erasure says why"),
                "register nobody: who registers once more gets a second account; restore the keyring that goes with the data",
            )
        })
    }

    fn holds_finding(&self) -> Result<Finding, Failure> {
        let counted = self.core.store.read(|db| self.core.count_holds(db));
        let (live, overdue) = match counted {
            Err(failure) if failure.kind() == Kind::Integrity => {
                return Ok(Finding::told(
                    Severity::Fault,
                    "holds",
                    failure.to_string(),
                    "destroy nothing, keep a copy, and run `audit verify`",
                ));
            }
            other => other?,
        };
        Ok(match overdue {
            0 => Finding::fine("holds", format!("{live} in force, none of them overdue for its review")),
            _ => Finding::told(
                Severity::Warning,
                "holds",
                format!("{overdue} of {live} in force are overdue for their review"),
                "`hold list` names them: release each, or place it anew with a later review",
            ),
        })
    }

    fn erasures_finding(&self) -> Result<Finding, Failure> {
        let intents = self.core.store.read(|db| rows::all::<IntentRow>(db, u32::MAX))?.into_iter();
        let begun = intents.map(|stored| stored.row).filter(|intent| intent.state == IntentState::Begun);
        let accounts: HashSet<_> = begun.map(|intent| *intent.account.as_bytes()).collect();
        Ok(match accounts.len() {
            0 => Finding::fine("erasures", "none has begun and is not done".to_owned()),
            begun => Finding::told(
                Severity::Warning,
                "erasures",
                format!("those of {begun} accounts have begun, and are not done"),
                "another process is at work, or was cut off: the next opening carries them out",
            ),
        })
    }

    fn tickets_finding(&self) -> Result<Finding, Failure> {
        let late = queues::waiting_since(self.core.clock.now());
        Ok(match self.core.store.read(|db| tickets::waiting_count(db, late))? {
            0 => Finding::fine("tickets", "no customer has waited for two business days".to_owned()),
            late => Finding::told(
                Severity::Warning,
                "tickets",
                format!("in {late} of them the customer has waited for two business days"),
                "`ticket list --due` names them",
            ),
        })
    }

    fn claims_finding(&self) -> Result<Finding, Failure> {
        let mut nobodys = 0;
        for target in self.core.vault.database.read(keyring::claims)? {
            let (account, principal) = (AccountId::from_bytes(target), PrincipalId::from_bytes(target));
            let came = self.core.store.read(|db| {
                Ok::<_, Failure>(
                    accounts::state(db, account)?.is_some() || rows::principal(db, principal)?.is_some(),
                )
            })?;
            nobodys += u64::from(!came);
        }
        Ok(match nobodys {
            0 => Finding::fine("claims", "nobody has claimed an address or a handle and not come".to_owned()),
            _ => Finding::told(
                Severity::Note,
                "claims",
                format!("{nobodys} addresses or handles are claimed, and nobody came"),
                "a registration is on its way, or was cut off: who comes next takes its claim",
            ),
        })
    }

    fn counts(&self) -> Result<Vec<Finding>, Failure> {
        let key = self.core.store.book().fold_key();
        let (accounts, blobs, sum) = self.core.store.read(|db| {
            let accounts = accounts::count(db)?;
            let blobs = (tickets::all_attachment_bytes(db)?, tickets::counted_attachment_bytes(db)?);
            Ok::<_, Failure>((accounts, blobs, authority::sum(db, key, &self.core.voucher, Rows::Live)?))
        })?;
        let rows = format!("{} rows that confer authority, checked at each opening", sum.live);
        let (bytes, counted) = blobs;
        let contents = if bytes == counted {
            Finding::fine("contents", format!("{accounts} accounts, {bytes} bytes of attachments"))
        } else {
            Finding::told(
                Severity::Warning,
                "contents",
                format!("{bytes} bytes of attachments, and {counted} counted against the quota"),
                "somebody has written past this program: find out who",
            )
        };
        Ok(vec![contents, Finding::fine("authority", rows)])
    }
}

/// The newest entries hang together. That they do is no proof, and that they do not is one.
fn chain_finding(newest: &[LogRow]) -> Finding {
    let mut before = None;
    let broken = newest.iter().find(|row| {
        let entry = Entry::decode(&row.entry).ok();
        let hangs = entry.is_some_and(|entry| {
            entry.position == row.position && before.is_none_or(|leaf| entry.prev == leaf)
        });
        before = Some(row.leaf);
        !hangs || leaf_hash(&row.entry) != row.leaf
    });
    match broken {
        None => Finding::fine("chain", format!("the newest {} entries hang together", newest.len())),
        Some(row) => Finding::told(
            Severity::Fault,
            "chain",
            format!("entry {} does not hang together with the one before it", row.position),
            "stop writing, keep a copy, and run `audit verify`",
        ),
    }
}

/// How much was done lately with the room's files in hand, and since when. Of what they read without this program there
/// is no entry: the hint is there either way.
fn direct_finding(newest: &[LogRow]) -> Finding {
    let entries = newest.iter().filter_map(|row| Entry::decode(&row.entry).ok());
    let mut direct = entries.filter(|entry| entry.via.is_direct()).map(|entry| entry.time);
    let among = format!("of the newest {} entries", newest.len());
    let found = match direct.next() {
        None => format!("none {among} came by direct use of the room's files"),
        Some(since) => {
            let count = direct.count() + 1;
            format!("{count} {among} came by direct use of the room's files, since {since}")
        }
    };
    Finding::told(
        Severity::Note,
        "direct",
        found,
        "whoever can read the files and keys can read unrecorded: one system user, and nobody a shell as that user",
    )
}
