//! E0308: one arena takes another one's place.

use sigil_alloc::{Arena, Scope};

pub fn swap(left: &mut Arena<'_>, right: &mut Scope<'_, '_>) {
    #[cfg(misuse)]
    std::mem::replace(left, *right);
    #[cfg(not(misuse))]
    let _ = (left, right);
}
