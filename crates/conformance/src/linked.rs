//! A conformer linked into the suite's program: the way that sees every byte.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
    fmt::Write as _,
};

use sigil_abi::CoreType;
use sigil_host::{Engine, Failure, Instance, Limits, Module, Value};
use sigil_link::{Input, Options, Record, link};

use crate::{
    Call, Conformer, Driver, Features, Layout, Stop, Subject, Way, driver::function_name,
    model::statics,
};

/// How much fuel a call may use: far more than any honest one does, and little enough that one which
/// never returns is stopped within a moment.
pub(crate) const FUEL: u64 = 4_000_000;

/// How much fuel `call` may use: what is copied costs by the byte.
pub(crate) fn fuel(call: Call) -> u64 {
    let copied = match call {
        Call::Realloc {
            old_size, new_size, ..
        } => old_size.min(new_size),
        Call::MemCopy { n, .. } => n,
        Call::Promote { size, .. } | Call::AllocZeroed { size } => size,
        Call::OfPages(call) => call.clears_at_most(),
        _ => 0,
    };
    FUEL + u64::from(copied)
}

/// A conformer, linked once for each memory that a case asks for.
pub struct Linked<'a> {
    conformer: &'a Conformer,
    engine: Engine,
    programs: RefCell<HashMap<Layout, Program>>,
}

#[derive(Clone)]
struct Program {
    module: Module,
    heap_base: u32,
}

impl<'a> Linked<'a> {
    /// Links the conformer into a small program.
    ///
    /// # Errors
    ///
    /// Why it does not link: it is not a conformer.
    pub fn new(conformer: &'a Conformer) -> Result<Self, String> {
        let engine = Engine::metered().map_err(|error| format!("{error:#}"))?;
        let linked = Self {
            conformer,
            engine,
            programs: RefCell::default(),
        };
        linked.program(Layout::SMALL)?;
        Ok(linked)
    }

    fn program(&self, layout: Layout) -> Result<Program, String> {
        if let Some(program) = self.programs.borrow().get(&layout) {
            return Ok(program.clone());
        }
        let program = program(layout, self.conformer.extensions());
        let program = Input {
            name: "the suite's program",
            bytes: &program,
        };
        let conformer = Input {
            name: self.conformer.name(),
            bytes: self.conformer.wasm(),
        };
        let linked =
            link(program, conformer, &Options::default()).map_err(|error| error.to_string())?;
        let module =
            Module::new(&self.engine, &linked.wasm).map_err(|error| format!("{error:#}"))?;
        // Where the linker left no record, the program's own heap base is what is known.
        let heap_base =
            Record::read(&linked.wasm).map_or(layout.heap_base, |record| record.heap_base);
        let program = Program { module, heap_base };
        self.programs.borrow_mut().insert(layout, program.clone());
        Ok(program)
    }
}

/// The suite's program, with a memory as `layout` says, and the calls of `sigil:allocator-ext` that there
/// are.
///
/// # Panics
///
/// Where the program's own text is wrong, or a layout is impossible.
pub fn program(layout: Layout, extensions: &BTreeSet<String>) -> Vec<u8> {
    let max = layout
        .max_pages
        .map(|pages| pages.to_string())
        .unwrap_or_default();
    let memory = format!("{} {max}", layout.initial_pages);
    let mut data = String::new();
    if layout.has_statics() {
        write!(data, "(data (i32.const {}) \"", Layout::STATICS).expect("strings take text");
        for byte in statics() {
            write!(data, "\\{byte:02x}").expect("strings take text");
        }
        data.push_str("\")");
    }
    let (imports, functions) = calls(extensions);
    let text = include_str!("program.wat")
        .lines()
        .filter(|line| !line.starts_with(";;"))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("{memory}", &memory)
        .replace("{heap_base}", &layout.heap_base.cast_signed().to_string())
        .replace("{statics}", &data)
        .replace("{imports}", &imports)
        .replace("{functions}", &functions);
    wat::parse_str(text).expect("the suite's program is well-formed")
}

