//! A disk that hears every change and every flush, and can say what it holds when the power goes.
//!
//! A name is durable when its directory was flushed after the name was made; a flush of the file is not enough.
//! A rename inside one directory is one event. Across directories the new name is durable with its own
//! directory, the old one goes only after that: a file is in two places at worst, never in none.

use super::chance::Chance;
use super::content::Content;
use super::trace::{Inode, Place, Record};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What a disk does wrong: for tests that show the harness can fail.
#[derive(Clone, Default, Debug)]
pub struct Policy {
    ignored_end: Option<String>,
    ignore_directories: bool,
}

impl Policy {
    /// A disk that keeps what a flush promised.
    pub fn honest() -> Self {
        Self::default()
    }

    /// Flushes of files whose path ends so are answered and not done.
    pub fn ignore_syncs(mut self, path_end: &str) -> Self {
        self.ignored_end = Some(path_end.to_owned());
        self
    }

    /// Flushes of directories are answered and not done.
    pub fn ignore_directory_syncs(mut self) -> Self {
        self.ignore_directories = true;
        self
    }
}

type Node = usize;
type Name = (Node, Vec<u8>);
type Names = BTreeMap<Name, Node>;

#[derive(Clone)]
struct Entry {
    mode: u32,
    /// None: a directory.
    content: Option<Content>,
}

/// A change of names that no directory flush has covered yet.
#[derive(Clone)]
enum Change {
    Add {
        to: Name,
        node: Node,
    },
    Remove {
        from: Name,
        node: Node,
    },
    /// `left`: the old name's directory was flushed since.
    Move {
        from: Name,
        to: Name,
        node: Node,
        left: bool,
    },
}

impl Change {
    fn apply(&self, names: &mut Names) {
        match self {
            Self::Add { to, node } => _ = names.insert(to.clone(), *node),
            // Only if that name still is that file: an older change that was kept late must not undo a newer one.
            Self::Remove { from, node } => {
                if names.get(from) == Some(node) {
                    names.remove(from);
                }
            }
            Self::Move { from, to, node, .. } => {
                Self::Remove { from: from.clone(), node: *node }.apply(names);
                names.insert(to.clone(), *node);
            }
        }
    }

    /// What a flush of `directory` makes durable of this change, and what stays pending.
    fn split(self, directory: Node) -> (Option<Self>, Option<Self>) {
        match self {
            Self::Move { from, to, node, left: false } if from.0 != to.0 => {
                if to.0 == directory {
                    (Some(Self::Add { to, node }), Some(Self::Remove { from, node }))
                } else {
                    let left = from.0 == directory;
                    (None, Some(Self::Move { from, to, node, left }))
                }
            }
            Self::Add { to: ref at, .. }
            | Self::Move { to: ref at, .. }
            | Self::Remove { from: ref at, .. } => {
                if at.0 == directory {
                    (Some(self), None)
                } else {
                    (None, Some(self))
                }
            }
        }
    }
}

/// The watched directory through a run.
#[derive(Clone)]
pub struct Disk {
    entries: Vec<Entry>,
    nodes: BTreeMap<Inode, Node>,
    current: Names,
    durable: Names,
    pending: Vec<(usize, Change)>,
    /// Flushes under way: the record that began them, and of what.
    syncs: BTreeMap<u64, (usize, Node)>,
    /// Records heard.
    order: usize,
}

const ROOT: Node = 0;

impl Disk {
    /// A disk that durably holds this directory as it stands; `*-shm` files are left out everywhere.
    ///
    /// # Errors
    /// When it cannot be read, or holds something else than files and directories.
    pub fn load(root: &Path) -> Result<Self, String> {
        let mut disk = Self {
            entries: Vec::new(),
            nodes: BTreeMap::new(),
            current: Names::new(),
            durable: Names::new(),
            pending: Vec::new(),
            syncs: BTreeMap::new(),
            order: 0,
        };
        disk.load_one(root).map_err(|e| format!("{}: {e}", root.display()))?;
        disk.durable = disk.current.clone();
        Ok(disk)
    }

