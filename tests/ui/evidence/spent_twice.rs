//! An opening takes its receipt away.

use strongroom::room::{Name, Receipt, Room, Sealed};

fn twice(room: &Room, receipt: Receipt, name: &Sealed<Name>) {
    let _first = room.open(receipt, name);
    let _second = room.open(receipt, name);
}

fn main() {}
