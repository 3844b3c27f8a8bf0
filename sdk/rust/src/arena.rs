//! Scopes as closures, and the arenas that allocate in them. The crate's documentation has the argument for all `unsafe` here.

use core::{
    alloc::Layout,
    convert::Infallible,
    marker::PhantomData,
    mem,
    ops::{Deref, DerefMut},
    ptr, slice,
};

use crate::{
    Plain, backing,
    place::{align, place, spare},
};

/// What `work` returns; what it allocated is freed.
///
/// `'env` is what the arena's values may refer to: anything that lives longer than the call.
///
/// # Panics
///
/// Where a scope is open already: a scope inside another one is [`Arena::scope`]'s.
#[inline]
pub fn scope<'env, R>(work: impl for<'inner> FnOnce(&mut Scope<'inner, 'env>) -> R) -> R {
    /// The flag, for as long as the outermost scope is open.
    struct Outermost;

    impl Drop for Outermost {
        fn drop(&mut self) {
            backing::set_open(false);
        }
    }

    assert!(
        !backing::is_open(),
        "a scope is open already\nhelp: open the inner one by its arena's method `scope`"
    );
    backing::set_open(true);
    let _outermost = Outermost;
    Arena::new().scope(work)
}

/// A lifetime, and no other one.
pub(crate) type Brand<'scope> = PhantomData<fn(&'scope ()) -> &'scope ()>;

/// Allocates in the scope `'scope`, while that is the innermost one.
///
/// References live as long as the scope, not as the borrow of the arena: they can be used in inner scopes. Nothing is dropped:
/// types with a destructor don't compile.
///
/// Where memory is exhausted, the conformer traps (H5).
#[derive(Debug)]
pub struct Arena<'scope> {
    /// Invariant: two scopes' arenas are never of one type.
    brand: Brand<'scope>,
    /// Of one thread.
    here: PhantomData<*mut ()>,
}

/// The arena of an open scope: what the closure is given. `'env` outlives `'scope`, and lets the compiler know that whatever is
/// used from outside does.
#[derive(Debug)]
pub struct Scope<'scope, 'env: 'scope> {
    arena: Arena<'scope>,
    env: PhantomData<&'env mut &'env ()>,
}

impl<'scope> Deref for Scope<'scope, '_> {
    type Target = Arena<'scope>;

    #[inline]
    fn deref(&self) -> &Arena<'scope> {
        &self.arena
    }
}

impl<'scope> DerefMut for Scope<'scope, '_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Arena<'scope> {
        &mut self.arena
    }
}

impl<'scope> Arena<'scope> {
    const fn new() -> Self {
        Self {
            brand: PhantomData,
            here: PhantomData,
        }
    }

