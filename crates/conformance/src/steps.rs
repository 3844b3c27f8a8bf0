//! What directed cases say: calls that must succeed, on blocks and scopes that are named as they come.

use crate::{BlockName, Call, Clause, Player, ScopeName, Source, Violation};

impl Player<'_> {
    fn must<T>(&self, call: &str, outcome: Option<T>) -> Result<T, Violation> {
        outcome.ok_or_else(|| {
            self.violation(
                Clause::H5,
                format!("`{call}` exhausted memory, and there is enough"),
            )
        })
    }

    /// A new block of `size` bytes, painted.
    ///
    /// # Errors
    ///
    /// Where the contract is broken, or memory exhausted.
    pub fn alloc(&mut self, size: u32) -> Result<BlockName, Violation> {
        let name = BlockName(self.next_name());
        let outcome = self.try_alloc(name, size)?;
        self.must("alloc", outcome)
    }

    /// A new block of `size` bytes, by `realloc(0, old_size, size)`.
    ///
    /// # Errors
    ///
    /// Where the contract is broken, or memory exhausted.
    pub fn realloc_null(&mut self, old_size: u32, size: u32) -> Result<BlockName, Violation> {
        let name = BlockName(self.next_name());
        let outcome = self.try_realloc_null(name, old_size, size)?;
        self.must("realloc", outcome)
    }

    /// A new block of `size` bytes at a multiple of `align`.
    ///
    /// # Errors
    ///
    /// Where the contract is broken, or memory exhausted.
    pub fn aligned(&mut self, size: u32, align: u32) -> Result<BlockName, Violation> {
        let name = BlockName(self.next_name());
        let outcome = self.try_aligned(name, size, align)?;
        self.must("alloc-aligned", outcome)
    }

    /// A new block of `size` bytes of 0.
    ///
    /// # Errors
    ///
    /// Where the contract is broken, or memory exhausted.
    pub fn zeroed(&mut self, size: u32) -> Result<BlockName, Violation> {
        let name = BlockName(self.next_name());
        let outcome = self.try_zeroed(name, size)?;
        self.must("alloc-zeroed", outcome)
    }

    /// A new block of `size` bytes, by `try-alloc`; `None` where that is 0.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn sentinel(&mut self, size: u32) -> Result<Option<BlockName>, Violation> {
        let name = BlockName(self.next_name());
        self.alloc_or_zero(name, size)
    }

    /// Gives `block` another size; returns its address.
    ///
    /// # Errors
    ///
    /// Where the contract is broken, or memory exhausted.
    pub fn realloc(&mut self, block: BlockName, size: u32) -> Result<u32, Violation> {
        let outcome = self.try_realloc(block, size)?;
        self.must("realloc", outcome)?;
        Ok(self.address(block))
    }

    /// A new scope inside the innermost one.
    ///
    /// # Errors
    ///
    /// Where the contract is broken, or memory exhausted.
    pub fn enter(&mut self) -> Result<ScopeName, Violation> {
        let name = ScopeName(self.next_name());
        let outcome = self.try_enter(name)?;
        self.must("enter-scope", outcome)
    }

    /// Copies `size` bytes of `source` to the parent of `scope`, and ends it.
    ///
    /// # Errors
    ///
    /// Where the contract is broken, or memory exhausted.
    pub fn promote(
        &mut self,
        scope: ScopeName,
        source: Source,
        size: u32,
    ) -> Result<BlockName, Violation> {
        let name = BlockName(self.next_name());
        let outcome = self.try_promote(name, scope, source, size)?;
        self.must("promote", outcome)
    }

    /// Where a live block is.
    ///
    /// # Panics
    ///
    /// Where it is not alive: the case itself is wrong.
    pub fn address(&self, block: BlockName) -> u32 {
        self.model()
            .block(block)
            .unwrap_or_else(|| panic!("`{block}` is not alive"))
            .address
    }

    /// The handle of an open scope.
    ///
    /// # Panics
    ///
    /// Where it is not open: the case itself is wrong.
    pub fn handle(&self, scope: ScopeName) -> u32 {
        self.model()
            .handle(scope)
            .unwrap_or_else(|| panic!("`{scope}` is not open"))
    }

    /// The `realloc` of a live block.
    pub fn realloc_call(&self, block: BlockName, new_size: u32) -> Call {
        let old_size = self.model().block(block).map_or(0, |block| block.size);
        Call::Realloc {
            old: self.address(block),
            old_size,
            new_size,
        }
    }
}

impl Source {
    /// A block from its first byte on.
    pub const fn block(block: BlockName) -> Self {
        Self::Block { block, offset: 0 }
    }
}
