//! One file's bytes as a disk holds them: what a flush made durable, and every later state that may or may not
//! have reached the platter.
//!
//! The unit is the sector of 512 bytes, as the page cache writes it: whole, in the state of some moment since the
//! last flush. Sizes survive as a prefix of their history, for they are journalled. A truncation is one event:
//! while it has not survived, nothing written later to the sectors it freed is seen, because that went to
//! other blocks; once it has, nothing older of them comes back.

use super::chance::Chance;
use std::collections::BTreeMap;

/// Bytes in a sector.
pub const SECTOR: usize = 512;

/// A sector as it stood after one change.
#[derive(Clone)]
struct Version {
    /// Number of the record that made it.
    order: usize,
    bytes: [u8; SECTOR],
    /// Made by a truncation to a smaller size.
    cut: bool,
    /// A flush of it failed. The kernel then takes the page for clean: no later flush writes it.
    stuck: bool,
}

#[derive(Clone)]
struct Size {
    order: usize,
    to: usize,
}

/// The content of one file.
#[derive(Clone, Default)]
pub struct Content {
    /// What the running system reads.
    current: Vec<u8>,
    durable: Vec<u8>,
    durable_size: usize,
    /// Sizes up to this record are durable.
    settled: usize,
    pending: BTreeMap<usize, Vec<Version>>,
    sizes: Vec<Size>,
}

impl Content {
    /// A file whose bytes are durable.
    pub fn durable(bytes: Vec<u8>) -> Self {
        Self { current: bytes.clone(), durable_size: bytes.len(), durable: bytes, ..Self::default() }
    }

    /// What the running system reads.
    pub fn current(&self) -> &[u8] {
        &self.current
    }

    /// Bytes written at an offset.
    pub fn write(&mut self, order: usize, offset: usize, data: &[u8]) {
        let end = offset + data.len();
        if end > self.current.len() {
            self.current.resize(end, 0);
            self.sizes.push(Size { order, to: end });
        }
        self.current[offset..end].copy_from_slice(data);
        self.remember(order, offset, end, false);
    }

    /// A new size.
    pub fn resize(&mut self, order: usize, size: usize) {
        let before = self.current.len();
        self.current.resize(size, 0);
        self.sizes.push(Size { order, to: size });
        if size < before {
            self.remember(order, size, before, true);
        }
    }

    /// Zeros where there was something; the size stays.
    pub fn zero(&mut self, order: usize, offset: usize, length: usize) {
        let end = (offset + length).min(self.current.len());
        if offset < end {
            self.write(order, offset, &vec![0; end - offset]);
        }
    }

    fn remember(&mut self, order: usize, from: usize, to: usize, cut: bool) {
        for sector in from / SECTOR..to.div_ceil(SECTOR) {
            let bytes = sector_of(&self.current, sector);
            self.pending.entry(sector).or_default().push(Version { order, bytes, cut, stuck: false });
        }
    }

    /// A flush that began at record `begin` succeeded.
    pub fn synced(&mut self, begin: usize) {
        let sizes = self.sizes.partition_point(|size| size.order < begin);
        if let Some(last) = self.sizes.drain(..sizes).next_back() {
            self.durable_size = last.to;
        }
        self.settled = self.settled.max(begin);
        let durable = &mut self.durable;
        self.pending.retain(|sector, versions| {
            let covered = versions.partition_point(|version| version.order < begin);
            if let Some(last) = covered.checked_sub(1).map(|last| &versions[last]).filter(|last| !last.stuck)
            {
                place(durable, *sector, &last.bytes);
                versions.drain(..covered);
            }
            !versions.is_empty()
        });
    }

    /// A flush that began at record `begin` failed.
    pub fn sync_failed(&mut self, begin: usize) {
        for versions in self.pending.values_mut() {
            versions
                .iter_mut()
                .filter(|version| version.order < begin)
                .for_each(|version| version.stuck = true);
        }
    }

    /// The bytes a cut leaves: what is durable, and of the rest what chance kept, in units of `unit` sectors.
    pub fn cut(&self, chance: &mut Chance, unit: usize) -> Vec<u8> {
        let kept = if chance.keeps() { self.sizes.len() } else { chance.below(self.sizes.len() + 1) };
        let last = kept.checked_sub(1).map(|last| &self.sizes[last]);
        let size = last.map_or(self.durable_size, |size| size.to);
        let settled = last.map_or(self.settled, |size| size.order + 1).max(self.settled);

        let mut image = self.durable.clone();
        let sectors: Vec<_> =
            self.pending.iter().map(|(sector, versions)| (*sector, window(versions, settled))).collect();
        for group in sectors.chunk_by(|(a, _), (b, _)| a / unit == b / unit) {
            let moments: Vec<usize> =
                group.iter().flat_map(|(_, seen)| seen.iter().map(|v| v.order)).collect();
            let mut moment = || match moments.iter().max() {
                Some(newest) if chance.keeps() => *newest,
                _ => *moments.get(chance.below(moments.len() + 1)).unwrap_or(&0),
            };
            let (before, after) = (moment(), moment());
            // Where the head of the disk was when the power went: mostly between units.
            let torn = if chance.once_in(8) { chance.below(unit * SECTOR) } else { unit * SECTOR };
            for (sector, seen) in group {
                let boundary = torn.saturating_sub(sector % unit * SECTOR).min(SECTOR);
                let old = sector_of(&image, *sector);
                let (head, tail) = (state(seen, before, old), state(seen, after, old));
                let mut bytes = tail;
                bytes[..boundary].copy_from_slice(&head[..boundary]);
                place(&mut image, *sector, &bytes);
            }
        }
        image.resize(size, 0);
        image
    }
}

/// A sector of an image, zeros where the image has ended.
fn sector_of(image: &[u8], sector: usize) -> [u8; SECTOR] {
    let mut bytes = [0; SECTOR];
    let start = (sector * SECTOR).min(image.len());
    let end = (start + SECTOR).min(image.len());
    bytes[..end - start].copy_from_slice(&image[start..end]);
    bytes
}

/// The versions a cut may leave when sizes before record `settled` survived.
fn window(versions: &[Version], settled: usize) -> &[Version] {
    let start = versions.iter().rposition(|v| v.cut && v.order < settled).unwrap_or(0);
    let end = versions.iter().position(|v| v.cut && v.order >= settled).unwrap_or(versions.len());
    &versions[start..end]
}

/// The sector at a moment. A truncation that survived is the oldest state there is; else the durable one is.
fn state(versions: &[Version], moment: usize, durable: [u8; SECTOR]) -> [u8; SECTOR] {
    let oldest = versions.first().filter(|first| first.cut).map_or(durable, |first| first.bytes);
    versions.iter().rev().find(|version| version.order <= moment).map_or(oldest, |version| version.bytes)
}

fn place(image: &mut Vec<u8>, sector: usize, bytes: &[u8; SECTOR]) {
    let end = (sector + 1) * SECTOR;
    if image.len() < end {
        image.resize(end, 0);
    }
    image[end - SECTOR..end].copy_from_slice(bytes);
}
