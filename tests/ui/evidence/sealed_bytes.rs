//! The sealed bytes stay where they are: outside the room they could only be kept past their erasure.

use strongroom::room::{Name, Sealed};

fn called(name: &Sealed<Name>) -> usize {
    name.bytes().len()
}

fn taken(name: &Sealed<Name>) -> usize {
    name.bytes.len()
}

fn main() {}
