//! Where everything lies in the program's memory.
//!
//! ```text
//! 0 … static data, stack │ statics │ request │ shadow stack │ heap …            │
//!                        └ the program's heap base          └ __heap_base       └ __heap_end
//! ```

use std::ops::Range;

use sigil_abi::{HEAP_BASE, HEAP_END};
use wasmparser::{DataKind, MemoryType, SymbolInfo};

use crate::{
    Error,
    parse::{Parsed, i32_const},
    reach::Reached,
};

const PAGE_SIZE: u64 = 1 << 16;

/// The alignment of the heap base, in bytes.
const HEAP_ALIGN: u64 = 16;

/// The end of a memory of 4 GiB, as an `i32` can hold it.
const END_LIMIT: u64 = (1 << 32) - 8;

/// The addresses that linking decides.
#[derive(Debug)]
pub(crate) struct Layout {
    /// What is added to the address of each of the conformer's statics, modulo 2^32.
    pub(crate) delta: u32,
    /// The place of the conformer's statics and of `request`.
    pub(crate) statics: Range<u32>,
    /// Where the size of the request is noted that the conformer is about to work on (4 bytes).
    pub(crate) request: Option<u32>,
    /// The top of the conformer's shadow stack, where it has one.
    pub(crate) stack_top: Option<u32>,
    /// What the conformer sees as `__heap_base`: a multiple of 16.
    pub(crate) heap_base: u32,
    /// What the conformer sees as `__heap_end`: the end of the program's initial memory.
    pub(crate) heap_end: u32,
    /// The minimum of the program's memory 0, in pages.
    pub(crate) min_pages: u64,
}

/// Decides all addresses.
pub(crate) fn lay_out(
    program: &Parsed<'_>,
    conformer: &Parsed<'_>,
    reached: &Reached,
    heap_base: Option<u32>,
    warnings: &mut Vec<String>,
) -> Result<Layout, Error> {
    let memory = memory(program)?;
    let initial_end = memory.initial * PAGE_SIZE;
    let known = heap_base.or_else(|| program_heap_base(program));
    // Never 0: what lies there could not be told from null (H1).
    let base = known.map_or(initial_end, u64::from).max(HEAP_ALIGN);
    check_data(program, base)?;

    let own = Statics::of(conformer)?;
    // Congruent to where the statics were, so that every alignment inside them is kept.
    let gap = u64::from(own.range.start).wrapping_sub(base) & (own.align - 1);
    let start = if own.range.is_empty() {
        base
    } else {
        base + gap
    };
    let mut end = start + own.range.len() as u64;
    // At the end of memory four bytes would cost a page; elsewhere they cost nothing.
    let request = (known.is_some() || !own.range.is_empty()).then(|| {
        end = end.next_multiple_of(4) + 4;
        end - 4
    });
    let statics_end = end;
    let stack_top = reached.stack_pointer.map(|global| {
        end = end.next_multiple_of(HEAP_ALIGN) + own.stack_bytes(conformer, global);
        end
    });
    let heap_base = end.next_multiple_of(HEAP_ALIGN);

    let min_pages = memory.initial.max(heap_base.div_ceil(PAGE_SIZE));
    let max_pages = memory.maximum.unwrap_or(1 << 16).min(1 << 16);
    // A heap that begins at 4 GiB is empty, and in reach; statics there would not be.
    if min_pages > max_pages || (end > base && end > END_LIMIT) {
        return Err(Error::Layout {
            program: program.input.name.into(),
            message: format!(
                "the allocator needs the memory up to {heap_base:#x}, {min_pages} pages, and the \
                 program's memory ends at {max_pages}"
            ),
            help:
                "raise the memory's maximum, or name the end of the program's data and stack with \
                   --heap-base"
                    .into(),
        });
    }
    if min_pages > memory.initial && program.n_imported_memories > 0 {
        warnings.push(format!(
            "the memory that `{}` imports must now have {min_pages} pages to begin with, not {}; \
             --heap-base places the allocator inside the {}",
            program.input.name, memory.initial, memory.initial
        ));
    }
    let address = |value: u64| value.min(END_LIMIT) as u32;
    Ok(Layout {
        delta: (start as u32).wrapping_sub(own.range.start),
        statics: address(start)..address(statics_end),
        request: request.map(address),
        stack_top: stack_top.map(address),
        heap_base: address(heap_base),
        heap_end: address(min_pages * PAGE_SIZE),
        min_pages,
    })
}

