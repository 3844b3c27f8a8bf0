//! `toy FILE -o OUT`: compiles a program.

use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (source, output) = match arguments.as_slice() {
        [source, flag, output] if flag == "-o" => (source, output),
        _ => {
            eprintln!("usage: toy FILE -o OUT");
            return ExitCode::from(2);
        }
    };
    match compile(source, output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn compile(source: &str, output: &str) -> Result<(), String> {
    let text = fs::read_to_string(source).map_err(|error| format!("{source}: {error}"))?;
    let wasm = sigil_toy::compile(&text).map_err(|error| format!("{source}:{error}"))?;
    fs::write(output, wasm).map_err(|error| format!("{output}: {error}"))
}
