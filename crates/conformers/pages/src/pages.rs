//! The page layer's calls.

use sigil_guest::LinearMemory;
use sigil_heap::page_layer::PAGE_BYTES;

use crate::{Conformer, bindings::exports::sigil::allocator_ext::pages, paged};

impl pages::Guest for Conformer {
    fn page_size() -> u32 {
        PAGE_BYTES
    }

    fn reserve(bytes: u32, align: u32, flags: u32) -> u32 {
        let pages = paged().more_pages(&mut LinearMemory);
        pages.reserve(&mut LinearMemory, bytes, align, flags)
    }

    fn commit(ptr: u32, bytes: u32) -> bool {
        paged().pages().commit(&mut LinearMemory, ptr, bytes)
    }

    fn decommit(ptr: u32, bytes: u32) -> bool {
        paged().pages().decommit(&mut LinearMemory, ptr, bytes)
    }

    fn reset(ptr: u32, bytes: u32) -> bool {
        paged().pages().reset(&mut LinearMemory, ptr, bytes)
    }

    fn release(ptr: u32) {
        paged().pages().release(&mut LinearMemory, ptr);
    }

    fn unmap(ptr: u32, bytes: u32) {
        paged().pages().unmap(&mut LinearMemory, ptr, bytes);
    }

    fn resize_in_place(ptr: u32, old_bytes: u32, new_bytes: u32) -> bool {
        let pages = paged().more_pages(&mut LinearMemory);
        pages.resize_in_place(&mut LinearMemory, ptr, old_bytes, new_bytes)
    }

    fn limit() -> u64 {
        paged().pages().limit(&LinearMemory)
    }

    fn used() -> u64 {
        paged().pages().used()
    }

    fn available() -> u64 {
        paged()
            .more_pages(&mut LinearMemory)
            .available(&LinearMemory)
    }

    fn cleared() -> u64 {
        paged().pages().cleared()
    }
}
