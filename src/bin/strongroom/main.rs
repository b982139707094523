//! The command line: what a room can do, for people and for scripts. It sees the library as any program does.

use std::{ffi::OsString, process::ExitCode};

use clap::{CommandFactory, FromArgMatches};
use strongroom::room::Kind;

use arguments::{Arguments, Command};
use call::{Call, Reach};
use failed::{Exit, Failed};
use output::{Output, Style};
use surroundings::Surroundings;
use usage::Early;

mod account;
mod actor;
mod approval;
mod arguments;
mod attachment;
mod attachment_get;
mod audit;
mod audit_page;
mod backup;
mod billing;
mod billing_page;
mod call;
mod case;
mod cautions;
mod client;
mod codes;
mod config;
mod courier;
mod custody;
mod demo;
mod doctor;
mod erasure_page;
mod factor;
mod failed;
mod faults;
mod find;
mod globals;
mod guests;
mod health;
mod heart;
mod hold;
mod holder;
mod import;
mod inbox;
mod init;
mod invoice;
mod journal;
mod key;
mod letter;
mod line;
mod listening;
mod login;
mod manual;
mod message;
mod outbox;
mod output;
mod own;
mod own_file;
mod own_session;
mod paged;
mod peer;
mod plan;
mod policy;
mod private_file;
mod progress;
mod prompt;
mod reached;
mod recover;
mod relay;
mod renew;
mod reset;
mod restore;
mod room;
mod scraped;
mod second_factor;
mod secret;
mod secret_file;
mod serve;
mod session;
mod shown;
mod sign;
mod sign_up;
mod staff;
mod staff_page;
mod stream;
mod supervisor;
mod surroundings;
mod suspend;
mod table;
mod telephone;
mod terminal;
mod ticket;
mod ticket_page;
mod typed;
mod usage;
mod waiver;
mod way;
mod webhook;
mod wire;
mod work;

fn main() -> ExitCode {
    // No core dumps, and no debugger of the same user: this process holds keys. A system without the call has
    // other ways to keep its dumps.
    #[cfg(target_os = "linux")]
    let _undumpable = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    let around = Surroundings::look();
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    ExitCode::from(carry(&words, &mut Arguments::command(), around))
}

/// What a caller at the other end of the socket has typed.
fn carry_for_caller(words: &[String], parser: &mut clap::Command) -> u8 {
    let plain = line::current().is_some_and(|line| line.caller(|caller| caller.plain));
    let words: Vec<OsString> = words.iter().map(OsString::from).collect();
    carry(&words, parser, Surroundings { plain, ..Surroundings::default() })
}

/// Carries out what was typed, and says with which code it ends.
fn carry(words: &[OsString], parser: &mut clap::Command, around: Surroundings) -> u8 {
    let mut out = bare_output(words, &around);
    if let Some(name) = globals::twice(words.iter().cloned()) {
        return end(Err(Failed::usage(format!("`{name}` is given twice"))), &mut out);
    }
    let parsed = parser.try_get_matches_from_mut(spoken(words));
    match parsed.and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(arguments) => run(arguments, words, around),
        Err(e) => early(&e, &mut out),
    }
}

fn run(arguments: Arguments, words: &[OsString], around: Surroundings) -> u8 {
    let globals = &arguments.globals;
    let plain = globals.no_color || around.plain;
    let mut out = Output::new(Style { json: globals.json, quiet: globals.quiet, plain });
    let done = match reach(&arguments, words, &around) {
        Ok(Some(exit)) => return exit,
        Ok(None) => here(arguments, words, around, &mut out),
        Err(failed) => Err(failed),
    };
    end(done.and_then(|exit| out.flush().map(|()| exit)), &mut out)
}

/// Has the command carried out at the other end of a socket, if that is its way.
fn reach(arguments: &Arguments, words: &[OsString], around: &Surroundings) -> Result<Option<u8>, Failed> {
    let Arguments { globals, command } = arguments;
    if line::current().is_some() {
        return match command.reach() {
            Reach::Room | Reach::Nothing => Ok(None),
            Reach::Files | Reach::Listener => {
                Err(Failed::of(Kind::Denied, "this is not done over the socket")
                    .hint("it is for the user who holds the room's files, on its host"))
            }
        };
    }
    let Some(socket) = way::socket(command, globals, around)? else { return Ok(None) };
    let words = words.iter().map(|word| word.to_str().map(str::to_owned)).collect::<Option<_>>();
    let words = words.ok_or_else(|| Failed::usage("an argument is not UTF-8"))?;
    client::call(&socket, words, globals, command.takes(), around).map(Some)
}

fn here(
    arguments: Arguments,
    words: &[OsString],
    around: Surroundings,
    out: &mut Output,
) -> Result<Exit, Failed> {
    let call = Call::new(arguments.globals, arguments.command.takes(), around)?;
    let is_about_approvals = matches!(arguments.command, Command::Approval(_));
    let done = match arguments.command {
        Command::Serve(serve) => serve.run(&call, Arguments::command, carry_for_caller),
        command => carried_out(command, words, &call, out),
    };
    if !is_about_approvals {
        approval::tell(call.waiting(), out);
    }
    done
}

/// Carries a command out; where nothing but a login is in the way, and there is somebody to ask, after that login.
fn carried_out(command: Command, words: &[OsString], call: &Call, out: &mut Output) -> Result<Exit, Failed> {
    let failed = match command.run(call, out) {
        Err(failed) if renew::would_help(&failed) => failed,
        other => return other,
    };
    if !renew::in_place(&failed, call)? {
        return Err(failed);
    }
    let parsed = Arguments::command().try_get_matches_from(spoken(words));
    match parsed.and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(again) => again.command.run(call, out),
        Err(_) => Err(failed),
    }
}

/// The words behind the program's name.
fn spoken(words: &[OsString]) -> impl Iterator<Item = OsString> {
    std::iter::once(OsString::from("strongroom")).chain(words.iter().cloned())
}

/// Ends before there are arguments: with a page that was asked for, or because they were not understood.
fn early(e: &clap::Error, out: &mut Output) -> u8 {
    let done = match usage::told(e, out.has_colours()) {
        Early::Page(page) => {
            out.line(page.trim_end());
            out.flush()
        }
        Early::Failed(failed) => Err(failed),
    };
    end(done.map(|()| Exit::Done), out)
}

/// Where failures go while what was typed is not understood, except by whom it is to be read.
fn bare_output(words: &[OsString], around: &Surroundings) -> Output {
    let typed = |name| words.iter().take_while(|word| *word != "--").any(|word| word == name);
    Output::new(Style { json: typed("--json"), quiet: false, plain: around.plain || typed("--no-color") })
}

fn end(done: Result<Exit, Failed>, out: &mut Output) -> u8 {
    let exit = done.unwrap_or_else(|failed| {
        out.fail(&failed);
        failed.exit()
    });
    exit as u8
}
