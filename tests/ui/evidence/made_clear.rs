//! A clear value was opened: a program makes none, or a function that asks for one would prove nothing.

use strongroom::room::{Clear, Name};

fn make(name: Name) -> Clear<Name> {
    Clear::new(name)
}

fn wrap(name: Name) -> Clear<Name> {
    Clear(name)
}

fn main() {}
