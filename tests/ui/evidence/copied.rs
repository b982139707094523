//! One entry, one opening: evidence that could be copied would open again under the same entry.

use strongroom::room::{OwnerSession, Receipt};

fn copies<T: Clone>() {}

fn main() {
    copies::<Receipt>();
    copies::<OwnerSession>();
}
