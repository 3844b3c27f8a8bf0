//! Large blocks: whole pages, with a node at their end.

use crate::{
    PageSource, Paged,
    page_layer::{PAGE_BYTES, PAGE_LOG2},
};

/// The last 16 bytes of a large block's pages, and the first ones of a scope's record.
///
/// Invariant NODES: following `next` from the newest visits every large block and every open scope, newer ones
/// first, and `before` leads back; it is 0 for the newest.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub next: u32,
    pub before: u32,
    /// The block; 0 where it is none, or not any more.
    pub block: u32,
    pub size_bytes: u32,
}

const NODE_BYTES: u32 = size_of::<Node>() as u32;

impl Paged {
    /// A block of pages at a multiple of `align`; with `zero`, its dirty pages are cleared (Z1).
    pub(super) fn large<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
        align: u32,
        zero: bool,
    ) -> Option<u32> {
        let n = n_pages(size_bytes);
        let start = self.layer.place(memory, n, align)?;
        if zero {
            self.layer.clear_dirty(memory, (start, start + n));
        }
        let block = start << PAGE_LOG2;
        let at = node_of(block, size_bytes)?;
        let node = Node {
            next: 0,
            before: 0,
            block,
            size_bytes,
        };
        // SAFETY: the end of the new pages.
        unsafe { memory.at(at).cast::<Node>().write(node) };
        self.link(memory, at);
        Some(block)
    }

    /// Ends a large block. One that is none, or has another size, is left alone (F1).
    pub(super) fn free_large<M: PageSource>(
        &mut self,
        memory: &mut M,
        block: u32,
        size_bytes: u32,
    ) {
        let Some((at, node)) = self.find_large(memory, block, size_bytes) else {
            return;
        };
        self.unlink(memory, node);
        // SAFETY: the node of a live block.
        unsafe { (*memory.at(at).cast::<Node>()).block = 0 };
        let start = block >> PAGE_LOG2;
        self.layer
            .give(memory, (start, start + n_pages(size_bytes)), true);
    }

    /// Makes a large block another large one where it stands.
    pub(super) fn resize_large<M: PageSource>(
        &mut self,
        memory: &mut M,
        block: u32,
        old_bytes: u32,
        new_bytes: u32,
    ) -> bool {
        let Some((at, node)) = self.find_large(memory, block, old_bytes) else {
            return false;
        };
        let start = block >> PAGE_LOG2;
        let (end, new_end) = (start + n_pages(old_bytes), start + n_pages(new_bytes));
        if new_end > end && !self.layer.make_room(memory, (end, new_end), true) {
            return false;
        }
        let new_at = (new_end << PAGE_LOG2) - NODE_BYTES;
        // SAFETY: the ends of the block's pages, as they were and as they are.
        unsafe {
            (*memory.at(at).cast::<Node>()).block = 0;
            memory.at(new_at).cast::<Node>().write(Node {
                size_bytes: new_bytes,
                ..node
            });
            if node.next != 0 {
                (*memory.at(node.next).cast::<Node>()).before = new_at;
            }
            match node.before {
                0 => self.top.newest = new_at,
                before => (*memory.at(before).cast::<Node>()).next = new_at,
            }
        }
        if new_end < end {
            self.layer.give(memory, (new_end, end), true);
        }
        true
    }

    /// The node of a block, where it is live and has that size.
    fn find_large<M: PageSource>(
        &self,
        memory: &M,
        block: u32,
        size_bytes: u32,
    ) -> Option<(u32, Node)> {
        let at = node_of(block, size_bytes)?;
        if !block.is_multiple_of(PAGE_BYTES) || at >> 16 >= memory.size_pages() {
            return None;
        }
        // SAFETY: in bounds, and aligned as the block is.
        let node = unsafe { memory.at(at).cast::<Node>().read() };
        (node.block == block && node.size_bytes == size_bytes).then_some((at, node))
    }

    /// Makes a node the newest.
    pub(super) fn link<M: PageSource>(&mut self, memory: &mut M, at: u32) {
        let next = self.top.newest;
        self.top.newest = at;
        // SAFETY: a new node, and by NODES the one that was the newest.
        unsafe {
            (*memory.at(at).cast::<Node>()).next = next;
            if next != 0 {
                (*memory.at(next).cast::<Node>()).before = at;
            }
        }
    }

    fn unlink<M: PageSource>(&mut self, memory: &mut M, node: Node) {
        // SAFETY: by NODES its neighbours are nodes, or 0.
        unsafe {
            if node.next != 0 {
                (*memory.at(node.next).cast::<Node>()).before = node.before;
            }
            match node.before {
                0 => self.top.newest = node.next,
                before => (*memory.at(before).cast::<Node>()).next = node.next,
            }
        }
    }

    /// Takes everything newer than the scope `until` out of the list, and makes a list of the large blocks among it.
    ///
    /// That list runs through the blocks' own pages: whatever becomes of the scopes' records, it stays.
    pub(super) fn unlink_large<M: PageSource>(
        &mut self,
        memory: &mut M,
        mut at: u32,
        until: u32,
    ) -> u32 {
        let mut large = 0;
        // SAFETY: by NODES.
        unsafe {
            while at != until {
                let node = memory.at(at).cast::<Node>();
                let next = (*node).next;
                if (*node).block != 0 {
                    (*node).before = large;
                    large = at;
                }
                at = next;
            }
            // What a promoted block put in front has its own `before` already.
            if self.top.newest != 0 {
                (*memory.at(self.top.newest).cast::<Node>()).before = 0;
            }
        }
        large
    }

    /// Gives the pages of a list of large blocks back.
    pub(super) fn give_large<M: PageSource>(&mut self, memory: &mut M, mut large: u32) {
        while large != 0 {
            // SAFETY: `unlink_large` made the list.
            let node = unsafe {
                let node = memory.at(large).cast::<Node>();
                let copy = *node;
                (*node).block = 0;
                copy
            };
            let start = node.block >> PAGE_LOG2;
            self.layer
                .give(memory, (start, start + n_pages(node.size_bytes)), true);
            large = node.before;
        }
    }
}

/// How many pages a large block takes.
pub(super) const fn n_pages(size_bytes: u32) -> u32 {
    (size_bytes as u64 + NODE_BYTES as u64).div_ceil(PAGE_BYTES as u64) as u32
}

/// Where a large block's node is; `None` where that is no address.
fn node_of(block: u32, size_bytes: u32) -> Option<u32> {
    let end = u64::from(block) + (u64::from(n_pages(size_bytes)) << PAGE_LOG2);
    u32::try_from(end - u64::from(NODE_BYTES)).ok()
}
