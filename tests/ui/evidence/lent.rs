//! A receipt that is only lent could be lent again.

use strongroom::room::{Name, Receipt, Room, Sealed};

fn lend(room: &Room, receipt: &Receipt, name: &Sealed<Name>) {
    let _opened = room.open(receipt, name);
}

fn main() {}
