//! Files of the person who typed the command, where he sits: on this machine, or at the other end of the socket.

use std::{
    io::{self, Read, Write},
    path::Path,
    rc::Rc,
};

use zeroize::Zeroizing;

use crate::{
    failed::Failed,
    faults,
    line::{self, Line, Writer},
    own_file,
    wire::{Kind, Source},
};

/// Reads a file that is the person's own and nobody else's to read.
///
/// # Errors
/// It cannot be read, belongs to somebody else, is open to others, or is over `bytes_max`.
pub fn read(path: &Path, bytes_max: u64) -> Result<Zeroizing<Vec<u8>>, Failed> {
    let Some(line) = line::current() else { return own_file::read(path, bytes_max) };
    let (file, _) = line.open(Source::Private(name(path)?))?;
    let mut bytes = Zeroizing::default();
    file.take(bytes_max + 1).read_to_end(&mut bytes).map_err(|e| faults::file(path, &e))?;
    if bytes.len() as u64 > bytes_max {
        return Err(Failed::new(format!("`{}` is longer than {bytes_max} bytes", path.display())));
    }
    Ok(bytes)
}

/// Reads from an open descriptor, up to `bytes_max` and one byte.
///
/// # Errors
/// It is not open, or cannot be read.
pub fn descriptor(number: u16, bytes_max: u64) -> Result<Zeroizing<Vec<u8>>, Failed> {
    let file: Box<dyn Read> = match line::current() {
        Some(line) => Box::new(line.open(Source::Descriptor(number))?.0),
        None => Box::new(own_file::descriptor(number)?),
    };
    let mut bytes = Zeroizing::default();
    let read = file.take(bytes_max + 1).read_to_end(&mut bytes);
    read.map_err(|e| faults::file(Path::new(&format!("/dev/fd/{number}")), &e))?;
    Ok(bytes)
}

/// A file of the person's, or with `-` his standard input, and how long it is if that is known.
///
/// # Errors
/// It cannot be opened, or is a directory.
pub fn content(path: &Path) -> Result<(Box<dyn Read>, Option<u64>), Failed> {
    let is_input = path == Path::new("-");
    if let Some(line) = line::current() {
        let source = if is_input { Source::Input } else { Source::File(name(path)?) };
        let (content, bytes) = line.open(source)?;
        return Ok((Box::new(content), bytes));
    }
    if is_input {
        return Ok((Box::new(io::stdin()), None));
    }
    own_file::content(path).map(|(file, bytes)| (Box::new(file) as Box<dyn Read>, bytes))
}

fn name(path: &Path) -> Result<String, Failed> {
    let name = path.to_str().map(str::to_owned);
    name.ok_or_else(|| Failed::usage("a path is not UTF-8, which does not go through the socket"))
}

/// A file on its way: it has its name once it is whole, and leaves nothing behind otherwise.
pub enum NewFile {
    /// On this machine.
    Own(own_file::NewFile),
    /// The caller's.
    Callers(Rc<Line>, Writer),
}

impl NewFile {
    /// Begins a file at a path where there is none, for the person alone.
    ///
    /// # Errors
    /// There is something at the path already, or the directory takes no files.
    pub fn create(path: &Path) -> Result<Self, Failed> {
        let Some(line) = line::current() else { return own_file::NewFile::create(path).map(Self::Own) };
        line.create(&name(path)?)?;
        let writer = Writer::new(Rc::clone(&line), Kind::Content);
        Ok(Self::Callers(line, writer))
    }

    /// Gives the file its name, once its content is on the disk.
    ///
    /// # Errors
    /// It cannot be written, or something stands at the path by now.
    pub fn keep(self) -> Result<(), Failed> {
        match self {
            Self::Own(file) => file.keep(),
            Self::Callers(line, _) => line.keep(),
        }
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Own(file) => file.write(bytes),
            Self::Callers(_, writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Own(file) => file.flush(),
            Self::Callers(_, writer) => writer.flush(),
        }
    }
}
