//! The functions that a program gains: sums that do not wrap, and C's heap over `sigil:allocator-ext/sized`.
//!
//! A block of C's is aligned to 16, and free is not told its size. So each has 8 bytes in front:
//!
//! ```text
//! start …          │ start │ whole size │ block …
//! a multiple of 8                       └ a multiple of 16 and of the alignment asked for
//! ```
//!
//! As a C library's do, these return 0 where memory is exhausted, or where no memory could hold so much; `errno`
//! is not set.

use wasm_encoder::{BlockType, Function, InstructionSink, MemArg, ValType};

use super::{
    plan::{Added, Body, Target},
    profile::{CFunction, Call},
};

/// The least alignment of C's blocks: that of its `max_align_t`.
const C_ALIGN: i32 = 16;

/// C's error numbers, as WASI has them.
const EINVAL: i32 = 28;
const ENOMEM: i32 = 48;

/// What bodies call, by index.
pub(crate) type Index<'i> = dyn Fn(Target) -> u32 + 'i;

fn call(name: &str) -> Target {
    Target::Call(Call::named(name).expect("a function of the contract or its extensions"))
}

const BLOCK: Target = Target::Added(Added::Block);

impl Added {
    /// What it is called in the name section.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Add => "sigil:retrofit#add",
            Self::Multiply => "sigil:retrofit#multiply",
            Self::ShiftLeft => "sigil:retrofit#shift-left",
            Self::Block => "sigil:retrofit#block",
        }
    }

    pub(crate) fn calls(self) -> Vec<Target> {
        match self {
            Self::Block => vec![call("sized/try-alloc")],
            _ => Vec::new(),
        }
    }

    /// Its body: it takes two numbers and returns one.
    pub(crate) fn body(self, index: &Index<'_>) -> Function {
        let mut function = Function::new(match self {
            Self::Add => vec![(1, ValType::I32)],
            Self::Multiply | Self::ShiftLeft => vec![(1, ValType::I64)],
            Self::Block => vec![(2, ValType::I32)],
        });
        let mut code = function.instructions();
        match self {
            Self::Add => {
                code.i32_const(-1).local_get(0).local_get(1).i32_add();
                code.local_tee(2)
                    .local_get(2)
                    .local_get(0)
                    .i32_lt_u()
                    .select();
            }
            Self::Multiply => {
                code.local_get(0)
                    .i64_extend_i32_u()
                    .local_get(1)
                    .i64_extend_i32_u();
                at_most_32_bits(code.i64_mul());
            }
            Self::ShiftLeft => {
                code.local_get(0)
                    .i64_extend_i32_u()
                    .local_get(1)
                    .i32_const(31)
                    .i32_and();
                at_most_32_bits(code.i64_extend_i32_u().i64_shl());
            }
            Self::Block => block(&mut code, index),
        }
        code.end();
        function
    }
}

/// The number on the stack, or 2^32 - 1 where it is above that; by way of local 2.
fn at_most_32_bits(code: &mut InstructionSink<'_>) {
    code.local_set(2).i32_const(-1).local_get(2).i32_wrap_i64();
    code.local_get(2).i64_const(0xffff_ffff).i64_gt_u().select();
}

/// `(align, size)`, `align` being a power of two and at least 16.
fn block(code: &mut InstructionSink<'_>, index: &Index<'_>) {
    let (align, size, start, header) = (0, 1, 2, 3);
    // The header takes 8 bytes, and start may be 8 bytes off: together no more than one alignment.
    let whole = |code: &mut InstructionSink<'_>| {
        code.local_get(size).local_get(align).i32_add();
    };
    whole(code);
    code.local_get(size).i32_lt_u();
    return_if(code, 0);
    whole(code);
    code.call(index(call("sized/try-alloc")))
        .local_tee(start)
        .i32_eqz();
    return_if(code, 0);
    code.local_get(start).local_get(align).i32_add();
    code.i32_const(7).i32_add();
    code.i32_const(0).local_get(align).i32_sub().i32_and();
    code.i32_const(HEADER).i32_sub().local_tee(header);
    code.local_get(start).i32_store(START);
    code.local_get(header);
    whole(code);
    code.i32_store(SIZE);
    code.local_get(header).i32_const(HEADER).i32_add();
}

