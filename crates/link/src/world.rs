//! Takes the allocator out of the world that a core module says it was compiled for.
//!
//! wit-bindgen leaves that world in custom sections named `component-type…`, each a component of its own
//! that exports a type. The module no longer imports the allocator, so its world should not say so: a
//! component made of it would ask its host for an allocator that nobody can give.
//!
//! ```wit
//! world app {
//!   use sigil:allocator/types@0.1.0.{ptr};               =>   type ptr = u32;
//!   import sigil:allocator/core@0.1.0;
//!   export render: func(input: string) -> string;        =>   export render: func(input: string) -> string;
//! }
//! ```
//!
//! The contract's types are names for `u32`, and to a component a name for a type is that type: what
//! used them says `u32` instead, and fits whatever it fitted before.

use sigil_abi::{PACKAGE, PACKAGE_EXT};
use wasm_metadata::Producers;
use wasmparser::{Parser, Payload};
use wit_component::{StringEncoding, metadata};
use wit_parser::{InterfaceId, Resolve, Type, TypeDefKind, TypeId, TypeOwner, WorldItem, decoding};

/// The beginning of the names of the sections that hold worlds.
pub(crate) const SECTION: &str = "component-type";

/// The section in such a section that says how strings are encoded: a format's version, an encoding.
const ENCODING_SECTION: &str = "wit-component-encoding";

/// The world in the section's contents `data`, without the allocator; `None` where it imports none.
///
/// Errors: what is no world of the format that wit-component writes, in words.
pub(crate) fn without_allocator(data: &[u8]) -> Result<Option<Vec<u8>>, String> {
    let (mut resolve, world) = decoding::decode_world(data).map_err(chain)?;
    let ours = |resolve: &Resolve, interface: InterfaceId| {
        let package = resolve.interfaces[interface].package;
        package.is_some_and(|package| {
            let name = &resolve.packages[package].name;
            let name = format!("{}:{}", name.namespace, name.name);
            [PACKAGE, PACKAGE_EXT].contains(&name.as_str())
        })
    };
    let is_ours: Vec<InterfaceId> = resolve
        .interfaces
        .iter()
        .map(|(id, _)| id)
        .filter(|id| ours(&resolve, *id))
        .collect();
    let imports = &mut resolve.worlds[world].imports;
    let n_before = imports.len();
    imports
        .retain(|_, item| !matches!(item, WorldItem::Interface { id, .. } if is_ours.contains(id)));
    if imports.len() == n_before {
        return Ok(None);
    }
    spell_out(&mut resolve, &is_ours);
    let encoding = string_encoding(data)?;
    let producers = Producers::from_wasm(data).map_err(chain)?;
    metadata::encode(&resolve, world, encoding, producers.as_ref())
        .map(Some)
        .map_err(chain)
}

/// Makes each name for a type of `interfaces` a name for what that type is.
fn spell_out(resolve: &mut Resolve, interfaces: &[InterfaceId]) {
    let is_theirs = |resolve: &Resolve, ty: TypeId| matches!(resolve.types[ty].owner, TypeOwner::Interface(id) if interfaces.contains(&id));
    let types: Vec<TypeId> = resolve.types.iter().map(|(id, _)| id).collect();
    for ty in types {
        if is_theirs(resolve, ty) {
            continue;
        }
        while let TypeDefKind::Type(Type::Id(named)) = resolve.types[ty].kind
            && is_theirs(resolve, named)
        {
            resolve.types[ty].kind = resolve.types[named].kind.clone();
        }
    }
}

/// How the functions of the world in `data` pass strings.
fn string_encoding(data: &[u8]) -> Result<StringEncoding, String> {
    for payload in Parser::new(0).parse_all(data) {
        if let Payload::CustomSection(section) = payload.map_err(|error| error.to_string())?
            && section.name() == ENCODING_SECTION
        {
            return match section.data() {
                [_, 0] => Ok(StringEncoding::UTF8),
                [_, 1] => Ok(StringEncoding::UTF16),
                [_, 2] => Ok(StringEncoding::CompactUTF16),
                _ => Err(format!(
                    "its section `{ENCODING_SECTION}` is of a format that this linker does not know"
                )),
            };
        }
    }
    Err(format!("it has no section `{ENCODING_SECTION}`"))
}

/// An error with its causes, in one line.
fn chain(error: impl std::fmt::Display) -> String {
    format!("{error:#}")
}
