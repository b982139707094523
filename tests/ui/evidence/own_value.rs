//! What can be sealed, and into which column, is the crate's to say: a type from outside could decode to anything.

use strongroom::room::{Class, Field, Sealable};
use zeroize::Zeroizing;

struct Mine;

impl Sealable for Mine {
    const CLASS: Class = Class::Identity;
    const FIELD: Field = Field::Name;
    const COLUMN: strongroom::seal::Column = strongroom::seal::Column::AccountName;

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::default()
    }

    fn decode(_: Zeroizing<Vec<u8>>) -> Option<Self> {
        Some(Self)
    }

    fn masked(&self) -> String {
        String::new()
    }
}

fn main() {}
