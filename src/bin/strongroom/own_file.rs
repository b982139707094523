//! Files with secrets on this machine: read only where nobody else can, written where nobody else can, and never half.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    os::{
        fd::AsRawFd,
        unix::fs::{MetadataExt, OpenOptionsExt},
    },
    path::{Path, PathBuf},
};

use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use zeroize::Zeroizing;

use crate::{failed::Failed, faults};

/// Reads a file that is this user's own and nobody else's to read.
///
/// # Errors
/// As [`open`], or it is over `bytes_max`.
pub fn read(path: &Path, bytes_max: u64) -> Result<Zeroizing<Vec<u8>>, Failed> {
    let (file, _) = open(path)?;
    let mut bytes = Zeroizing::default();
    file.take(bytes_max + 1).read_to_end(&mut bytes).map_err(|e| faults::file(path, &e))?;
    if bytes.len() as u64 > bytes_max {
        return Err(refused(path, &format!("is longer than {bytes_max} bytes")));
    }
    Ok(bytes)
}

/// Opens a file that is this user's own and nobody else's to read; its length comes with it.
///
/// # Errors
/// It cannot be read, is no regular file, belongs to somebody else, or is open to others.
pub fn open(path: &Path) -> Result<(File, u64), Failed> {
    // Opening a pipe would wait for its writer.
    let nonblocking = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or(0);
    let file = fs::OpenOptions::new().read(true).custom_flags(nonblocking).open(path);
    let file = file.map_err(|e| faults::file(path, &e))?;
    let facts = file.metadata().map_err(|e| faults::file(path, &e))?;
    if !facts.is_file() {
        return Err(refused(path, "is no regular file"));
    }
    if facts.uid() != rustix::process::geteuid().as_raw() {
        return Err(refused(path, "belongs to another user"));
    }
    if facts.mode() & 0o077 != 0 {
        return Err(refused(path, "can be read by others").hint("take their rights away with `chmod 600`"));
    }
    Ok((file, facts.len()))
}

/// A file to read, whosever it is, and how long it is if that is known.
///
/// # Errors
/// It cannot be opened, or is a directory.
pub fn content(path: &Path) -> Result<(File, Option<u64>), Failed> {
    let file = File::open(path).map_err(|e| faults::file(path, &e))?;
    let facts = file.metadata().map_err(|e| faults::file(path, &e))?;
    if facts.is_dir() {
        return Err(Failed::new(format!("`{}` is a directory", path.display())));
    }
    Ok((file, facts.is_file().then_some(facts.len())))
}

/// An open descriptor of this process. By its name instead of its number: a number may be anybody's, and taking it over
/// is `unsafe`.
///
/// # Errors
/// It is not open.
pub fn descriptor(number: u16) -> Result<File, Failed> {
    let path = format!("/dev/fd/{number}");
    File::open(&path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => Failed::usage(format!("the descriptor `{number}` is not open")),
        _ => faults::file(Path::new(&path), &e),
    })
}

fn refused(path: &Path, why: &str) -> Failed {
    Failed::new(format!("`{}` {why}", path.display()))
}

/// A file on its way: it has its name once it is whole, and leaves nothing behind otherwise.
///
/// On Linux it has no name until then, so that not even a kill leaves a customer's plaintext on the disk. Where the
/// file system cannot do that it has a name of its own, which is removed when this value goes.
pub struct NewFile {
    path: PathBuf,
    file: File,
    /// The name that it has meanwhile.
    temporary: Option<PathBuf>,
}

