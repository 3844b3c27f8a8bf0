//! The seam between the cases and whatever runs a conformer.
//!
//! A [`Subject`] makes fresh instances; a [`Driver`] is one instance, over one memory. The same cases
//! run on all of them:
//!
//! | way | conformer | what the suite sees |
//! |---|---|---|
//! | [`Way::Linked`] | linked into the suite's program | every byte, growth, fuel |
//! | [`Way::Component`] | a component, run by itself | pointers and behaviour |
//! | [`Way::Native`] | a strategy over a simulated memory | every byte, growth |

use std::fmt;

use crate::{Clause, Features, PageCall};

/// How a conformer is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// As a component by itself.
    Component,
    /// Linked into a program.
    Linked,
    /// As Rust code, over a simulated memory.
    Native,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Component => "component",
            Self::Linked => "linked",
            Self::Native => "native",
        })
    }
}

/// The memory of the program that a conformer is linked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    /// The memory's size before the first call, in wasm pages.
    pub initial_pages: u32,
    /// The memory's own maximum, in wasm pages.
    pub max_pages: Option<u32>,
    /// The first address above the program's static data and stack.
    pub heap_base: u32,
}

impl Layout {
    /// Where the program's static data begins, in every program that has some.
    pub const STATICS: u32 = 1024;
    /// How many bytes of static data there are.
    pub const STATICS_BYTES: u32 = 256;

    /// One page, as small programs have, with a heap base that is no multiple of 8.
    pub const SMALL: Self = Self {
        initial_pages: 1,
        max_pages: None,
        heap_base: 4099,
    };

    /// Whether the program has static data at [`Layout::STATICS`].
    pub const fn has_statics(&self) -> bool {
        self.heap_base >= Self::STATICS + Self::STATICS_BYTES
    }
}

/// One call of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the contract's")]
pub enum Call {
    Alloc {
        size: u32,
    },
    Realloc {
        old: u32,
        old_size: u32,
        new_size: u32,
    },
    MemCopy {
        dst: u32,
        src: u32,
        n: u32,
    },
    EnterScope,
    ExitScope {
        handle: u32,
    },
    Promote {
        handle: u32,
        ptr: u32,
        size: u32,
    },
    FreeAll,
    Free {
        ptr: u32,
        size: u32,
    },
    AllocAligned {
        size: u32,
        align: u32,
    },
    AllocZeroed {
        size: u32,
    },
    TryAlloc {
        size: u32,
    },
    ResizeInPlace {
        ptr: u32,
        old_size: u32,
        new_size: u32,
    },
    HeapUsed,
    HeapBase,
    ScopeUsed {
        handle: u32,
    },
    HighWater,
    Pages,
    /// A call of the interface `pages`.
    OfPages(PageCall),
}

impl Call {
    /// One call of each function that every conformer has.
    pub const EACH: &[Self] = &[
        Self::Alloc { size: 0 },
        Self::Realloc {
            old: 0,
            old_size: 0,
            new_size: 0,
        },
        Self::MemCopy {
            dst: 0,
            src: 0,
            n: 0,
        },
        Self::EnterScope,
        Self::ExitScope { handle: 0 },
        Self::Promote {
            handle: 0,
            ptr: 0,
            size: 0,
        },
        Self::FreeAll,
    ];

    /// The function's interface, its name in WIT, and the arguments.
    pub fn parts(self) -> (&'static str, &'static str, Vec<u32>) {
        match self {
            Self::Alloc { size } => ("core", "alloc", vec![size]),
            Self::Realloc {
                old,
                old_size,
                new_size,
            } => ("core", "realloc", vec![old, old_size, new_size]),
            Self::MemCopy { dst, src, n } => ("core", "mem-copy", vec![dst, src, n]),
            Self::EnterScope => ("scope", "enter-scope", vec![]),
            Self::ExitScope { handle } => ("scope", "exit-scope", vec![handle]),
            Self::Promote { handle, ptr, size } => ("scope", "promote", vec![handle, ptr, size]),
            Self::FreeAll => ("bulk", "free-all", vec![]),
            Self::Free { ptr, size } => ("sized", "free", vec![ptr, size]),
            Self::AllocAligned { size, align } => ("sized", "alloc-aligned", vec![size, align]),
            Self::AllocZeroed { size } => ("sized", "alloc-zeroed", vec![size]),
            Self::TryAlloc { size } => ("sized", "try-alloc", vec![size]),
            Self::ResizeInPlace {
                ptr,
                old_size,
                new_size,
            } => ("sized", "resize-in-place", vec![ptr, old_size, new_size]),
            Self::HeapUsed => ("stats", "heap-used", vec![]),
            Self::HeapBase => ("stats", "heap-base", vec![]),
            Self::ScopeUsed { handle } => ("stats", "scope-used", vec![handle]),
            Self::HighWater => ("stats", "high-water", vec![]),
            Self::Pages => ("stats", "pages", vec![]),
            Self::OfPages(call) => call.parts(),
        }
    }

    /// The name by which the suite asks for the function: see [`function_name`].
    pub fn name(self) -> String {
        let (interface, function, _) = self.parts();
        function_name(interface, function)
    }

    /// The function's interface as a component exports it: `sigil:allocator/core@0.1.0`.
    pub fn interface(self) -> String {
        let name = self.parts().0;
        let known = sigil_abi::INTERFACES
            .iter()
            .find(|known| known.name == name);
        known.map_or_else(String::new, |known| {
            format!("{}/{name}@{}", known.package, known.version)
        })
    }

