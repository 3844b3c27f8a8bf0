//! E0080: a vector of a type with a destructor, which nobody would call.

use sigil_alloc::ArenaVec;

pub fn length() -> usize {
    sigil_alloc::scope(|arena| {
        let mut words = ArenaVec::new();
        #[cfg(misuse)]
        words.push(arena, Box::new(1));
        #[cfg(not(misuse))]
        words.push(arena, 1);
        words.len()
    })
}
