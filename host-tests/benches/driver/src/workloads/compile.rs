//! Workload compile: what a compiler does with memory. Each function is parsed into a tree beside a growing table
//! of symbols, and turned into a growing buffer of code; of all that only the code outlives the function, and of a
//! module nothing.

use crate::{
    peer,
    random::Random,
    table::{Slot, check, load, slots, store},
};

const FUNCTIONS_PER_MODULE: usize = 100;
const MOST_NODES: usize = 256;

/// `n_modules`; the tree, the tables and the code are freed one by one.
#[cfg(feature = "frees")]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn compile(n_modules: u32) -> u32 {
    let (kept, nodes) = tables();
    let mut digest = 0u32;
    let mut random = Random::new(5);
    for _ in 0..n_modules {
        for slot in &mut *kept {
            let function = Function::compile(&mut random, nodes);
            slot.block = peer::alloc(function.code.size);
            slot.size = function.code.size;
            // SAFETY: two blocks of that size.
            unsafe {
                slot.block
                    .copy_from_nonoverlapping(function.code.block, slot.size);
            };
            for node in &mut nodes[..function.n_nodes] {
                let node = node.take();
                peer::free(node.block, node.size);
            }
            peer::free(function.symbols.block, function.symbols.size);
            peer::free(function.code.block, function.code.size);
        }
        for slot in &mut *kept {
            let code = slot.take();
            digest = digest.wrapping_mul(31).wrapping_add(load(code.block));
            peer::free(code.block, code.size);
        }
    }
    digest
}

/// `n_modules`, in a scope each; each function has a scope inside it, which ends when its code is promoted.
#[cfg(all(feature = "sigil", feature = "scopes"))]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn compile_scopes(n_modules: u32) -> u32 {
    let (kept, nodes) = tables();
    let mut digest = 0u32;
    let mut random = Random::new(5);
    for _ in 0..n_modules {
        let module = peer::enter_scope();
        for slot in &mut *kept {
            let scope = peer::enter_scope();
            let function = Function::compile(&mut random, nodes);
            slot.block = peer::promote(scope, function.code.block, function.code.size);
        }
        for slot in &mut *kept {
            digest = digest.wrapping_mul(31).wrapping_add(load(slot.block));
        }
        peer::exit_scope(module);
    }
    digest
}

/// The code of a module's functions, and the nodes of one function.
fn tables() -> (&'static mut [Slot], &'static mut [Slot]) {
    slots(FUNCTIONS_PER_MODULE + MOST_NODES).split_at_mut(FUNCTIONS_PER_MODULE)
}

#[cfg_attr(
    not(feature = "frees"),
    allow(dead_code, reason = "only who frees needs them again")
)]
struct Function {
    n_nodes: usize,
    symbols: Slot,
    code: Slot,
}

impl Function {
    #[inline(always)]
    fn compile(random: &mut Random, nodes: &mut [Slot]) -> Self {
        let n_nodes = 32 + random.next() as usize % (MOST_NODES - 32);
        let mut symbols = Slot {
            block: peer::alloc(64),
            size: 64,
        };
        for (i, node) in nodes[..n_nodes].iter_mut().enumerate() {
            // Calls have more operands than names have.
            node.size = 16 + 8 * (random.next() >> 61) as usize;
            node.block = peer::alloc(node.size);
            store(node.block, i as u32);
            if i % 4 == 3 {
                append(&mut symbols, 4 * i, i as u32);
            }
        }
        let mut code = Slot {
            block: peer::alloc(64),
            size: 64,
        };
        for (i, node) in nodes[..n_nodes].iter().enumerate() {
            let word = load(node.block);
            check(word == i as u32);
            append(&mut code, 8 * i, word ^ n_nodes as u32);
        }
        Self {
            n_nodes,
            symbols,
            code,
        }
    }
}

/// Stores a word at `offset` in a buffer that doubles where it is full.
#[inline(always)]
fn append(buffer: &mut Slot, offset: usize, word: u32) {
    if offset + 8 > buffer.size {
        buffer.block = peer::realloc(buffer.block, buffer.size, 2 * buffer.size);
        buffer.size *= 2;
    }
    store(buffer.block.wrapping_add(offset), word);
}
