//! E0277: what is promoted is not plain: a copy of its bytes would be a second owner.

use std::cell::Cell;

pub fn count() -> i32 {
    sigil_alloc::scope(|arena| {
        #[cfg(misuse)]
        let count = arena.promote(|inner| &*inner.alloc(Cell::new(1))).get();
        #[cfg(not(misuse))]
        let count = *arena.promote(|inner| &*inner.alloc(Cell::new(1).get()));
        count
    })
}
