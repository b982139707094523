//! Keys of customers' programs: made and taken back by their owners, asked about by whoever links the library.

use tracing::instrument;
use zeroize::Zeroizing;

use super::{
    core::Room,
    cursor::{Listed, Page},
    error::{Failure, WriteError},
    owner::Owner,
    paging::{For, List},
    standing::{By, Unwritable, writable},
};
use crate::{
    access::{
        Object,
        rows::{ApiKeyRow, ApiKeyState},
    },
    audit::Data,
    base::{AccountId, ApiKeyId, Secret, SecretText, Time, base64url, limits},
    crypto::{digest, mac},
    store::{
        accounts::ActivityEvent,
        api_keys::{self, Used},
    },
};

/// What every key begins with: scanners of published code find it.
const MARK: &str = "srk_";
/// Characters of a key that its owner is shown again.
const PREFIX: usize = MARK.len() + 8;
/// Bytes of a key: its id and its secret.
const KEY_BYTES: usize = 48;

/// A key that was just made.
pub struct NewApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The key, shown this once.
    pub key: SecretText,
}

/// A key as its owner sees it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// How its text begins.
    pub prefix: String,
    /// What it is for.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created: Time,
    /// From when it counts no more.
    pub expires: Time,
    /// The day of its last use, as days since 1970.
    pub used_day: Option<u32>,
    /// Whether it counts.
    pub is_live: bool,
}

/// Whose a key is, and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyHolder {
    /// The key.
    pub key: ApiKeyId,
    /// Whose.
    pub account: AccountId,
    /// What for: what these names allow is the caller's to say.
    pub scopes: Vec<String>,
}

impl Room {
    /// Whose key this is; nothing if it does not count: unknown, revoked, expired, or of an account that is closed or
    /// suspended. It opens nothing here.
    ///
    /// # Errors
    /// The room could not do it.
    #[instrument(name = "room.api_key", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn api_key(&self, presented: &SecretText) -> Result<Option<KeyHolder>, Failure> {
        let core = &*self.core;
        let Some((id, hash)) = parse(presented) else { return Ok(None) };
        let Some(found) = core.store.read(|db| api_keys::find(db, id))? else { return Ok(None) };
        let (now, used) = (core.clock.now(), found.day);
        let Some(row) = core.vouch(Some(found.stored)) else { return Ok(None) };
        if !mac::equal(&row.secret_hash, &hash) || !row.is_live(now) {
            return Ok(None);
        }
        let is_first_today = used.is_none_or(|day| day < now.day());
        // Once a day it is written down that the key was used; all other uses only read.
        let counts = if is_first_today {
            core.store
                .commit_for_customer(|turn| {
                    match writable(turn, row.account, By::Customer) {
                        Ok(()) => {}
                        Err(Unwritable::Failed(e)) => return Err(e.into()),
                        Err(_) => return Ok(false),
                    }
                    api_keys::note_use(turn, id, now.day())?;
                    Ok::<_, Failure>(true)
                })?
                .value
        } else {
            core.is_in_use(row.account)?
        };
        let holder = || KeyHolder { key: id, account: row.account, scopes: names(&row.scopes) };
        Ok(counts.then(holder))
    }
}

