//! Tampering with a copy of a room, to show that it is found: the one place outside the store that speaks SQL.

use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use rusqlite::Connection;

/// A copy of a room, removed when it goes out of use.
pub struct Copy {
    directory: PathBuf,
}

/// What takes every payment away: no trigger stands in the way.
pub const DELETION: &str = "DELETE FROM payment";

/// The statements that somebody with the database and no key runs.
pub struct Statements {
    /// The change, which a trigger refuses.
    pub update: String,
    /// What takes the trigger away.
    pub drop: &'static str,
}

impl Copy {
    /// Copies the room in `room` into `directory`, which must not exist.
    pub fn of(room: &Path, directory: &Path) -> io::Result<Self> {
        copy(room, directory)?;
        Ok(Self { directory: directory.to_path_buf() })
    }

    /// Where it is.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Runs a statement on the copy's database.
    pub fn run(&self, statement: &str) -> rusqlite::Result<usize> {
        Connection::open(self.directory.join("store").join("store.db"))?.execute(statement, [])
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // What is left behind when it fails is a copy of a demonstration.
        drop(fs::remove_dir_all(&self.directory));
    }
}

/// Statements that change `from` to `to` in the entry at `position`.
pub fn statements(position: u64, from: &str, to: &str) -> Statements {
    Statements {
        update: format!(
            "UPDATE audit_entry\n  SET entry = CAST(replace(CAST(entry AS TEXT), '{from}', '{to}') AS BLOB)\n  \
             WHERE position = {position}"
        ),
        drop: "DROP TRIGGER audit_entry_kept",
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::DirBuilder::new().mode(0o700).create(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else { continue };
        if path.is_dir() { copy(&path, &to.join(name))? } else { fs::copy(&path, to.join(name)).map(drop)? }
    }
    Ok(())
}
