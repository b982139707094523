//! The command line: what a room can do, for people and for scripts. It sees the library as any program does.

use std::{
    io::{self, IsTerminal},
    process::ExitCode,
};

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
mod audit;
mod audit_page;
mod billing;
mod billing_page;
mod call;
mod case;
mod codes;
mod demo;
mod failed;
mod faults;
mod globals;
mod init;
mod login;
mod message;
mod output;
mod private_file;
mod progress;
mod secret;
mod session;
mod shown;
mod staff;
mod surroundings;
mod table;
mod ticket;
mod ticket_page;
mod typed;
mod usage;

fn main() -> ExitCode {
    let around = Surroundings::look();
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
    let done = Call::new(arguments.globals, takes, around).and_then(|call| arguments.command.run(&call, &mut out));
    end(done.and_then(|exit| out.flush().map(|()| exit)), &mut out)
}

/// Ends before there are arguments: with a page that was asked for, or because they were not understood.
fn early(e: &clap::Error, around: &Surroundings) -> ExitCode {
    // What was typed is not known yet, but who reads is.
    let typed = |name| std::env::args_os().take_while(|word| word != "--").any(|word| word == name);
    let plain = around.plain || typed("--no-color");
    let mut out = Output::new(Style { json: typed("--json"), quiet: false, plain });
    let done = match usage::told(e, !plain && io::stdout().is_terminal()) {
        Early::Page(page) => {
            out.line(page.trim_end());
            out.flush()
        }
        Early::Failed(failed) => Err(failed),
    };
    end(done.map(|()| Exit::Done), &mut out)
}

fn end(done: Result<Exit, Failed>, out: &mut Output) -> ExitCode {
    let exit = done.unwrap_or_else(|failed| {
        out.fail(&failed);
        failed.exit()
    });
    exit.into()
}
