//! How `--replace` finds a profile: a name that is built in, or a file.

use anyhow::{Context, bail};
use sigil_link::Profile;
use std::path::Path;

/// Reads the profile that `value`, a name or a file, stands for. What looks like a file (a path separator, `.toml`) is one.
pub(crate) fn read(value: &str) -> anyhow::Result<Profile> {
    let is_file = value.contains(std::path::is_separator) || value.ends_with(".toml");
    if !is_file && let Some(profile) = Profile::built_in(value) {
        return Ok(profile);
    }
    if !is_file && !Path::new(value).is_file() {
        let names: Vec<_> = Profile::built_in_names()
            .map(|name| format!("`{name}`"))
            .collect();
        bail!(
            "no profile is called `{value}`\nhelp: there are {}; or name a TOML file",
            names.join(", ")
        );
    }
    let text = std::fs::read_to_string(value)
        .with_context(|| format!("cannot read the profile `{value}`"))?;
    Profile::parse(&text).with_context(|| format!("cannot use the profile `{value}`"))
}
