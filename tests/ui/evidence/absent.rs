//! Nothing opens without evidence.

use strongroom::room::{Name, Room, Sealed};

fn open(room: &Room, name: &Sealed<Name>) {
    let _opened = room.open(name);
}

fn main() {}
