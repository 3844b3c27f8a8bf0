//! `lifetime may not live long enough`: what is promoted refers to what is freed.

pub fn length() -> usize {
    sigil_alloc::scope(|arena| {
        let text = "a word";
        let pair: &mut (&str, u32) = arena.promote(|inner| {
            #[cfg(misuse)]
            let word: &str = inner.copy(text);
            #[cfg(not(misuse))]
            let word: &str = text;
            inner.alloc((word, 1))
        });
        pair.0.len()
    })
}
