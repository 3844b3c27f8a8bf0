//! A strategy as Rust code, over a simulated memory: the fastest way, and the one for debuggers.

use std::{any::Any, num::NonZeroU32};

use sigil_heap::{
    Fault, Free, PageSource, Paged, Sizes, Stats, Strategy,
    address::end_of_pages,
    page_layer::PAGE_BYTES as LAYER_PAGE_BYTES,
    simulated::{MAX_PAGES, Simulated},
};

use crate::{
    Call, Driver, Features, Layout, PageCall, Stop, Subject, Way,
    model::{PAGE_BYTES, statics},
    page_call::FUNCTIONS,
};

/// A strategy under test.
///
/// ```
/// use sigil_conformance::{Features, native::{Native, ROOM}};
/// use sigil_heap::{Bump, PageSource as _, bump::Chunk};
///
/// let bump = Native::new(Features::default(), |memory, base, end| {
///     let root = ROOM;
///     // SAFETY: the suite keeps `ROOM` free for the strategy's statics.
///     unsafe { memory.at(root).cast::<Chunk>().write(Chunk::root(end, 0)) };
///     Bump::new(root, base, end)
/// });
/// # let _ = bump;
/// ```
pub struct Native<F> {
    features: Features,
    make: F,
    extensions: Vec<(&'static [&'static str], Serve)>,
}

/// Makes a call of `sigil:allocator-ext` on a strategy of the type that it was registered with.
type Serve = fn(&mut dyn Any, &mut Simulated, Call) -> Result<u64, Fault>;

/// Where a strategy may keep [`ROOM_BYTES`] of statics of its own.
pub const ROOM: u32 = 8;

/// How many bytes there are at [`ROOM`].
pub const ROOM_BYTES: u32 = 1016;

impl<S: Strategy + 'static, F: Fn(&mut Simulated, u32, u32) -> S> Native<F> {
    /// A strategy that `make` makes, from the memory, the lowest address of the heap and the end of
    /// what it owns to start with, both multiples of 8.
    pub fn new(features: Features, make: F) -> Self {
        Self {
            features,
            make,
            extensions: Vec::new(),
        }
    }

    /// The same with what [`Sizes`] has.
    #[must_use]
    pub fn with_sizes(mut self) -> Self
    where
        S: Sizes,
    {
        const NAMES: &[&str] = &[
            "alloc-aligned",
            "alloc-zeroed",
            "try-alloc",
            "resize-in-place",
        ];
        self.extensions.push((NAMES, sizes::<S>));
        self
    }

    /// The same with what [`Free`] has.
    #[must_use]
    pub fn with_free(mut self) -> Self
    where
        S: Free,
    {
        self.extensions.push((&["free"], free::<S>));
        self
    }

    /// The same with what [`Stats`] has.
    #[must_use]
    pub fn with_stats(mut self) -> Self
    where
        S: Stats,
    {
        const NAMES: &[&str] = &[
            "heap-used",
            "heap-base",
            "scope-used",
            "high-water",
            "pages",
        ];
        self.extensions.push((NAMES, stats::<S>));
        self
    }
}

impl<F: Fn(&mut Simulated, u32, u32) -> Paged> Native<F> {
    /// The same with the interface `pages`.
    #[must_use]
    pub fn with_pages(mut self) -> Self {
        self.extensions.push((FUNCTIONS, pages));
        self
    }
}

/// The strategy behind a call; there is no other that could have been registered.
fn strategy<S: 'static>(strategy: &mut dyn Any) -> &mut S {
    strategy
        .downcast_mut()
        .expect("a strategy serves its own calls")
}

fn other(call: Call) -> ! {
    unreachable!("`{call}` is looked up by its name")
}

