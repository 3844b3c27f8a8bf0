//! AssemblyScript's programs.

use anyhow::{Result, bail};

use super::Program;
use crate::workspace::Workspace;

pub(crate) fn build(_: &Workspace) -> Result<Vec<Program>> {
    bail!("to be written")
}
