//! A vector in an arena.

use core::{
    alloc::Layout,
    fmt,
    marker::PhantomData,
    ops::{Deref, DerefMut},
    ptr::{self, NonNull},
    slice,
};

use crate::{
    ALIGN, Arena,
    arena::{Brand, array, refuse_destructors},
    backing,
    place::place,
};

/// A growing array in the scope `'scope`.
///
/// It keeps no reference to its arena; what may grow it takes the arena, so that it never grows in an inner scope, whose block the
/// larger one would be (S6). There it can be filled up to its [`capacity`](Self::capacity). Freed with the scope; what it has
/// outgrown may be used again before, as the conformer likes.
pub struct ArenaVec<'scope, T> {
    start: NonNull<T>,
    len: usize,
    /// 0: no block yet.
    capacity: usize,
    scope: Brand<'scope>,
    values: PhantomData<&'scope mut [T]>,
}

/// The value for which a vector had no room left, and no arena to grow in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full<T>(
    /// What was not added.
    pub T,
);

impl<'scope, T> ArenaVec<'scope, T> {
    /// A vector of nothing, which has no block yet.
    pub const fn new() -> Self {
        refuse_destructors::<T>();
        Self {
            start: NonNull::dangling(),
            len: 0,
            capacity: if size_of::<T>() == 0 { usize::MAX } else { 0 },
            scope: PhantomData,
            values: PhantomData,
        }
    }

    /// A vector with room for `capacity` values or some more.
    ///
    /// # Panics
    ///
    /// Where they have more than `isize::MAX` bytes.
    pub fn with_capacity(arena: &Arena<'scope>, capacity: usize) -> Self {
        let mut vec = Self::new();
        vec.reserve(arena, capacity);
        vec
    }

    /// How many values there is room for.
    pub const fn capacity(&self) -> usize {
        self.capacity
    }

    /// Makes room for `n_more` values, or some more.
    ///
    /// # Panics
    ///
    /// Where all of them have more than `isize::MAX` bytes, or are more than `usize::MAX`.
    #[inline]
    pub fn reserve(&mut self, _: &Arena<'scope>, n_more: usize) {
        if self.capacity - self.len < n_more {
            self.grow(n_more);
        }
    }

    /// Adds a value.
    ///
    /// # Panics
    ///
    /// As [`reserve`](Self::reserve).
    #[inline]
    pub fn push(&mut self, arena: &Arena<'scope>, value: T) {
        self.reserve(arena, 1);
        // SAFETY: room for one more, just made sure of.
        unsafe { self.push_unchecked(value) }
    }

    /// Adds a value where there is room for it, in whatever scope.
    ///
    /// # Errors
    ///
    /// The value, where there is none.
    #[inline]
    pub fn push_within_capacity(&mut self, value: T) -> Result<(), Full<T>> {
        if self.len == self.capacity {
            return Err(Full(value));
        }
        // SAFETY: room for one more.
        unsafe { self.push_unchecked(value) };
        Ok(())
    }

    /// Takes the last value.
    pub const fn pop(&mut self) -> Option<T> {
        if self.len == 0 {
            return None;
        }
        self.len -= 1;
        // SAFETY: it was written, and is not read again.
        Some(unsafe { self.start.add(self.len).read() })
    }

    /// Keeps the first `len` values, or all where there are fewer.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// The values, for as long as the scope lives.
    pub const fn into_slice(self) -> &'scope mut [T] {
        // SAFETY: written, and nobody else's until the scope ends.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }

    /// # Safety
    /// 1. There is room for one more.
    #[inline]
    unsafe fn push_unchecked(&mut self, value: T) {
        // SAFETY: by 1.
        unsafe { self.start.add(self.len).write(value) };
        self.len += 1;
    }

    /// Called with the arena borrowed: the scope is the innermost.
    #[cold]
    fn grow(&mut self, n_more: usize) {
        const LEAST: usize = 4;
        // Without a size there is no block that could be reallocated.
        assert!(
            size_of::<T>() > 0,
            "a vector has at most `usize::MAX` values"
        );
        let wanted = self.len.saturating_add(n_more);
        let capacity = wanted.max(self.capacity.saturating_mul(2)).max(LEAST);
        let (old, new) = (array::<T>(self.capacity), array::<T>(capacity));
        self.start = if self.capacity > 0 && align_of::<T>() <= ALIGN {
            // SAFETY: our own block, with its size.
            let moved =
                unsafe { backing::realloc(self.start.as_ptr().cast(), old.size(), new.size()) };
            // SAFETY: no block is at 0 (H1).
            unsafe { NonNull::new_unchecked(moved.cast()) }
        } else {
            self.moved(new)
        };
        self.capacity = capacity;
    }

    /// A new place with the values.
    fn moved(&self, layout: Layout) -> NonNull<T> {
        let place = place(layout).cast::<T>();
        // SAFETY: a new place for more values than there are.
        unsafe { ptr::copy_nonoverlapping(self.start.as_ptr(), place.as_ptr(), self.len) };
        place
    }
}

impl<'scope, T: Copy> ArenaVec<'scope, T> {
    /// Adds copies of all of `values`.
    ///
    /// # Panics
    ///
    /// As [`reserve`](Self::reserve).
    #[inline]
    pub fn extend_from_slice(&mut self, arena: &Arena<'scope>, values: &[T]) {
        self.reserve(arena, values.len());
        // SAFETY: room for them all; a borrowed slice is not in the free part of ours.
        unsafe {
            ptr::copy_nonoverlapping(
                values.as_ptr(),
                self.start.as_ptr().add(self.len),
                values.len(),
            );
        }
        self.len += values.len();
    }
}

impl<'scope> ArenaVec<'scope, u8> {
    /// What `write!` writes to: text goes to the end of the vector.
    pub const fn writer<'vec>(&'vec mut self, arena: &'vec Arena<'scope>) -> Writer<'vec, 'scope> {
        Writer { vec: self, arena }
    }
}

/// Formats into a vector; made by [`ArenaVec::writer`].
#[derive(Debug)]
pub struct Writer<'vec, 'scope> {
    vec: &'vec mut ArenaVec<'scope, u8>,
    arena: &'vec Arena<'scope>,
}

impl fmt::Write for Writer<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.vec.extend_from_slice(self.arena, text.as_bytes());
        Ok(())
    }
}

impl<T> Default for ArenaVec<'_, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Deref for ArenaVec<'_, T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        // SAFETY: `len` values were written from `start` on.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl<T> DerefMut for ArenaVec<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: `len` values were written from `start` on; `&mut self` is the one way to them.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl<T: fmt::Debug> fmt::Debug for ArenaVec<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&**self).finish()
    }
}
