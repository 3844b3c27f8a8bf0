//! What lies where in a linked module: the link map.

use std::{fmt, ops::Range};

use serde::Serialize;
use wasmparser::DataKind;

use crate::{
    Error, Input, Linked,
    parse::{Parsed, i32_const},
};

const PAGE_SIZE: u64 = 1 << 16;

/// A link map: of memory 0 by address, of functions and globals by index.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Map {
    /// The pages of memory 0 to begin with.
    pub min_pages: u64,
    /// Its maximum, in pages.
    pub max_pages: Option<u64>,
    /// What is known of the memory below `min_pages`, by address, without gaps.
    pub regions: Vec<Region>,
    /// The functions that the module defines.
    pub functions: Vec<Function>,
    /// The globals that it defines.
    pub globals: Vec<Global>,
}

/// Who brought something into the linked module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Owner {
    /// The program.
    Program,
    /// The conformer.
    Allocator,
}

/// A part of memory 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Region {
    /// Its addresses.
    pub addresses: Range<u64>,
    /// Whose it is.
    pub owner: Owner,
    /// What it holds, in words.
    pub what: String,
}

/// A function that the module defines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Function {
    /// Its index.
    pub index: u32,
    /// Where its body begins, in bytes from the module's start.
    pub offset: usize,
    /// The size of its body, in bytes.
    pub size_bytes: usize,
    /// Who brought it.
    pub owner: Owner,
    /// Its name, where the module names it.
    pub name: Option<String>,
}

/// A global that the module defines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Global {
    /// Its index.
    pub index: u32,
    /// Its type as text writes it, such as `(mut i32)`.
    pub ty: String,
    /// Its first value, where that is an `i32` constant.
    pub value: Option<u32>,
    /// Who brought it.
    pub owner: Owner,
    /// Its name, where the module names it.
    pub name: Option<String>,
}

impl Map {
    /// The map of `linked`, a core module whose program had `n_program_globals` globals.
    pub(crate) fn new(linked: &Linked, n_program_globals: u32) -> Result<Self, Error> {
        let module = Parsed::new(Input {
            name: &linked.record.conformer,
            bytes: &linked.wasm,
        })?;
        let memory = module.memories.first();
        let min_pages = memory.map_or(0, |memory| memory.initial);
        Ok(Self {
            min_pages,
            max_pages: memory.and_then(|memory| memory.maximum),
            regions: regions(linked, &module, min_pages * PAGE_SIZE),
            functions: functions(linked, &module),
            globals: globals(&module, n_program_globals),
        })
    }
}

fn regions(linked: &Linked, module: &Parsed<'_>, end: u64) -> Vec<Region> {
    let record = &linked.record;
    let mut known = Vec::new();
    let mut add = |addresses: Range<u64>, owner, what: &str| {
        if !addresses.is_empty() {
            known.push(Region {
                addresses,
                owner,
                what: what.into(),
            });
        }
    };
    let (statics_start, statics_end) = (record.statics.start.into(), record.statics.end.into());
    let request = record.request_address.map_or(statics_end, u64::from);
    let heap_base = u64::from(record.heap_base);
    for (i, segment) in module.data.iter().enumerate() {
        if let DataKind::Active {
            memory_index: 0,
            offset_expr,
        } = &segment.kind
            && let Some(start) = i32_const(offset_expr).map(u64::from)
            && !(statics_start..statics_end.max(statics_start + 1)).contains(&start)
        {
            let addresses = start..start + segment.data.len() as u64;
            add(addresses, Owner::Program, &format!("data segment {i}"));
        }
    }
    add(statics_start..request, Owner::Allocator, "static data");
    add(
        request..statics_end,
        Owner::Allocator,
        "size of the last request",
    );
    let stack = statics_end.next_multiple_of(16)..heap_base;
    add(stack, Owner::Allocator, "shadow stack");
    add(heap_base..end, Owner::Allocator, "heap");
    known.sort_by_key(|region| region.addresses.start);

    let mut regions: Vec<Region> = Vec::new();
    let mut at = 0;
    for region in known {
        if region.addresses.start > at {
            let is_below = at < statics_start.min(heap_base);
            regions.push(Region {
                addresses: at..region.addresses.start,
                owner: if is_below {
                    Owner::Program
                } else {
                    Owner::Allocator
                },
                what: if is_below {
                    "zeroed data, stack, or nothing"
                } else {
                    "alignment"
                }
                .into(),
            });
        }
        at = at.max(region.addresses.end);
        regions.push(region);
    }
    regions
}

fn functions(linked: &Linked, module: &Parsed<'_>) -> Vec<Function> {
    (module.n_imported_functions..)
        .zip(&module.bodies)
        .map(|(index, body)| Function {
            index,
            offset: body.range().start,
            size_bytes: body.range().len(),
            owner: if linked.record.functions.contains(&index) {
                Owner::Allocator
            } else {
                Owner::Program
            },
            name: name(&module.function_names, index),
        })
        .collect()
}

fn globals(module: &Parsed<'_>, n_program: u32) -> Vec<Global> {
    (0..)
        .zip(&module.globals)
        .filter_map(|(index, (ty, init))| {
            let value = i32_const(init.as_ref()?);
            let content = ty.content_type;
            Some(Global {
                index,
                ty: if ty.mutable {
                    format!("(mut {content})")
                } else {
                    content.to_string()
                },
                value,
                owner: if index < n_program {
                    Owner::Program
                } else {
                    Owner::Allocator
                },
                name: name(&module.global_names, index),
            })
        })
        .collect()
}

fn name(names: &[(u32, &str)], index: u32) -> Option<String> {
    let at = names.binary_search_by_key(&index, |named| named.0).ok()?;
    Some(names[at].1.to_string())
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Program => "program",
            Self::Allocator => "allocator",
        })
    }
}

/// Three tables, without a newline at the end.
impl fmt::Display for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "memory 0: {} pages to begin with", self.min_pages)?;
        if let Some(max) = self.max_pages {
            write!(f, ", at most {max}")?;
        }
        write!(f, "\n   address        size  owner      what")?;
        for Region {
            addresses,
            owner,
            what,
        } in &self.regions
        {
            let size = addresses.end.saturating_sub(addresses.start);
            write!(
                f,
                "\n{:#010x} {size:>11}  {owner:<9}  {what}",
                addresses.start
            )?;
        }
        write!(
            f,
            "\nfunctions\n    offset        size  owner      index  name"
        )?;
        for Function {
            index,
            offset,
            size_bytes,
            owner,
            name,
        } in &self.functions
        {
            let name = name.as_deref().unwrap_or("-");
            write!(
                f,
                "\n{offset:#010x} {size_bytes:>11}  {owner:<9}  {index:>5}  {name}"
            )?;
        }
        write!(
            f,
            "\nglobals\n     value        type  owner      index  name"
        )?;
        for Global {
            index,
            ty,
            value,
            owner,
            name,
        } in &self.globals
        {
            let value = value.map_or_else(|| "-".into(), |value| format!("{value:#010x}"));
            let name = name.as_deref().unwrap_or("-");
            write!(f, "\n{value:>10} {ty:>11}  {owner:<9}  {index:>5}  {name}")?;
        }
        Ok(())
    }
}
