//! Plaintext and evidence have no text of their own: nothing prints them in passing.

use strongroom::room::{Clear, Name, Receipt};

fn displayed(name: &Clear<Name>) -> String {
    format!("{name}")
}

fn debugged(name: &Clear<Name>) -> String {
    format!("{name:?}")
}

fn inside(name: &Clear<Name>) -> String {
    format!("{:?}", name.expose())
}

fn receipt(receipt: &Receipt) -> String {
    format!("{receipt:?}")
}

fn main() {}
