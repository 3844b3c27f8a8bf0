//! E0521: a vector of the outer scope grows in the inner one, which would free it.

use sigil_alloc::ArenaVec;

pub fn bytes() -> usize {
    sigil_alloc::scope(|arena| {
        let mut bytes = ArenaVec::with_capacity(arena, 1);
        arena.scope(|inner| {
            #[cfg(misuse)]
            bytes.push(inner, 1_u8);
            #[cfg(not(misuse))]
            let _ = (bytes.push_within_capacity(1_u8), inner);
        });
        bytes.len()
    })
}
