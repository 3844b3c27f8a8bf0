//! What a Rust program without a standard library needs of WASI: output, and an end on panic.

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    fn fd_write(fd: u32, iovs: *const IoVec, n_iovs: u32, n_written: *mut u32) -> u32;
}

/// WASI's `ciovec`.
#[repr(C)]
struct IoVec {
    start: *const u8,
    length: usize,
}

/// Writes all of `bytes` to standard output. Traps where that fails.
pub(crate) fn print(mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let part = IoVec {
            start: bytes.as_ptr(),
            length: bytes.len(),
        };
        let mut n_written = 0;
        // SAFETY: one vector over live bytes, one result.
        let error = unsafe { fd_write(1, &raw const part, 1, &raw mut n_written) };
        if error != 0 || n_written == 0 {
            core::arch::wasm32::unreachable();
        }
        bytes = &bytes[n_written as usize..];
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
