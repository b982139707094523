//! Argon2 (RFC 9106): Argon2id for new records; Argon2id, Argon2i and Argon2d of versions 0x13 and 0x10 from
//! elsewhere.
//!
//! `$argon2id$v=19$m=19456,t=2,p=1$SALT$TAG`, nothing optional. The version must stand there: without it the C
//! reference decoder reads 0x10 and others read 0x13, so one text would be two records.

use std::sync::{Mutex, PoisonError};

use argon2::{Algorithm, Block, Params, Version};
use base64ct::{Base64Unpadded, Encoding};
use zeroize::{Zeroize, Zeroizing};

use super::Scheme;
use crate::{
    base::limits::{
        ARGON2_IDLE_KIB_MAX, ARGON2_SALT_BYTES, ARGON2_SALT_BYTES_ACCEPTED, ARGON2_TAG_BYTES,
        ARGON2_TAG_BYTES_ACCEPTED,
    },
    password::{
        cursor::Cursor,
        limits::Limits,
        settings::Settings,
        unsupported::{Cost, Unsupported, Weakness},
        verdict::HashFailed,
    },
};

/// Memory times passes of a record that is kept as it is, KiB: with less a guess costs less than one of scrypt's.
const SLOW_KIB: u64 = 4 * 1024;

/// The scheme's parameters, salt and tag.
pub(in crate::password) struct Argon2 {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Zeroizing<Vec<u8>>,
    tag: Zeroizing<Vec<u8>>,
}

/// What follows `$argon2id$`.
pub(super) fn id(text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    Ok(Box::new(Argon2::parse(Algorithm::Argon2id, text, limits)?))
}

/// What follows `$argon2i$`.
pub(super) fn i(text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    Ok(Box::new(Argon2::parse(Algorithm::Argon2i, text, limits)?))
}

/// What follows `$argon2d$`.
pub(super) fn d(text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    Ok(Box::new(Argon2::parse(Algorithm::Argon2d, text, limits)?))
}

impl Argon2 {
    fn parse(algorithm: Algorithm, mut text: Cursor<'_>, limits: &Limits) -> Result<Self, Unsupported> {
        text.literal("v=")?;
        let unknown_version = text.malformed();
        let version = match text.number()? {
            0x13 => Version::V0x13,
            0x10 => Version::V0x10,
            _ => return Err(unknown_version),
        };
        text.literal("$")?;
        let impossible_params = text.malformed();
        text.literal("m=")?;
        let memory_kib = text.number()?;
        text.literal(",t=")?;
        let passes = text.number()?;
        text.literal(",p=")?;
        let lanes = text.number()?;
        text.literal("$")?;
        let memory_kib = Unsupported::within(Cost::Argon2MemoryKib, memory_kib, limits.argon2_memory_kib)?;
        let passes = Unsupported::within(Cost::Argon2Passes, passes, limits.argon2_passes)?;
        let lanes = Unsupported::within(Cost::Argon2Lanes, lanes, limits.argon2_lanes)?;
        let work_kib = u64::from(memory_kib) * u64::from(passes);
        Unsupported::within(Cost::Argon2WorkKib, work_kib, limits.argon2_work_kib)?;

        let salt = text.bytes::<Base64Unpadded>()?;
        text.literal("$")?;
        let tag = text.bytes::<Base64Unpadded>()?;
        text.end()?;
        held(salt.len(), ARGON2_SALT_BYTES_ACCEPTED, Weakness::ShortSalt, Cost::Argon2SaltBytes)?;
        held(tag.len(), ARGON2_TAG_BYTES_ACCEPTED, Weakness::ShortTag, Cost::Argon2TagBytes)?;
        let params =
            Params::new(memory_kib, passes, lanes, Some(tag.len())).map_err(|_| impossible_params)?;
        Ok(Self { algorithm, version, params, salt, tag })
    }

    /// A new Argon2id record of `password` under a fresh salt.
    pub(in crate::password) fn hash(password: &[u8], settings: &Settings) -> Result<Self, HashFailed> {
        let mut new = Self::with_random_salt_and_tag(settings)?;
        new.tag = new.computed(password)?;
        Ok(new)
    }

