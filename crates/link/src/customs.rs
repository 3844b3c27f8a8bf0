//! What a module's custom sections say, where one is asked for by name.

use wasmparser::{CustomSectionReader, DataKind, KnownCustom, NameSectionReader, SymbolInfo};

use crate::parse::{Parsed, Rank, i32_const};

impl<'a> Parsed<'a> {
    /// The contents of the first custom section called `name`.
    pub(crate) fn custom(&self, name: &str) -> Option<&'a [u8]> {
        let mut customs = self.customs.iter().map(|(_, section)| section);
        let section = customs.find(|section| section.name() == name)?;
        Some(section.data())
    }

    /// What the module's custom section `version` says, which tools for components write.
    pub(crate) fn version(&self) -> Option<String> {
        let version = std::str::from_utf8(self.custom("version")?).ok()?;
        Some(version.to_string()).filter(|version| !version.is_empty())
    }

    /// The module's name section.
    pub(crate) fn names(&self) -> Option<NameSectionReader<'a>> {
        let known = |(_, section): &(Rank, CustomSectionReader<'a>)| match section.as_known() {
            KnownCustom::Name(names) => Some(names),
            _ => None,
        };
        self.customs.iter().find_map(known)
    }

    /// The name of the static that is at `address` before the module is moved.
    pub(crate) fn static_at(&self, address: u32) -> Option<&'a str> {
        let symbols = &self.linking.as_ref()?.symbols;
        symbols.iter().find_map(|symbol| match symbol {
            SymbolInfo::Data {
                name,
                symbol: Some(symbol),
                ..
            } => {
                let segment = self.data.get(symbol.index as usize)?;
                let DataKind::Active { offset_expr, .. } = &segment.kind else {
                    return None;
                };
                let start = i32_const(offset_expr)?.checked_add(symbol.offset)?;
                let range = start..start.checked_add(symbol.size)?;
                range.contains(&address).then_some(*name)
            }
            _ => None,
        })
    }
}
