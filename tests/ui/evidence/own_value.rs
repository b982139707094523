//! What can be sealed, and into which column, is the crate's to say: a type from outside could decode to anything.

use strongroom::room::Sealable;

struct Mine;

impl Sealable for Mine {
    const COLUMN: strongroom::seal::Column = strongroom::seal::Column::Name;
}

fn main() {}
