//! The sections of a compiled program.

use std::collections::BTreeMap;

use wasm_encoder::{
    ConstExpr, DataSection, ElementSection, Elements, ExportKind, ExportSection, Function,
    GlobalType, MemorySection, MemoryType, NameMap, NameSection, RefType, TableSection, TableType,
    ValType,
};

use crate::core::{Core, FunctionId};
use crate::emit;
use crate::runtime::Runtime;
use crate::statics::{self, Statics};

const PAGE_BYTES: u64 = 1 << 16;

/// A program on its way into bytes. Indices are: the runtime's, then the program's.
pub(crate) struct Module {
    pub(crate) runtime: Runtime,
    pub(crate) statics: Statics,
    /// By number of parameters; all are `i32`, as is the result.
    function_types: BTreeMap<u32, u32>,
    first_function: u32,
    first_global: u32,
}

impl Module {
    /// The index of a function of the core.
    pub(crate) fn function(&self, id: FunctionId) -> u32 {
        self.first_function + id as u32
    }

    /// The index of a global of the core.
    pub(crate) fn global(&self, global: u32) -> u32 {
        self.first_global + global
    }

    /// The type of functions with so many parameters.
    pub(crate) fn function_type(&mut self, n_parameters: u32) -> u32 {
        let types = &mut self.runtime.types;
        *self.function_types.entry(n_parameters).or_insert_with(|| {
            let ty = types.len();
            let parameters = vec![ValType::I32; n_parameters as usize];
            types.ty().function(parameters, [ValType::I32]);
            ty
        })
    }
}

/// Returns the program as a core module that imports `sigil:allocator` and WASI.
pub(crate) fn module(core: &Core) -> Vec<u8> {
    let runtime = Runtime::new();
    let mut module = Module {
        first_function: runtime.names.len() as u32,
        first_global: runtime.globals.len(),
        runtime,
        statics: Statics::default(),
        function_types: BTreeMap::new(),
    };
    for function in &core.functions {
        let body = emit::function(&mut module, function);
        let ty = module.function_type(function.n_parameters);
        module.runtime.functions.function(ty);
        module.runtime.code.function(&body);
    }
    start(&mut module, core);
    for _ in 0..core.n_globals {
        // The integer 0, until the `let` has run.
        module
            .runtime
            .globals
            .global(word(true), &ConstExpr::i32_const(emit::boxed(0)));
    }
    let heap_base = module.statics.end();
    let base = ConstExpr::i32_const(heap_base.cast_signed());
    module.runtime.globals.global(word(false), &base);
    assemble(&module, core, heap_base)
}

/// `_start`: every `let` and `print`, in turn.
fn start(module: &mut Module, core: &Core) {
    let mut body = Function::new([]);
    let mut code = body.instructions();
    for step in &core.steps {
        code.i32_const(0).call(module.function(step.function));
        match step.global {
            Some(global) => code.global_set(module.global(global)),
            None => code.drop(),
        };
    }
    code.end();
    let ty = module.runtime.types.len();
    module.runtime.types.ty().function([], []);
    module.runtime.functions.function(ty);
    module.runtime.code.function(&body);
}

fn assemble(module: &Module, core: &Core, heap_base: u32) -> Vec<u8> {
    let n_functions = core.functions.len() as u32;
    let mut tables = TableSection::new();
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: u64::from(n_functions),
        maximum: Some(u64::from(n_functions)),
        shared: false,
    });
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: u64::from(heap_base).div_ceil(PAGE_BYTES),
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0);
    exports.export(
        "_start",
        ExportKind::Func,
        module.function(core.functions.len()),
    );
    // Where static data ends. Without it the heap would begin in the next page.
    exports.export(
        "__heap_base",
        ExportKind::Global,
        module.global(core.n_globals),
    );
    let indices: Vec<u32> = (0..core.functions.len())
        .map(|id| module.function(id))
        .collect();
    let mut elements = ElementSection::new();
    elements.active(
        None,
        &ConstExpr::i32_const(0),
        Elements::Functions(indices.into()),
    );
    let mut data = DataSection::new();
    let at = ConstExpr::i32_const(statics::START.cast_signed());
    data.active(0, &at, module.statics.bytes.iter().copied());

    let mut wasm = wasm_encoder::Module::new();
    wasm.section(&module.runtime.types)
        .section(&module.runtime.imports)
        .section(&module.runtime.functions)
        .section(&tables)
        .section(&memories)
        .section(&module.runtime.globals)
        .section(&exports)
        .section(&elements)
        .section(&module.runtime.code)
        .section(&data)
        .section(&names(module, core));
    wasm.finish()
}

/// What backtraces show.
fn names(module: &Module, core: &Core) -> NameSection {
    let own = core.functions.iter().map(|function| function.name.as_str());
    let all = module.runtime.names.iter().map(String::as_str).chain(own);
    let mut functions = NameMap::new();
    for (index, name) in (0..).zip(all.chain(["_start"])) {
        functions.append(index, name);
    }
    let mut names = NameSection::new();
    names.functions(&functions);
    names
}

fn word(is_mutable: bool) -> GlobalType {
    GlobalType {
        val_type: ValType::I32,
        mutable: is_mutable,
        shared: false,
    }
}
