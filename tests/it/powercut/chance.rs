//! Reproducible chance: the same seed leaves the same disk.

/// `SplitMix64`, with what a cut decides by it.
pub struct Chance {
    state: u64,
    keep_percent: u64,
}

impl Chance {
    /// How much of what was not synced survives is itself drawn: all, nothing, or a share, so that the extremes
    /// (a lost cache, a cache that happened to be written) come up as often as the mixtures.
    pub fn new(seed: u64) -> Self {
        let mut chance = Self { state: seed, keep_percent: 0 };
        chance.keep_percent = [0, 10, 50, 90, 100][chance.below(5)];
        chance
    }

    /// 0 to `limit - 1`; 0 when the limit is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        usize::try_from(z % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }

    /// Does this piece survive?
    pub fn keeps(&mut self) -> bool {
        u64::try_from(self.below(100)).unwrap() < self.keep_percent
    }

    /// True once in `n`.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}
