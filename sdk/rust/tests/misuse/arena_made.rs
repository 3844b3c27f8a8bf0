//! E0624: an arena is made by hand, for a scope that nobody opened.

use sigil_alloc::Arena;

pub fn make() -> usize {
    #[cfg(misuse)]
    let made = Arena::new();
    #[cfg(not(misuse))]
    let made: [Arena<'_>; 0] = [];
    size_of_val(&made)
}
