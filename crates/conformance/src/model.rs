//! The oracle: which blocks are alive, whose they are, and what every byte of them holds.
//!
//! It is naive on purpose. It does not know where a conformer will put a block; it is told, and says
//! whether that can be. A block may be anywhere in memory that is the allocator's (H2, H3), if it is
//! aligned (A1, A2), not at 0 (H1), in bounds, and shares no byte with another one that is alive. After
//! every call each byte of each block, of the program's static data and of everybody else's pages is
//! compared with what was put there.

use std::{collections::BTreeMap, ops::Range};

use crate::{
    Clause, Layout,
    contents::{Contents, paint},
    ops::{BlockName, ScopeName, Size},
    page_model::PageModel,
};

/// The bytes of a wasm page.
pub const PAGE_BYTES: u32 = 1 << 16;

/// What is wrong, and by which clause.
pub type Wrong = (Clause, String);

/// A live block.
#[derive(Clone, Debug)]
pub struct Block {
    /// Where it is.
    pub address: u32,
    /// How many bytes it has.
    pub size: u32,
    /// How many scopes were open around it: 0 for the root's.
    pub depth: usize,
    /// What it holds.
    pub contents: Contents,
}

impl Block {
    fn bytes(&self) -> Range<u64> {
        range(self.address, self.size)
    }
}

/// An open scope.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// Its name.
    pub name: ScopeName,
    /// What `enter-scope` returned.
    pub handle: u32,
}

/// Bytes that are none of the allocator's business.
#[derive(Debug)]
struct Guarded {
    what: &'static str,
    clause: Clause,
    bytes: Range<u64>,
    contents: Contents,
}

/// The state of a heap, as its caller sees it.
#[derive(Debug)]
pub struct Model {
    heap_base: u32,
    blocks: BTreeMap<BlockName, Block>,
    scopes: Vec<Scope>,
    guarded: Vec<Guarded>,
    /// The pages that are reserved.
    pub pages: PageModel,
}

impl Model {
    /// A heap from `heap_base` on in a fresh program; writes what the program keeps below it.
    pub fn new(layout: Layout, heap_base: u32, memory: Option<&mut [u8]>) -> Self {
        let mut model = Self {
            heap_base,
            blocks: BTreeMap::new(),
            scopes: Vec::new(),
            guarded: Vec::new(),
            pages: PageModel::default(),
        };
        let Some(memory) = memory else { return model };
        if !layout.has_statics() {
            return model;
        }
        let contents = Contents::exactly(&statics());
        model.guard(
            "static data",
            Clause::H2,
            Layout::STATICS,
            Layout::STATICS_BYTES,
            contents,
        );
        let stack_start = Layout::STATICS + Layout::STATICS_BYTES;
        let size = layout.heap_base - stack_start;
        let contents = Contents::painted(0x57ac, size);
        contents.write(memory, stack_start);
        model.guard("the stack", Clause::H2, stack_start, size, contents);
        model
    }

    fn guard(
        &mut self,
        what: &'static str,
        clause: Clause,
        address: u32,
        size: u32,
        contents: Contents,
    ) {
        self.guarded.push(Guarded {
            what,
            clause,
            bytes: range(address, size),
            contents,
        });
    }

    /// Somebody else grew the memory from `old_pages` by `delta_pages`, and writes there.
    pub fn grew_foreign(&mut self, old_pages: u32, delta_pages: u32, memory: Option<&mut [u8]>) {
        let Some(memory) = memory else { return };
        let (address, size) = (
            old_pages * PAGE_BYTES,
            delta_pages.saturating_mul(PAGE_BYTES),
        );
        let contents = Contents::painted(0xf0 + old_pages, size);
        contents.write(memory, address);
        self.guard(
            "pages that somebody else grew",
            Clause::H3,
            address,
            size,
            contents,
        );
    }

    /// A live block.
    pub fn block(&self, name: BlockName) -> Option<&Block> {
        self.blocks.get(&name)
    }

    /// The live blocks, by name.
    pub fn blocks(&self) -> impl Iterator<Item = (BlockName, &Block)> {
        self.blocks.iter().map(|(&name, block)| (name, block))
    }

    /// The open scopes, outermost first.
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// The handle of an open scope.
    pub fn handle(&self, name: ScopeName) -> Option<u32> {
        self.scopes
            .iter()
            .find(|scope| scope.name == name)
            .map(|scope| scope.handle)
    }

    /// A scope was opened.
    pub fn enter(&mut self, name: ScopeName, handle: u32) {
        self.scopes.push(Scope { name, handle });
    }

    /// A scope was closed, with everything inside it.
    pub fn exit(&mut self, name: ScopeName) {
        if let Some(depth) = self.scopes.iter().position(|scope| scope.name == name) {
            self.scopes.truncate(depth);
            self.blocks.retain(|_, block| block.depth <= depth);
        }
    }

    /// Every block was freed and every scope closed.
    pub fn free_all(&mut self) {
        self.scopes.clear();
        self.blocks.clear();
    }

    /// A block was given up.
    pub fn remove(&mut self, name: BlockName) -> Option<Block> {
        self.blocks.remove(&name)
    }

    /// A block that was removed is still there after all.
    pub fn restore(&mut self, name: BlockName, block: Block) {
        self.blocks.insert(name, block);
    }

