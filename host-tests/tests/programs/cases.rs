//! The cases on programs: what is done with an instance, by calls of its exports.

use anyhow::{Context, Result, bail, ensure};
use sigil_host::{Exhaustion, Failure, Instance};

use crate::{
    exhaustion::{
        CAP_PAGES, exhaust_command, exhaust_impossible_request, exhaust_raised_cap,
        exhaust_realloc, exhaust_scope_exits, exhaust_smaller_request, index_exhausted,
        index_no_room,
    },
    high::{high_across, high_scopes, high_to_the_end},
};

/// A case on a program: what to do with its instance.
pub(crate) type Case = fn(&mut Instance, &str) -> Result<()>;

/// Program, name, cap in pages, what to do.
pub(crate) const CASES: &[(&str, &str, Option<u32>, Case)] = &[
    ("exhaust", "command", Some(CAP_PAGES), exhaust_command),
    (
        "exhaust",
        "smaller_request",
        Some(CAP_PAGES),
        exhaust_smaller_request,
    ),
    ("exhaust", "realloc", Some(CAP_PAGES), exhaust_realloc),
    (
        "exhaust",
        "scope_exits",
        Some(CAP_PAGES),
        exhaust_scope_exits,
    ),
    ("exhaust", "raised_cap", Some(CAP_PAGES), exhaust_raised_cap),
    (
        "exhaust",
        "impossible_request",
        None,
        exhaust_impossible_request,
    ),
    ("both", "stopped", None, both_stopped),
    ("index", "no_room", Some(16), index_no_room),
    ("index", "exhausted", Some(16), index_exhausted),
    ("high", "across_2_31", None, high_across),
    ("high", "to_the_end", None, high_to_the_end),
    ("high", "scopes_of_300_mb", None, high_scopes),
];

/// The result of an export that has one.
pub(crate) fn call(instance: &mut Instance, export: &str, args: &[u32]) -> Result<u32> {
    instance
        .call_i32(export, args)?
        .with_context(|| format!("`{export}` has no result"))
}

/// What a call that must exhaust the heap reports.
pub(crate) fn exhaustion<T>(outcome: Result<T, Failure>) -> Result<Exhaustion> {
    match outcome {
        Err(Failure::Exhausted(report)) => Ok(*report),
        Err(other) => Err(anyhow::Error::new(other).context("expected exhaustion")),
        Ok(_) => bail!("expected exhaustion, but the call returned"),
    }
}

/// All blocks are as they were written; how many there are.
pub(crate) fn intact(instance: &mut Instance) -> Result<u32> {
    match call(instance, "check", &[])? {
        u32::MAX => bail!("a live block has changed"),
        n_blocks => Ok(n_blocks),
    }
}

/// Rust's allocator hands out nothing that would end with a scope, and the trap says why.
fn both_stopped(instance: &mut Instance, _: &str) -> Result<()> {
    let Err(Failure::Trap { backtrace, .. }) = instance.call_i32("leak", &[]) else {
        bail!("a vector was made inside of a scope");
    };
    let frames: Vec<String> = backtrace.iter().map(ToString::to_string).collect();
    ensure!(
        frames
            .iter()
            .any(|frame| frame.contains("global_allocation_while_a_scope_is_open")),
        "the trap does not say why: {frames:?}"
    );
    Ok(())
}
