//! Nor is a column to be had from a type that has one.

use strongroom::room::{Name, Sealable};

fn main() {
    let _column = Name::COLUMN;
}
