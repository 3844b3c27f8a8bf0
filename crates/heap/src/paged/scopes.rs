//! Scopes: records among the small blocks, in one list with the large ones.

use core::num::NonZeroU32;

use crate::{
    Fault, PageSource, Paged,
    address::ALIGN,
    paged::{Left, Top, large::Node},
};

/// What `enter-scope` puts into the chunk; its address is the handle.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
struct Scope {
    /// With a `block` of 0, which no large block has.
    node: Node,
    /// The scope around it.
    parent: u32,
    /// Where its first block would have gone, and in which chunk.
    chunk: u32,
}

const SCOPE_BYTES: u32 = size_of::<Scope>() as u32;

impl Paged {
    /// Opens a scope.
    pub(super) fn open<M: PageSource>(&mut self, memory: &mut M) -> Result<NonZeroU32, M::Refusal> {
        let Top {
            ptr, chunk, scope, ..
        } = self.top;
        let Some(handle) = self.obtain(memory, SCOPE_BYTES, ALIGN) else {
            return Err(memory.refuse(Fault::Exhausted {
                size_bytes: SCOPE_BYTES,
            }));
        };
        let record = Scope {
            node: Node {
                next: 0,
                before: 0,
                block: 0,
                // A scope's node says where the chunk was.
                size_bytes: ptr,
            },
            parent: scope,
            chunk,
        };
        // SAFETY: a new block of that size.
        unsafe { memory.at(handle.get()).cast::<Scope>().write(record) };
        self.link(memory, handle.get());
        self.top.scope = handle.get();
        Ok(handle)
    }

    /// Whether `handle` is an open scope.
    pub(super) fn is_open<M: PageSource>(&self, memory: &M, handle: u32) -> bool {
        let mut at = self.top.scope;
        while at != handle && at != 0 {
            at = scope(memory, at).parent;
        }
        at != 0
    }

    /// Ends an open scope.
    #[inline(never)]
    pub(super) fn close<M: PageSource>(&mut self, memory: &mut M, handle: u32) {
        let left = self.leave(memory, handle);
        let large = self.unlink_large(memory, left.top.newest, handle);
        self.give_back(memory, left, large);
    }

    /// Ends an open scope with a copy for its parent; `None`, and the scope is open, where there is no room.
    #[inline(never)]
    pub(super) fn close_and_copy<M: PageSource>(
        &mut self,
        memory: &mut M,
        handle: u32,
        source: u32,
        size_bytes: u32,
    ) -> Option<NonZeroU32> {
        let left = self.leave(memory, handle);
        // What the scope had is still its own, so that the source is there until it has been copied.
        let Some(block) = self.obtain(memory, size_bytes, ALIGN) else {
            self.top = left.top;
            return None;
        };
        let large = self.unlink_large(memory, left.top.newest, handle);
        memory.copy(block.get(), source, size_bytes);
        self.give_back(memory, left, large);
        Some(block)
    }

    /// Ends every scope and every block.
    pub(super) fn close_all<M: PageSource>(&mut self, memory: &mut M) {
        let left = Left {
            top: self.top,
            kept: 0,
        };
        self.rewind(memory, 0, self.base);
        (self.top.scope, self.top.newest) = (0, 0);
        let large = self.unlink_large(memory, left.top.newest, 0);
        self.give_back(memory, left, large);
    }

    /// Goes back to where an open scope was opened, and returns what it had; nothing is given back yet.
    fn leave<M: PageSource>(&mut self, memory: &M, handle: u32) -> Left {
        let top = self.top;
        let Scope {
            node,
            parent,
            chunk,
        } = scope(memory, handle);
        self.rewind(memory, chunk, node.size_bytes);
        (self.top.scope, self.top.newest) = (parent, node.next);
        Left { top, kept: chunk }
    }

    /// Gives back what was left, and the list `large`.
    pub(super) fn give_back<M: PageSource>(&mut self, memory: &mut M, left: Left, large: u32) {
        self.give_chunks(memory, left);
        self.give_large(memory, large);
        self.trim(memory);
    }
}

fn scope<M: PageSource>(memory: &M, at: u32) -> Scope {
    // SAFETY: the innermost scope's record, or one that is named by an open scope's.
    unsafe { memory.at(at).cast::<Scope>().read() }
}
