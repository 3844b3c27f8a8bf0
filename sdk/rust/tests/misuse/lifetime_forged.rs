//! `lifetime may not live long enough`: a vector says that it lives for ever, and grows in an arena that does not.

use sigil_alloc::ArenaVec;

pub fn kept() -> usize {
    sigil_alloc::scope(|arena| {
        #[cfg(misuse)]
        let mut values: ArenaVec<'static, i32> = ArenaVec::new();
        #[cfg(not(misuse))]
        let mut values: ArenaVec<'_, i32> = ArenaVec::new();
        values.push(arena, 1);
        values.into_slice().len()
    })
}
