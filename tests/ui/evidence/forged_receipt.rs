//! A receipt comes from a committed entry, and from nowhere else.

use strongroom::room::Receipt;

fn main() {
    let _made = Receipt::assertion;
    let _filled = Receipt {};
    let _empty: Receipt = Default::default();
}