/// The imports of these functions of `sigil:allocator-ext`, and the functions that pass calls on to them.
fn calls(extensions: &BTreeSet<String>) -> (String, String) {
    let (mut imports, mut functions) = (String::new(), String::new());
    for interface in sigil_abi::INTERFACES {
        if interface.package != sigil_abi::PACKAGE_EXT {
            continue;
        }
        for function in interface.functions {
            let export = function_name(interface.name, function.name);
            if !extensions.contains(&export) {
                continue;
            }
            let name = function.name;
            let types = |types: &[CoreType]| -> String {
                types.iter().map(|ty| format!("{ty} ")).collect()
            };
            let (params, results) = (types(function.params), types(function.results));
            let ty = format!("(param {params}) (result {results})");
            let args: String = (0..function.params.len())
                .map(|at| format!(" (local.get {at})"))
                .collect();
            let module = format!(
                "{}/{}@{}",
                interface.package, interface.name, interface.version
            );
            writeln!(
                imports,
                "(import \"{module}\" \"{name}\" (func ${export} {ty}))"
            )
            .expect("strings take text");
            writeln!(
                functions,
                "(func (export \"{export}\") {ty} (call ${export}{args}))"
            )
            .expect("strings take text");
        }
    }
    (imports, functions)
}

impl Subject for Linked<'_> {
    fn way(&self) -> Way {
        Way::Linked
    }

    fn features(&self) -> &Features {
        self.conformer.features()
    }

    fn exports(&self, function: &str) -> bool {
        self.conformer.extensions().contains(function)
    }

    fn open(&self, layout: Layout) -> Result<Box<dyn Driver + '_>, String> {
        let Program { module, heap_base } = self.program(layout)?;
        let limits = Limits {
            max_heap_pages: None,
            fuel: Some(FUEL),
        };
        let instance =
            Instance::new(&module, &limits, None).map_err(|failure| failure.to_string())?;
        Ok(Box::new(Running {
            instance,
            heap_base,
            fuel_used: None,
        }))
    }
}

struct Running {
    instance: Instance,
    heap_base: u32,
    fuel_used: Option<u64>,
}

/// What a failed call means to the suite.
pub(crate) fn stop(failure: Failure) -> Stop {
    match failure {
        Failure::Exhausted(_) => Stop::Exhausted,
        Failure::Trap { message, .. } => Stop::Trap(message),
        Failure::OutOfFuel => Stop::Hang,
        other => Stop::Broken(other.to_string()),
    }
}

impl Driver for Running {
    fn call(&mut self, call: Call) -> Result<u64, Stop> {
        let fuel = fuel(call);
        self.instance.set_fuel(fuel).map_err(stop)?;
        let args: Vec<_> = call.parts().2.into_iter().map(u32::cast_signed).collect();
        let args: Vec<_> = args.into_iter().map(Value::I32).collect();
        let outcome = self.instance.call(&call.name(), &args);
        self.fuel_used = self.instance.fuel().map(|left| fuel - left);
        match outcome.map_err(stop)?[..] {
            [Value::I64(wide)] => Ok(wide.cast_unsigned()),
            [Value::I32(number)] => Ok(number.cast_unsigned().into()),
            _ => Ok(0),
        }
    }

    fn pages(&mut self) -> u32 {
        self.instance.memory_pages() as u32
    }

    fn limit_pages(&mut self, pages: Option<u32>) {
        self.instance.set_max_heap_pages(pages);
    }

    fn grow_foreign(&mut self, delta_pages: u32) -> Option<u32> {
        self.instance
            .grow_memory(delta_pages.into())
            .map(|pages| pages as u32)
    }

    fn memory(&mut self) -> Option<&mut [u8]> {
        Some(self.instance.memory())
    }

    fn heap_base(&self) -> u32 {
        self.heap_base
    }

    fn fuel_used(&self) -> Option<u64> {
        self.fuel_used
    }
}
