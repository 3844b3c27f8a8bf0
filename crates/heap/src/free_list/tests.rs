//! Clause by clause on a simulated memory, and random programs under the walker.

use super::*;
use crate::{
    Free as _, Sizes as _, Stats as _,
    address::{PAGE_SIZE, end_of_pages},
    simulated::Simulated,
};

mod density;
mod extension;
mod misuse;
mod random;
mod scopes;
mod sweep;
mod windows;

/// Where the heap begins; its root lies below.
const BASE: u32 = 1024;

/// A heap over a simulated memory, walked after every call.
struct Heap {
    list: FreeList,
    memory: Simulated,
    /// Address, size, owner.
    live: Vec<(u32, u32, u32)>,
    open: Vec<u32>,
}

impl Heap {
    fn new(pages: u32) -> Self {
        Self::at(pages, BASE)
    }

    fn at(pages: u32, base: u32) -> Self {
        let memory = Simulated::new(pages);
        let end = end_of_pages(memory.size_pages());
        let at = base - size_of::<Root>() as u32;
        Self {
            list: FreeList::place(&memory, at, base, end),
            memory,
            live: Vec::new(),
            open: Vec::new(),
        }
    }

    fn walk(&self) {
        if let Err(wrong) = self.list.walk(&self.memory, self.live.iter().copied()) {
            panic!("{wrong}");
        }
    }

    fn innermost(&self) -> u32 {
        self.open.last().copied().unwrap_or(0)
    }

    fn born(&mut self, block: Result<NonZeroU32, Fault>, size: u32) -> Result<u32, Fault> {
        if let Ok(block) = block {
            self.live.push((block.get(), size, self.innermost()));
        }
        self.walk();
        block.map(NonZeroU32::get)
    }

    fn try_alloc(&mut self, size: u32) -> Result<u32, Fault> {
        let block = self.list.alloc(&mut self.memory, size);
        self.born(block, size)
    }

    fn alloc(&mut self, size: u32) -> u32 {
        self.try_alloc(size).unwrap()
    }

    fn aligned(&mut self, size: u32, align: u32) -> Result<u32, Fault> {
        let block = self.list.alloc_aligned(&mut self.memory, size, align);
        self.born(block, size)
    }

    fn zeroed(&mut self, size: u32) -> Result<u32, Fault> {
        let block = self.list.alloc_zeroed(&mut self.memory, size);
        self.born(block, size)
    }

    fn at_of(&self, block: u32) -> usize {
        self.live.iter().position(|live| live.0 == block).unwrap()
    }

    fn realloc(&mut self, old: u32, new_bytes: u32) -> Result<u32, Fault> {
        let at = self.at_of(old);
        let size = self.live[at].1;
        // SAFETY: a live block.
        let block = unsafe { self.list.realloc(&mut self.memory, old, size, new_bytes) };
        if let Ok(block) = block {
            self.live[at].0 = block.get();
            self.live[at].1 = new_bytes;
        }
        self.walk();
        block.map(NonZeroU32::get)
    }

    fn resize(&mut self, block: u32, new_bytes: u32) -> bool {
        let at = self.at_of(block);
        let size = self.live[at].1;
        let list = &mut self.list;
        // SAFETY: a live block.
        let done = unsafe { list.resize_in_place(&mut self.memory, block, size, new_bytes) };
        if done {
            self.live[at].1 = new_bytes;
        }
        self.walk();
        done
    }

    fn free(&mut self, block: u32) {
        let at = self.at_of(block);
        let (_, size, _) = self.live.swap_remove(at);
        // SAFETY: a live block.
        unsafe { self.list.free(&mut self.memory, block, size) };
        self.walk();
    }

    fn enter(&mut self) -> Result<u32, Fault> {
        let handle = self.list.enter_scope(&mut self.memory)?.get();
        self.open.push(handle);
        self.walk();
        Ok(handle)
    }

    fn forget(&mut self, handle: u32) {
        let depth = self.open.iter().position(|&open| open == handle).unwrap();
        let closed = self.open.split_off(depth);
        self.live.retain(|(_, _, owner)| !closed.contains(owner));
    }

    fn exit(&mut self, handle: u32) {
        let used = self.used();
        let freed = self.list.scope_used(&mut self.memory, handle).unwrap();
        self.list.exit_scope(&mut self.memory, handle).unwrap();
        self.forget(handle);
        self.walk();
        // What an exit gives back is what the heap uses less (T3).
        assert_eq!(self.used(), used - freed);
    }

    /// What the heap says that it uses: never less than its live blocks, nor more than it has touched (T1, T4).
    fn used(&self) -> u32 {
        let used = self.list.heap_used(&self.memory);
        let live: u32 = self.live.iter().map(|(_, size, _)| size).sum();
        let high = self.list.high_water(&self.memory);
        assert!(
            live <= used && used <= high,
            "{live} <= {used} <= {high}: {:#x?}",
            self.list
        );
        used
    }

    fn promote(&mut self, handle: u32, source: u32, size: u32) -> Result<u32, Fault> {
        let memory = &mut self.memory;
        // SAFETY: the tests pass readable bytes.
        let block = unsafe { self.list.promote(memory, handle, source, size) };
        if block.is_ok() {
            self.forget(handle);
        }
        self.born(block, size)
    }

    fn free_all(&mut self) {
        self.list.free_all(&mut self.memory);
        self.live.clear();
        self.open.clear();
        self.walk();
    }

    fn byte(&self, at: u32, seed: u32, offset: u32) -> (u32, u8) {
        (
            at + offset,
            seed.wrapping_mul(31).wrapping_add(offset.wrapping_mul(7)) as u8,
        )
    }

    /// Paints the two ends of a block.
    fn paint(&mut self, at: u32, size: u32, seed: u32) {
        for offset in ends(size) {
            let (address, value) = self.byte(at, seed, offset);
            // SAFETY: in bounds.
            unsafe { self.memory.at(address).write(value) };
        }
    }

    fn check(&self, at: u32, size: u32, seed: u32, painted: u32) {
        for offset in ends(painted).filter(|&offset| offset < size) {
            let (address, value) = self.byte(at, seed, offset);
            // SAFETY: in bounds.
            let found = unsafe { self.memory.at(address).read() };
            assert_eq!(found, value, "{at:#x} + {offset}");
        }
    }

    fn is_zero(&self, at: u32, size: u32) -> bool {
        // SAFETY: in bounds.
        unsafe { core::slice::from_raw_parts(self.memory.at(at), size as usize) }
            .iter()
            .all(|&byte| byte == 0)
    }
}

fn ends(size: u32) -> impl Iterator<Item = u32> {
    (0..size.min(24)).chain(size.saturating_sub(24).max(24)..size)
}

/// A small generator of random numbers (xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as u32
    }

    fn below(&mut self, n: u32) -> u32 {
        self.next() % n
    }

    /// 1 to 2^`log2` - 1, each doubling as likely as any other.
    fn log_uniform(&mut self, log2: u32) -> u32 {
        let bits = self.below(log2);
        (1 << bits) + self.below(1 << bits)
    }
}