#[allow(
    unsafe_code,
    reason = "a strategy trusts its caller, and the suite is one"
)]
fn sizes<S: Sizes + 'static>(
    any: &mut dyn Any,
    memory: &mut Simulated,
    call: Call,
) -> Result<u64, Fault> {
    let strategy = strategy::<S>(any);
    match call {
        Call::AllocAligned { size, align } => {
            strategy.alloc_aligned(memory, size, align).map(number)
        }
        Call::AllocZeroed { size } => strategy.alloc_zeroed(memory, size).map(number),
        Call::TryAlloc { size } => Ok(strategy.try_alloc(memory, size).map_or(0, number)),
        Call::ResizeInPlace {
            ptr,
            old_size,
            new_size,
        } => {
            // SAFETY: the suite passes a live block with its size.
            Ok(unsafe { strategy.resize_in_place(memory, ptr, old_size, new_size) }.into())
        }
        _ => other(call),
    }
}

#[allow(
    unsafe_code,
    reason = "a strategy trusts its caller, and the suite is one"
)]
fn free<S: Free + 'static>(
    any: &mut dyn Any,
    memory: &mut Simulated,
    call: Call,
) -> Result<u64, Fault> {
    match call {
        Call::Free { ptr, size } => {
            // SAFETY: the suite passes 0 or a live block with its size, but where a case says otherwise.
            unsafe { strategy::<S>(any).free(memory, ptr, size) };
            Ok(0)
        }
        _ => other(call),
    }
}

fn stats<S: Stats + 'static>(
    any: &mut dyn Any,
    memory: &mut Simulated,
    call: Call,
) -> Result<u64, Fault> {
    let strategy = strategy::<S>(any);
    let answer = match call {
        Call::HeapUsed => strategy.heap_used(memory),
        Call::HeapBase => strategy.heap_base(),
        Call::ScopeUsed { handle } => strategy.scope_used(memory, handle)?,
        Call::HighWater => strategy.high_water(memory),
        Call::Pages => strategy.pages(memory),
        _ => other(call),
    };
    Ok(answer.into())
}

fn pages(any: &mut dyn Any, memory: &mut Simulated, call: Call) -> Result<u64, Fault> {
    let paged = strategy::<Paged>(any);
    let Call::OfPages(call) = call else {
        other(call)
    };
    Ok(match call {
        PageCall::PageSize => LAYER_PAGE_BYTES.into(),
        PageCall::Reserve {
            bytes,
            align,
            flags,
        } => {
            let layer = paged.more_pages(memory);
            layer.reserve(memory, bytes, align, flags).into()
        }
        PageCall::Commit { ptr, bytes } => paged.pages().commit(memory, ptr, bytes).into(),
        PageCall::Decommit { ptr, bytes } => paged.pages().decommit(memory, ptr, bytes).into(),
        PageCall::Reset { ptr, bytes } => paged.pages().reset(memory, ptr, bytes).into(),
        PageCall::Release { ptr } => {
            paged.pages().release(memory, ptr);
            0
        }
        PageCall::Unmap { ptr, bytes } => {
            paged.pages().unmap(memory, ptr, bytes);
            0
        }
        PageCall::Resize { ptr, old, new } => {
            let layer = paged.more_pages(memory);
            layer.resize_in_place(memory, ptr, old, new).into()
        }
        PageCall::Limit => paged.pages().limit(memory),
        PageCall::Used => paged.pages().used(),
        PageCall::Available => paged.pages().available(memory),
        PageCall::Cleared => paged.pages().cleared(),
    })
}

/// A block's address, as calls return it.
fn number(block: NonZeroU32) -> u64 {
    block.get().into()
}

