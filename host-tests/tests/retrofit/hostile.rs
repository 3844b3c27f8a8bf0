//! No module makes the replacement panic or write something invalid: programs with bytes changed, and cut short.
//!
//! The seed is fixed, so that a failure comes again. The result is validated by `link` itself, which calls it a
//! defect where it is not valid.

use sigil_link::{Error, Force};

use crate::{assemble, conformers, files, replaced};

const N_MUTANTS: u32 = 3_000;

fn try_replace(program: &[u8], conformer: &[u8], force: Force, case: &str) -> bool {
    match replaced(program, "silicon", force, conformer, true) {
        Err(error @ Error::Defect { .. }) => panic!("{case}: {error}"),
        Err(error) => {
            let message = error.to_string();
            assert!(message.starts_with("cannot "), "{case}: {message}");
            assert!(!message.contains("defect"), "{case}: {message}");
            false
        }
        Ok(_) => true,
    }
}

#[test]
fn changed_programs_are_refused_or_replaced() {
    let mut programs: Vec<Vec<u8>> = files("programs", "wat")
        .iter()
        .map(|(_, path)| assemble(path))
        .collect();
    programs.extend(
        files("refused", "wat")
            .iter()
            .map(|(_, path)| assemble(path)),
    );
    let (_, bump) = &conformers()[0];
    let mut insistent = Force::default();
    insistent.save_restore = true;
    insistent.heap_access = true;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let (mut n_linked, mut n_refused) = (0, 0);
    for mutant in 0..N_MUTANTS {
        let mut program = programs[random(programs.len())].clone();
        for _ in 0..=random(3) {
            let at = random(program.len());
            program[at] = random(256) as u8;
        }
        let force = if mutant % 2 == 0 {
            Force::default()
        } else {
            insistent
        };
        match try_replace(&program, bump, force, &format!("mutant {mutant}")) {
            true => n_linked += 1,
            false => n_refused += 1,
        }
    }
    assert!(
        n_linked > 100 && n_refused > 100,
        "{n_linked} linked, {n_refused} refused"
    );
}

#[test]
fn programs_cut_short_are_refused() {
    let (_, bump) = &conformers()[0];
    let (_, path) = &files("programs", "wat")[0];
    let program = assemble(path);
    for len in 0..program.len() {
        let case = format!("cut to {len} bytes");
        // What is cut off at the end may be names alone, and then it links.
        let links = try_replace(&program[..len], bump, Force::default(), &case);
        assert!(!links || len > program.len() / 3, "{case} links");
    }
}
