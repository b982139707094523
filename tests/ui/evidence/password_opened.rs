//! A password record is checked and never opened: it is no value that anything opens.

use strongroom::{
    password::Record,
    room::{Clear, Receipt, Room, Sealed},
};

fn open(room: &Room, receipt: Receipt, record: &Sealed<Record>) -> Option<Clear<Record>> {
    room.open(receipt, record).ok()
}

fn main() {}
