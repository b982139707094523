//! Nobody is an owner by saying so.

use strongroom::room::OwnerSession;

fn main() {
    let _made = OwnerSession::assertion;
    let _filled = OwnerSession {};
    let _empty: OwnerSession = Default::default();
}
