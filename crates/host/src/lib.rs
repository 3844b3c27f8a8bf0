//! Runs linked programs and lone conformers under wasmtime, and tells running out of memory from every other trap.
//!
//! Running out is one fact with one shape in the contract (H5): a refused `memory.grow`, then `unreachable`, both inside the
//! conformer. The engine reports the two halves in two places: the refusal to the resource limiter, the trap to
//! the caller. This crate joins them again:
//!
//! ```text
//! engine      one compiled configuration, and the modules compiled with it
//! facts       what the bytes say: memory 0, its export, whether they are a conformer, the linker's record
//! limits      the cap on memory 0; remembers how the last growth of memory 0 ended
//! imports     what a core module is given, and the report of what is missing
//! instance    a core module at work: calls, memory, foreign growth
//! component   the same for a conformer that is still a component
//! failure     why a call did not return, sorted by what the caller can do about it
//! place       file and line of a frame
//! exhaustion  the typed report of running out, as one line of JSON and as a few lines for people
//! wasi        what a program sees of the outside
//! value       arguments and results
//! ```
//!
//! Only this crate names wasmtime: everything above it sees [`Value`], [`Failure`] and [`Exhaustion`].
//!
//! ```
//! use sigil_host::{Engine, Failure, Instance, Limits, Module};
//!
//! let wasm = wat::parse_str(r#"(module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))"#)?;
//! let module = Module::new(&Engine::new()?, &wasm)?;
//! let mut instance = Instance::new(&module, &Limits::default(), None)?;
//! assert_eq!(instance.call_i32("add", &[1, 2])?, Some(3));
//! # Ok::<(), anyhow::Error>(())
//! ```

mod component;
mod engine;
mod exhaustion;
mod facts;
mod failure;
mod imports;
mod instance;
mod limits;
mod place;
mod value;
mod wasi;

pub use component::ComponentInstance;
pub use engine::{Engine, Module};
pub use exhaustion::{Exhaustion, Limit};
pub use failure::{Failure, Frame};
pub use instance::Instance;
pub use limits::{CapBelowInitial, Limits, PAGE_BYTES};
pub use place::Place;
pub use value::{Signature, Value, ValueType};
pub use wasi::Wasi;

/// Turns an engine error into the error type of this crate's signatures, causes kept.
fn to_anyhow(error: wasmtime::Error) -> anyhow::Error {
    anyhow::Error::from_boxed(error.into_boxed_dyn_error())
}