    fn load_one(&mut self, path: &Path) -> std::io::Result<Node> {
        let meta = std::fs::symlink_metadata(path)?;
        if !meta.is_dir() && !meta.is_file() {
            return Err(std::io::Error::other(format!("{} is neither file nor directory", path.display())));
        }
        let content = if meta.is_dir() { None } else { Some(Content::durable(std::fs::read(path)?)) };
        let inode = Inode { device: meta.dev(), number: meta.ino() };
        let node = self.node(inode, meta.mode() & 0o7777, content);
        if meta.is_dir() {
            for name in names_in(path)? {
                let child = self.load_one(&path.join(OsStr::from_bytes(&name)))?;
                self.current.insert((node, name), child);
            }
        }
        Ok(node)
    }

    fn node(&mut self, inode: Inode, mode: u32, content: Option<Content>) -> Node {
        self.entries.push(Entry { mode, content });
        self.nodes.insert(inode, self.entries.len() - 1);
        self.entries.len() - 1
    }

    fn known(&self, inode: Inode) -> Result<Node, String> {
        self.nodes
            .get(&inode)
            .copied()
            .ok_or_else(|| format!("record {}: inode {} came from nowhere", self.order, inode.number))
    }

    fn content(&mut self, file: Inode) -> Result<&mut Content, String> {
        let node = self.known(file)?;
        self.entries[node].content.as_mut().ok_or_else(|| "a write to a directory".to_owned())
    }