    /// The allocator says that a new block is at `address`, in a memory of `pages`.
    ///
    /// # Errors
    ///
    /// Where it cannot be there.
    pub fn place(
        &mut self,
        name: BlockName,
        address: u32,
        size: u32,
        pages: u32,
    ) -> Result<(), Wrong> {
        if address == 0 {
            return Err((Clause::H1, format!("`{name}` is at 0")));
        }
        if !address.is_multiple_of(8) {
            return Err((
                Clause::A1,
                format!("`{name}` at {address:#x} is not aligned to 8"),
            ));
        }
        self.apart(&format!("`{name}`"), address, size, pages)?;
        let (depth, contents) = (self.scopes.len(), Contents::default());
        self.blocks.insert(
            name,
            Block {
                address,
                size,
                depth,
                contents,
            },
        );
        Ok(())
    }

    /// The allocator says that `name`, a new block or reservation, is at `address`, in a memory of `pages`.
    ///
    /// # Errors
    ///
    /// Where it shares a byte with something, or ends beyond memory.
    pub fn apart(&self, name: &str, address: u32, size: u32, pages: u32) -> Result<(), Wrong> {
        let bytes = range(address, size);
        let end = u64::from(pages) * u64::from(PAGE_BYTES);
        if bytes.end > end {
            let what = format!(
                "{name}, {}, ends beyond memory, which ends at {end:#x}",
                at(&bytes)
            );
            return Err((Clause::A1, what));
        }
        if size > 0 && address < self.heap_base {
            let base = self.heap_base;
            let what = format!(
                "{name}, {}, begins below the heap base {base:#x}",
                at(&bytes)
            );
            return Err((Clause::H2, what));
        }
        if let Some(guarded) = self
            .guarded
            .iter()
            .find(|other| overlap(&other.bytes, &bytes))
        {
            let (theirs, clause) = (at(&guarded.bytes), guarded.clause);
            return Err((
                clause,
                format!("{name}, {}, lies in {}, {theirs}", at(&bytes), guarded.what),
            ));
        }
        if let Some((other, block)) = self
            .blocks()
            .find(|(_, other)| overlap(&other.bytes(), &bytes))
        {
            let theirs = at(&block.bytes());
            let what = format!(
                "{name}, {}, shares bytes with `{other}`, {theirs}",
                at(&bytes)
            );
            return Err((Clause::A1, what));
        }
        if let Some(page) = self.pages.overlapping(&bytes) {
            let page = page * self.pages.page_bytes();
            let what = format!(
                "{name}, {}, shares the reserved page at {page:#x}",
                at(&bytes)
            );
            return Err((Clause::P1, what));
        }
        Ok(())
    }

    /// Says whose a live block is: how many scopes are open around it.
    pub fn own(&mut self, name: BlockName, depth: usize) {
        if let Some(block) = self.blocks.get_mut(&name) {
            block.depth = depth;
        }
    }

    /// Says what a live block holds from now on.
    pub fn fill(&mut self, name: BlockName, contents: Contents) {
        if let Some(block) = self.blocks.get_mut(&name) {
            block.contents = contents;
        }
    }

    /// `n` bytes of one block were copied into another.
    pub fn copied(
        &mut self,
        to: BlockName,
        to_offset: u32,
        from: BlockName,
        from_offset: u32,
        n: u32,
    ) {
        let Some(bytes) = self
            .block(from)
            .map(|block| block.contents.part(from_offset, n))
        else {
            return;
        };
        if let Some(block) = self.blocks.get_mut(&to) {
            block.contents.replace(to_offset, n, &bytes);
        }
    }

    /// Compares every known byte of the memory.
    ///
    /// # Errors
    ///
    /// Where one is not what it should be.
    pub fn verify(&self, memory: &[u8]) -> Result<(), Wrong> {
        for (name, block) in self.blocks() {
            if let Some(wrong) = block.contents.mismatch(memory, block.address) {
                let (offset, size) = (wrong.offset, block.size);
                let (expected, found) = (wrong.expected, wrong.found);
                let what = format!(
                    "byte {offset} of `{name}`, {size} bytes at {:#x}, is {found:#04x} and should be {expected:#04x}",
                    block.address
                );
                return Err((Clause::A1, what));
            }
        }
        self.pages.verify(memory)?;
        for guarded in &self.guarded {
            let start = guarded.bytes.start as u32;
            if let Some(wrong) = guarded.contents.mismatch(memory, start) {
                let what = format!(
                    "{} at {:#x} was written to",
                    guarded.what,
                    start + wrong.offset
                );
                return Err((guarded.clause, what));
            }
        }
        Ok(())
    }

    /// How many bytes `size` is here, in a memory of `pages`.
    pub fn resolve(&self, size: Size, pages: u32) -> u32 {
        match size {
            Size::Bytes(bytes) => bytes,
            Size::Room(more) => {
                let highest = self
                    .blocks
                    .values()
                    .map(|block| block.bytes().end)
                    .max()
                    .unwrap_or(0);
                let top = highest.max(u64::from(self.heap_base)).next_multiple_of(8);
                let room = (u64::from(pages) * u64::from(PAGE_BYTES)).saturating_sub(top);
                room.saturating_add_signed(more.into()).min(u32::MAX.into()) as u32
            }
        }
    }
}

/// The program's static data.
pub fn statics() -> Vec<u8> {
    paint(0x57a7, Layout::STATICS_BYTES)
}

fn range(address: u32, size: u32) -> Range<u64> {
    u64::from(address)..u64::from(address) + u64::from(size)
}

fn overlap(left: &Range<u64>, right: &Range<u64>) -> bool {
    !left.is_empty() && !right.is_empty() && left.start < right.end && right.start < left.end
}

fn at(bytes: &Range<u64>) -> String {
    format!("{} bytes at {:#x}", bytes.end - bytes.start, bytes.start)
}