/// Returns `result` if there is something else than 0 on the stack.
fn return_if(code: &mut InstructionSink<'_>, result: i32) {
    code.if_(BlockType::Empty).i32_const(result).return_().end();
}

/// The size of a header, and its words.
const HEADER: i32 = 8;
const START: MemArg = word(0);
const SIZE: MemArg = word(4);

const fn word(offset: u64) -> MemArg {
    MemArg {
        offset,
        align: 2,
        memory_index: 0,
    }
}

impl Body {
    pub(crate) fn calls(self) -> Vec<Target> {
        match self {
            Self::Inert { .. } | Self::C(CFunction::UsableSize) => Vec::new(),
            Self::C(CFunction::Free) => vec![call("sized/free")],
            Self::Reallocate => vec![call("core/alloc"), call("core/mem-copy")],
            Self::C(CFunction::Realloc) => {
                vec![BLOCK, call("sized/free"), call("sized/resize-in-place")]
            }
            Self::C(_) => vec![BLOCK],
        }
    }

    /// The body, for a function of the type that the old one has.
    pub(crate) fn function(self, index: &Index<'_>) -> Function {
        let n_locals = match self {
            Self::Reallocate | Self::C(CFunction::Calloc | CFunction::PosixMemalign) => 1,
            Self::C(CFunction::Realloc) => 3,
            _ => 0,
        };
        let mut function = Function::new((n_locals > 0).then_some((n_locals, ValType::I32)));
        let mut code = function.instructions();
        match self {
            Self::Inert { returns: true } => _ = code.i32_const(0),
            Self::Inert { returns: false } => {}
            Self::Reallocate => reallocate(&mut code, index),
            Self::C(CFunction::Malloc) => {
                code.i32_const(C_ALIGN).local_get(0).call(index(BLOCK));
            }
            Self::C(CFunction::Free) => free(&mut code, index),
            Self::C(CFunction::Calloc) => calloc(&mut code, index),
            Self::C(CFunction::Realloc) => realloc(&mut code, index),
            Self::C(CFunction::AlignedAlloc) => {
                let align = 0;
                is_no_power_of_two(&mut code, align);
                return_if(&mut code, 0);
                aligned(&mut code, align, 1, index);
            }
            Self::C(CFunction::PosixMemalign) => posix_memalign(&mut code, index),
            Self::C(CFunction::UsableSize) => {
                code.local_get(0).i32_eqz();
                return_if(&mut code, 0);
                usable(&mut code, 0);
            }
        }
        code.end();
        function
    }
}

/// `(old, old size, new size)`
fn reallocate(code: &mut InstructionSink<'_>, index: &Index<'_>) {
    let (old, old_size, new_size, new) = (0, 1, 2, 3);
    code.local_get(new_size)
        .call(index(call("core/alloc")))
        .local_tee(new);
    code.local_get(old);
    // Nothing is copied where there is no old block.
    code.i32_const(0).local_get(old_size).local_get(new_size);
    code.local_get(old_size)
        .local_get(new_size)
        .i32_lt_u()
        .select();
    code.local_get(old).i32_eqz().select();
    code.call(index(call("core/mem-copy"))).local_get(new);
}

/// The header of the block `block`.
fn header(code: &mut InstructionSink<'_>, block: u32) {
    code.local_get(block).i32_const(HEADER).i32_sub();
}

/// How many bytes the block `block` has.
fn usable(code: &mut InstructionSink<'_>, block: u32) {
    header(code, block);
    code.i32_load(START);
    header(code, block);
    code.i32_load(SIZE).i32_add().local_get(block).i32_sub();
}

