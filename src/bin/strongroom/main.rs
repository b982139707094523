//! The command line: what a room can do, for people and for scripts. It sees the library as any program does.

use std::process::ExitCode;

use clap::Parser;

use arguments::Arguments;
use call::Call;
use failed::{Exit, Failed};
use output::{Output, Style};
use surroundings::Surroundings;
use usage::Early;

mod account;
mod actor;
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
mod codes;
mod demo;
mod doctor;
mod erasure_page;
mod failed;
mod faults;
mod find;
mod globals;
mod hold;
mod holder;
mod import;
mod init;
mod invoice;
mod login;
mod manual;
mod message;
mod output;
mod paged;
mod policy;
mod private_file;
mod progress;
mod prompt;
mod restore;
mod secret;
mod session;
mod shown;
mod staff;
mod staff_page;
mod surroundings;
mod table;
mod ticket;
mod ticket_page;
mod typed;
mod usage;

fn main() -> ExitCode {
    // No core dumps, and no debugger of the same user: this process holds keys. A system without the call has
    // other ways to keep its dumps.
    #[cfg(target_os = "linux")]
    let _undumpable = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    let around = Surroundings::look();
    if let Some(name) = globals::twice(std::env::args_os().skip(1)) {
        let mut out = bare_output(&around);
        return end(Err(Failed::usage(format!("`{name}` is given twice"))), &mut out);
    }
    match Arguments::try_parse() {
        Ok(arguments) => run(arguments, around),
        Err(e) => early(&e, &around),
    }
}

fn run(arguments: Arguments, around: Surroundings) -> ExitCode {
    let globals = &arguments.globals;
    let plain = globals.no_color || around.plain;
    let mut out = Output::new(Style { json: globals.json, quiet: globals.quiet, plain });
    let takes = arguments.command.takes();
    let done =
        Call::new(arguments.globals, takes, around).and_then(|call| arguments.command.run(&call, &mut out));
    end(done.and_then(|exit| out.flush().map(|()| exit)), &mut out)
}

/// Ends before there are arguments: with a page that was asked for, or because they were not understood.
fn early(e: &clap::Error, around: &Surroundings) -> ExitCode {
    let mut out = bare_output(around);
    let done = match usage::told(e, out.has_colours()) {
        Early::Page(page) => {
            out.line(page.trim_end());
            out.flush()
        }
        Early::Failed(failed) => Err(failed),
    };
    end(done.map(|()| Exit::Done), &mut out)
}

/// Where failures go while what was typed is not understood, except by whom it is to be read.
fn bare_output(around: &Surroundings) -> Output {
    let typed = |name| std::env::args_os().take_while(|word| word != "--").any(|word| word == name);
    Output::new(Style { json: typed("--json"), quiet: false, plain: around.plain || typed("--no-color") })
}

fn end(done: Result<Exit, Failed>, out: &mut Output) -> ExitCode {
    let exit = done.unwrap_or_else(|failed| {
        out.fail(&failed);
        failed.exit()
    });
    exit.into()
}
