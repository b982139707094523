//! The command line.

mod demo;
mod failed;
mod output;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use output::Output;

#[derive(Parser)]
struct Arguments {
    #[arg(long, global = true)]
    json: bool,
    #[arg(long, global = true)]
    no_color: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo { directory: Option<PathBuf> },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = Output::new(arguments.json, arguments.no_color);
    let Command::Demo { directory } = arguments.command;
    match demo::run(directory, &mut out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => out.fail(&failed),
    }
}