    /// Moves `value` into the scope.
    #[inline]
    pub fn alloc<T>(&self, value: T) -> &'scope mut T {
        refuse_destructors::<T>();
        let place = place(Layout::new::<T>()).cast();
        // SAFETY: a new place for a `T`, nobody else's until the scope ends.
        unsafe {
            place.write(value);
            &mut *place.as_ptr()
        }
    }

    /// Copies a value, a slice or a string into the scope.
    #[inline]
    pub fn copy<T: ?Sized + Plain>(&self, value: &T) -> &'scope mut T {
        let place = place(Layout::for_value(value)).as_ptr();
        // SAFETY: a new place for as many bytes, which are a value (`Plain`, 1).
        unsafe {
            place.copy_from_nonoverlapping(ptr::from_ref(value).cast(), size_of_val(value));
            &mut *T::at(place, value)
        }
    }

    /// A slice of `len` values, made one after the other.
    ///
    /// # Panics
    ///
    /// Where it would have more than `isize::MAX` bytes.
    #[inline]
    pub fn fill<T>(&self, len: usize, mut value: impl FnMut(usize) -> T) -> &'scope mut [T] {
        refuse_destructors::<T>();
        let place = place(array::<T>(len)).cast::<T>().as_ptr();
        for index in 0..len {
            // SAFETY: in a new place for `len` of them.
            unsafe { place.add(index).write(value(index)) };
        }
        // SAFETY: all of them were written; nobody else's until the scope ends.
        unsafe { slice::from_raw_parts_mut(place, len) }
    }

    /// What `work` returns; what it allocated, in a scope inside this one, is freed.
    ///
    /// Until then this arena is borrowed, and cannot allocate; what it has allocated can be used.
    #[inline]
    pub fn scope<'env, R>(
        &mut self,
        work: impl for<'inner> FnOnce(&mut Scope<'inner, 'env>) -> R,
    ) -> R {
        let _open = Open::enter();
        work(&mut Scope::new())
    }

    /// Copies what `work` returns out of the inner scope into this one, and frees all else that it allocated there.
    #[inline]
    pub fn promote<'env, T>(
        &mut self,
        work: impl for<'inner> FnOnce(&mut Scope<'inner, 'env>) -> &'inner T,
    ) -> &'scope mut T
    where
        T: ?Sized + Plain + 'env + 'scope,
    {
        let Ok(value) = self.try_promote(|inner| Ok::<_, Infallible>(work(inner)));
        value
    }

    /// [`promote`](Self::promote) where `work` has something to promote.
    ///
    /// # Errors
    ///
    /// That of `work`; everything that it allocated is freed then.
    #[inline]
    pub fn try_promote<'env, T, E>(
        &mut self,
        work: impl for<'inner> FnOnce(&mut Scope<'inner, 'env>) -> Result<&'inner T, E>,
    ) -> Result<&'scope mut T, E>
    where
        T: ?Sized + Plain + 'env + 'scope,
    {
        let open = Open::enter();
        let value: *const T = work(&mut Scope::new())?;
        // SAFETY: alive until the scope ends, which is next; what the copy refers to lives longer, as `T` says.
        Ok(unsafe { open.promote(value) })
    }
}

impl Scope<'_, '_> {
    const fn new() -> Self {
        Self {
            arena: Arena::new(),
            env: PhantomData,
        }
    }
}

/// An open scope, which ends when this is dropped.
struct Open {
    handle: u32,
}

impl Open {
    #[inline]
    fn enter() -> Self {
        Self {
            handle: backing::enter_scope(),
        }
    }

    /// Ends the scope, and returns a copy of `value` in the one around it.
    ///
    /// # Safety
    /// 1. `value` is alive; what it refers to lives at least as long as the copy.
    #[inline]
    unsafe fn promote<'outer, T: ?Sized + Plain>(self, value: *const T) -> &'outer mut T {
        // SAFETY: by 1.
        let layout = Layout::for_value(unsafe { &*value });
        let (size, spare) = (layout.size(), spare(layout.align()));
        if size == 0 {
            // SAFETY: a value without bytes is at any place that is aligned for it.
            return unsafe { &mut *T::at(layout.dangling_ptr().as_ptr(), value) };
        }
        let mut source = value.cast::<u8>();
        if spare > 0 {
            // The copy is aligned to 8. So a block goes out that has room for the value at an aligned place.
            let wider = backing::alloc(size + spare);
            // SAFETY: by 1., and a new block that is large enough.
            unsafe { wider.copy_from_nonoverlapping(source, size) };
            source = wider;
        }
        // SAFETY: open, and the innermost: scopes inside of it have ended. By 1. the source is readable.
        let block = unsafe { backing::promote(self.handle, source, size + spare) };
        mem::forget(self);
        let place = align(block, layout.align()).as_ptr();
        // SAFETY: both lie in the new block, which is nobody else's; the bytes are a value (`Plain`, 1).
        unsafe {
            if spare > 0 {
                place.copy_from(block, size);
            }
            &mut *T::at(place, value)
        }
    }
}

impl Drop for Open {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: opened by `enter`; scopes inside of it have ended, as calls do. Its lifetime ended with the closure.
        unsafe { backing::exit_scope(self.handle) }
    }
}

/// Compiles for types without a destructor.
pub(crate) const fn refuse_destructors<T>() {
    const {
        assert!(
            !mem::needs_drop::<T>(),
            "nothing in an arena is dropped: this type has a destructor"
        );
    }
}

/// The layout of `len` values.
///
/// # Panics
///
/// Where they have more than `isize::MAX` bytes.
pub(crate) fn array<T>(len: usize) -> Layout {
    Layout::array::<T>(len).expect("a slice has at most `isize::MAX` bytes")
}
