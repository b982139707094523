//! A sealed address opens as an address.

use strongroom::room::{Clear, Email, Name, Receipt, Room, Sealed};

fn open(room: &Room, receipt: Receipt, email: &Sealed<Email>) -> Option<Clear<Name>> {
    room.open(receipt, email).ok()
}

fn main() {}
