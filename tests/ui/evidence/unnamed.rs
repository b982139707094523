//! The steps before a receipt, the keys behind it and the rows that were vouched for exist, and have no public name.

use strongroom::access::Permit as _;
use strongroom::access::Vouched as _;
use strongroom::audit::Claim as _;
use strongroom::audit::Draft as _;
use strongroom::audit::Notary as _;
use strongroom::audit::SigningKey as _;
use strongroom::keys::DataKey as _;

fn main() {}