impl Owner<'_> {
    /// Makes a key for one of his programs, for what these names stand for, until `expires`. A name is of small letters
    /// and `.:_-*`; without digits, so that no number of a person or a card is one.
    ///
    /// # Errors
    /// [`WriteError::ApiKey`], [`WriteError::TooManyKeys`]; nothing is stored then.
    #[instrument(name = "owner.make_api_key", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn make_api_key(&self, scopes: &[&str], expires: Time) -> Result<NewApiKey, WriteError> {
        let account = self.live()?;
        let scopes = accepted(scopes)?;
        let (id, secret) = (ApiKeyId::random()?, Secret::<32>::random()?);
        let text = Zeroizing::new([id.as_bytes().as_slice(), secret.expose()].concat());
        let key = SecretText::new(format!("{MARK}{}", base64url::encode(&text)));
        let opening = self.core.opening(None, None)?;
        self.core.commit(opening.request, |turn| {
            writable(turn, account, By::Customer)?;
            let now = turn.time();
            if expires <= now || expires > now.plus(limits::API_KEY_LIFETIME_MAX) {
                return Err(WriteError::ApiKey { what: "a key expires, and within two years" });
            }
            if api_keys::open_of(turn, account, now)? >= limits::API_KEYS_MAX {
                return Err(WriteError::TooManyKeys);
            }
            let row = ApiKeyRow {
                id,
                account,
                secret_hash: hash(secret.expose()),
                scopes_digest: digest::sha256(&[scopes.as_bytes()]),
                scopes,
                created: now,
                expires,
                state: ApiKeyState::Live,
                changed_at: turn.position(),
            };
            api_keys::insert(turn, &row, &self.core.voucher.mac(&row))?;
            let objects = [Object::Account(account), Object::ApiKey(id)];
            let data = Data::ApiKeyMade { api_key: id, expires };
            let draft = self.draft(data, account, &objects, self.core.call(&opening));
            turn.append(draft, opening.nonce, &opening.details).map_err(WriteError::from)
        })?;
        Ok(NewApiKey { id, key })
    }

    /// A part of the keys of his programs, newest first, those that count no more too; at most 500 at once.
    ///
    /// # Errors
    /// The session has ended, the cursor is none of this list, or the room could not do it.
    #[instrument(name = "owner.api_keys", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn api_keys(&self, page: &Page) -> Result<Listed<ApiKey>, WriteError> {
        let account = self.live()?;
        let paging = self.core.paging(List::ApiKeys, For::owner(account), page, limits::LIST_ROWS_MAX)?;
        self.record(account, ActivityEvent::Read)?;
        let now = self.core.clock.now();
        let stored = self.core.store.read(|db| api_keys::of(db, account, &paging.slice()))?;
        let Listed { rows, next } = paging.cut(stored, Used::place);
        let keys = rows.into_iter().filter_map(|found| {
            let row = self.core.vouch(Some(found.stored))?;
            Some(ApiKey {
                id: row.id,
                prefix: prefix(row.id),
                scopes: names(&row.scopes),
                created: row.created,
                expires: row.expires,
                used_day: found.day,
                is_live: row.is_live(now),
            })
        });
        Ok(Listed { rows: keys.collect(), next })
    }

    /// Takes a key of one of his programs back, at once.
    ///
    /// # Errors
    /// [`WriteError::NotFound`] if it is not his, or revoked already.
    #[instrument(
        name = "owner.revoke_api_key",
        skip_all,
        err(level = "info"),
        fields(trace, request, outcome)
    )]
    pub fn revoke_api_key(&self, id: ApiKeyId) -> Result<(), WriteError> {
        let account = self.live()?;
        let opening = self.core.opening(None, None)?;
        self.core.commit(opening.request, |turn| {
            writable(turn, account, By::Customer)?;
            let stored = api_keys::find(turn, id)?.and_then(|found| self.core.vouch(Some(found.stored)));
            let own = stored.filter(|row| row.account == account && row.state == ApiKeyState::Live);
            let row = own.ok_or(WriteError::NotFound)?;
            let revoked = ApiKeyRow {
                state: ApiKeyState::Revoked,
                changed_at: turn.position(),
                ..ApiKeyRow::clone(&row)
            };
            self.core.change(turn, &*row, &revoked)?;
            let objects = [Object::Account(account), Object::ApiKey(id)];
            let data = Data::ApiKeyRevoked { api_key: id };
            let draft = self.draft(data, account, &objects, self.core.call(&opening));
            turn.append(draft, opening.nonce, &opening.details).map_err(WriteError::from)
        })?;
        Ok(())
    }
}

fn prefix(id: ApiKeyId) -> String {
    let text = format!("{MARK}{}", base64url::encode(id.as_bytes()));
    text.chars().take(PREFIX).collect()
}

/// Id and hash of a presented key; nothing for what is no key at all.
fn parse(presented: &SecretText) -> Option<(ApiKeyId, [u8; 32])> {
    let text = presented.expose().trim().strip_prefix(MARK)?;
    let bytes = Zeroizing::new(base64url::decode::<KEY_BYTES>(text)?);
    let (id, secret) = bytes.split_first_chunk::<16>()?;
    Some((ApiKeyId::from_bytes(*id), hash(secret)))
}

/// SHA-256 behind a domain: 256 random bits need no slow hash.
fn hash(secret: &[u8]) -> [u8; 32] {
    digest::sha256(&[b"strongroom/api-key/1\0", secret])
}

fn names(scopes: &str) -> Vec<String> {
    scopes.split_whitespace().map(str::to_owned).collect()
}

fn accepted(scopes: &[&str]) -> Result<String, WriteError> {
    let is_name = |name: &&str| {
        !name.is_empty()
            && name.len() <= limits::API_KEY_SCOPE_BYTES_MAX
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || b".:_-*".contains(&byte))
    };
    if scopes.len() > limits::API_KEY_SCOPES_MAX {
        return Err(WriteError::ApiKey { what: "a key is for at most 16 things" });
    }
    if !scopes.iter().all(is_name) {
        return Err(WriteError::ApiKey { what: "what a key is for is named in small letters and `.:_-*`" });
    }
    Ok(scopes.join(" "))
}