impl<S: Strategy + 'static, F: Fn(&mut Simulated, u32, u32) -> S> Subject for Native<F> {
    fn way(&self) -> Way {
        Way::Native
    }

    fn features(&self) -> &Features {
        &self.features
    }

    fn exports(&self, function: &str) -> bool {
        self.extensions
            .iter()
            .any(|(names, _)| names.contains(&function))
    }

    fn open(&self, layout: Layout) -> Result<Box<dyn Driver + '_>, String> {
        // As a linker does: behind the strategy's own statics, aligned, never at 0, and in bounds.
        let heap_base = layout.heap_base.max(ROOM + ROOM_BYTES).next_multiple_of(8);
        let initial_pages = layout.initial_pages.max(heap_base.div_ceil(PAGE_BYTES));
        let mut memory = Simulated::new(initial_pages);
        let max_pages = layout.max_pages.unwrap_or(MAX_PAGES);
        memory.limit(max_pages);
        if layout.has_statics() {
            let start = Layout::STATICS as usize;
            memory.bytes()[start..start + Layout::STATICS_BYTES as usize]
                .copy_from_slice(&statics());
        }
        let heap_end = end_of_pages(initial_pages);
        let strategy = (self.make)(&mut memory, heap_base, heap_end);
        Ok(Box::new(Instance {
            memory,
            strategy,
            extensions: &self.extensions,
            heap_base,
            max_pages,
        }))
    }
}

struct Instance<'a, S> {
    memory: Simulated,
    strategy: S,
    extensions: &'a [(&'static [&'static str], Serve)],
    heap_base: u32,
    max_pages: u32,
}

impl<S: Strategy> Instance<'_, S> {
    /// What `mem-copy` does in every conformer: one instruction.
    fn copy(&mut self, dst: u32, src: u32, n: u32) -> Result<u64, Stop> {
        let (dst, src, n) = (dst as usize, src as usize, n as usize);
        let memory = self.memory.bytes();
        if dst + n > memory.len() || src + n > memory.len() {
            return Err(Stop::Trap("out of bounds memory access".into()));
        }
        memory.copy_within(src..src + n, dst);
        Ok(0)
    }
}

#[allow(
    unsafe_code,
    reason = "a strategy trusts its caller, and the suite is one"
)]
impl<S: Strategy + 'static> Driver for Instance<'_, S> {
    fn call(&mut self, call: Call) -> Result<u64, Stop> {
        let refused = self.memory.refused();
        let Self {
            memory,
            strategy,
            extensions,
            ..
        } = self;
        let outcome = match call {
            Call::Alloc { size } => strategy.alloc(memory, size).map(number),
            Call::Realloc {
                old,
                old_size,
                new_size,
            } => {
                // SAFETY: the suite passes 0 or a live block with its size.
                unsafe { strategy.realloc(memory, old, old_size, new_size) }.map(number)
            }
            Call::MemCopy { dst, src, n } => return self.copy(dst, src, n),
            Call::EnterScope => strategy.enter_scope(memory).map(number),
            Call::ExitScope { handle } => strategy.exit_scope(memory, handle).map(|()| 0),
            Call::Promote { handle, ptr, size } => {
                // SAFETY: the suite passes what is readable for `size`.
                unsafe { strategy.promote(memory, handle, ptr, size) }.map(number)
            }
            Call::FreeAll => {
                strategy.free_all(memory);
                Ok(0)
            }
            extension => {
                let name = extension.name();
                let Some((_, serve)) = extensions
                    .iter()
                    .find(|(names, _)| names.contains(&name.as_str()))
                else {
                    return Err(Stop::Broken(format!("the strategy has no `{name}`")));
                };
                serve(strategy, memory, extension)
            }
        };
        outcome.map_err(|fault| match fault {
            Fault::Exhausted { .. } if self.memory.refused() > refused => Stop::Exhausted,
            fault => Stop::Trap(format!("{fault:?}")),
        })
    }

    fn pages(&mut self) -> u32 {
        self.memory.size_pages()
    }

    fn limit_pages(&mut self, pages: Option<u32>) {
        self.memory
            .limit(pages.unwrap_or(u32::MAX).min(self.max_pages));
    }

    fn grow_foreign(&mut self, delta_pages: u32) -> Option<u32> {
        self.memory.grow_foreign(delta_pages)
    }

    fn memory(&mut self) -> Option<&mut [u8]> {
        Some(self.memory.bytes())
    }

    fn heap_base(&self) -> u32 {
        self.heap_base
    }

    fn fuel_used(&self) -> Option<u64> {
        None
    }
}