    fn name(&self, place: &Place) -> Result<Name, String> {
        Ok((self.known(place.directory)?, place.name.clone()))
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.current);
        self.pending.push((self.order, change));
    }

    /// Hears the next records.
    ///
    /// # Errors
    /// When one is about something that was never seen to come into being.
    pub fn hear_all(&mut self, records: &[Record], policy: &Policy) -> Result<(), String> {
        records.iter().try_for_each(|record| self.hear(record, policy))
    }

    /// Hears the next record.
    ///
    /// # Errors
    /// When the record is about something that was never seen to come into being.
    pub fn hear(&mut self, record: &Record, policy: &Policy) -> Result<(), String> {
        self.order += 1;
        let order = self.order;
        match record {
            Record::Start { .. } | Record::Hint | Record::Ack(_) => {}
            Record::Create { file, at, mode } => {
                let to = self.name(at)?;
                let node = self.node(*file, *mode, Some(Content::default()));
                self.change(Change::Add { to, node });
            }
            Record::MakeDirectory { directory, at, mode } => {
                let to = self.name(at)?;
                let node = self.node(*directory, *mode, None);
                self.change(Change::Add { to, node });
            }
            Record::Write { file, offset, data } => self.content(*file)?.write(order, *offset, data),
            Record::Truncate { file, size } => self.content(*file)?.resize(order, *size),
            Record::Allocate { file, mode, offset, length } => {
                allocate(self.content(*file)?, order, *mode, *offset, *length)?;
            }
            Record::Rename { file, from, to } => {
                let (from, to, node) = (self.name(from)?, self.name(to)?, self.known(*file)?);
                self.change(Change::Move { from, to, node, left: false });
            }
            Record::Link { file, to } => {
                let (to, node) = (self.name(to)?, self.known(*file)?);
                self.change(Change::Add { to, node });
            }
            Record::Remove { file, from } => {
                let (from, node) = (self.name(from)?, self.known(*file)?);
                self.change(Change::Remove { from, node });
            }
            Record::Mode { file, mode } => {
                let node = self.known(*file)?;
                self.entries[node].mode = *mode;
            }
            Record::SyncBegin { file, sync, path } => self.sync_begins(*file, *sync, path, policy)?,
            Record::SyncEnd { sync, done } => self.sync_ends(*sync, *done),
            Record::Uncovered { what, path } => return Err(format!("{what}: {path}")),
        }
        Ok(())
    }

    fn sync_begins(&mut self, file: Inode, sync: u64, path: &str, policy: &Policy) -> Result<(), String> {
        let node = self.known(file)?;
        let ignored = match &self.entries[node].content {
            None => policy.ignore_directories,
            Some(_) => policy.ignored_end.as_ref().is_some_and(|end| path.ends_with(end)),
        };
        if !ignored {
            self.syncs.insert(sync, (self.order, node));
        }
        Ok(())
    }

    fn sync_ends(&mut self, sync: u64, done: bool) {
        let Some((begin, node)) = self.syncs.remove(&sync) else { return };
        match &mut self.entries[node].content {
            Some(content) if done => content.synced(begin),
            Some(content) => content.sync_failed(begin),
            None if done => {
                for (order, change) in std::mem::take(&mut self.pending) {
                    let (durable, rest) =
                        if order < begin { change.split(node) } else { (None, Some(change)) };
                    durable.iter().for_each(|change| change.apply(&mut self.durable));
                    self.pending.extend(rest.map(|change| (order, change)));
                }
            }
            None => {}
        }
    }

    /// Writes into the empty directory `into` what is left when the power goes now.
    ///
    /// # Errors
    /// When `into` cannot be written.
    pub fn cut(&self, chance: &mut Chance, into: &Path) -> std::io::Result<()> {
        // Half of the cuts on a disk that tears pages, half on one that writes them whole or not.
        let unit = if chance.once_in(2) { 1 } else { 8 };
        let mut names = self.durable.clone();
        for (_, change) in &self.pending {
            if chance.keeps() {
                change.apply(&mut names);
            }
        }
        let left = self.walk(&names);
        for (path, entry) in &left {
            match &entry.content {
                None if *path == Path::new("") => {}
                None => std::fs::create_dir(into.join(path))?,
                Some(content) => std::fs::write(into.join(path), content.cut(chance, unit))?,
            }
        }
        // Last and from the leaves, for a directory may be one that nothing can be written to.
        left.iter().rev().try_for_each(|(path, entry)| {
            std::fs::set_permissions(into.join(path), std::fs::Permissions::from_mode(entry.mode))
        })
    }

    /// Every entry that `names` lead to, directories before what is in them.
    fn walk(&self, names: &Names) -> Vec<(PathBuf, &Entry)> {
        let mut found = Vec::new();
        let mut open = vec![(ROOT, PathBuf::new())];
        while let Some((node, path)) = open.pop() {
            let inside = names.range((node, Vec::new())..(node + 1, Vec::new()));
            open.extend(inside.map(|((_, name), child)| (*child, path.join(OsStr::from_bytes(name)))));
            found.push((path, &self.entries[node]));
        }
        found
    }

    /// Paths in which the replay differs from the real directory: something happened that the shim did not see.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn differences(&self, root: &Path) -> Result<Vec<PathBuf>, String> {
        let real = Self::load(root)?;
        let (ours, theirs) = (self.image(), real.image());
        let paths: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
        Ok(paths.into_iter().filter(|path| ours.get(*path) != theirs.get(*path)).cloned().collect())
    }

    fn image(&self) -> BTreeMap<PathBuf, (u32, Option<&[u8]>)> {
        let entries = self.walk(&self.current).into_iter();
        entries
            .map(|(path, entry)| (path, (entry.mode, entry.content.as_ref().map(Content::current))))
            .collect()
    }
}

/// The modes of `fallocate(2)` that change what is read.
fn allocate(
    content: &mut Content,
    order: usize,
    mode: u64,
    offset: usize,
    length: usize,
) -> Result<(), String> {
    const KEEP_SIZE: u64 = 1;
    const PUNCH_HOLE: u64 = 2;
    const ZERO_RANGE: u64 = 16;
    if mode & !(KEEP_SIZE | PUNCH_HOLE | ZERO_RANGE) != 0 {
        return Err(format!("fallocate with mode {mode}"));
    }
    let end = offset + length;
    if mode & KEEP_SIZE == 0 && end > content.current().len() {
        content.resize(order, end);
    }
    if mode & (PUNCH_HOLE | ZERO_RANGE) != 0 {
        content.zero(order, offset, length);
    }
    Ok(())
}

fn names_in(directory: &Path) -> std::io::Result<Vec<Vec<u8>>> {
    let names: std::io::Result<Vec<_>> =
        std::fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name().into_vec())).collect();
    Ok(names?.into_iter().filter(|name| !name.ends_with(b"-shm")).collect())
}
