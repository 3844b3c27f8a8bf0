//! Generated programs whose bodies call the allocator.
//!
//! wasm-smith makes modules of a fixed shape with random bodies. Left to itself it asks for random sizes,
//! most of them gigabytes, and closes scopes that nobody opened; so each call is guided afterwards: sizes
//! are masked, handles come from an `enter-scope`, and a block is written to as soon as it is there. A
//! few calls are left as they were.
//!
//! No loads or stores are generated: a random one could hit the conformer's statics, and what a program
//! may expect that destroys its allocator is another matter.

use arbitrary::Unstructured;
use wasm_encoder::{
    CodeSection, Encode, Instruction,
    reencode::{Error, Reencode, RoundtripReencoder},
};
use wasm_smith::{Config, InstructionKind, InstructionKinds, Module};
use wasmparser::{FunctionBody, Operator, Parser, Payload, TypeRef};

/// The imports and exports of every generated module.
const SHAPE: &str = r#"(module
  (import "env" "memory" (memory 2))
  (import "sigil:allocator/core@0.1.0" "alloc" (func (param i32) (result i32)))
  (import "sigil:allocator/core@0.1.0" "realloc" (func (param i32 i32 i32) (result i32)))
  (import "sigil:allocator/core@0.1.0" "mem-copy" (func (param i32 i32 i32)))
  (import "sigil:allocator/scope@0.1.0" "enter-scope" (func (result i32)))
  (import "sigil:allocator/scope@0.1.0" "exit-scope" (func (param i32)))
  (import "sigil:allocator/scope@0.1.0" "promote" (func (param i32 i32 i32) (result i32)))
  (import "host" "touch" (func (param i32) (result i32)))
  (global (export "g0") (mut i32) (i32.const 0))
  (global (export "g1") (mut i64) (i64.const 0))
  (func (export "f0") (result i32) unreachable)
  (func (export "f1") (param i32) (result i32) unreachable)
  (func (export "f2") (param i32 i32) (result i32 i32) unreachable)
  (func (export "f3") (param i64 i32) (result i64) unreachable)
  (func (export "f4") (param i32 f64) unreachable)
  (func (export "f5") (param i32) (result i32 i64 i32) unreachable))"#;

/// How many turns of loops and calls a generated module may take before it traps.
const FUEL: u32 = 1000;

/// One call in so many is not guided.
const UNGUIDED: u32 = 16;

/// The module of `seed`; `None` where the generator gives up on it.
pub(crate) fn module(seed: u64) -> Option<Vec<u8>> {
    let noise = noise(seed, 6000);
    let config = Config {
        module_shape: Some(wat::parse_str(SHAPE).expect("it is WAT")),
        allowed_instructions: InstructionKinds::new(&[
            InstructionKind::NumericInt,
            InstructionKind::Numeric,
            InstructionKind::Reference,
            InstructionKind::Parametric,
            InstructionKind::Variable,
            InstructionKind::Table,
            InstructionKind::Control,
        ]),
        max_funcs: 20,
        max_instructions: 150,
        max_memories: 1,
        // They would lie anywhere, also where the heap is.
        max_data_segments: 0,
        memory64_enabled: false,
        threads_enabled: false,
        gc_enabled: false,
        exceptions_enabled: false,
        simd_enabled: seed.is_multiple_of(3),
        relaxed_simd_enabled: false,
        // With references come tables of any element, `ref.func`, and segments of every form; but nearly
        // all of these modules use `externref`, and are linked only: the engine is built without.
        reference_types_enabled: seed.is_multiple_of(8),
        disallow_traps: !seed.is_multiple_of(4),
        tail_call_enabled: seed.is_multiple_of(5),
        ..Config::default()
    };
    let mut module = Module::new(config, &mut Unstructured::new(&noise)).ok()?;
    module.ensure_termination(FUEL).ok()?;
    Some(guided(&module.to_bytes()))
}

/// `n` bytes that `seed` alone decides (splitmix64).
fn noise(seed: u64, n: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed;
    let mut bytes = Vec::with_capacity(n + 8);
    while bytes.len() < n {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend_from_slice(&(z ^ (z >> 31)).to_le_bytes());
    }
    bytes
}

/// The module with its calls of the allocator guided.
fn guided(wasm: &[u8]) -> Vec<u8> {
    let mut functions = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::ImportSection(imports) = payload.expect("it is valid") {
            for import in imports.into_imports() {
                let import = import.expect("it is valid");
                if let TypeRef::Func(_) = import.ty {
                    functions.push(import.name.to_string());
                }
            }
        }
    }
    let mut guide = Guide {
        functions,
        n_calls: 0,
    };
    let mut module = wasm_encoder::Module::new();
    guide
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .expect("it is valid");
    module.finish()
}

struct Guide {
    /// The names of the imported functions.
    functions: Vec<String>,
    n_calls: u32,
}

impl Guide {
    fn index(&self, name: &str) -> u32 {
        let index = self.functions.iter().position(|known| known == name);
        index.expect("it is part of the shape") as u32
    }

    /// What stands in the place of the call of `callee`.
    fn call(&mut self, callee: u32, previous: Option<&Operator<'_>>) -> Vec<Instruction<'static>> {
        self.n_calls += 1;
        let call = Instruction::Call(callee);
        let mask = |bits| [Instruction::I32Const(bits), Instruction::I32And];
        let name = self.functions.get(callee as usize).map(String::as_str);
        match name {
            _ if self.n_calls.is_multiple_of(UNGUIDED) => vec![call],
            Some("alloc") => {
                let mut code = match previous {
                    // Left as it is, so that the linker sees a constant.
                    Some(Operator::I32Const { value }) if *value as u32 > 4096 => {
                        vec![Instruction::Drop, Instruction::I32Const(24)]
                    }
                    Some(Operator::I32Const { .. }) => vec![],
                    _ => mask(0x3fff).to_vec(),
                };
                code.extend([call, Instruction::Call(self.index("touch"))]);
                code
            }
            Some("realloc" | "promote") => [&mask(0xfff)[..], &[call]].concat(),
            // Copies nothing: a random target could be anybody's.
            Some("mem-copy") => [&mask(0)[..], &[call]].concat(),
            Some("exit-scope") => {
                let enter = Instruction::Call(self.index("enter-scope"));
                vec![Instruction::Drop, enter, call]
            }
            _ => vec![call],
        }
    }
}

impl Reencode for Guide {
    type Error = std::convert::Infallible;

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), Error> {
        let mut function = RoundtripReencoder.new_function_with_parsed_locals(&body)?;
        let mut operators = body.get_operators_reader()?;
        let mut previous = None;
        while !operators.eof() {
            let operator = operators.read()?;
            let mut bytes = Vec::new();
            match &operator {
                Operator::Call { function_index } => {
                    for instruction in self.call(*function_index, previous.as_ref()) {
                        instruction.encode(&mut bytes);
                    }
                }
                _ => RoundtripReencoder
                    .instruction(operator.clone())?
                    .encode(&mut bytes),
            }
            function.raw(bytes);
            previous = Some(operator);
        }
        code.function(&function);
        Ok(())
    }
}