    /// An Argon2id record with a random tag: verifying costs what the settings say and no password is known that
    /// matches, nor could one be found.
    pub(in crate::password) fn with_random_salt_and_tag(settings: &Settings) -> Result<Self, HashFailed> {
        let mut salt = Zeroizing::new(vec![0; ARGON2_SALT_BYTES]);
        let mut tag = Zeroizing::new(vec![0; ARGON2_TAG_BYTES]);
        for slot in [&mut salt, &mut tag] {
            crate::base::random::fill(slot).map_err(|_| HashFailed::NoRandomness)?;
        }
        let params =
            Params::new(settings.memory_kib(), settings.passes(), settings.lanes(), Some(ARGON2_TAG_BYTES))
                .map_err(|_| HashFailed::Inconsistent)?;
        Ok(Self { algorithm: Algorithm::Argon2id, version: Version::V0x13, params, salt, tag })
    }

    /// The record's PHC string.
    pub(in crate::password) fn text(&self) -> Zeroizing<String> {
        self.with_tag(&self.tag)
    }

    fn with_tag(&self, tag: &[u8]) -> Zeroizing<String> {
        let version = u32::from(self.version);
        let (m, t, p) = (self.params.m_cost(), self.params.t_cost(), self.params.p_cost());
        let salt = Base64Unpadded::encode_string(&self.salt);
        let tag = Zeroizing::new(Base64Unpadded::encode_string(tag));
        Zeroizing::new(format!("${}$v={version}$m={m},t={t},p={p}${salt}${}", self.algorithm.as_str(), *tag))
    }
}

