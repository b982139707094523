//! Plaintext and evidence do not go into a file or an answer by way of a derive around them.

use strongroom::room::{Clear, Name, Receipt};

fn writes<T: serde::Serialize>() {}

fn main() {
    writes::<Clear<Name>>();
    writes::<Name>();
    writes::<Receipt>();
}
