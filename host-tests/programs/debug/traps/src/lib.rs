//! Traps in known lines, each marked with the name that a test looks for. Compiled with debug information.
#![cfg(target_arch = "wasm32")]
#![no_std]
#![allow(
    unsafe_code,
    reason = "a program that manages its memory through imports"
)]

#[link(wasm_import_module = "sigil:allocator/core@0.1.0")]
unsafe extern "C" {
    safe fn alloc(size: u32) -> *mut u32;
}

/// Enough calls to move everything behind it.
#[inline(never)]
fn work(n: u32) -> u32 {
    let mut sum = 0_u32;
    for i in 0..n {
        let (first, second) = (alloc(16), alloc(16 + i));
        // SAFETY: both blocks have 16 bytes, and are aligned to 8.
        unsafe {
            first.write_volatile(i);
            second.write_volatile(first.read_volatile() + 1);
            sum = sum.wrapping_add(second.read_volatile());
        }
    }
    sum
}

/// Inlined, so that a frame has two places.
#[inline(always)]
fn fail(sum: u32) -> u32 {
    // Engines make one trapping instruction of the comparison and what follows.
    // fail
    if sum > 1 {
        core::arch::wasm32::unreachable()
    }
    sum
}

/// Traps between two allocations.
#[unsafe(no_mangle)]
pub extern "C" fn fails_between(n: u32) -> u32 {
    let before = alloc(24);
    // SAFETY: the block has 24 bytes.
    unsafe { before.write_volatile(work(n)) };
    let sum = fail(n); // fails_between
    let after = alloc(24);
    // SAFETY: the block has 24 bytes.
    unsafe { after.write_volatile(sum) };
    sum
}

/// Runs out of memory.
#[unsafe(no_mangle)]
pub extern "C" fn exhausts() -> u32 {
    let sum = work(3);
    let block = alloc(0xffff_ff00); // exhausts
    // SAFETY: the block has that many bytes.
    unsafe { block.write_volatile(sum) };
    sum
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
