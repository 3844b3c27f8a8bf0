//! `sigil run`: link in memory where the program needs it, then run it with WASI preview 1.

use crate::input::Source;
use crate::max_heap::MaxHeap;
use crate::report::{self, Usage};
use crate::{conformers, input, output};
use clap::Args;
use sigil_host::{Engine, Instance, Limits, Module, Signature, Value, ValueType, Wasi};
use std::path::{Path, PathBuf};

const AFTER_HELP: &str = "\
Examples:
  sigil run app.wasm one two                     `_start`, with arguments
  sigil run --max-heap=1MiB app.wasm             at most 16 pages; exhaustion is exit status 12
  sigil run --allocator=./mine.wasm app.wasm     another allocator
  sigil run --invoke add sum.wat 40 0x2          one exported function, results on stdout

Exit status: the program's own; 1 error; 2 wrong command line; 12 heap exhausted, with a line of JSON on stderr; 134 trap.";

/// What an allocator is called where none is named.
const DEFAULT_ALLOCATOR: &str = "bump";

/// Run a program, linking an allocator into it where it needs one
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Run {
    /// The allocator, if the program imports one: a name that `sigil list` knows, or a file [default: bump]
    #[arg(long, value_name = "NAME|FILE")]
    allocator: Option<String>,
    /// Inline the allocator's fast paths
    #[arg(short = 'O', long)]
    optimize: bool,
    /// The most that memory may grow to: pages of 64 KiB (`16`), or bytes with a unit (`1MiB`)
    #[arg(long, value_name = "SIZE")]
    max_heap: Option<MaxHeap>,
    /// Call this exported function instead of `_start`, with ARGS as its parameters
    #[arg(long, value_name = "FUNCTION")]
    invoke: Option<String>,
    /// The program: a binary or WAT text, `-` for standard input
    program: PathBuf,
    /// The program's arguments; with `--invoke`, numbers: decimal, negative, 0x, floats
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

impl Run {
    pub(crate) fn run(&self, json: bool) -> anyhow::Result<i32> {
        let mut program = input::read(&self.program)?;
        self.link(&mut program, json)?;
        let module = Module::new(&Engine::new()?, &program.wasm)
            .map_err(|error| error.context(format!("cannot run `{}`", program.name)))?;
        let entry = self.entry(&module, &program.name)?;

        let limits = Limits {
            max_heap_pages: self.max_heap.map(|max| max.pages),
            fuel: None,
        };
        let wasi = Wasi::new().args(self.arguments()).inherit_stdio();
        let outcome =
            Instance::new(&module, &limits, Some(wasi)).and_then(|mut instance| match entry {
                Entry::Start => instance.run_command(),
                Entry::Function(name, args) => {
                    instance.initialize()?;
                    let results = instance.call(&name, &args)?;
                    let lines: String =
                        results.iter().map(|result| format!("{result}\n")).collect();
                    output::print(lines.as_bytes()).map_err(sigil_host::Failure::Host)
                }
            });
        Ok(outcome.unwrap_or_else(|failure| report::failure(&program.name, failure, json)))
    }

    /// Puts the allocator in where the program imports one.
    fn link(&self, program: &mut Source, json: bool) -> anyhow::Result<()> {
        if !sigil_link::imports_allocator(program.input())? {
            if let Some(allocator) = &self.allocator {
                let name = &program.name;
                report::warning(
                    &format!("`{name}` imports no allocator, so `{allocator}` is not used"),
                    json,
                );
            }
            return Ok(());
        }
        let conformer = conformers::read(self.allocator.as_deref().unwrap_or(DEFAULT_ALLOCATOR))?;
        let mut options = sigil_link::Options::default();
        options.optimize = self.optimize;
        let linked = conformers::link(program, &conformer, &options)?;
        for warning in &linked.warnings {
            report::warning(warning, json);
        }
        program.wasm = linked.wasm;
        Ok(())
    }

    /// What the program sees as its arguments: its own file name, then ARGS unless they are a function's.
    fn arguments(&self) -> Vec<String> {
        let name = self.program.file_name().unwrap_or(self.program.as_os_str());
        let mut arguments = vec![Path::new(name).display().to_string()];
        if self.invoke.is_none() {
            arguments.extend(self.args.iter().cloned());
        }
        arguments
    }

    /// Decides what to call, before anything runs.
    fn entry(&self, module: &Module, program: &str) -> anyhow::Result<Entry> {
        let exported = module.exported_functions();
        let list = match exported.as_slice() {
            [] => "it exports no function".to_owned(),
            names => format!("it exports `{}`", names.join("`, `")),
        };
        let Some(name) = &self.invoke else {
            if exported.iter().any(|name| name == "_start") {
                return Ok(Entry::Start);
            }
            return Err(usage(format!(
                "`{program}` has no `_start`, so it is no program that runs by itself; {list}\n\
                 help: call one of them with `--invoke`"
            )));
        };
        if !exported.contains(name) {
            return Err(usage(format!(
                "`{program}` has no exported function `{name}`; {list}"
            )));
        }
        let Some(signature) = module.signature(name) else {
            return Err(usage(format!(
                "`{name}` of `{program}` takes or returns vectors or references, which have no form on a command line"
            )));
        };
        Ok(Entry::Function(
            name.clone(),
            parameters(name, &signature, &self.args)?,
        ))
    }
}

enum Entry {
    Start,
    Function(String, Vec<Value>),
}

fn usage(message: String) -> anyhow::Error {
    anyhow::Error::new(Usage(message))
}

fn parameters(name: &str, signature: &Signature, args: &[String]) -> anyhow::Result<Vec<Value>> {
    let wanted = signature.params.len();
    if args.len() != wanted {
        let n = args.len();
        return Err(usage(format!(
            "`{name}` is {signature}: expected {wanted} arguments, found {n}"
        )));
    }
    signature
        .params
        .iter()
        .zip(args)
        .map(|(ty, text)| {
            parse(*ty, text)
                .ok_or_else(|| usage(format!("`{name}` is {signature}: `{text}` is no {ty}")))
        })
        .collect()
}

/// Reads a number: integers decimal or after `0x`, of either reading (signed or unsigned); floats as Rust reads them.
fn parse(ty: ValueType, text: &str) -> Option<Value> {
    match ty {
        ValueType::I32 => {
            let wide = integer(text)?;
            let bits = i32::try_from(wide)
                .ok()
                .or_else(|| u32::try_from(wide).ok().map(u32::cast_signed))?;
            Some(Value::I32(bits))
        }
        ValueType::I64 => {
            let wide = integer(text)?;
            let bits = i64::try_from(wide)
                .ok()
                .or_else(|| u64::try_from(wide).ok().map(u64::cast_signed))?;
            Some(Value::I64(bits))
        }
        ValueType::F32 => text.parse().ok().map(Value::F32),
        ValueType::F64 => text.parse().ok().map(Value::F64),
    }
}

fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (radix, digits) = match digits.strip_prefix("0x") {
        Some(digits) => (16, digits),
        None => (10, digits),
    };
    if !digits.starts_with(|c: char| c.is_digit(radix)) {
        // The standard parser would take another sign here.
        return None;
    }
    let magnitude = i128::from(u64::from_str_radix(digits, radix).ok()?);
    Some(if negative { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_both_readings() {
        for (text, expected) in [
            ("0", 0),
            ("-1", -1),
            ("4294967295", -1),
            ("0x80000000", i32::MIN),
            ("-2147483648", i32::MIN),
            ("-0x10", -16),
        ] {
            assert_eq!(
                parse(ValueType::I32, text),
                Some(Value::I32(expected)),
                "{text}"
            );
        }
        assert_eq!(
            parse(ValueType::I64, "0xffffffffffffffff"),
            Some(Value::I64(-1))
        );
        assert_eq!(
            parse(ValueType::I64, "-9223372036854775808"),
            Some(Value::I64(i64::MIN))
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for text in [
            "",
            "-",
            "+1",
            "--1",
            "0x",
            "0x-1",
            "4294967296",
            "-2147483649",
            "1.5",
            "ten",
        ] {
            assert_eq!(parse(ValueType::I32, text), None, "{text}");
        }
        assert_eq!(parse(ValueType::I64, "18446744073709551616"), None);
        assert_eq!(parse(ValueType::F32, "one"), None);
    }

    #[test]
    fn floats() {
        assert_eq!(parse(ValueType::F64, "-1.5e3"), Some(Value::F64(-1500.0)));
        assert_eq!(
            parse(ValueType::F32, "inf"),
            Some(Value::F32(f32::INFINITY))
        );
    }
}
