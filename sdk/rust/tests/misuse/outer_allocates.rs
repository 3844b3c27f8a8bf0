//! E0502: the outer arena allocates while an inner scope is open, to which the block would belong.

pub fn sum() -> i32 {
    sigil_alloc::scope(|arena| {
        arena.scope(|inner| {
            let one = inner.alloc(1);
            #[cfg(misuse)]
            let two = arena.alloc(2);
            #[cfg(not(misuse))]
            let two = inner.alloc(2);
            *one + *two
        })
    })
}
