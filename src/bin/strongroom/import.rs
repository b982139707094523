//! `import accounts`: accounts of another system, out of a file of JSON lines.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use serde_json::json;
use strongroom::{
    password::{BadDialect, Dialect},
    room::{ImportError, ImportOptions, ImportReport, LineRefused},
};
use zeroize::Zeroizing;

use crate::{
    call::Call,
    failed::{Exit, Failed},
    output::Output,
    own_file::{self, NewFile},
    progress::Progress,
    shown, typed,
};

/// Refused lines that are told one by one; the file has them all.
const TOLD_MAX: u64 = 10;
/// The file of a declaration, bytes.
const DIALECT_BYTES_MAX: u64 = 1024;

/// Data of other systems.
#[derive(Subcommand)]
pub enum Import {
    /// Make the accounts of a file of JSON lines, one account in each
    #[command(after_help = FORM)]
    Accounts(Accounts),
}

const FORM: &str = "\
Each line is a JSON object:
  identifier       the e-mail address
  password_record  as the other system has it: Argon2, bcrypt, scrypt, yescrypt, PBKDF2, SHA-crypt
                   and what is weaker, as crypt(3), Django, LDAP servers and others write it
  name             a name; may be left out
  created_at       RFC 3339, or milliseconds since 1970; may be left out

Records that are fast to guess (digests, MD5-crypt, few rounds) are kept wrapped in Argon2id at
once and replaced at their owners' next login. A digest that says nothing about itself is declared:
`--dialect` names a file with a line such as `md5:{salt}{password}`; the record is then the digest
in hexadecimal digits or base64, `:` and the salt.

A line that is refused stops nothing. It is kept with its number and the reason in FILE.refused, and
the command ends with code 5. What was imported stays: run again, it is refused as a duplicate.";

/// A file of accounts.
#[derive(Args)]
pub struct Accounts {
    /// The file, which only its owner can read; `-` for standard input
    file: PathBuf,
    /// Hold every line against the room and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Begin with this line, where an import broke off
    #[arg(long, value_name = "N", default_value = "1", value_parser = typed::line)]
    from_line: u64,
    /// Read from this file, which only its owner can read, what records are that say nothing about themselves
    #[arg(long, value_name = "FILE")]
    dialect: Option<PathBuf>,
    /// Keep refused lines in this new file, which only its owner can read; without it in FILE.refused
    #[arg(long, value_name = "FILE")]
    refused_to: Option<PathBuf>,
}

impl Import {
    /// Carries it out.
    ///
    /// # Errors
    /// What the room or the file refuses as a whole.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<Exit, Failed> {
        match self {
            Self::Accounts(accounts) => accounts.run(call, out),
        }
    }
}

impl Accounts {
    fn run(self, call: &Call, out: &mut Output) -> Result<Exit, Failed> {
        let room = call.room()?;
        let (source, bytes) = self.source()?;
        let mut refused = self.refused()?;
        let mut progress = Progress::accounts(out, call.clock(), bytes);
        let dialect = self.dialect()?;
        let options = ImportOptions { dry_run: self.dry_run, from_line: self.from_line, dialect };
        let mut told = Vec::new();
        let imported = room.import_accounts(
            source,
            options,
            |line| {
                if told.len() as u64 <= TOLD_MAX {
                    told.push((line.line, line.fault));
                }
                refused.as_mut().map_or(Ok(()), |refused| refused.keep(line))
            },
            |report| progress.accounts_at(report.bytes, report.accepted),
        );
        drop(progress);
        // What an import that broke off refused is worth as much.
        let kept = refused.map(Refused::close).transpose()?.flatten();
        let report = imported.map_err(|e| broken_off(&e, kept.as_deref()))?;
        for (line, fault) in told.iter().take(usize::try_from(TOLD_MAX).unwrap_or(usize::MAX)) {
            out.note(format_args!("line {line}: {fault}"));
        }
        Ok(self.tell(&report, kept.as_deref(), out))
    }

