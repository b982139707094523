//! The floors below the public ones are the crate's own: a program reaches no key, no statement and no cipher.

use strongroom::access as _;
use strongroom::base as _;
use strongroom::billing as _;
use strongroom::crypto as _;
use strongroom::keys as _;
use strongroom::seal as _;
use strongroom::store as _;

fn main() {}
