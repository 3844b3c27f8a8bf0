//! E0521: a reference is kept in a variable that outlives the scope.

pub fn is_kept() -> bool {
    let mut kept = None;
    sigil_alloc::scope(|arena| {
        #[cfg(misuse)]
        let value = arena.alloc(1);
        #[cfg(not(misuse))]
        let value = *arena.alloc(1);
        kept = Some(value);
    });
    kept.is_some()
}
