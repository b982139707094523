//! Which standard streams of the person are terminals, here or at the other end of the socket.

use std::io::{self, IsTerminal};

use crate::{line, wire::Terminal};

/// Whether he types at standard input.
pub fn is_input() -> bool {
    is(Terminal::Input)
}

/// Whether he sees standard output.
pub fn is_output() -> bool {
    is(Terminal::Output)
}

/// Whether he sees standard error.
pub fn is_error() -> bool {
    is(Terminal::Error)
}

fn is(stream: Terminal) -> bool {
    match line::current() {
        Some(line) => line.is_terminal(stream),
        None => is_here(stream),
    }
}

/// Whether this is so of the process's own.
pub fn is_here(stream: Terminal) -> bool {
    match stream {
        Terminal::Input => io::stdin().is_terminal(),
        Terminal::Output => io::stdout().is_terminal(),
        Terminal::Error => io::stderr().is_terminal(),
    }
}
