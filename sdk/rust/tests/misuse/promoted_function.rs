//! `lifetime may not live long enough`: a function is promoted, and what it has captured is freed.

#[derive(Clone, Copy)]
struct Function<'a>(&'a dyn Fn() -> i32);

pub fn call() -> i32 {
    sigil_alloc::scope(|arena| {
        let one = arena.alloc(1);
        let two = arena.alloc(|| 1 + *one);
        let outer = arena.promote(|inner| {
            #[cfg(misuse)]
            let two = inner.alloc(|| 2);
            inner.alloc(Function(two))
        });
        (outer.0)()
    })
}
