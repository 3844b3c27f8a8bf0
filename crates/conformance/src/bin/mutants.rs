//! Prints which case catches which mutant; fails if one survives.
//!
//! With names as arguments, only those mutants, and all of the cases that catch them.

use std::process::ExitCode;

use sigil_conformance::mutants::{self, Fate};

fn main() -> ExitCode {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let fates = if names.is_empty() {
        mutants::fates()
    } else {
        named(&names)
    };
    match fates {
        Ok(fates) => {
            print!("{}", mutants::HEADING);
            for fate in &fates {
                print!("{}", mutants::row(fate));
                if !names.is_empty() {
                    println!("  {}", fate.mutant.fault);
                    println!("  caught by {:?}, also {:?}", fate.caught_by, fate.also);
                }
            }
            print!("{}", mutants::summary(&fates));
            let all_caught = fates.iter().all(Fate::is_caught);
            if all_caught {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What becomes of the mutants with these names.
fn named(names: &[String]) -> Result<Vec<Fate>, String> {
    let find = |name: &String| {
        let known = mutants::all()
            .into_iter()
            .find(|mutant| mutant.name == name);
        mutants::fate(known.ok_or_else(|| format!("no mutant `{name}`"))?)
    };
    names.iter().map(find).collect()
}
