//! What can be copied out of a scope.

/// Values whose bytes are all there is to them: `T`, `[T]` and `str`, where `T` is [`Copy`].
///
/// What they refer to is another matter: the type says how long that lives.
pub trait Plain: sealed::Plain {}

impl<T: ?Sized + sealed::Plain> Plain for T {}

pub(crate) mod sealed {
    /// # Safety
    /// 1. A copy of the bytes is a value, beside the old one.
    /// 2. `at` returns a pointer to `block` that covers as many bytes as `like` does.
    pub unsafe trait Plain {
        fn at(block: *mut u8, like: *const Self) -> *mut Self;
    }

    // SAFETY: 1. `Copy`; 2. one size.
    unsafe impl<T: Copy> Plain for T {
        #[inline]
        fn at(block: *mut u8, _: *const Self) -> *mut Self {
            block.cast()
        }
    }

    // SAFETY: 1. `Copy`; 2. the same length.
    unsafe impl<T: Copy> Plain for [T] {
        #[inline]
        fn at(block: *mut u8, like: *const Self) -> *mut Self {
            core::ptr::slice_from_raw_parts_mut(block.cast(), like.len())
        }
    }

    // SAFETY: 1. bytes; 2. the same length.
    unsafe impl Plain for str {
        #[inline]
        fn at(block: *mut u8, like: *const Self) -> *mut Self {
            <[u8]>::at(block, like as *const [u8]) as *mut str
        }
    }
}
