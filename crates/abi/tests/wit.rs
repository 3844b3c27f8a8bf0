//! The tables of this crate say what `wit/` says.

use std::path::Path;

use sigil_abi::{CoreType, INTERFACES};
use wit_parser::{Resolve, Type, TypeDefKind};

/// The core type that the canonical ABI gives a WIT type of ours.
fn core_type(resolve: &Resolve, ty: &Type) -> CoreType {
    match ty {
        Type::U32 | Type::Bool => CoreType::I32,
        Type::U64 => CoreType::I64,
        Type::Id(id) => match &resolve.types[*id].kind {
            TypeDefKind::Type(alias) => core_type(resolve, alias),
            other => panic!("a type that is no integer: {other:?}"),
        },
        other => panic!("a type that is no integer: {other:?}"),
    }
}

#[test]
fn every_function_of_wit_is_in_the_tables_and_none_else() {
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    // `wit/` stands by itself; `wit/ext/` needs it.
    resolve.push_dir(&wit).unwrap();
    resolve.push_dir(wit.join("ext")).unwrap();

    let mut in_wit = Vec::new();
    for (_, interface) in resolve.interfaces.iter() {
        let package = &resolve.packages[interface.package.unwrap()].name;
        for function in interface.functions.values() {
            in_wit.push((
                format!("{package}"),
                interface.name.clone().unwrap(),
                function.name.clone(),
                function
                    .params
                    .iter()
                    .map(|p| core_type(&resolve, &p.ty))
                    .collect::<Vec<_>>(),
                function
                    .result
                    .iter()
                    .map(|ty| core_type(&resolve, ty))
                    .collect::<Vec<_>>(),
            ));
        }
    }
    let mut in_tables = Vec::new();
    for interface in INTERFACES {
        for function in interface.functions {
            in_tables.push((
                format!("{}@{}", interface.package, interface.version),
                interface.name.to_string(),
                function.name.to_string(),
                function.params.to_vec(),
                function.results.to_vec(),
            ));
        }
    }
    assert_eq!(in_tables, in_wit);
}
