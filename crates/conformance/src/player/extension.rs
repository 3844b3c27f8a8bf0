//! The calls of `sigil:allocator-ext`, each with what the model expects of it.

use super::{Player, Violation};
use crate::{
    BlockName, Call,
    Clause::{self, *},
    Stop,
    contents::Contents,
    model::PAGE_BYTES,
};

impl Player<'_> {
    /// `free(name, its size)`, if it is alive.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn free(&mut self, name: BlockName) -> Result<(), Violation> {
        let Some(block) = self.model.remove(name) else {
            return Ok(());
        };
        let call = Call::Free {
            ptr: block.address,
            size: block.size,
        };
        let outcome = self.raw(call);
        self.listing.name(name.to_string());
        outcome.map_err(|stop| self.stopped(call, &stop))?;
        self.verify(F1)
    }

    /// `name = alloc-aligned(size, align)`; `None` where memory is exhausted.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn try_aligned(
        &mut self,
        name: BlockName,
        size: u32,
        align: u32,
    ) -> Result<Option<BlockName>, Violation> {
        let call = Call::AllocAligned { size, align };
        let Some(address) = self.served(call, size.saturating_add(align))? else {
            return Ok(None);
        };
        self.check(address.is_multiple_of(align), X1, || {
            format!("`{name}` at {address:#x} is not aligned to {align}")
        })?;
        self.placed(name, address, size, &Contents::default(), X1)?;
        Ok(Some(name))
    }

    /// `name = alloc-zeroed(size)`; `None` where memory is exhausted.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn try_zeroed(
        &mut self,
        name: BlockName,
        size: u32,
    ) -> Result<Option<BlockName>, Violation> {
        let Some(address) = self.served(Call::AllocZeroed { size }, size)? else {
            return Ok(None);
        };
        self.placed(name, address, size, &Contents::zero(size), Z1)?;
        Ok(Some(name))
    }

    /// `name = try-alloc(size)`; `None` where that is 0.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn alloc_or_zero(
        &mut self,
        name: BlockName,
        size: u32,
    ) -> Result<Option<BlockName>, Violation> {
        let growable = self.growable_pages();
        let call = Call::TryAlloc { size };
        let address = self.raw(call).map_err(|stop| self.stopped(call, &stop))?;
        if address != 0 {
            self.placed(name, address, size, &Contents::default(), X2)?;
            return Ok(Some(name));
        }
        self.verify(X2)?;
        let ample = u64::from(size) * 3 / 2 + u64::from(PAGE_BYTES);
        let fits = ample <= u64::from(growable) * u64::from(PAGE_BYTES);
        self.check(!fits, X2, || {
            format!("`{call}` returned 0, although {growable} pages were still to be had")
        })?;
        Ok(None)
    }

    /// `resize-in-place(name, its size, size)`, if it is alive; whether that was done.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn resize(&mut self, name: BlockName, size: u32) -> Result<bool, Violation> {
        let Some(old) = self.model.block(name).cloned() else {
            return Ok(false);
        };
        let call = Call::ResizeInPlace {
            ptr: old.address,
            old_size: old.size,
            new_size: size,
        };
        let outcome = self.raw(call);
        match outcome {
            Ok(0) => {
                self.verify(X3)?;
                self.check(size != old.size, X3, || {
                    format!("`{call}` is false, and the size is the same")
                })?;
                Ok(false)
            }
            Ok(1) => {
                self.model.remove(name);
                let kept = old.contents.part(0, old.size.min(size));
                self.placed(name, old.address, size, &kept, X3)?;
                self.keep_owner(name, old.depth);
                Ok(true)
            }
            Ok(other) => Err(self.violation(X3, format!("`{call}` is {other}, no bool"))),
            Err(stop) => Err(self.stopped(call, &stop)),
        }
    }

    /// What a function of `stats` answers; it changes nothing.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn stat(&mut self, call: Call) -> Result<u32, Violation> {
        let pages = self.pages();
        let answer = self.raw(call).map_err(|stop| self.stopped(call, &stop))?;
        self.verify(call.clause())?;
        let after = self.pages();
        self.check(pages == after, call.clause(), || {
            format!("`{call}` grew memory")
        })?;
        Ok(answer)
    }

    /// Makes a call whose outcome is undefined; only that it comes back is not.
    ///
    /// # Errors
    ///
    /// A violation of `clause`, where it does not.
    pub fn returns(&mut self, call: Call, clause: Clause) -> Result<Option<u32>, Violation> {
        match self.raw(call) {
            Ok(result) => Ok(Some(result)),
            Err(Stop::Hang | Stop::Broken(_)) => {
                Err(self.violation(clause, format!("`{call}` did not return")))
            }
            Err(Stop::Exhausted | Stop::Trap(_)) => Ok(None),
        }
    }

    /// Where blocks keep their owner, `name` belongs to the scope it belonged to before (S6).
    pub(super) fn keep_owner(&mut self, name: BlockName, depth: usize) {
        if self.owner_preserving {
            self.model.own(name, depth);
        }
    }
}
