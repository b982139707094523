//! A receipt that was split is gone: whole and parts together would open each value twice.

use strongroom::room::{Name, Receipt, Room, Sealed};

fn both(room: &Room, receipt: Receipt, name: &Sealed<Name>) {
    let _parts = receipt.split();
    let _whole = room.open(receipt, name);
}

fn main() {}
