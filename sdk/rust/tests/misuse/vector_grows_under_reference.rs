//! E0502: a vector grows, and moves, while somebody looks at one of its values.

use sigil_alloc::ArenaVec;

pub fn first() -> i32 {
    sigil_alloc::scope(|arena| {
        let mut values = ArenaVec::new();
        values.push(arena, 1);
        #[cfg(not(misuse))]
        values.push(arena, 2);
        let first = &values[0];
        #[cfg(misuse)]
        values.push(arena, 2);
        *first
    })
}
