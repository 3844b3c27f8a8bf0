//! `lifetime may not live long enough`: a reference is returned from the scope that holds what it refers to.

pub fn length() -> usize {
    let outcome = sigil_alloc::scope(|arena| {
        let word: &str = arena.copy("word");
        #[cfg(misuse)]
        return word;
        #[cfg(not(misuse))]
        word.len()
    });
    #[cfg(misuse)]
    return outcome.len();
    #[cfg(not(misuse))]
    outcome
}
