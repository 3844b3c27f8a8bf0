//! What happens when memory runs out (H5, H6, R4, S3).

use anyhow::{Result, ensure};
use sigil_host::{Instance, Limit};

use crate::{
    cases::{call, exhaustion, intact},
    linked::same_output,
};

/// The cap of the cases, in pages: one more than the program's own.
pub(crate) const CAP_PAGES: u32 = 2;

/// More than the cap of `index` allows.
pub(crate) const LARGE: u32 = 2 << 20;

/// Rust's `try_reserve` fails, by `alloc` and by `realloc`, and the program goes on.
pub(crate) fn index_no_room(instance: &mut Instance, _: &str) -> Result<()> {
    ensure!(call(instance, "fallible", &[LARGE])? == 1);
    Ok(())
}

/// A panic about memory is reported as what it is.
pub(crate) fn index_exhausted(instance: &mut Instance, conformer: &str) -> Result<()> {
    let report = exhaustion(instance.call_i32("take", &[LARGE]))?;
    ensure!(report.call == "alloc", "in `{}`", report.call);
    ensure!(
        report.requested_bytes == Some(LARGE),
        "of {:?} bytes in {conformer}",
        report.requested_bytes
    );
    ensure!(
        report.backtrace.iter().any(|frame| frame == "take"),
        "the backtrace does not say who asked: {:?}",
        report.backtrace
    );
    Ok(())
}

/// H5: the report says who, what and how much. H6: the host can call again, and nothing is lost.
pub(crate) fn exhaust_command(instance: &mut Instance, conformer: &str) -> Result<()> {
    let report = exhaustion(instance.run_command())?;
    same_output(instance, b"filling\n")?;
    let name = conformer.strip_suffix(".component").unwrap_or(conformer);
    ensure!(
        report.allocator == name,
        "expected `{name}`, found `{}`",
        report.allocator
    );
    ensure!(
        report.call == "alloc",
        "expected `alloc`, found `{}`",
        report.call
    );
    ensure!(
        report.limit == Limit::Flag,
        "expected the flag, found {:?}",
        report.limit
    );
    ensure!(
        report.max_pages == u64::from(CAP_PAGES),
        "max_pages is {}",
        report.max_pages
    );
    ensure!(
        report.memory_pages <= u64::from(CAP_PAGES),
        "memory_pages is {}",
        report.memory_pages
    );
    ensure!(report.refused_pages > 0, "refused_pages is 0");
    ensure!(!report.backtrace.is_empty(), "no backtrace");

    let n_blocks = intact(instance)?;
    // Most of two pages, less what the program and the conformer keep for themselves.
    ensure!(
        n_blocks > 60,
        "only {n_blocks} blocks of 1000 bytes in {CAP_PAGES} pages"
    );
    exhaustion(instance.call_i32("fill", &[1000]))?;
    let again = intact(instance)?;
    ensure!(
        again == n_blocks,
        "the same request succeeded later: {n_blocks}, then {again}"
    );
    Ok(())
}

pub(crate) fn exhaust_smaller_request(instance: &mut Instance, _: &str) -> Result<()> {
    exhaustion(instance.call_i32("fill", &[60_000]))?;
    let n_blocks = intact(instance)?;
    let block = call(instance, "alloc_once", &[1000])?;
    ensure!(
        block.is_multiple_of(8),
        "A1: {block:#x} is no multiple of 8"
    );
    ensure!(
        intact(instance)? == n_blocks + 1,
        "the smaller block is lost"
    );
    Ok(())
}

/// R4: the old block stays.
pub(crate) fn exhaust_realloc(instance: &mut Instance, _: &str) -> Result<()> {
    for size in [1000, 60_000] {
        call(instance, "alloc_once", &[size])?;
        for new_size in [200_000, 0x7fff_fff8, 0xffff_fff8, 0xffff_ffff] {
            let report = exhaustion(instance.call_i32("grow_last", &[new_size]))?;
            ensure!(
                report.call == "realloc",
                "expected `realloc`, found `{}`",
                report.call
            );
            ensure!(
                report.requested_bytes == Some(new_size),
                "{new_size} bytes were asked for, {:?} are reported",
                report.requested_bytes
            );
            intact(instance)?;
        }
    }
    ensure!(intact(instance)? == 2, "a block is lost");
    Ok(())
}

pub(crate) fn exhaust_scope_exits(instance: &mut Instance, _: &str) -> Result<()> {
    call(instance, "alloc_once", &[1000])?;
    let mut most = None;
    for _ in 0..3 {
        let scope = call(instance, "enter_scope", &[])?;
        exhaustion(instance.call_i32("fill", &[1000]))?;
        let n_blocks = intact(instance)?;
        ensure!(
            *most.get_or_insert(n_blocks) == n_blocks,
            "S3: memory is lost between the turns"
        );
        instance.call_i32("exit_scope", &[scope, 1])?;
        ensure!(intact(instance)? == 1, "the block of the root is lost");
    }
    Ok(())
}

pub(crate) fn exhaust_raised_cap(instance: &mut Instance, _: &str) -> Result<()> {
    exhaustion(instance.call_i32("fill", &[60_000]))?;
    let n_blocks = intact(instance)?;
    instance.set_max_heap_pages(Some(CAP_PAGES + 2));
    call(instance, "alloc_once", &[60_000])?;
    ensure!(intact(instance)? == n_blocks + 1, "the new block is lost");
    Ok(())
}

/// H4, H5: what can never fit is refused by `memory.grow` too, so that the host sees exhaustion.
pub(crate) fn exhaust_impossible_request(instance: &mut Instance, _: &str) -> Result<()> {
    call(instance, "alloc_once", &[64])?;
    for size in [0xffff_ff00, 0xffff_fff8, 0xffff_fff9, 0xffff_ffff] {
        let report = exhaustion(instance.call_i32("alloc_once", &[size]))?;
        ensure!(
            report.requested_bytes.is_none_or(|found| found == size),
            "expected {size} requested bytes, found {:?}",
            report.requested_bytes,
        );
        ensure!(intact(instance)? == 1, "the block before is lost");
    }
    call(instance, "alloc_once", &[64])?;
    Ok(())
}
