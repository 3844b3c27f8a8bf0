//! E0521: a vector of the outer scope is given a reference into the inner one.

use sigil_alloc::ArenaVec;

pub fn words() -> usize {
    sigil_alloc::scope(|arena| {
        let mut words: ArenaVec<'_, &str> = ArenaVec::with_capacity(arena, 1);
        arena.scope(|inner| {
            let word: &str = inner.copy("word");
            #[cfg(misuse)]
            let added = words.push_within_capacity(word);
            #[cfg(not(misuse))]
            let added = words.push_within_capacity(if word.is_empty() { "" } else { "word" });
            assert!(added.is_ok());
        });
        words.len()
    })
}
