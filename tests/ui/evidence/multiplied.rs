//! Plaintext is not copied or compared in passing.

use strongroom::room::{Clear, Email, Name};

fn copies<T: Clone>() {}
fn compares<T: PartialEq>() {}

fn main() {
    copies::<Clear<Name>>();
    copies::<Name>();
    copies::<Email>();
    compares::<Clear<Name>>();
    compares::<Name>();
    compares::<Email>();
}
