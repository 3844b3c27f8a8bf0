//! Large blocks, and addresses above 2^31 (H4, S3).

use anyhow::{Context, Result, ensure};
use sigil_host::{Instance, Limit};

use crate::cases::{call, exhaustion};

pub(crate) const BLOCK_BYTES: u32 = 300_000_000;

/// H4: memory grows until a block lies across 2^31.
pub(crate) fn high_across(instance: &mut Instance, _: &str) -> Result<()> {
    let block = call(instance, "climb", &[BLOCK_BYTES])?;
    ensure!(block < 1 << 31, "{block:#x} is above 2^31");
    ensure!(
        block
            .checked_add(BLOCK_BYTES)
            .is_some_and(|end| end > 1 << 31),
        "{block:#x} is below"
    );
    ensure!(
        call(instance, "is_written", &[block, BLOCK_BYTES])? == 1,
        "its ends have changed"
    );
    Ok(())
}

/// H4: up to the last pages of 4 GiB, every block apart from every other.
pub(crate) fn high_to_the_end(instance: &mut Instance, _: &str) -> Result<()> {
    let mut blocks: Vec<(u32, u32)> = Vec::new();
    // Each size until it does not fit: the steps must find what the larger ones left.
    for size in [BLOCK_BYTES, 10_000_000, 100_000, 4096] {
        let report = loop {
            match instance.call_i32("alloc_once", &[size]) {
                Ok(block) => blocks.push((block.context("no result")?, size)),
                outcome => break exhaustion(outcome)?,
            }
        };
        ensure!(report.limit != Limit::Flag, "nobody set a cap");
    }
    for (block, size) in &blocks {
        ensure!(
            call(instance, "is_written", &[*block, *size])? == 1,
            "the block of {size} bytes at {block:#x} has changed"
        );
    }
    blocks.sort_unstable();
    for pair in blocks.windows(2) {
        let [(left, size), (right, _)] = pair else {
            continue;
        };
        ensure!(
            left.checked_add(*size).is_some_and(|end| end <= *right),
            "{left:#x} overlaps {right:#x}"
        );
    }
    let total: u64 = blocks.iter().map(|(_, size)| u64::from(*size)).sum();
    ensure!(
        total > 4_200_000_000,
        "only {total} bytes of 4 GiB were served"
    );
    Ok(())
}

/// S3 with large blocks: the memory of one turn serves them all.
pub(crate) fn high_scopes(instance: &mut Instance, _: &str) -> Result<()> {
    let mut pages = None;
    for _ in 0..40 {
        let scope = call(instance, "enter_scope", &[])?;
        let block = call(instance, "alloc_once", &[BLOCK_BYTES])?;
        ensure!(
            call(instance, "is_written", &[block, BLOCK_BYTES])? == 1,
            "its ends have changed"
        );
        instance.call_i32("exit_scope", &[scope])?;
        let now = instance.memory_pages();
        ensure!(
            *pages.get_or_insert(now) == now,
            "memory grew from turn to turn, to {now} pages"
        );
    }
    Ok(())
}
