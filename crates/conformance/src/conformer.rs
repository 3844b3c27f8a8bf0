//! A file that says it is a conformer.

use std::collections::BTreeSet;

use sigil_abi::{FunctionName, PACKAGE_EXT};
use wasmparser::{Encoding, ExternalKind, Parser, Payload};

use crate::{Features, driver::function_name, feature::SECTION};

/// A conformer as a file: a core module or a component.
#[derive(Clone, Debug)]
pub struct Conformer {
    name: String,
    wasm: Vec<u8>,
    is_component: bool,
    features: Features,
    extensions: BTreeSet<String>,
}

impl Conformer {
    /// Reads a file's bytes: wasm, or its text format.
    ///
    /// # Errors
    ///
    /// Where they are neither, or declare a feature that there is not.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, String> {
        let wasm = wat::parse_bytes(bytes)
            .map_err(|error| format!("`{name}` is neither wasm nor its text format: {error}"))?
            .into_owned();
        let mut is_component = None;
        let mut features = Features::default();
        let mut extensions = BTreeSet::new();
        for payload in Parser::new(0).parse_all(&wasm) {
            let payload =
                payload.map_err(|error| format!("`{name}` is no well-formed wasm: {error}"))?;
            match payload {
                Payload::Version { encoding, .. } => {
                    is_component.get_or_insert(encoding == Encoding::Component);
                }
                Payload::CustomSection(section) if section.name() == SECTION => {
                    let text = String::from_utf8_lossy(section.data());
                    let declared = Features::parse(&text)
                        .map_err(|error| format!("section `{SECTION}` of `{name}`: {error}"))?;
                    features.extend(&declared);
                }
                Payload::ExportSection(exports) => {
                    let functions = exports.into_iter().flatten();
                    let functions = functions.filter(|export| export.kind == ExternalKind::Func);
                    let known = functions.filter_map(|export| extension(export.name));
                    extensions.extend(known);
                }
                _ => {}
            }
        }
        let is_component =
            is_component.ok_or_else(|| format!("`{name}` is no wasm: it has no header"))?;
        Ok(Self {
            name: name.into(),
            wasm,
            is_component,
            features,
            extensions,
        })
    }

    /// Declares more than the file does.
    #[must_use]
    pub fn declaring(mut self, features: &Features) -> Self {
        self.features.extend(features);
        self
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file as binary wasm.
    pub fn wasm(&self) -> &[u8] {
        &self.wasm
    }

    /// Whether it is a component, which can be run by itself.
    pub fn is_component(&self) -> bool {
        self.is_component
    }

    /// What it declares.
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// The functions of `sigil:allocator-ext` that its core module exports, by their
    /// [names here](function_name).
    pub fn extensions(&self) -> &BTreeSet<String> {
        &self.extensions
    }
}

/// The name here of the function of `sigil:allocator-ext` that a core module exports by the name `export`.
fn extension(export: &str) -> Option<String> {
    let FunctionName {
        interface,
        function,
    } = FunctionName::from_export(export)?;
    let known = sigil_abi::interface(interface.package, interface.interface)?;
    let function = known.function(function)?;
    (known.package == PACKAGE_EXT).then(|| function_name(known.name, function.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Feature;

    #[test]
    fn finds_features_in_a_module_and_inside_a_component() {
        for text in [
            r#"(module (@custom "sigil:features" "dense,exact-handles"))"#,
            r#"(component (core module (@custom "sigil:features" "dense,exact-handles")))"#,
        ] {
            let conformer = Conformer::read("x.wat", text.as_bytes()).unwrap();
            let expected: Features = [Feature::Dense, Feature::ExactHandles]
                .into_iter()
                .collect();
            assert_eq!(conformer.features(), &expected);
            assert_eq!(conformer.is_component(), text.starts_with("(component"));
        }
    }

    #[test]
    fn finds_the_extensions_in_either_mangling() {
        let text = r#"(module
            (func (export "sigil:allocator-ext/sized@0.1.0#free") (param i32 i32))
            (func (export "cm32p2|sigil:allocator-ext/stats@0.1|pages") (result i32) i32.const 0)
            (func (export "sigil:allocator-ext/sized@0.1.0#slab"))
            (func (export "sigil:allocator-ext/pages@0.1.0#limit") (result i64) i64.const 0)
            (func (export "sigil:allocator/bulk@0.1.0#free-all")))"#;
        let conformer = Conformer::read("x.wat", text.as_bytes()).unwrap();
        let found: Vec<_> = conformer.extensions().iter().collect();
        assert_eq!(found, ["free", "pages", "pages/limit"]);
    }

    #[test]
    fn says_what_is_wrong_with_a_file() {
        let error = |bytes: &[u8]| Conformer::read("x.wasm", bytes).unwrap_err();
        assert!(error(b"").contains("`x.wasm`"), "{}", error(b""));
        assert!(error(b"\x7fELF....").contains("neither wasm nor its text format"));
        assert!(error(b"\0asm\x01\0\0\0\x01\xff").contains("no well-formed wasm"));
        let unknown = error(br#"(module (@custom "sigil:features" "tense"))"#);
        assert!(unknown.contains("no feature `tense`"), "{unknown}");
    }
}