impl Scheme for Argon2 {
    fn computed(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, HashFailed> {
        let mut memory = Memory::of(self.params.block_count())?;
        let mut tag = Zeroizing::new(vec![0; self.tag.len()]);
        argon2::Argon2::new(self.algorithm, self.version, self.params.clone())
            .hash_password_into_with_memory(password, &self.salt, &mut tag, memory.0.as_mut_slice())
            .map_err(|_| HashFailed::Inconsistent)?;
        Ok(tag)
    }

    fn tag(&self) -> &[u8] {
        &self.tag
    }

    fn label(&self) -> String {
        let version = if self.version == Version::V0x13 { "" } else { "v16," };
        let (m, t, p) = (self.params.m_cost(), self.params.t_cost(), self.params.p_cost());
        format!("{}:{version}m{m},t{t},p{p}", self.algorithm.as_str())
    }

    fn recipe(&self) -> Option<Zeroizing<String>> {
        let traffic_kib = u64::from(self.params.m_cost()) * u64::from(self.params.t_cost());
        (traffic_kib < SLOW_KIB).then(|| self.with_tag(&vec![0; self.tag.len()]))
    }

    fn is_stale(&self, settings: &Settings) -> bool {
        let current = self.algorithm == Algorithm::Argon2id
            && self.version == Version::V0x13
            && self.salt.len() >= ARGON2_SALT_BYTES
            && self.tag.len() >= ARGON2_TAG_BYTES;
        !(current && settings.are_met_by(self.params.m_cost(), self.params.t_cost()))
    }
}

/// Refuses `bytes` outside the accepted range.
fn held(bytes: usize, (least, most): (usize, usize), short: Weakness, long: Cost) -> Result<(), Unsupported> {
    if bytes < least {
        return Err(Unsupported::Insecure { scheme: short });
    }
    if bytes > most {
        return Err(Unsupported::TooCostly { what: long, required: bytes as u64, limit: most as u64 });
    }
    Ok(())
}

/// Argon2's working memory, wiped when it is dropped. The crate frees its own as it is, and the first blocks of a pass are
/// a fast hash of the password: whoever finds them guesses without paying for the memory.
struct Memory(Vec<Block>);

/// Wiped memories that nobody works with. Given back to the allocator and taken anew at each login, blocks of this size are
/// cut out of its heaps, which grow: a service in which 40 people had logged in had 740 MiB instead of 360.
static IDLE: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

impl Memory {
    fn of(blocks: usize) -> Result<Self, HashFailed> {
        let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = idle.iter().position(|memory| memory.len() == blocks) {
            return Ok(Self(idle.swap_remove(at)));
        }
        drop(idle);
        let mut memory = Vec::new();
        let refused = HashFailed::OutOfMemory { memory_kib: blocks as u64 };
        memory.try_reserve_exact(blocks).map_err(|_| refused)?;
        memory.resize(blocks, Block::new());
        Ok(Self(memory))
    }
}

impl Zeroize for Memory {
    fn zeroize(&mut self) {
        for block in &mut self.0 {
            block.as_mut().zeroize();
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.zeroize();
        let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
        let kept: usize = idle.iter().map(Vec::len).sum();
        if kept + self.0.len() <= ARGON2_IDLE_KIB_MAX {
            idle.push(std::mem::take(&mut self.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroize;

    use super::{ARGON2_IDLE_KIB_MAX, Algorithm, Argon2, Cursor, IDLE, Limits, Memory, Scheme, Settings};

    #[test]
    fn working_memory_is_wiped() {
        let mut memory = Memory::of(64).unwrap();
        let params = argon2::Params::new(64, 1, 1, None).unwrap();
        argon2::Argon2::new(Algorithm::Argon2id, argon2::Version::V0x13, params)
            .fill_memory(b"password", b"saltsalt", memory.0.as_mut_slice())
            .unwrap();
        let words =
            |memory: &Memory| memory.0.iter().flat_map(|block| block.as_ref().to_vec()).collect::<Vec<u64>>();
        assert!(words(&memory).iter().all(|word| *word != 0));
        memory.zeroize();
        assert_eq!(words(&memory), vec![0; 64 * 128]);
    }

    #[test]
    fn the_next_works_with_what_the_last_has_wiped() {
        // A size that nobody else asks for: tests run beside each other.
        let mut memory = Memory::of(71).unwrap();
        memory.0.iter_mut().for_each(|block| block.as_mut().fill(u64::MAX));
        drop(memory);
        let kept = |blocks| IDLE.lock().unwrap().iter().filter(|memory| memory.len() == blocks).count();
        assert_eq!(kept(71), 1);
        let memory = Memory::of(71).unwrap();
        assert!(memory.0.iter().all(|block| block.as_ref().iter().all(|word| *word == 0)));
        assert_eq!(kept(71), 0);
        drop(Memory::of(ARGON2_IDLE_KIB_MAX + 1).unwrap());
        assert_eq!(kept(ARGON2_IDLE_KIB_MAX + 1), 0, "what is too large goes");
    }

    #[test]
    fn what_makes_a_record_stale() {
        let stale = |algorithm, text: &str, settings: &Settings| {
            Argon2::parse(algorithm, Cursor::new(text, 0), &Limits::default()).unwrap().is_stale(settings)
        };
        let salt = "c29tZXNhbHQxMjM0NTY3OA";
        let tag = "t1Cj7UytI3pstejRG8il0BiDELHqL1VMFrEY9Pezvrw";
        let at_floor = format!("v=19$m=19456,t=2,p=1${salt}${tag}");
        let stronger = Settings::new(65_536, 3, 1).unwrap();
        assert!(!stale(Algorithm::Argon2id, &at_floor, &Settings::FLOOR));
        assert!(stale(Algorithm::Argon2id, &at_floor, &stronger));
        assert!(stale(Algorithm::Argon2i, &at_floor, &Settings::FLOOR));
        assert!(stale(Algorithm::Argon2d, &at_floor, &Settings::FLOOR));
        for weaker in [
            format!("v=16$m=19456,t=2,p=1${salt}${tag}"),
            format!("v=19$m=19455,t=16,p=1${salt}${tag}"),
            format!("v=19$m=19456,t=1,p=1${salt}${tag}"),
            format!("v=19$m=19456,t=2,p=1$c29tZXNhbHQ${tag}"),
            format!("v=19$m=19456,t=2,p=1${salt}$UwBfkbyIxTLRv8XyyWEpCQ"),
        ] {
            assert!(stale(Algorithm::Argon2id, &weaker, &Settings::FLOOR), "{weaker}");
        }
        let bigger = format!("v=19$m=131072,t=3,p=4${salt}${tag}");
        assert!(!stale(Algorithm::Argon2id, &bigger, &stronger), "stronger stays");
    }
}
