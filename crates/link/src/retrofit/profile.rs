//! What a language's own allocator looks like: which of its functions are which call, and how it spells scopes.

use std::{collections::BTreeMap, fmt};

use serde::Deserialize;
use sigil_abi::INTERFACES;

/// The profiles that are known by name, in the order of their names.
const BUILT_IN: [(&str, &str); 2] = [
    ("malloc", include_str!("../../profiles/malloc.toml")),
    ("silicon", include_str!("../../profiles/silicon.toml")),
];

/// How a compiler's own allocator is recognised and what takes its place: `docs/retrofit.md`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Profile {
    /// What messages call it.
    pub name: String,
    /// What it is for, in one line.
    pub about: String,
    /// The allocator's bump pointer, where it has one.
    #[serde(default)]
    pub pointer: Option<Pointer>,
    /// What each function is, by the name that it is exported under or has in the name section.
    pub functions: BTreeMap<String, Role>,
    /// Functions that nothing may reach afterwards.
    #[serde(default)]
    pub gone: Vec<String>,
}

/// The global that holds the next free address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Pointer {
    /// The function that gives it away: it reads and writes one mutable `i32` global.
    pub found_in: String,
    /// How scopes are spelled.
    #[serde(default)]
    pub scopes: Scopes,
}

/// How a program opens and closes scopes, where no functions do it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Scopes {
    /// Not at all: whoever else touches the pointer is refused.
    #[default]
    None,
    /// By saving the pointer in a local and setting it back.
    SaveRestore,
}

/// What a function is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
#[non_exhaustive]
pub enum Role {
    /// A call of the contract or of its extensions.
    Call(Call),
    /// Computes a size from its own arguments and allocates that much.
    Helper {
        /// Which of its parameters are sizes, from 0.
        sizes: Vec<u32>,
    },
    /// `(block, old size, new size) -> block`: another block with the old one's contents, which stays as it is.
    ReallocKeep,
    /// Returns the bump pointer.
    HeapGet,
    /// Sets the bump pointer.
    HeapSet,
    /// Rounds an address up: `(address, alignment) -> address`.
    AlignUp,
    /// One of C's.
    C(CFunction),
}

/// A function of the contract or of its extensions.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub(crate) interface: &'static sigil_abi::Interface,
    pub(crate) function: &'static sigil_abi::Function,
}

/// C's functions over its heap, by what they promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "C's own names")]
pub enum CFunction {
    Malloc,
    Free,
    Calloc,
    Realloc,
    AlignedAlloc,
    PosixMemalign,
    UsableSize,
}

/// The names of the roles that are no calls of the contract.
const ROLES: [(&str, Role); 11] = [
    ("realloc-keep", Role::ReallocKeep),
    ("heap-get", Role::HeapGet),
    ("heap-set", Role::HeapSet),
    ("align-up", Role::AlignUp),
    ("c-malloc", Role::C(CFunction::Malloc)),
    ("c-free", Role::C(CFunction::Free)),
    ("c-calloc", Role::C(CFunction::Calloc)),
    ("c-realloc", Role::C(CFunction::Realloc)),
    ("c-aligned-alloc", Role::C(CFunction::AlignedAlloc)),
    ("c-posix-memalign", Role::C(CFunction::PosixMemalign)),
    ("c-usable-size", Role::C(CFunction::UsableSize)),
];

/// A role as a profile spells it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Name(String),
    Table(Table),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    is: String,
    #[serde(default)]
    sizes: Vec<u32>,
}

impl TryFrom<Written> for Role {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let (name, sizes) = match written {
            Written::Name(name) => (name, Vec::new()),
            Written::Table(Table { is, sizes }) => (is, sizes),
        };
        if name == "helper" {
            return Ok(Self::Helper { sizes });
        }
        if !sizes.is_empty() {
            return Err(format!("`sizes` is for a `helper`, and this is `{name}`"));
        }
        let known = ROLES.iter().find(|(known, _)| *known == name);
        let known = known.map(|(_, role)| role.clone());
        known
            .or_else(|| Call::named(&name).map(Self::Call))
            .ok_or_else(|| {
                let roles = ROLES.iter().map(|(name, _)| *name);
                let calls = INTERFACES.iter().flat_map(|known| known.functions);
                let all: Vec<_> = ["helper"]
                    .into_iter()
                    .chain(roles)
                    .chain(calls.map(|call| call.name))
                    .collect();
                format!(
                    "`{name}` is nothing that a function can be: {}",
                    all.join(", ")
                )
            })
    }
}

impl Call {
    /// The function that WIT calls `name`; where two interfaces have one, `interface/name` says which.
    pub fn named(name: &str) -> Option<Self> {
        let (of, name) = match name.split_once('/') {
            Some((interface, name)) => (Some(interface), name),
            None => (None, name),
        };
        let interfaces = INTERFACES.iter().copied();
        let mut wanted = interfaces.filter(|interface| of.is_none_or(|of| of == interface.name));
        wanted.find_map(|interface| {
            let function = interface.function(name)?;
            Some(Self {
                interface,
                function,
            })
        })
    }

    /// The module that it is imported from.
    pub(crate) fn module(self) -> String {
        let interface = self.interface;
        format!(
            "{}/{}@{}",
            interface.package, interface.name, interface.version
        )
    }
}

impl PartialEq for Call {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Call {}

impl PartialOrd for Call {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Call {
    /// By package, interface and name.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let key = |call: &Self| {
            (
                call.interface.package,
                call.interface.name,
                call.function.name,
            )
        };
        key(self).cmp(&key(other))
    }
}

/// Why a text is no profile.
#[derive(Debug)]
pub struct ProfileError(String);

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}\nhelp: docs/retrofit.md explains profiles; the built-in ones are examples",
            self.0.trim_end()
        )
    }
}

impl std::error::Error for ProfileError {}

impl Profile {
    /// Reads a profile as TOML.
    ///
    /// # Errors
    ///
    /// Names the line, and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        toml::from_str(text).map_err(|error| ProfileError(error.to_string()))
    }

    /// The profile that is built in under `name`. All of them are read by a test.
    pub fn built_in(name: &str) -> Option<Self> {
        let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
        Self::parse(text).ok()
    }

    /// The names of the built-in profiles, sorted.
    pub fn built_in_names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_profile_reads_and_is_called_what_it_says() {
        let names: Vec<_> = Profile::built_in_names().collect();
        assert_eq!(names, ["malloc", "silicon"]);
        for name in names {
            assert_eq!(Profile::built_in(name).unwrap().name, name);
        }
        assert!(Profile::built_in("none").is_none());
    }

    #[test]
    fn a_wrong_profile_is_refused_with_its_line() {
        let head = "name = \"x\"\nabout = \"y\"\n";
        for (text, expected) in [
            ("name = 1", "line 1"),
            ("colour = \"red\"", "unknown field `colour`"),
            (
                "[functions]\na = \"allocate\"",
                "`allocate` is nothing that a function can be: helper, realloc-keep, heap-get",
            ),
            (
                "[functions]\na = { is = \"alloc\", sizes = [0] }",
                "`sizes` is for a `helper`",
            ),
            ("[functions]\na = { is = \"helper\", size = [0] }", "line 4"),
            (
                "[pointer]\nfound-in = \"alloc\"\nscopes = \"maybe\"\n[functions]",
                "unknown variant `maybe`",
            ),
        ] {
            let text = if text.starts_with("name") {
                text.to_string()
            } else {
                format!("{head}{text}")
            };
            let error = Profile::parse(&text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            assert!(error.contains("help: "), "{error}");
        }
    }
}
