//! What any engine would refuse is refused here: of the program what is not a function body, of the
//! conformer all, of the result all.
//!
//! Decoding bodies is what validating costs, so the program's are validated once, in the result, by all
//! cores. They could be wrong and come out right there: by an index that only exists because linking added
//! a type, a global, a data segment or a local. So bodies that are no more than renumbered are validated with as much of
//! the result in view as the program had; where code was inlined, the old body is validated as well.

use std::{
    mem,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use wasmparser::{
    BinaryReaderError, FuncToValidate, FuncType, FuncValidatorAllocations, FunctionBody,
    GlobalType, HeapType, MemoryType, Parser, RefType, SubType, TableType, UnpackedIndex, ValType,
    ValidPayload, Validator, ValidatorResources, WasmFeatures, WasmModuleResources,
    types::{CoreTypeId, Types},
};

use crate::{Error, Input, merge::Merger, parse::Parsed};

/// Below this many bytes of code a second thread costs more than it saves.
const WORTH_A_THREAD: usize = 1 << 16;

/// How many bodies a thread takes at a time.
const BATCH: usize = 32;

/// The types of `wasm`, a module or a component.
///
/// Errors: what any engine says of it.
pub(crate) fn types(wasm: &[u8]) -> wasmparser::Result<Types> {
    Validator::new_with_features(WasmFeatures::all()).validate_all(wasm)
}

/// Refuses what no engine would take: whoever uses the facts may then rely on every index and order.
pub(crate) fn input(input: Input<'_>) -> Result<Types, Error> {
    types(input.bytes).map_err(|error| invalid(input, &error))
}

/// What a validator says, as an error about `input`.
fn invalid(input: Input<'_>, error: &BinaryReaderError) -> Error {
    Error::Invalid {
        input: input.name.into(),
        message: error.message().into(),
        offset: error.offset() as u64,
    }
}

/// A module that is valid but for its function bodies.
pub(crate) struct Outline<'a> {
    bodies: Vec<Body<'a>>,
    /// What bodies may refer to; `None` where there are no bodies.
    resources: Option<ValidatorResources>,
}

/// A body that is still to be validated.
struct Body<'a> {
    /// Its function's index, and that function's type.
    index: u32,
    ty: u32,
    code: FunctionBody<'a>,
}

impl<'a> Outline<'a> {
    fn of(wasm: &'a [u8]) -> wasmparser::Result<Self> {
        let mut outline = Self {
            bodies: Vec::new(),
            resources: None,
        };
        let mut validator = Validator::new_with_features(WasmFeatures::all());
        for payload in Parser::new(0).parse_all(wasm) {
            if let ValidPayload::Func(function, code) = validator.payload(&payload?)? {
                let FuncToValidate { index, ty, .. } = function;
                outline.bodies.push(Body { index, ty, code });
                outline.resources.get_or_insert(function.resources);
            }
        }
        Ok(outline)
    }
}

/// Refuses a module that is invalid outside of its function bodies: whoever uses its facts may then rely on
/// every index and order.
pub(crate) fn outline<'a>(module: &Parsed<'a>) -> Result<Outline<'a>, Error> {
    Outline::of(module.input.bytes).map_err(|error| invalid(module.input, &error))
}

impl Merger<'_, '_> {
    /// Refuses an invalid result, and says whose fault it is. `was_inlined_into` tells the functions, by their new index, that
    /// are more than renumbered.
    pub(crate) fn validate(
        &self,
        wasm: &[u8],
        was_inlined_into: impl Fn(u32) -> bool,
    ) -> Result<(), Error> {
        let Err(source) = self.validated(wasm, was_inlined_into) else {
            return Ok(());
        };
        input(self.program.input)?;
        input(self.conformer.input)?;
        Err(Error::Defect {
            program: self.program.input.name.into(),
            source,
        })
    }

    fn validated(
        &self,
        wasm: &[u8],
        was_inlined_into: impl Fn(u32) -> bool,
    ) -> wasmparser::Result<()> {
        let (old, new) = (self.outline, Outline::of(wasm)?);
        let program = Limits {
            n_types: self.program.types.len() as u32,
            n_globals: self.program.globals.len() as u32,
            n_data: self.program.data_count,
        };
        let mut jobs = Vec::with_capacity(new.bodies.len());
        for (i, body) in new.bodies.iter().enumerate() {
            let before = old.bodies.get(i);
            let is_changed = before.is_some() && was_inlined_into(body.index);
            let limits = (before.is_some() && !is_changed).then_some(program);
            jobs.extend(Job::new(body, new.resources.as_ref(), limits));
            if let (Some(before), true) = (before, is_changed) {
                jobs.extend(Job::new(before, old.resources.as_ref(), None));
            }
        }
        bodies(&jobs)
    }
}

/// A body, and what it may refer to.
struct Job<'o, 'a> {
    body: &'o Body<'a>,
    view: View<'o>,
}

impl<'o, 'a> Job<'o, 'a> {
    fn new(
        body: &'o Body<'a>,
        resources: Option<&'o ValidatorResources>,
        limits: Option<Limits>,
    ) -> Option<Self> {
        let resources = resources?;
        let view = View { resources, limits };
        Some(Self { body, view })
    }

