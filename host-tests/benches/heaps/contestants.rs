//! Who runs: the driver with an allocator in it, compiled.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

use serde::{Deserialize, Serialize};
use wasmtime::{Engine, Module};

use crate::{
    modules::{conformer, driver, linked, read},
    workloads::Workload,
};

/// How a workload gives its blocks back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Frees,
    Scopes,
}

/// A contestant in a style: its name says both.
pub(crate) struct Contestant {
    pub(crate) name: String,
    pub(crate) style: Style,
    module: Module,
    /// What [`Self::module`] was compiled from, but where there are many blocks.
    wasm: Vec<u8>,
    /// The driver with room for many blocks, where it was built.
    many: Option<Module>,
    /// What tells this module from one that was built anew.
    pub(crate) fingerprint: u64,
    kind: Kind,
}

/// Whose a contestant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Group {
    Ours,
    Peer,
    /// What no allocator can be faster than.
    Limit,
}

/// What a contestant is good for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ours,
    Allocator,
    /// Its calls take time in proportion to the blocks that are free: with many of them it would run for hours.
    Walks,
    /// Frees nothing: what it would measure is fresh memory.
    Leaks,
    /// Knows no scopes inside others.
    Arena,
    /// The driver without an allocator, or with one written into it by hand, for some workloads.
    Limit(&'static [&'static str]),
}

/// The others, as the driver's files are called, and their names.
const PEERS: &[(&str, &str, Kind)] = &[
    ("lol", "lol_alloc", Kind::Walks),
    ("dlmalloc", "dlmalloc", Kind::Allocator),
    ("zig", "zig", Kind::Allocator),
    ("talc", "talc", Kind::Allocator),
    ("rlsf", "rlsf", Kind::Allocator),
    ("emmalloc", "emmalloc", Kind::Allocator),
    ("wasi-libc", "wasi-libc", Kind::Allocator),
    ("buddy", "buddy_system_allocator", Kind::Allocator),
    ("wee", "wee_alloc", Kind::Walks),
    ("mini", "mini-alloc", Kind::Leaks),
    ("floor-ring", "floor", Kind::Limit(&["a", "b", "e"])),
    ("floor-cells", "floor", Kind::Limit(&["d:200", "d:2000"])),
];

/// AssemblyScript's runtimes, which are linked as ours are.
const SCRIPTS: &[(&str, &str, Kind)] = &[
    ("as-minimal", "AssemblyScript minimal", Kind::Allocator),
    ("as-stub", "AssemblyScript stub", Kind::Leaks),
];

/// What the files of drivers with room for many blocks end in.
const MANY: &str = ".many";

/// The most live blocks that a driver has room for that is not one of these, and that [`Kind::Walks`] runs with.
const MOST_FEW: u32 = 2_000;

/// A bump allocator written into the loops of workloads a and b.
const HAND: &str = include_str!("hand.wat");

/// All that `wanted` names, ours first; `more` are files with conformers, measured as freelist is.
pub(crate) fn all(more: &[String], wanted: impl Fn(&str) -> bool) -> Vec<Contestant> {
    let engine = Engine::default();
    let mut found = Vec::new();
    let mut add = |name: String, style: Style, kind: Kind, wasm: &dyn Fn(&str) -> Vec<u8>| {
        if wanted(&name) {
            let mut hasher = DefaultHasher::new();
            let mut module = |wasm: &[u8]| {
                wasm.hash(&mut hasher);
                Module::new(&engine, wasm).expect("a valid module")
            };
            let frees_many = style == Style::Frees && !matches!(kind, Kind::Limit(_));
            let few = wasm("");
            found.push(Contestant {
                name,
                style,
                module: module(&few),
                wasm: few,
                many: frees_many.then(|| module(&wasm(MANY))),
                fingerprint: hasher.finish(),
                kind,
            });
        }
    };
    let mut ours = vec![("freelist".to_owned(), conformer("freelist"))];
    for path in more {
        let name = Path::new(path).file_stem().expect("a file's name");
        ours.push((name.to_string_lossy().into_owned(), read(Path::new(path))));
    }
    let bump = conformer("bump");
    for (optimize, flag) in [(false, ""), (true, " -O")] {
        let bump = &|_: &str| linked("sigil-scopes", &bump, optimize);
        add(format!("bump{flag}"), Style::Scopes, Kind::Ours, bump);
        for (name, bytes) in &ours {
            for (style, how) in [(Style::Frees, ""), (Style::Scopes, ", scopes")] {
                let wasm = &|many: &str| linked(&format!("sigil-frees{many}"), bytes, optimize);
                add(format!("{name}{flag}{how}"), style, Kind::Ours, wasm);
            }
        }
    }
    for (file, name, kind) in PEERS {
        add((*name).to_owned(), Style::Frees, *kind, &|many| {
            driver(&format!("{file}{many}"))
        });
    }
    for (file, name) in [("bumpalo", "bumpalo"), ("zig-arena", "zig, arena")] {
        add(name.to_owned(), Style::Scopes, Kind::Arena, &|many| {
            driver(&format!("{file}{many}"))
        });
    }
    for (file, name, kind) in SCRIPTS {
        let wasm = &|many: &str| {
            let runtime = driver(&format!("{file}{many}"));
            linked(&format!("sigil-core{many}"), &runtime, false)
        };
        add((*name).to_owned(), Style::Frees, *kind, wasm);
    }
    let hand = &|_: &str| wat::parse_str(HAND).expect("it is WAT");
    let kind = Kind::Limit(&["a", "b"]);
    add("by hand".to_owned(), Style::Scopes, kind, hand);
    found
}

impl Contestant {
    /// Whether it can run the workload, and that says anything of it.
    pub(crate) fn runs(&self, workload: Workload) -> bool {
        match (workload, self.kind) {
            (_, Kind::Limit(workloads)) => workloads.contains(&&*workload.id()),
            (Workload::Filled { .. }, kind) => {
                self.style == Style::Frees && matches!(kind, Kind::Ours | Kind::Allocator)
            }
            (Workload::Replay(_), _) => self.style == Style::Frees,
            (Workload::Copies, kind) => kind == Kind::Ours,
            // Bump frees nothing either; a program that wants an arena has no `d`.
            (Workload::Churn { .. }, _) if self.style == Style::Scopes => false,
            (Workload::Churn { .. }, Kind::Leaks) => false,
            (Workload::Churn { n_live }, Kind::Walks) => n_live <= MOST_FEW,
            (Workload::Program(..), Kind::Arena) => false,
            _ => true,
        }
    }

    /// Whose it is.
    pub(crate) fn group(&self) -> Group {
        match self.kind {
            Kind::Ours => Group::Ours,
            Kind::Limit(_) => Group::Limit,
            _ => Group::Peer,
        }
    }

    /// What to instantiate for `workload`.
    ///
    /// # Panics
    ///
    /// Where it does not run that.
    pub(crate) fn module(&self, workload: Workload) -> &Module {
        match workload {
            Workload::Churn { n_live } if n_live > MOST_FEW => self.many.as_ref(),
            Workload::Replay(_) => self.many.as_ref(),
            _ => Some(&self.module),
        }
        .expect("a driver with room for many blocks")
    }

    /// The driver as bytes, for an engine of another kind.
    pub(crate) fn wasm(&self) -> &[u8] {
        &self.wasm
    }

    /// The driver's function for `workload`.
    pub(crate) fn export(&self, workload: Workload) -> String {
        let how = match self.style {
            Style::Frees => "",
            Style::Scopes => "_scopes",
        };
        format!("{}{how}", workload.export())
    }
}
