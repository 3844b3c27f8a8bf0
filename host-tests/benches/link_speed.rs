//! placeholder
use criterion as _;
use sigil_host as _;
fn main() {}
