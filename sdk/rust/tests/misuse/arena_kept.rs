//! E0521: the arena itself is kept, and would allocate when its scope has ended.

pub fn kept() -> bool {
    let mut kept = None;
    sigil_alloc::scope(|arena| {
        #[cfg(misuse)]
        let value = arena;
        #[cfg(not(misuse))]
        let value = *arena.alloc(1);
        kept = Some(value);
    });
    kept.is_some()
}
