//! The steps before a receipt, the keys behind it and the rows that were vouched for have no public name.

use strongroom::room::Award as _;
use strongroom::room::DataKey as _;
use strongroom::room::Notary as _;
use strongroom::room::Permit as _;
use strongroom::room::Vouched as _;

fn main() {}
