//! Evidence does not come out of a file or an answer.

use strongroom::room::{OwnerSession, Receipt};

fn reads<T: serde::de::DeserializeOwned>() {}

fn main() {
    reads::<Receipt>();
    reads::<OwnerSession>();
}
