//! Every conformer that this project builds passes the whole suite, as module and as component.

use std::{fs, path::Path};

use sigil_conformance::{
    Conformer,
    report::Format,
    suite::{self, Options},
};

#[test]
fn every_conformer_that_was_built_passes() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/conformers");
    let hint = "no conformers are built\nhelp: cargo xtask build --conformers";
    let mut tested = 0;
    for entry in fs::read_dir(&directory).expect(hint) {
        let path = entry.expect("the directory can be read").path();
        if path.extension().is_none_or(|extension| extension != "wasm") {
            continue;
        }
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let bytes = fs::read(&path).expect("the file can be read");
        let conformer = Conformer::read(&name, &bytes).expect("it is wasm");
        let report = suite::run(&conformer, &Options::default(), |_| {});
        assert!(report.passed(), "{}", Format::Human.render(&report));
        tested += 1;
    }
    assert!(tested > 0, "{hint}");
}