/// `free(block)`, where `block` is not 0.
fn give_back(code: &mut InstructionSink<'_>, block: u32, index: &Index<'_>) {
    header(code, block);
    code.i32_load(START);
    header(code, block);
    code.i32_load(SIZE).call(index(call("sized/free")));
}

fn free(code: &mut InstructionSink<'_>, index: &Index<'_>) {
    code.local_get(0).if_(BlockType::Empty);
    give_back(code, 0, index);
    code.end();
}

/// `(n, size)`
fn calloc(code: &mut InstructionSink<'_>, index: &Index<'_>) {
    let (n, size, block) = (0, 1, 2);
    code.local_get(n)
        .i64_extend_i32_u()
        .local_get(size)
        .i64_extend_i32_u();
    code.i64_mul().i64_const(0xffff_ffff).i64_gt_u();
    return_if(code, 0);
    code.i32_const(C_ALIGN)
        .local_get(n)
        .local_get(size)
        .i32_mul();
    code.call(index(BLOCK)).local_tee(block).i32_eqz();
    return_if(code, 0);
    code.local_get(block).i32_const(0);
    code.local_get(n).local_get(size).i32_mul().memory_fill(0);
    code.local_get(block);
}

/// `(block, size)`: where it stands if it can be; a block that cannot be moved stays as it is.
fn realloc(code: &mut InstructionSink<'_>, index: &Index<'_>) {
    let (block, size, whole, new, kept) = (0, 1, 2, 3, 4);
    code.local_get(block).i32_eqz().if_(BlockType::Empty);
    code.i32_const(C_ALIGN)
        .local_get(size)
        .call(index(BLOCK))
        .return_()
        .end();
    code.local_get(block);
    header(code, block);
    code.i32_load(START).i32_sub().local_get(size).i32_add();
    code.local_tee(whole).local_get(size).i32_lt_u();
    return_if(code, 0);
    header(code, block);
    code.i32_load(START);
    header(code, block);
    code.i32_load(SIZE).local_get(whole);
    code.call(index(call("sized/resize-in-place")))
        .if_(BlockType::Empty);
    header(code, block);
    code.local_get(whole).i32_store(SIZE);
    code.local_get(block).return_().end();

    code.i32_const(C_ALIGN).local_get(size).call(index(BLOCK));
    code.local_tee(new).i32_eqz();
    return_if(code, 0);
    usable(code, block);
    code.local_set(kept).local_get(new).local_get(block);
    code.local_get(kept).local_get(size);
    code.local_get(kept).local_get(size).i32_lt_u().select();
    code.memory_copy(0, 0);
    give_back(code, block, index);
    code.local_get(new);
}

/// Whether `align` is 0 or has more than one bit.
fn is_no_power_of_two(code: &mut InstructionSink<'_>, align: u32) {
    code.local_get(align).i32_popcnt().i32_const(1).i32_ne();
}

/// A block of `size` bytes, aligned to `align` or more; or 0.
fn aligned(code: &mut InstructionSink<'_>, align: u32, size: u32, index: &Index<'_>) {
    code.local_get(align).i32_const(C_ALIGN).local_get(align);
    code.i32_const(C_ALIGN).i32_gt_u().select();
    code.local_get(size).call(index(BLOCK));
}

/// `(into, align, size)`
fn posix_memalign(code: &mut InstructionSink<'_>, index: &Index<'_>) {
    let (into, align, size, block) = (0, 1, 2, 3);
    // A power of two, and a multiple of a pointer's size.
    is_no_power_of_two(code, align);
    code.local_get(align).i32_const(4).i32_lt_u().i32_or();
    return_if(code, EINVAL);
    aligned(code, align, size, index);
    code.local_tee(block).i32_eqz();
    return_if(code, ENOMEM);
    code.local_get(into).local_get(block).i32_store(START);
    code.i32_const(0);
}
