//! A compiler for a small functional language, which leaves memory to `sigil:allocator`.
//!
//! It is the worked example of `docs/for-compiler-authors.md`: integers, texts, functions as values, data, lazy values,
//! references, scopes. The pipeline is the file list:
//!
//! | file | from | to |
//! |---|---|---|
//! | `token` | text | tokens |
//! | `parse` | tokens | `syntax` |
//! | `lift`, `context` | `syntax` | `core`: functions without free variables |
//! | `emit`, `statics` | `core` | instructions and static data |
//! | `module` | those, and `runtime.wat` | a core module |
//!
//! ```
//! let wasm = sigil_toy::compile(r#"print "2 and 2 is " ++ show(2 + 2)"#)?;
//! assert!(wasm.starts_with(b"\0asm"));
//!
//! let error = sigil_toy::compile("print\n  show(x)").unwrap_err();
//! assert_eq!(error.to_string(), "2:8: nothing is called `x` here");
//! # Ok::<(), sigil_toy::Error>(())
//! ```

mod context;
mod core;
mod emit;
mod error;
mod lift;
mod module;
mod parse;
mod runtime;
mod statics;
mod syntax;
mod token;

pub use error::{Error, Place};

/// The largest source, in bytes: what comes of it has to keep below the limits that engines set, such as 1,000,000
/// functions, and 7,654,321 bytes in one of them.
const MOST_BYTES: usize = 1 << 20;

/// Compiles a program to a core module that imports `sigil:allocator` and WASI preview 1, and exports `_start`.
///
/// Same source, same bytes.
///
/// # Errors
///
/// The first thing in the source that is wrong, with its place.
pub fn compile(source: &str) -> Result<Vec<u8>, Error> {
    if source.len() > MOST_BYTES {
        let start = Place { line: 1, column: 1 };
        let message = format!("a program has {MOST_BYTES} bytes at most");
        return Err(Error::new(start, message));
    }
    let items = parse::program(source)?;
    Ok(module::module(&lift::lift(&items)?))
}
