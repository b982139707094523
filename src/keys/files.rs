//! Provider keys as files: one line each, mode 0600, owned by the process's user.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::{Domain, KeyError, KeyProvider, wrapping::unwrap_bytes, wrapping::wrap_bytes};
use crate::base::{Secret, base64url};

/// The first word of a key file's line.
const MAGIC: &str = "strongroom-key/1";
/// More than any key file holds.
const FILE_BYTES_MAX: u64 = 256;

/// The key-file provider: `keys/<domain>-<version>.key`. FORMAT.md section 4.
///
/// Destroying a version is unlinking its file; copies in the host's backups, snapshots and freed blocks outlive
/// that, so the erasure horizon counts the host's backups.
pub(crate) struct KeyFiles {
    directory: PathBuf,
}

impl KeyFiles {
    /// The provider over this directory.
    pub(crate) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// The file of one provider key.
    fn path(&self, domain: Domain, version: u32) -> PathBuf {
        self.directory.join(format!("{}-{version}.key", domain.name()))
    }

    /// Reads a provider key, if its file is this user's alone.
    fn read(&self, domain: Domain, version: u32) -> Result<Secret<32>, KeyError> {
        let path = self.path(domain, version);
        let io = |source| KeyError::File { path: path.clone(), source };
        let file = File::open(&path).map_err(io)?;
        let meta = file.metadata().map_err(io)?;
        let mode = meta.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Exposed { path, mode });
        }
        if meta.uid() != rustix::process::geteuid().as_raw() {
            return Err(KeyError::Foreign { path, owner: meta.uid() });
        }
        let mut text = Zeroizing::new(String::with_capacity(256));
        file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(|source| match source.kind() {
            std::io::ErrorKind::InvalidData => KeyError::Malformed { path: path.clone() },
            _ => io(source),
        })?;
        parse(&text, domain, version).ok_or(KeyError::Malformed { path })
    }
}

/// The key in a file's line, if the line is for this domain and version.
fn parse(text: &str, domain: Domain, version: u32) -> Option<Secret<32>> {
    let prefix = format!("{MAGIC} {} {version} ", domain.name());
    let key = text.strip_prefix(&prefix)?.strip_suffix('\n')?;
    let bytes = Zeroizing::new(base64url::decode::<32>(key)?);
    Some(Secret::from_fill(|slot| slot.copy_from_slice(&*bytes)))
}

impl KeyProvider for KeyFiles {
    fn create(&self, domain: Domain, version: u32) -> Result<(), KeyError> {
        let path = self.path(domain, version);
        let io = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::AlreadyExists => KeyError::Exists { path: path.clone() },
            _ => KeyError::File { path: path.clone(), source },
        };
        let key = Secret::<32>::random()?;
        let text = Zeroizing::new(base64url::encode(key.expose()));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(io)?;
        let line = Zeroizing::new(format!("{MAGIC} {} {version} {}\n", domain.name(), &*text));
        file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(io)?;
        sync_directory(&self.directory).map_err(io)
    }

    fn wrap(&self, domain: Domain, version: u32, aad: &[u8], key: &Secret<32>) -> Result<Vec<u8>, KeyError> {
        Ok(wrap_bytes(&self.read(domain, version)?, aad, key)?)
    }

    fn unwrap(
        &self,
        domain: Domain,
        version: u32,
        aad: &[u8],
        wrapped: &[u8],
    ) -> Result<Secret<32>, KeyError> {
        unwrap_bytes(&self.read(domain, version)?, aad, wrapped)
            .ok_or(KeyError::Unauthentic { domain: domain.name(), version })
    }
}

/// Makes a new name in `directory` durable.
fn sync_directory(directory: &Path) -> std::io::Result<()> {
    fs::File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::KeyFiles;
    use crate::{
        base::Secret,
        keys::{Domain, KeyError, KeyProvider},
    };

    #[test]
    fn a_key_file_is_its_owners_alone_and_says_what_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let files = KeyFiles::new(dir.path().to_path_buf());
        files.create(Domain::Index, 1).unwrap();
        files.create(Domain::Log, 1).unwrap();
        assert!(matches!(files.create(Domain::Index, 1), Err(KeyError::Exists { .. })));

        let key = Secret::<32>::random().unwrap();
        let wrapped = files.wrap(Domain::Index, 1, b"aad", &key).unwrap();
        assert!(files.unwrap(Domain::Index, 1, b"aad", &wrapped).unwrap().expose() == key.expose());
        assert!(matches!(
            files.unwrap(Domain::Index, 1, b"other", &wrapped),
            Err(KeyError::Unauthentic { .. })
        ));
        assert!(matches!(files.unwrap(Domain::Log, 1, b"aad", &wrapped), Err(KeyError::Unauthentic { .. })));

        let path = dir.path().join("index-1.key");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            files.wrap(Domain::Index, 1, b"", &key),
            Err(KeyError::Exposed { mode: 0o640, .. })
        ));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::rename(dir.path().join("log-1.key"), &path).unwrap();
        assert!(matches!(files.wrap(Domain::Index, 1, b"", &key), Err(KeyError::Malformed { .. })));
    }
}
