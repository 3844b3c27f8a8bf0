//! E0382: a vector grows after its values have been taken for the scope's whole life.

use sigil_alloc::ArenaVec;

pub fn sum() -> usize {
    sigil_alloc::scope(|arena| {
        let mut values = ArenaVec::new();
        values.push(arena, 1);
        #[cfg(not(misuse))]
        values.push(arena, 2);
        let slice = values.into_slice();
        #[cfg(misuse)]
        values.push(arena, 2);
        slice.len()
    })
}