impl NewFile {
    /// Begins a file at a path where there is none, for this user alone.
    ///
    /// # Errors
    /// There is something at the path already, or the directory takes no files.
    pub fn create(path: &Path) -> Result<Self, Failed> {
        if path.symlink_metadata().is_ok() {
            return Err(exists(path));
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        match nameless(parent) {
            Ok(file) => Ok(Self { path: path.to_path_buf(), file, temporary: None }),
            Err(e) if is_unsupported(&e) => Self::named(path, parent),
            Err(e) => Err(faults::file(path, &e)),
        }
    }

    fn named(path: &Path, parent: &Path) -> Result<Self, Failed> {
        let name =
            path.file_name().ok_or_else(|| Failed::usage(format!("`{}` is no file name", path.display())))?;
        let temporary = parent.join(format!(".{}.{}.part", name.to_string_lossy(), std::process::id()));
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary);
        let file = file.map_err(|e| faults::file(&temporary, &e))?;
        Ok(Self { path: path.to_path_buf(), file, temporary: Some(temporary) })
    }

    /// Gives the file its name, once its content is on the disk.
    ///
    /// # Errors
    /// It cannot be written, or something stands at the path by now.
    pub fn keep(self) -> Result<(), Failed> {
        let fail = |e: io::Error| match e.kind() {
            io::ErrorKind::AlreadyExists => exists(&self.path),
            _ => faults::file(&self.path, &e),
        };
        self.file.sync_all().map_err(fail)?;
        match &self.temporary {
            // A link, other than a renaming, fails if the name is taken.
            Some(temporary) => fs::hard_link(temporary, &self.path).map_err(fail),
            None => give_name(&self.file, &self.path).map_err(fail),
        }
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // The file may have its other name by now; if the removal fails there is no better one.
            let _ = fs::remove_file(temporary);
        }
    }
}

fn exists(path: &Path) -> Failed {
    Failed::new(format!("`{}` exists already, and nothing is overwritten", path.display()))
}

#[cfg(target_os = "linux")]
fn nameless(parent: &Path) -> io::Result<File> {
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::openat(CWD, parent, flags, Mode::RUSR | Mode::WUSR)?))
}

#[cfg(not(target_os = "linux"))]
fn nameless(_parent: &Path) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether a file system, or a kernel, has no files without a name.
fn is_unsupported(e: &io::Error) -> bool {
    use rustix::io::Errno;
    e.kind() == io::ErrorKind::Unsupported
        || [Errno::OPNOTSUPP, Errno::ISDIR, Errno::INVAL]
            .iter()
            .any(|errno| e.raw_os_error() == Some(errno.raw_os_error()))
}

fn give_name(file: &File, path: &Path) -> io::Result<()> {
    let own = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(rustix::fs::linkat(CWD, own, CWD, path, AtFlags::SYMLINK_FOLLOW)?)
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write, os::unix::fs::PermissionsExt, path::Path};

    use super::{NewFile, read};

    fn names(directory: &Path) -> usize {
        fs::read_dir(directory).unwrap().count()
    }

    #[test]
    fn a_new_file_is_whole_or_not_there() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a");
        for begin in [NewFile::create, |path: &Path| NewFile::named(path, path.parent().unwrap())] {
            let mut file = begin(&path).ok().unwrap();
            file.write_all(b"half").unwrap();
            drop(file);
            assert_eq!(names(directory.path()), 0);

            let mut file = begin(&path).ok().unwrap();
            file.write_all(b"whole").unwrap();
            file.keep().ok().unwrap();
            assert_eq!(*read(&path, 5).ok().unwrap(), b"whole");
            assert_eq!(names(directory.path()), 1);
            assert!(NewFile::create(&path).is_err());
            fs::remove_file(&path).unwrap();
        }
        let late = NewFile::create(&path).ok().unwrap();
        fs::write(&path, "first").unwrap();
        assert!(late.keep().is_err(), "nothing is overwritten, however late it comes");
        assert_eq!(fs::read(&path).unwrap(), b"first");
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        fs::write(&path, "12345").unwrap();
        for (mode, fine) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o610, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(read(&path, 5).is_ok(), fine, "{mode:o}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(read(&path, 4).is_err(), "longer than the limit");
        assert!(read(directory.path(), 4).is_err(), "a directory");
    }
}
