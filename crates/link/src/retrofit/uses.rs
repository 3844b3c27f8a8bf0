//! What of a module uses what else of it: who is reachable, before the allocator is replaced and after.

use std::collections::BTreeSet;

use wasmparser::{
    ConstExpr, ElementItems, ElementKind, ExternalKind, FunctionBody, Operator, TableInit,
};

use crate::parse::{Parsed, is_function_kind};

/// Functions and globals.
#[derive(Clone, Debug, Default)]
pub(crate) struct Uses {
    pub(crate) functions: BTreeSet<u32>,
    pub(crate) globals: BTreeSet<u32>,
    /// Whether a global is used in a way that names it by an index which cannot be rewritten here.
    pub(crate) has_atomic_globals: bool,
}

impl Uses {
    /// Adds what `operator` names.
    pub(crate) fn add(&mut self, operator: &Operator<'_>) {
        match *operator {
            Operator::Call { function_index }
            | Operator::ReturnCall { function_index }
            | Operator::RefFunc { function_index } => {
                self.functions.insert(function_index);
            }
            Operator::GlobalGet { global_index } | Operator::GlobalSet { global_index } => {
                self.globals.insert(global_index);
            }
            Operator::GlobalAtomicGet { .. }
            | Operator::GlobalAtomicSet { .. }
            | Operator::GlobalAtomicRmwAdd { .. }
            | Operator::GlobalAtomicRmwSub { .. }
            | Operator::GlobalAtomicRmwAnd { .. }
            | Operator::GlobalAtomicRmwOr { .. }
            | Operator::GlobalAtomicRmwXor { .. }
            | Operator::GlobalAtomicRmwXchg { .. }
            | Operator::GlobalAtomicRmwCmpxchg { .. } => self.has_atomic_globals = true,
            _ => {}
        }
    }

    fn constant(&mut self, expression: &ConstExpr<'_>) -> wasmparser::Result<()> {
        for operator in expression.get_operators_reader() {
            self.add(&operator?);
        }
        Ok(())
    }

    /// What each function body uses, in the order of the code section.
    pub(crate) fn of_bodies(program: &Parsed<'_>) -> wasmparser::Result<Vec<Self>> {
        let of_body = |body: &FunctionBody<'_>| {
            let mut uses = Self::default();
            for operator in body.get_operators_reader()? {
                uses.add(&operator?);
            }
            Ok(uses)
        };
        program.bodies.iter().map(of_body).collect()
    }

    /// What is in use whatever the functions do: by exports, the start function, tables, initial values.
    pub(crate) fn roots(program: &Parsed<'_>) -> wasmparser::Result<Self> {
        let mut roots = Self::default();
        for export in &program.exports {
            if is_function_kind(export.kind) {
                roots.functions.insert(export.index);
            } else if export.kind == ExternalKind::Global {
                roots.globals.insert(export.index);
            }
        }
        roots.functions.extend(program.start);
        for (_, init) in &program.globals {
            if let Some(init) = init {
                roots.constant(init)?;
            }
        }
        for table in program.sections.tables.clone().into_iter().flatten() {
            if let TableInit::Expr(init) = table?.init {
                roots.constant(&init)?;
            }
        }
        for segment in program.sections.elements.clone().into_iter().flatten() {
            let segment = segment?;
            if let ElementKind::Active { offset_expr, .. } = segment.kind {
                roots.constant(&offset_expr)?;
            }
            match segment.items {
                ElementItems::Functions(functions) => {
                    for function in functions {
                        roots.functions.insert(function?);
                    }
                }
                ElementItems::Expressions(_, expressions) => {
                    for expression in expressions {
                        roots.constant(&expression?)?;
                    }
                }
            }
        }
        for segment in &program.data {
            if let wasmparser::DataKind::Active { offset_expr, .. } = &segment.kind {
                roots.constant(offset_expr)?;
            }
        }
        Ok(roots)
    }
}

/// Whatever can be reached from `roots`, each node's `edges` being followed once.
pub(crate) fn reached<N: Ord + Copy>(
    roots: impl IntoIterator<Item = N>,
    mut edges: impl FnMut(N) -> Vec<N>,
) -> BTreeSet<N> {
    let mut reached = BTreeSet::new();
    let mut queue: Vec<N> = roots.into_iter().collect();
    while let Some(node) = queue.pop() {
        if reached.insert(node) {
            queue.extend(edges(node));
        }
    }
    reached
}
