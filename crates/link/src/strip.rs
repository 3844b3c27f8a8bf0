//! Leaves out what no engine needs: names, debug information, the list of producers.
//!
//! `sigil:link` stays, by which a host tells exhaustion from other traps, and so does every custom section
//! that this linker does not know: somebody else may need it.

use wasm_encoder::Encode;
use wasmparser::BinaryReader;

/// The length of the magic bytes and the version.
const HEADER: usize = 8;

/// Section ids, which modules and components share as far as they are used here.
const CUSTOM: u8 = 0;
const CORE_MODULE: u8 = 1;
const COMPONENT: u8 = 4;

/// `wasm`, which is valid, without those sections; a component's modules and components are stripped too.
pub(crate) fn strip(wasm: &[u8]) -> Vec<u8> {
    let Some((header, mut rest)) = wasm.split_at_checked(HEADER) else {
        return wasm.to_vec();
    };
    // The layer field: 0 is a module, 1 a component.
    let is_component = header[6] == 1;
    let mut out = Vec::with_capacity(wasm.len());
    out.extend(header);
    while let Some((id, content, after)) = section(rest) {
        match id {
            CUSTOM if is_stripped(content) => {}
            CORE_MODULE | COMPONENT if is_component => {
                let inner = strip(content);
                out.push(id);
                inner.len().encode(&mut out);
                out.extend(inner);
            }
            _ => out.extend(&rest[..rest.len() - after.len()]),
        }
        rest = after;
    }
    out.extend(rest);
    out
}

/// The first section of `bytes`: its id, its contents, and what follows.
fn section(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let mut reader = BinaryReader::new(bytes, 0);
    let id = reader.read_u8().ok()?;
    let len = reader.read_var_u32().ok()? as usize;
    let (content, after) = bytes[reader.original_position()..].split_at_checked(len)?;
    Some((id, content, after))
}

/// Whether the custom section of these contents is left out.
fn is_stripped(content: &[u8]) -> bool {
    let Ok(name) = BinaryReader::new(content, 0).read_string() else {
        return false;
    };
    matches!(
        name,
        "name" | "component-name" | "producers" | "sourceMappingURL" | "external_debug_info"
    ) || name.starts_with(".debug_")
        || name.starts_with("reloc..debug_")
}

#[cfg(test)]
mod tests {
    use super::strip;

    #[test]
    fn names_go_at_every_depth_and_the_rest_stays() {
        let module = r#"(core module $named (@custom ".debug_info" "x") (@custom "mine" "y") (func $f (export "f")))"#;
        let text = format!(
            r#"(component $outer (component $inner {module}) {module} (@custom "producers" "\00"))"#
        );
        let wasm = wat::parse_str(text).unwrap();
        let stripped = strip(&wasm);
        wasmparser::validate(&stripped).unwrap();
        let has = |wasm: &[u8], name: &str| wasm.windows(name.len()).any(|w| w == name.as_bytes());
        for gone in ["named", "outer", "inner", ".debug_info", "producers"] {
            assert!(has(&wasm, gone) && !has(&stripped, gone), "{gone}");
        }
        assert!(has(&stripped, "mine"));
        assert_eq!(strip(&stripped), stripped);
    }

    #[test]
    fn what_does_not_parse_is_copied() {
        for bytes in [&b""[..], b"\0asm", b"\0asm\x01\0\0\0\x01\xff"] {
            assert_eq!(strip(bytes), bytes);
        }
    }
}
