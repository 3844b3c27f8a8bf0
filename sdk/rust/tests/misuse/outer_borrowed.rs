//! E0502: the outer arena is borrowed when an inner scope opens, and would allocate in that.

pub fn sum() -> i32 {
    sigil_alloc::scope(|arena| {
        #[cfg(misuse)]
        let outer = &**arena;
        let one = arena.scope(|inner| *inner.alloc(1));
        #[cfg(not(misuse))]
        let outer = &**arena;
        one + *outer.alloc(2)
    })
}