    /// What was declared; the file may hold a secret of the source, and is never repeated.
    fn dialect(&self) -> Result<Dialect, Failed> {
        let Some(path) = &self.dialect else { return Ok(Dialect::none()) };
        let bytes = own_file::read(path, DIALECT_BYTES_MAX)?;
        let declared = std::str::from_utf8(&bytes).map_err(|_| BadDialect::Algorithm);
        declared.and_then(|text| Dialect::declared(text.trim_end_matches(['\n', '\r']))).map_err(|why| {
            Failed::usage(format!("`{}` declares no digest: {why}", path.display()))
                .hint("one line such as `md5:{salt}{password}` or `sha256:{password}`")
        })
    }

    /// The file, and how long it is if that is known.
    fn source(&self) -> Result<(Box<dyn BufRead>, Option<u64>), Failed> {
        if self.file == Path::new("-") {
            return Ok((Box::new(io::stdin().lock()), None));
        }
        let (file, bytes): (File, u64) = own_file::open(&self.file)?;
        Ok((Box::new(BufReader::new(file)), Some(bytes)))
    }

    /// Where refused lines are kept.
    fn refused(&self) -> Result<Option<Refused>, Failed> {
        let beside = || {
            let mut name = self.file.file_name()?.to_os_string();
            name.push(".refused");
            Some(self.file.with_file_name(name))
        };
        let path = match (&self.refused_to, self.dry_run, self.file == Path::new("-")) {
            (Some(path), _, _) => path.clone(),
            (None, true, _) => return Ok(None),
            (None, false, true) => {
                return Err(Failed::usage("`--refused-to` is missing")
                    .hint("there is no place beside standard input for the lines that are refused"));
            }
            (None, false, false) => {
                beside().ok_or_else(|| Failed::usage(format!("`{}` is no file", self.file.display())))?
            }
        };
        Ok(Some(Refused { file: NewFile::create(&path)?, path, lines: 0 }))
    }

    fn tell(&self, report: &ImportReport, kept: Option<&Path>, out: &mut Output) -> Exit {
        let value = json!({
            "dry_run": self.dry_run,
            "lines": report.lines,
            "accepted": report.accepted,
            "refused": report.refused,
            "duplicates": report.duplicates,
            "cards_masked": report.cards_masked,
            "wrapped": report.wrapped,
            "refused_to": kept.map(|path| path.to_string_lossy()),
        });
        let accounts = shown::count(report.accepted, "account", "accounts");
        if self.dry_run {
            let lines = shown::count(report.lines, "line", "lines");
            out.result("import.accounts", value, format_args!("{lines} would make {accounts}"));
        } else {
            out.cards_masked(usize::try_from(report.cards_masked).unwrap_or(usize::MAX));
            out.result("import.accounts", value, format_args!("imported {accounts}"));
            if report.wrapped > 0 {
                let records = shown::count(report.wrapped, "record", "records");
                out.note(format_args!(
                    "{records} fast to guess, kept wrapped in Argon2id until the next login"
                ));
            }
        }
        if report.refused == 0 {
            return Exit::Done;
        }
        let refused = format!("{} of {} lines were refused", report.refused, report.lines);
        match kept {
            Some(path) => {
                let path = shown::line(&path.to_string_lossy());
                out.warn(refused, format_args!("they are in `{path}`"));
            }
            None => out.warn(refused, "`--refused-to FILE` keeps them with the reasons"),
        }
        Exit::Incomplete
    }
}

/// The file of refused lines. What they say is personal data: it goes there and nowhere else.
struct Refused {
    file: NewFile,
    path: PathBuf,
    lines: u64,
}

impl Refused {
    fn keep(&mut self, refused: &LineRefused<'_>) -> io::Result<()> {
        let value = json!({
            "line": refused.line,
            "fault": refused.fault.name(),
            "reason": refused.fault.to_string(),
            "content": refused.content,
        });
        let text = Zeroizing::new(format!("{}\n", shown::json(&value)));
        self.lines += 1;
        self.file.write_all(text.as_bytes())
    }

    /// Gives the file its name, if there is anything in it.
    fn close(self) -> Result<Option<PathBuf>, Failed> {
        if self.lines == 0 {
            return Ok(None);
        }
        self.file.keep().map(|()| Some(self.path))
    }
}

fn broken_off(e: &ImportError, kept: Option<&Path>) -> Failed {
    let kept = kept
        .map_or_else(String::new, |path| format!("; lines refused before it are in `{}`", path.display()));
    Failed::of(e.kind(), format!("the import {e}"))
        .hint(format!("what came before stands: go on with `--from-line {}`{kept}", e.resume_at))
}