/// The program's memory 0, if an allocator can live in it.
fn memory<'p>(program: &'p Parsed<'_>) -> Result<&'p MemoryType, Error> {
    let unsupported = |what: &str, help: &str| Error::Unsupported {
        input: program.input.name.into(),
        what: what.into(),
        help: help.into(),
    };
    let Some(memory) = program.memories.first() else {
        return Err(unsupported(
            "the program has no memory",
            "a program that allocates defines or imports memory 0",
        ));
    };
    if memory.memory64 {
        return Err(unsupported(
            "memory 0 has 64-bit addresses (memory64)",
            "the contract's pointers have 32 bits; compile for wasm32",
        ));
    }
    if memory.shared {
        return Err(unsupported(
            "memory 0 is shared between threads",
            "conformers are for one thread; compile without atomics",
        ));
    }
    if memory.page_size_log2.is_some_and(|log2| log2 != 16) {
        return Err(unsupported(
            "memory 0 has pages of a custom size",
            "use pages of 64 KiB",
        ));
    }
    Ok(memory)
}

/// What the program itself says of its heap base: an exported or named global.
fn program_heap_base(program: &Parsed<'_>) -> Option<u32> {
    program.constant(program.global_called(HEAP_BASE)?)
}

/// Refuses a heap base with static data at or above it.
fn check_data(program: &Parsed<'_>, base: u64) -> Result<(), Error> {
    for (i, segment) in program.data.iter().enumerate() {
        let DataKind::Active {
            memory_index: 0,
            offset_expr,
        } = &segment.kind
        else {
            continue;
        };
        let Some(offset) = program.value(offset_expr) else {
            continue;
        };
        let end = u64::from(offset) + segment.data.len() as u64;
        if end > base {
            return Err(Error::Layout {
                program: program.input.name.into(),
                message: format!(
                    "data segment {i} ends at {end:#x}, above the heap base {base:#x}"
                ),
                help:
                    "the heap base is the first byte above static data and stack; pass the right \
                       one with --heap-base"
                        .into(),
            });
        }
    }
    Ok(())
}

/// The conformer's static data as it was linked.
struct Statics {
    range: Range<u32>,
    align: u64,
}

impl Statics {
    fn of(conformer: &Parsed<'_>) -> Result<Self, Error> {
        let mut range: Option<Range<u32>> = None;
        for segment in &conformer.data {
            let DataKind::Active {
                memory_index: 0,
                offset_expr,
            } = &segment.kind
            else {
                continue;
            };
            let Some(start) = i32_const(offset_expr) else {
                continue;
            };
            let end = start.saturating_add(segment.data.len() as u32);
            let known = range.get_or_insert(start..end);
            *known = known.start.min(start)..known.end.max(end);
        }
        let defines_heap = [HEAP_BASE, HEAP_END]
            .iter()
            .filter_map(|name| conformer.global_called(name))
            .any(|global| global >= conformer.n_imported_globals);
        let Some(linking) = &conformer.linking else {
            if range.is_some() || defines_heap {
                return Err(Error::Unsupported {
                    input: conformer.input.name.into(),
                    what: "the conformer has static data and no relocations to move it by".into(),
                    help: "link the conformer with `--emit-relocs`; for rustc: \
                           `-Clink-arg=--emit-relocs`"
                        .into(),
                });
            }
            return Ok(Self {
                range: 0..0,
                align: 1,
            });
        };
        let align_log2 = linking
            .segment_align_log2
            .iter()
            .copied()
            .max()
            .unwrap_or(0)
            .min(16);
        Ok(Self {
            range: range.unwrap_or(0..0),
            align: (1 << align_log2).max(HEAP_ALIGN),
        })
    }

    /// The size that the conformer's shadow stack was linked with: it lies below the statics, or else
    /// right above them.
    fn stack_bytes(&self, conformer: &Parsed<'_>, stack_pointer: u32) -> u64 {
        let (_, init) = &conformer.globals[stack_pointer as usize];
        let top = init.as_ref().and_then(i32_const).unwrap_or(0);
        let bottom = if top <= self.range.start {
            0
        } else {
            self.range.end
        };
        u64::from(top.saturating_sub(bottom)).next_multiple_of(HEAP_ALIGN)
    }
}

/// The address that `symbol` has after the move, `None` where it is not known to this linker.
pub(crate) fn address(
    conformer: &Parsed<'_>,
    layout: &Layout,
    symbol: &SymbolInfo<'_>,
) -> Option<u32> {
    let SymbolInfo::Data {
        name,
        symbol,
        flags,
        ..
    } = symbol
    else {
        return None;
    };
    match *name {
        HEAP_BASE => return Some(layout.heap_base),
        HEAP_END => return Some(layout.heap_end),
        sigil_abi::DATA_END => return Some(layout.statics.end),
        _ => {}
    }
    let symbol = symbol.as_ref()?;
    if flags.contains(wasmparser::SymbolFlags::ABSOLUTE) {
        return None;
    }
    let segment = conformer.data.get(symbol.index as usize)?;
    let DataKind::Active { offset_expr, .. } = &segment.kind else {
        return None;
    };
    let old = i32_const(offset_expr)?.wrapping_add(symbol.offset);
    Some(old.wrapping_add(layout.delta))
}
