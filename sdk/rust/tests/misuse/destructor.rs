//! E0080: a type with a destructor, which nobody would call.

pub fn length() -> usize {
    sigil_alloc::scope(|arena| {
        #[cfg(misuse)]
        let word = arena.alloc(String::from("word"));
        #[cfg(not(misuse))]
        let word = arena.copy("word");
        word.len()
    })
}
