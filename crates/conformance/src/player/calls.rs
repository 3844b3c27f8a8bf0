//! The calls of the contract, each with what the model expects of it.

use super::{Player, Violation};
use crate::{
    BlockName, Call, Clause, Layout, ScopeName, Source, contents::Contents, model::statics,
};

impl Player<'_> {
    /// `name = alloc(size)`; `None` where memory is exhausted.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn try_alloc(
        &mut self,
        name: BlockName,
        size: u32,
    ) -> Result<Option<BlockName>, Violation> {
        let Some(address) = self.served(Call::Alloc { size }, size)? else {
            return Ok(None);
        };
        let clause = if size == 0 { Clause::A2 } else { Clause::A1 };
        self.placed(name, address, size, &Contents::default(), clause)?;
        Ok(Some(name))
    }

    /// `name = realloc(0, old_size, size)`; `None` where memory is exhausted.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn try_realloc_null(
        &mut self,
        name: BlockName,
        old_size: u32,
        size: u32,
    ) -> Result<Option<BlockName>, Violation> {
        let call = Call::Realloc {
            old: 0,
            old_size,
            new_size: size,
        };
        let Some(address) = self.served(call, size)? else {
            return Ok(None);
        };
        self.placed(name, address, size, &Contents::default(), Clause::R1)?;
        Ok(Some(name))
    }

    /// `name = realloc(name, its size, size)`; `None` where memory is exhausted, or `name` is not alive.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn try_realloc(
        &mut self,
        name: BlockName,
        size: u32,
    ) -> Result<Option<BlockName>, Violation> {
        let Some(old) = self.model.block(name).cloned() else {
            return Ok(None);
        };
        let call = Call::Realloc {
            old: old.address,
            old_size: old.size,
            new_size: size,
        };
        let Some(address) =
            self.served(call, size)
                .map_err(|violation| match violation.clause {
                    Clause::H6 => Violation {
                        clause: Clause::R4,
                        ..violation
                    },
                    _ => violation,
                })?
        else {
            return Ok(None);
        };
        self.model.remove(name);
        let kept = old.contents.part(0, old.size.min(size));
        self.placed(name, address, size, &kept, Clause::R2)?;
        self.keep_owner(name, old.depth);
        Ok(Some(name))
    }

    /// `mem-copy` of `n` bytes, which both blocks have from those offsets on.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn copy(
        &mut self,
        (to, to_offset): (BlockName, u32),
        (from, from_offset): (BlockName, u32),
        n: u32,
    ) -> Result<(), Violation> {
        let (Some(target), Some(source)) = (self.model.block(to), self.model.block(from)) else {
            return Ok(());
        };
        let (dst, src) = (target.address + to_offset, source.address + from_offset);
        let call = Call::MemCopy { dst, src, n };
        self.raw(call).map_err(|stop| self.stopped(call, &stop))?;
        self.model.copied(to, to_offset, from, from_offset, n);
        self.verify(Clause::M1)
    }

    /// `name = enter-scope()`; `None` where memory is exhausted.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn try_enter(&mut self, name: ScopeName) -> Result<Option<ScopeName>, Violation> {
        let Some(handle) = self.served(Call::EnterScope, 0)? else {
            return Ok(None);
        };
        self.listing.name(name.to_string());
        self.model.enter(name, handle);
        self.verify(Clause::S1)?;
        Ok(Some(name))
    }

    /// `exit-scope(name)`, if it is open.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn exit(&mut self, name: ScopeName) -> Result<(), Violation> {
        let Some(handle) = self.model.handle(name) else {
            return Ok(());
        };
        let call = Call::ExitScope { handle };
        let outcome = self.raw(call);
        self.listing.name(name.to_string());
        outcome.map_err(|stop| self.stopped(call, &stop))?;
        self.model.exit(name);
        self.verify(Clause::S2)
    }

    /// `name = promote(scope, source, size)`; `None` where memory is exhausted, or one of them is not
    /// alive.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn try_promote(
        &mut self,
        name: BlockName,
        scope: ScopeName,
        source: Source,
        size: u32,
    ) -> Result<Option<BlockName>, Violation> {
        let Some(handle) = self.model.handle(scope) else {
            return Ok(None);
        };
        let (ptr, size, kept) = match source {
            Source::Block { block, offset } => {
                let Some(block) = self.model.block(block) else {
                    return Ok(None);
                };
                let offset = offset % block.size.saturating_add(1).max(1);
                let size = size.min(block.size - offset);
                (
                    block.address + offset,
                    size,
                    block.contents.part(offset, size),
                )
            }
            Source::Static { offset } => {
                let offset = offset % Layout::STATICS_BYTES;
                let size = size.min(Layout::STATICS_BYTES - offset);
                let bytes = Contents::exactly(&statics()).part(offset, size);
                (Layout::STATICS + offset, size, bytes)
            }
        };
        let call = Call::Promote { handle, ptr, size };
        let Some(address) = self.served(call, size)? else {
            return Ok(None);
        };
        self.model.exit(scope);
        self.placed(name, address, size, &kept, Clause::S4)?;
        Ok(Some(name))
    }

    /// `free-all()`.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn free_all(&mut self) -> Result<(), Violation> {
        self.raw(Call::FreeAll)
            .map_err(|stop| self.stopped(Call::FreeAll, &stop))?;
        self.model.free_all();
        self.verify(Clause::B1)
    }
}
