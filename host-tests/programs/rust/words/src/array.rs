//! A growing array in sigil's heap.

use core::{marker::PhantomData, ptr, slice};

use crate::sigil;

/// Like `Vec`, for plain values, and never freed by itself: that is the scope's work.
pub(crate) struct Array<T: Copy> {
    /// 0 before the first growth.
    start: *mut T,
    len: usize,
    capacity: usize,
    values: PhantomData<T>,
}

impl<T: Copy> Array<T> {
    pub(crate) const fn new() -> Self {
        Self {
            start: ptr::null_mut(),
            len: 0,
            capacity: 0,
            values: PhantomData,
        }
    }

    /// `len` times `value`.
    pub(crate) fn filled(value: T, len: usize) -> Self {
        let mut array = Self::new();
        array.reserve(len);
        for _ in 0..len {
            array.push(value);
        }
        array
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn push(&mut self, value: T) {
        self.reserve(1);
        // SAFETY: room for one more, just made sure of.
        unsafe { self.start.add(self.len).write(value) };
        self.len += 1;
    }

    pub(crate) fn extend(&mut self, values: &[T]) {
        self.reserve(values.len());
        // SAFETY: room for them all; a slice of another array is not in the free part of ours.
        unsafe {
            ptr::copy_nonoverlapping(values.as_ptr(), self.start.add(self.len), values.len());
        };
        self.len += values.len();
    }

    pub(crate) fn as_slice(&self) -> &[T] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: `len` values were written from `start` on.
        unsafe { slice::from_raw_parts(self.start, self.len) }
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [T] {
        if self.len == 0 {
            return &mut [];
        }
        // SAFETY: `len` values were written from `start` on; `&mut self` is the one way to them.
        unsafe { slice::from_raw_parts_mut(self.start, self.len) }
    }

    /// Where the array lies now.
    pub(crate) fn address(&self) -> usize {
        self.start.addr()
    }

    /// Room for `n_more` values: until they are there, the array stays where it is.
    pub(crate) fn reserve(&mut self, n_more: usize) {
        if self.capacity - self.len >= n_more {
            return;
        }
        let wider = (self.len + n_more).max(self.capacity * 2).max(4);
        let unit = size_of::<T>();
        // SAFETY: our own block, or none (R1); whoever holds a slice of it holds a borrow of us.
        let moved =
            unsafe { sigil::realloc(self.start.cast(), self.capacity * unit, wider * unit) };
        self.start = moved.cast();
        self.capacity = wider;
    }
}
