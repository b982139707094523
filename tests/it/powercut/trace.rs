//! The trace that `tests/powercut/shim.c` writes: every change and every flush of the watched directory, in order.

use std::path::Path;

/// A file or directory by what the kernel calls it: device and inode number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Inode {
    /// The device.
    pub device: u64,
    /// The number on that device; reused after the file is gone, hence [`Record::Create`].
    pub number: u64,
}

/// A name in a directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The directory.
    pub directory: Inode,
    /// One component, any bytes.
    pub name: Vec<u8>,
}

/// One thing that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Record {
    /// A process loaded the shim.
    Start { process: u64 },
    /// A new empty file; its inode may have been another file's before.
    Create { file: Inode, at: Place, mode: u32 },
    /// A new empty directory.
    MakeDirectory { directory: Inode, at: Place, mode: u32 },
    /// Bytes taken at an offset (of whatever write call, or of a copy inside the kernel).
    Write { file: Inode, offset: usize, data: Vec<u8> },
    /// A new size, smaller or larger.
    Truncate { file: Inode, size: usize },
    /// `fallocate` with its mode.
    Allocate { file: Inode, mode: u64, offset: usize, length: usize },
    /// A rename, over an older file or not.
    Rename { file: Inode, from: Place, to: Place },
    /// A further name.
    Link { file: Inode, to: Place },
    /// A name removed, of a file or a directory.
    Remove { file: Inode, from: Place },
    /// New permission bits.
    Mode { file: Inode, mode: u32 },
    /// A flush of a file or directory begins.
    SyncBegin { file: Inode, sync: u64, path: String },
    /// That flush is over, with success or without.
    SyncEnd { sync: u64, done: bool },
    /// `sync_file_range`: promises nothing.
    Hint,
    /// The child acknowledged this.
    Ack(Vec<u8>),
    /// Something the shim saw and this model does not cover.
    Uncovered { what: String, path: String },
}

/// All records of one run, of all its processes.
#[derive(Debug)]
pub struct Trace {
    /// In the order in which the kernel saw them.
    pub records: Vec<Record>,
}

impl Trace {
    /// Reads the file the shim wrote.
    ///
    /// # Errors
    /// When it is unreadable or was cut, or no process loaded the shim.
    pub fn read(path: &Path) -> Result<Self, String> {
        let bytes = std::fs::read(path).map_err(|e| format!("no trace, was the shim loaded? {e}"))?;
        let mut rest = Cursor { bytes: &bytes };
        let mut records = Vec::new();
        while !rest.bytes.is_empty() {
            let number = records.len();
            records.push(rest.record().ok_or_else(|| format!("record {number} of the trace is malformed"))?);
        }
        if !matches!(records.first(), Some(Record::Start { .. })) {
            return Err("the trace does not begin with the loading of the shim".to_owned());
        }
        Ok(Self { records })
    }

    /// What the child had acknowledged before record `cut`.
    pub fn acked(&self, cut: usize) -> Vec<Vec<u8>> {
        let acks = self.records.iter().take(cut).filter_map(|record| match record {
            Record::Ack(bytes) => Some(super::child::frames(bytes)),
            _ => None,
        });
        acks.flatten().collect()
    }
}

struct Cursor<'a> {
    bytes: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(len)?;
        self.bytes = rest;
        Some(taken)
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_ne_bytes(self.take(4)?.try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_ne_bytes(self.take(8)?.try_into().ok()?))
    }

    fn inode(&mut self) -> Option<Inode> {
        Some(Inode { device: self.u64()?, number: self.u64()? })
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(self.u32()?).ok()
    }

    /// `struct header` of `watch.h`, then two names, then the data.
    fn record(&mut self) -> Option<Record> {
        let kind = self.u32()?;
        let (name_len, name2_len, data_len) = (self.length()?, self.length()?, self.length()?);
        let (file, directory, directory2) = (self.inode()?, self.inode()?, self.inode()?);
        let (number, size) = (self.u64()?, self.u64()?);
        let name = self.take(name_len)?.to_vec();
        let name2 = self.take(name2_len)?.to_vec();
        let data = self.take(data_len)?.to_vec();

        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (offset, length) = (usize::try_from(number).ok(), usize::try_from(size).ok()?);
        let mode = u32::try_from(number).ok();
        Some(match kind {
            1 => Record::Start { process: number },
            2 => Record::Create { file, at: Place { directory, name }, mode: mode? },
            3 => Record::Write { file, offset: offset?, data },
            4 => Record::Truncate { file, size: length },
            5 => Record::Allocate { file, mode: directory.device, offset: offset?, length },
            6 => Record::Rename {
                file,
                from: Place { directory, name },
                to: Place { directory: directory2, name: name2 },
            },
            7 => Record::Link { file, to: Place { directory: directory2, name: name2 } },
            8 => Record::Remove { file, from: Place { directory, name } },
            9 => Record::MakeDirectory { directory: file, at: Place { directory, name }, mode: mode? },
            10 => Record::Mode { file, mode: mode? },
            11 => Record::SyncBegin { file, sync: number, path: text(&name) },
            12 => Record::SyncEnd { sync: number, done: size == 1 },
            13 => Record::Hint,
            14 => Record::Ack(data),
            15 => Record::Uncovered { what: text(&name), path: text(&name2) },
            _ => return None,
        })
    }
}
