//! `completions` and `man`: what the parser of arguments knows, for shells and for people.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::{Args, Command, ValueEnum};
use clap_complete::{Generator, Shell as Known};
use clap_mangen::Man as Page;
use serde_json::json;

use crate::{failed::Failed, faults, output::Output, shown};

/// For which shell.
#[derive(Args)]
pub struct Completions {
    /// Which shell
    shell: Shell,
}

/// A shell that completes what is typed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// GNU Bash.
    Bash,
    /// Zsh.
    Zsh,
    /// Fish.
    Fish,
}

/// Where to.
#[derive(Args)]
pub struct Man {
    /// The directory to write into; it is made if there is none
    directory: PathBuf,
}

impl Completions {
    /// Prints the script that completes `command`.
    ///
    /// # Errors
    /// The script could not be made.
    pub fn run(&self, command: Command, out: &mut Output) -> Result<(), Failed> {
        let text = script(command, self.shell)?;
        let shell = self.shell.to_possible_value().map(|value| value.get_name().to_owned());
        out.result("completions", json!({"shell": shell, "script": text}), text.trim_end());
        Ok(())
    }
}

fn script(mut command: Command, shell: Shell) -> Result<String, Failed> {
    let known = match shell {
        Shell::Bash => Known::Bash,
        Shell::Zsh => Known::Zsh,
        Shell::Fish => Known::Fish,
    };
    command.set_bin_name(command.get_name().to_owned());
    command.build();
    let mut script = Vec::new();
    let made = known.try_generate(&command, &mut script);
    made.map_err(|e| Failed::new(format!("the completions could not be made: {}", e.kind())))?;
    String::from_utf8(script).map_err(|_| Failed::new("the completions are not UTF-8"))
}

impl Man {
    /// Writes a page for `command` and for each below it.
    ///
    /// # Errors
    /// A page stands there already, or cannot be written.
    pub fn run(self, command: Command, out: &mut Output) -> Result<(), Failed> {
        let pages = pages(command)?;
        for (name, _) in &pages {
            let path = self.directory.join(name);
            if path.symlink_metadata().is_ok() {
                return Err(Failed::new(format!(
                    "`{}` exists already, and nothing is overwritten",
                    path.display()
                )));
            }
        }
        fs::create_dir_all(&self.directory).map_err(|e| faults::file(&self.directory, &e))?;
        for (name, text) in &pages {
            let path = self.directory.join(name);
            write(&path, text).map_err(|e| faults::file(&path, &e))?;
        }
        let directory = shown::line(&self.directory.to_string_lossy());
        let written = shown::count(pages.len() as u64, "page", "pages");
        let names: Vec<_> = pages.iter().map(|(name, _)| name.as_str()).collect();
        out.result("man", json!({"pages": names}), format_args!("wrote {written} into `{directory}`"));
        Ok(())
    }
}

fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text)
}

/// How every command ends: the codes of [`crate::failed::Exit`].
const EXIT_STATUS: &str = ".SH \"EXIT STATUS\"
.TP\n0\nDone.
.TP\n1\nIt could not be done.
.TP\n2\nThe command was not understood, or its input is not acceptable.
.TP\n3\nRefused by the rules; where the rules record it, the refusal names its request.
.TP\n4\nAn integrity failure: something was changed past this program.
.TP\n5\nSomething is overdue, or incomplete.
";

/// Every page by its file's name.
fn pages(mut command: Command) -> Result<Vec<(String, Vec<u8>)>, Failed> {
    command.build();
    let mut pages = Vec::new();
    let mut next = vec![command];
    while let Some(command) = next.pop() {
        next.extend(command.get_subcommands().cloned());
        let page = Page::new(command)
            .source(concat!("strongroom ", env!("CARGO_PKG_VERSION")))
            .manual("strongroom")
            .date("");
        let mut text = Vec::new();
        let made = page.render(&mut text);
        made.map_err(|e| Failed::new(format!("a page could not be made: {}", e.kind())))?;
        text.extend_from_slice(EXIT_STATUS.as_bytes());
        pages.push((page.get_filename(), text));
    }
    pages.sort();
    Ok(pages)
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, ValueEnum};

    use super::{EXIT_STATUS, Shell, pages, script};
    use crate::arguments::Arguments;

    /// The names of all commands, as paths.
    fn commands() -> Vec<Vec<String>> {
        fn walk(command: &clap::Command, path: &[String], found: &mut Vec<Vec<String>>) {
            for under in command.get_subcommands() {
                let path = [path, &[under.get_name().to_owned()]].concat();
                walk(under, &path, found);
                found.push(path);
            }
        }
        let mut found = Vec::new();
        walk(&Arguments::command(), &[], &mut found);
        found
    }

    #[test]
    fn each_command_has_a_page_that_says_what_it_does() {
        let pages = pages(Arguments::command()).ok().unwrap();
        assert_eq!(pages.len(), commands().len() + 1);
        for path in commands() {
            let name = format!("strongroom-{}.1", path.join("-"));
            let (_, text) =
                pages.iter().find(|(page, _)| *page == name).unwrap_or_else(|| panic!("no {name}"));
            let text = String::from_utf8(text.clone()).unwrap();
            assert!(text.contains(".TH "), "{name}");
            assert!(text.contains(".SH SYNOPSIS") && text.ends_with(EXIT_STATUS), "{name}");
        }
    }

    #[test]
    fn each_command_is_completed_in_each_shell() {
        for shell in Shell::value_variants() {
            let script = script(Arguments::command(), *shell).ok().unwrap();
            for path in commands() {
                let name = path.last().unwrap();
                assert!(script.contains(name.as_str()), "{name}");
            }
            assert!(script.contains("support_request") && script.contains("refused-to"));
        }
    }
}