    /// Whether the function returns a value.
    pub const fn returns(self) -> bool {
        !matches!(
            self,
            Self::MemCopy { .. }
                | Self::ExitScope { .. }
                | Self::FreeAll
                | Self::Free { .. }
                | Self::OfPages(PageCall::Release { .. } | PageCall::Unmap { .. })
        )
    }

    /// The clause that asks this call to succeed.
    pub const fn clause(self) -> Clause {
        match self {
            Self::Alloc { .. } => Clause::A1,
            Self::Realloc { old: 0, .. } => Clause::R1,
            Self::Realloc { .. } => Clause::R2,
            Self::MemCopy { .. } => Clause::M1,
            Self::EnterScope => Clause::S1,
            Self::ExitScope { .. } => Clause::S2,
            Self::Promote { .. } => Clause::S4,
            Self::FreeAll => Clause::B1,
            Self::Free { .. } => Clause::F1,
            Self::AllocAligned { .. } => Clause::X1,
            Self::AllocZeroed { .. } => Clause::Z1,
            Self::TryAlloc { .. } => Clause::X2,
            Self::ResizeInPlace { .. } => Clause::X3,
            Self::HeapUsed => Clause::T1,
            Self::HeapBase => Clause::T2,
            Self::ScopeUsed { .. } => Clause::T3,
            Self::HighWater => Clause::T4,
            Self::Pages => Clause::T5,
            Self::OfPages(call) => call.clause(),
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Alloc { size } => write!(f, "alloc({size})"),
            Self::Realloc {
                old,
                old_size,
                new_size,
            } => {
                write!(f, "realloc({old:#x}, {old_size}, {new_size})")
            }
            Self::MemCopy { dst, src, n } => write!(f, "mem-copy({dst:#x}, {src:#x}, {n})"),
            Self::EnterScope => f.write_str("enter-scope()"),
            Self::ExitScope { handle } => write!(f, "exit-scope({handle:#x})"),
            Self::Promote { handle, ptr, size } => {
                write!(f, "promote({handle:#x}, {ptr:#x}, {size})")
            }
            Self::FreeAll => f.write_str("free-all()"),
            Self::Free { ptr, size } => write!(f, "free({ptr:#x}, {size})"),
            Self::AllocAligned { size, align } => write!(f, "alloc-aligned({size}, {align})"),
            Self::AllocZeroed { size } => write!(f, "alloc-zeroed({size})"),
            Self::TryAlloc { size } => write!(f, "try-alloc({size})"),
            Self::ResizeInPlace {
                ptr,
                old_size,
                new_size,
            } => write!(f, "resize-in-place({ptr:#x}, {old_size}, {new_size})"),
            Self::ScopeUsed { handle } => write!(f, "scope-used({handle:#x})"),
            Self::HeapUsed | Self::HeapBase | Self::HighWater | Self::Pages => {
                write!(f, "{}()", self.parts().1)
            }
            Self::OfPages(call) => call.fmt(f),
        }
    }
}

/// What a function is called here: its name in WIT; one of `pages`, which shares names with other interfaces, with
/// its interface before it.
pub fn function_name(interface: &str, function: &str) -> String {
    if interface == sigil_abi::PAGES.name {
        format!("{interface}/{function}")
    } else {
        function.to_owned()
    }
}

/// Why a call did not return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A growth was refused during the call, which then hit `unreachable` (H5).
    Exhausted,
    /// Any other trap, as the engine describes it.
    Trap(String),
    /// It was still running when its fuel was used up.
    Hang,
    /// The engine could not make the call at all.
    Broken(String),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exhausted => f.write_str("exhausted memory"),
            Self::Trap(message) => write!(f, "trapped: {message}"),
            Self::Hang => f.write_str("did not return, and was stopped"),
            Self::Broken(message) => write!(f, "could not be made: {message}"),
        }
    }
}

/// An instance of a conformer, over a memory of its own.
pub trait Driver {
    /// Makes a call; 0 where the function returns nothing.
    ///
    /// # Errors
    ///
    /// Where it does not return. The instance can be called again (H6).
    fn call(&mut self, call: Call) -> Result<u64, Stop>;

    /// The memory's size, in wasm pages.
    fn pages(&mut self) -> u32;

    /// Refuses from now on any growth beyond `pages` in all; `None` lifts that.
    fn limit_pages(&mut self, pages: Option<u32>);

    /// Grows the memory by `delta_pages` on behalf of somebody else (H3) and returns its old size in
    /// pages. `None` where the memory cannot grow, or is out of reach.
    fn grow_foreign(&mut self, delta_pages: u32) -> Option<u32>;

    /// The whole memory, where the suite can see it.
    fn memory(&mut self) -> Option<&mut [u8]>;

    /// The lowest address that a block may have (H2).
    fn heap_base(&self) -> u32;

    /// How much fuel the last call took, where that is counted.
    fn fuel_used(&self) -> Option<u64>;
}

/// A conformer, ready to be instantiated again and again.
pub trait Subject {
    /// How it is run.
    fn way(&self) -> Way;

    /// What it declares.
    fn features(&self) -> &Features;

    /// Whether it can be asked for `function` of `sigil:allocator-ext`, by its [name here](function_name), in this way.
    fn exports(&self, function: &str) -> bool;

    /// A fresh instance in a program with that memory. A component brings its own memory.
    ///
    /// # Errors
    ///
    /// The reason, where the conformer does not link or instantiate.
    fn open(&self, layout: Layout) -> Result<Box<dyn Driver + '_>, String>;
}