    fn run(&self, allocations: &mut FuncValidatorAllocations) -> wasmparser::Result<()> {
        let function = FuncToValidate {
            resources: self.view,
            index: self.body.index,
            ty: self.body.ty,
            features: WasmFeatures::all(),
        };
        let mut validator = function.into_validator(mem::take(allocations));
        validator.validate(&self.body.code)?;
        *allocations = validator.into_allocations();
        Ok(())
    }
}

/// Validates bodies on all cores. The error is that of the first one in the file, however the threads run.
fn bodies(jobs: &[Job<'_, '_>]) -> wasmparser::Result<()> {
    let n_bytes: usize = jobs.iter().map(|job| job.body.code.range().len()).sum();
    let n_cores = thread::available_parallelism().map_or(1, usize::from);
    let n_threads = n_cores.min(1 + n_bytes / WORTH_A_THREAD);
    // Batches are taken in order: all before a wrong body are done by the time that every thread stops.
    let next = AtomicUsize::new(0);
    let work = || -> wasmparser::Result<()> {
        let mut allocations = FuncValidatorAllocations::default();
        loop {
            let start = next.fetch_add(BATCH, Ordering::Relaxed);
            let Some(rest) = jobs.get(start..) else {
                return Ok(());
            };
            for job in rest.iter().take(BATCH) {
                job.run(&mut allocations)?;
            }
        }
    };
    thread::scope(|scope| {
        // Where no thread can be had, this one does it all.
        let others: Vec<_> = (1..n_threads)
            .filter_map(|_| thread::Builder::new().spawn_scoped(scope, work).ok())
            .collect();
        let mut error = work().err();
        for other in others {
            let theirs = other.join().expect("validating does not panic").err();
            error = match (error, theirs) {
                (Some(a), Some(b)) if b.offset() < a.offset() => Some(b),
                (a, b) => a.or(b),
            };
        }
        error.map_or(Ok(()), Err)
    })
}

/// How much of a module's index spaces may be referred to.
#[derive(Clone, Copy, Debug)]
struct Limits {
    n_types: u32,
    n_globals: u32,
    n_data: Option<u32>,
}

/// What a body may refer to: a module, or the part of it that was the program's.
#[derive(Clone, Copy)]
struct View<'o> {
    resources: &'o ValidatorResources,
    limits: Option<Limits>,
}

impl WasmModuleResources for View<'_> {
    fn table_at(&self, at: u32) -> Option<TableType> {
        self.resources.table_at(at)
    }

    fn memory_at(&self, at: u32) -> Option<MemoryType> {
        self.resources.memory_at(at)
    }

    fn tag_at(&self, at: u32) -> Option<&FuncType> {
        self.resources.tag_at(at)
    }

    fn global_at(&self, at: u32) -> Option<GlobalType> {
        let is_known = self.limits.is_none_or(|limits| at < limits.n_globals);
        self.resources.global_at(at).filter(|_| is_known)
    }

    fn sub_type_at(&self, at: u32) -> Option<&SubType> {
        let is_known = self.limits.is_none_or(|limits| at < limits.n_types);
        self.resources.sub_type_at(at).filter(|_| is_known)
    }

    fn sub_type_at_id(&self, at: CoreTypeId) -> &SubType {
        self.resources.sub_type_at_id(at)
    }

    fn type_id_of_function(&self, at: u32) -> Option<CoreTypeId> {
        self.resources.type_id_of_function(at)
    }

    fn type_index_of_function(&self, at: u32) -> Option<u32> {
        self.resources.type_index_of_function(at)
    }

    fn check_heap_type(&self, ty: &mut HeapType, offset: usize) -> wasmparser::Result<()> {
        if let (HeapType::Concrete(UnpackedIndex::Module(at)), Some(limits)) = (&*ty, self.limits)
            && *at >= limits.n_types
        {
            // An index that no module has, for an error that says so.
            *ty = HeapType::Concrete(UnpackedIndex::Module(u32::MAX));
        }
        self.resources.check_heap_type(ty, offset)
    }

    fn top_type(&self, ty: &HeapType) -> HeapType {
        self.resources.top_type(ty)
    }

    fn element_type_at(&self, at: u32) -> Option<RefType> {
        self.resources.element_type_at(at)
    }

    fn is_subtype(&self, a: ValType, b: ValType) -> bool {
        self.resources.is_subtype(a, b)
    }

    fn is_shared(&self, ty: RefType) -> bool {
        self.resources.is_shared(ty)
    }

    fn element_count(&self) -> u32 {
        self.resources.element_count()
    }

    fn data_count(&self) -> Option<u32> {
        match self.limits {
            Some(limits) => limits.n_data,
            None => self.resources.data_count(),
        }
    }

    fn is_function_referenced(&self, at: u32) -> bool {
        self.resources.is_function_referenced(at)
    }

    fn has_function_exact_type(&self, at: u32) -> bool {
        self.resources.has_function_exact_type(at)
    }
}
