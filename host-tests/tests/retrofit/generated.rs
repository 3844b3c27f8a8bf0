//! Generated programs: arenas in arenas, loops, early returns, promoted blocks, calls, in every combination; and
//! what they print before and after.
//!
//! A function's body is a list of statements over the pointers in reach. What an arena frees is out of reach behind
//! its end, as in the language; a function returns a block of 8 bytes, promoted, or as it is by an early return.

use std::fmt::Write as _;

use sigil_link::Force;

use crate::{conformers, folder, machine::Machine, replaced};

const N_PROGRAMS: u64 = 120;
const N_FUNCTIONS: u32 = 5;

struct Random(u64);

impl Random {
    fn below(&mut self, n: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 16) % u64::from(n)) as u32
    }
}

/// Writes one function.
struct Writer<'r> {
    random: &'r mut Random,
    /// Its index: it calls those before it.
    function: u32,
    code: String,
    /// The locals that hold a live block, each of 8 bytes or more.
    blocks: Vec<u32>,
    n_blocks: u32,
    n_scopes: u32,
    /// The scopes that are open, from the outermost on.
    open: Vec<u32>,
    n_loops: u32,
}

impl Writer<'_> {
    fn statements(&mut self, depth: u32) {
        for _ in 0..2 + self.random.below(4) {
            self.statement(depth);
        }
    }

    fn statement(&mut self, depth: u32) {
        match self.random.below(if depth == 0 { 5 } else { 9 }) {
            0 | 1 => {
                let most = if self.random.below(8) == 0 { 9000 } else { 60 };
                let size = 8 + self.random.below(most);
                let (block, tag) = (self.new_block(), self.random.below(1000));
                self.line(&format!(
                    "(local.set $b{block} (call $scratch_alloc (i32.const {size})))"
                ));
                self.line(&format!(
                    "(i32.store (local.get $b{block}) (i32.add (i32.const {tag}) (local.get $n)))"
                ));
                self.line(&format!(
                    "(i32.store offset=4 (local.get $b{block}) (i32.const {size}))"
                ));
            }
            2 => self.check(),
            3 if self.function > 0 => {
                let (callee, argument) = (self.random.below(self.function), self.random.below(8));
                let block = self.new_block();
                self.line(&format!(
                    "(local.set $b{block} (call $f{callee} (i32.const {argument})))"
                ));
            }
            3 | 4 => self.early_return(),
            5 | 6 => self.arena(depth),
            7 => {
                let (count, loops) = (1 + self.random.below(3), self.n_loops);
                self.n_loops += 1;
                self.line(&format!("(local.set $i{loops} (i32.const {count}))"));
                self.line(&format!("(loop $l{loops}"));
                let n_blocks = self.blocks.len();
                self.statements(depth - 1);
                self.blocks.truncate(n_blocks);
                self.line(&format!(
                    "(local.set $i{loops} (i32.sub (local.get $i{loops}) (i32.const 1)))"
                ));
                self.line(&format!("(br_if $l{loops} (local.get $i{loops})))"));
            }
            _ => {
                let bit = self.random.below(3);
                self.line(&format!(
                    "(if (i32.and (local.get $n) (i32.const {})) (then",
                    1 << bit
                ));
                let n_blocks = self.blocks.len();
                self.statements(depth - 1);
                self.blocks.truncate(n_blocks);
                self.line(") (else");
                self.statements(depth - 1);
                self.blocks.truncate(n_blocks);
                self.line("))");
            }
        }
    }

    /// An arena, left in one of the ways that there are.
    fn arena(&mut self, depth: u32) {
        let scope = self.n_scopes;
        self.n_scopes += 1;
        self.line(&format!("(local.set $s{scope} (global.get $bump))"));
        self.line(&format!("(block $a{scope}"));
        self.open.push(scope);
        let n_blocks = self.blocks.len();
        self.statements(depth - 1);
        if self.random.below(4) == 0 {
            // Out of the arena without its end: it ends with what is around it.
            self.line(&format!(
                "(br_if $a{scope} (i32.and (local.get $n) (i32.const 4)))"
            ));
        }
        let inner = self.blocks.split_off(n_blocks);
        self.open.pop();
        match inner.last() {
            Some(block) if self.random.below(2) == 0 => {
                self.line(&format!(
                    "(call $keep (call $arena_promote (local.get $s{scope}) (local.get $b{block}) (i32.const 8))))"
                ));
            }
            _ => self.line(&format!("(global.set $bump (local.get $s{scope})))")),
        }
    }

    fn early_return(&mut self) {
        if let Some(block) = self.blocks.last() {
            let (block, when) = (*block, self.random.below(12));
            self.line(&format!(
                "(if (i32.eq (local.get $n) (i32.const {when})) (then (return (local.get $b{block}))))"
            ));
        }
    }

    /// Prints what is in a block.
    fn check(&mut self) {
        if !self.blocks.is_empty() {
            let which = self.random.below(self.blocks.len() as u32);
            let block = self.blocks[which as usize];
            self.line(&format!("(call $keep (local.get $b{block}))"));
        }
    }

    fn new_block(&mut self) -> u32 {
        self.n_blocks += 1;
        self.blocks.push(self.n_blocks - 1);
        self.n_blocks - 1
    }

    fn line(&mut self, text: &str) {
        self.code.push_str(text);
        self.code.push('\n');
    }
}

