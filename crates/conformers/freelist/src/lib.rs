//! The free-list conformer: [`sigil_heap::FreeList`] behind the exports of `sigil:allocator` and
//! `sigil:allocator-ext`.
//!
//! All state is two statics whose initial words are symbols that the linker fills in, so that the first
//! call finds a heap that is ready (H8).
#![cfg(target_arch = "wasm32")]
#![no_std]
#![allow(unsafe_code, reason = "the wasm edge of a heap")]

mod extension;

use core::cell::UnsafeCell;

use sigil_guest::{HEAP_BASE, HEAP_END, LinearMemory, Single, State, address};
use sigil_heap::{
    FreeList, PageSource, Strategy,
    free_list::{ROOT, ROOT_LISTS, ROOT_REGION, Root},
};

#[allow(missing_docs, reason = "generated")]
mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit", "../../../wit/ext"],
        world: "sigil:allocator-ext/allocator",
        generate_all,
        // Each export would otherwise check first whether constructors have run; there are none.
        disable_run_ctors_once_workaround: true,
        disable_custom_section_link_helpers: true,
    });
}

use bindings::exports::sigil::allocator::{bulk, core as heap, scope};

/// What is promised beyond the contract; the conformance suite holds it to that. A custom section and no
/// data: it must be public for that, and not `#[used]`, which would put it into memory as well.
#[unsafe(link_section = "sigil:features")]
pub static FEATURES: [u8; 56] = *b"exact-handles,reuse-after-realloc,owner-preserving,reuse";

struct Conformer;
bindings::export!(Conformer with_types_in bindings);

static PLACE: Single<Root<*const u8>> = Single(UnsafeCell::new(Root::new(
    place(ROOT),
    place(ROOT_LISTS),
    HEAP_END,
)));

/// The address `offset` bytes from the start of what the heap keeps below its lowest address.
const fn place(offset: usize) -> *const u8 {
    (&raw const PLACE).cast::<u8>().wrapping_add(offset)
}

static HEAP: Single<State<FreeList<*const u8>, FreeList>> = Single::heap(FreeList::new(
    place(ROOT),
    place(ROOT_REGION),
    place(ROOT_LISTS),
    HEAP_BASE,
    HEAP_END,
));

fn list() -> &'static mut FreeList {
    // SAFETY: one thread, and no export calls another while it holds the reference. On wasm32 the two
    // views have the same words.
    unsafe { HEAP.running() }
}

impl heap::Guest for Conformer {
    fn alloc(size: u32) -> u32 {
        address(list().alloc(&mut LinearMemory, size))
    }

    fn realloc(old: u32, old_size: u32, new_size: u32) -> u32 {
        // SAFETY: the caller's block (R2).
        address(unsafe { list().realloc(&mut LinearMemory, old, old_size, new_size) })
    }

    fn mem_copy(dst: u32, src: u32, n_bytes: u32) {
        LinearMemory.copy(dst, src, n_bytes);
    }
}

impl scope::Guest for Conformer {
    fn enter_scope() -> u32 {
        address(list().enter_scope(&mut LinearMemory))
    }

    fn exit_scope(handle: u32) {
        let Ok(()) = list().exit_scope(&mut LinearMemory, handle);
    }

    fn promote(handle: u32, ptr: u32, size: u32) -> u32 {
        // SAFETY: readable by the caller's promise (S5).
        address(unsafe { list().promote(&mut LinearMemory, handle, ptr, size) })
    }
}

impl bulk::Guest for Conformer {
    fn free_all() {
        list().free_all(&mut LinearMemory);
    }
}
