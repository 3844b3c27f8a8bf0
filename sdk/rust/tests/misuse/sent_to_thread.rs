//! E0277: an arena allocates in another thread, where another scope is open, or none.

pub fn sum() -> i32 {
    sigil_alloc::scope(|arena| {
        let one = arena.alloc(1);
        std::thread::scope(|threads| {
            #[cfg(misuse)]
            threads.spawn(|| *one += *arena.alloc(2));
            #[cfg(not(misuse))]
            threads.spawn(|| *one += 2);
        });
        *one
    })
}
