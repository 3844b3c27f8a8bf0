//! E0597: what is in the arena refers to a variable that ends before the scope does.

pub fn length() -> usize {
    #[cfg(not(misuse))]
    let text = String::from("a text");
    sigil_alloc::scope(|arena| {
        #[cfg(misuse)]
        let text = String::from("a text");
        let word: &mut &str = arena.alloc(&text[2..]);
        word.len()
    })
}
