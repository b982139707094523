//! What was opened masked stays masked.

use strongroom::room::{Clear, Masked, Name};

fn returned(masked: Masked<Name>) -> Clear<Name> {
    masked
}

fn converted(masked: Masked<Name>) -> Clear<Name> {
    masked.into()
}

fn read(masked: &Masked<Name>) -> &Name {
    masked.expose()
}

fn main() {}
