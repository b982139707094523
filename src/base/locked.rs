//! Memory for keys that the system does not swap out: pages of slots, locked once and lent out.
//!
//! One page for all keys of the process instead of one lock per key: locks count in whole pages, and a page that two
//! keys share must not be unlocked with the first of them. Pages are never given back, slots are.

use std::sync::{Mutex, MutexGuard, PoisonError};

use zeroize::Zeroize;

/// Bytes of one slot: every key of this program has as many.
const SLOT_BYTES: usize = 32;
/// Slots of a page of 4 KiB.
const PAGE_SLOTS: usize = 128;

/// What a page holds. On systems with larger pages its neighbours are locked with it.
#[repr(C, align(4096))]
struct Page([[u8; SLOT_BYTES]; PAGE_SLOTS]);

/// The slots of a process.
struct Pool {
    free: Vec<&'static mut [u8; SLOT_BYTES]>,
    /// What keeps the pages locked.
    guards: Vec<region::LockGuard>,
    /// Pages that could not be locked.
    unlocked: usize,
}

/// How much of the process's memory for keys is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Pages that are never swapped out.
    pub(crate) locked: usize,
    /// Pages that may be.
    pub(crate) unlocked: usize,
}

static POOL: Mutex<Pool> = Mutex::new(Pool::new());

/// What the pool guards is whole at every moment: a panic elsewhere does not spoil it.
fn pool() -> MutexGuard<'static, Pool> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pool {
    const fn new() -> Self {
        Self { free: Vec::new(), guards: Vec::new(), unlocked: 0 }
    }

    /// A slot of zeros; a new page's, locked by `lock`, if none is free.
    fn take(
        &mut self,
        lock: impl FnOnce(*const Page) -> region::Result<region::LockGuard>,
    ) -> &'static mut [u8; SLOT_BYTES] {
        if let Some(slot) = self.free.pop() {
            return slot;
        }
        let page = Box::leak(Box::new(Page([[0; SLOT_BYTES]; PAGE_SLOTS])));
        match lock(page) {
            Ok(guard) => self.guards.push(guard),
            Err(error) => {
                // Keys that may be swapped out are no reason to keep a room shut; `doctor` says it too.
                tracing::warn!(%error, "keys stand in memory that is not locked: raise RLIMIT_MEMLOCK");
                self.unlocked += 1;
            }
        }
        let [first, rest @ ..] = &mut page.0;
        self.free.extend(rest);
        first
    }

    fn standing(&self) -> Standing {
        Standing { locked: self.guards.len(), unlocked: self.unlocked }
    }
}

/// Bytes in locked memory, lent from the pool. Wiped when they are given back.
pub(super) struct Slot(
    /// `None` in `drop` alone.
    Option<&'static mut [u8; SLOT_BYTES]>,
);

impl Slot {
    /// A slot that `fill` writes in place.
    pub(super) fn try_filled<E>(
        fill: impl FnOnce(&mut [u8; SLOT_BYTES]) -> Result<(), E>,
    ) -> Result<Self, E> {
        let slot = pool().take(|page| region::lock(page, size_of::<Page>()));
        let filled = fill(slot);
        let slot = Self(Some(slot));
        filled.map(|()| slot)
    }

    pub(super) fn bytes(&self) -> &[u8; SLOT_BYTES] {
        const GONE: &[u8; SLOT_BYTES] = &[0; SLOT_BYTES];
        self.0.as_deref().unwrap_or(GONE)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(slot) = self.0.take() {
            slot.zeroize();
            pool().free.push(slot);
        }
    }
}

/// How much of the process's memory for keys is locked.
pub(crate) fn standing() -> Standing {
    pool().standing()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{PAGE_SLOTS, Pool, Slot, Standing, standing};

    /// Locked memory of this process, KiB, as the system counts it.
    fn locked_kib() -> u64 {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmLck:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    fn slot(byte: u8) -> Slot {
        Slot::try_filled(|slot| {
            slot.fill(byte);
            Ok::<_, ()>(())
        })
        .unwrap()
    }

    #[test]
    fn keys_stand_in_memory_that_the_system_says_is_locked() {
        let before = standing().locked;
        let slots: Vec<Slot> = (0..2 * PAGE_SLOTS).map(|_| slot(1)).collect();
        let Standing { locked, unlocked } = standing();
        assert!(locked > before && unlocked == 0);
        assert!(locked_kib() >= 4 * locked as u64, "{} KiB of {locked} pages", locked_kib());
        drop(slots);
        assert!(standing().locked >= locked, "pages stay");
    }

    #[test]
    fn what_cannot_be_locked_is_counted_and_lent_all_the_same() {
        let mut pool = Pool::new();
        let unlockable = |_: *const _| Err(region::Error::UnmappedRegion);
        let mut lent: Vec<_> = (0..=PAGE_SLOTS).map(|_| pool.take(unlockable)).collect();
        assert_eq!(pool.standing(), Standing { locked: 0, unlocked: 2 });
        let number = |i: usize| u8::try_from(i).unwrap();
        lent.iter_mut().enumerate().for_each(|(i, slot)| slot.fill(number(i)));
        assert!(lent.iter().enumerate().all(|(i, slot)| **slot == [number(i); 32]), "two were lent one slot");
    }

    #[test]
    fn a_slot_comes_back_wiped() {
        let given = slot(9);
        let at = given.bytes().as_ptr();
        drop(given);
        let seen = |slot: &mut [u8; 32]| Err::<(), _>((slot.as_ptr(), *slot));
        // Other tests take slots too: this one comes back soon, or somebody else has it.
        let mut kept = Vec::new();
        for _ in 0..PAGE_SLOTS {
            let (place, bytes) = Slot::try_filled(seen).err().unwrap();
            assert_eq!(bytes, [0; 32]);
            if place == at {
                return;
            }
            kept.push(slot(1));
        }
    }
}
