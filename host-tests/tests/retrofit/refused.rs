//! What is refused, with its message to the letter: `refused/<case>.wat` gives `refused/<case>.txt`.
//! `BLESS=1 cargo test --workspace --test retrofit` writes what is found; look at the difference.

use std::{env, fs};

use sigil_link::{Error, Force, Forcible};

use crate::{assemble, conformers, files, replaced};

#[test]
fn every_refusal_says_what_where_and_what_to_do() {
    let cases = files("refused", "wat");
    assert!(cases.len() >= 18, "only {} cases", cases.len());
    let bless = env::var_os("BLESS").is_some_and(|bless| bless == "1");
    let (_, freelist) = &conformers()[1];
    for (name, path) in cases {
        let source = fs::read_to_string(&path).expect("it was just listed");
        let profile = if source.contains(";; profile: malloc") {
            "malloc"
        } else {
            "silicon"
        };
        let program = assemble(&path);
        let error = match replaced(&program, profile, Force::default(), freelist, false) {
            Ok(_) => panic!("{name} links, and should not"),
            Err(error) => error,
        };
        let golden = path.with_extension("txt");
        let found = format!("{error}\n");
        if bless {
            fs::write(&golden, &found).expect("it can be written");
        }
        let expected = fs::read_to_string(&golden)
            .unwrap_or_else(|error| panic!("{}: {error}: run it with `BLESS=1`", golden.display()));
        assert_eq!(found, expected, "{name}");

        // Insisting works where the message says that it does, and only there.
        let Error::Refused { refusals, .. } = &error else {
            panic!("{name}: {error:?}");
        };
        let mut force = Force::default();
        for refusal in refusals {
            match refusal.force {
                Some(Forcible::SaveRestore) => force.save_restore = true,
                Some(Forcible::HeapAccess) => force.heap_access = true,
                _ => {}
            }
        }
        let can_be_forced = refusals.iter().all(|refusal| refusal.force.is_some());
        match replaced(&program, profile, force, freelist, false) {
            Ok(linked) => {
                assert!(
                    can_be_forced,
                    "{name} links by force, and the message does not say so"
                );
                let n_forced = linked
                    .warnings
                    .iter()
                    .filter(|warning| warning.starts_with("forced: "));
                assert_eq!(
                    n_forced.count(),
                    refusals.len(),
                    "{name}: {:?}",
                    linked.warnings
                );
            }
            Err(error) => assert!(!can_be_forced, "{name} does not link by force: {error}"),
        }
    }
}
