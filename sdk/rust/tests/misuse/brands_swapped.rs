//! `lifetime may not live long enough`: the arenas of two scopes change places.

use sigil_alloc::Arena;

pub fn swap<'a, 'b>(left: &mut Arena<'a>, right: &mut Arena<'b>)
where
    'a: 'b,
{
    #[cfg(misuse)]
    std::mem::swap::<Arena<'_>>(left, right);
    #[cfg(not(misuse))]
    let _ = (left, right);
}