fn function(random: &mut Random, index: u32) -> String {
    let mut writer = Writer {
        random,
        function: index,
        code: String::new(),
        blocks: Vec::new(),
        n_blocks: 0,
        n_scopes: 1,
        open: Vec::new(),
        n_loops: 0,
    };
    writer.line("(local.set $s0 (global.get $bump))");
    let first = writer.new_block();
    writer.line(&format!(
        "(local.set $b{first} (call $alloc_string (i32.add (local.get $n) (i32.const 8))))"
    ));
    writer.line(&format!(
        "(i32.store offset=4 (local.get $b{first}) (local.get $n))"
    ));
    writer.statements(3);
    let last = writer.blocks.last().copied().unwrap_or(first);
    let mut locals = String::new();
    for (name, n) in [
        ("b", writer.n_blocks),
        ("s", writer.n_scopes),
        ("i", writer.n_loops),
    ] {
        for i in 0..n {
            write!(locals, " (local ${name}{i} i32)").expect("strings take all");
        }
    }
    format!(
        "(func $f{index} (param $n i32) (result i32){locals}\n{}\
         (call $arena_promote (local.get $s0) (local.get $b{last}) (i32.const 8)))\n",
        writer.code
    )
}

/// A program of the language, by its number.
fn program(seed: u64) -> String {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let functions: String = (0..N_FUNCTIONS)
        .map(|index| function(&mut random, index))
        .collect();
    let prelude =
        std::fs::read_to_string(folder().join("prelude.wat")).expect("it is in the repository");
    format!(
        r#"(module
        (import "env" "print" (func $print (param i32)))
        (memory (export "memory") 1)
        {prelude}
        (func $keep (param $p i32)
          (call $print (i32.load (local.get $p)))
          (call $print (i32.load offset=4 (local.get $p))))
        {functions}
        (func (export "run") (local $i i32) (local $saved i32)
          (loop $again
            (local.set $saved (global.get $bump))
            (call $keep (call $f{last} (local.get $i)))
            (global.set $bump (local.get $saved))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const 12))))))"#,
        last = N_FUNCTIONS - 1
    )
}

#[test]
fn generated_programs_print_the_same() {
    let conformers = conformers();
    let mut n_lines = 0;
    for seed in 0..N_PROGRAMS {
        let text = program(seed);
        let wasm = wat::parse_str(&text).unwrap_or_else(|error| panic!("program {seed}: {error}"));
        let original = Machine::new(&wasm).call("run");
        assert_eq!(original.end, Ok(None), "program {seed}");
        n_lines += original.printed.len();
        let (conformer, conformer_wasm) = &conformers[seed as usize % conformers.len()];
        let linked = replaced(
            &wasm,
            "silicon",
            Force::default(),
            conformer_wasm,
            seed % 2 == 0,
        )
        .unwrap_or_else(|error| panic!("program {seed} with {conformer}: {error}\n{text}"));
        let new = Machine::new(&linked.wasm).call("run");
        assert!(
            new == original,
            "program {seed} with {conformer}: {new:?}\n{original:?}\n{text}"
        );
    }
    assert!(n_lines > 20_000, "only {n_lines} lines");
}
