//! What a Rust program without a standard library needs of WASI: input, output, and an end on panic.
//!
//! On other targets the crate is empty.
#![cfg(target_arch = "wasm32")]
#![no_std]
#![allow(unsafe_code, reason = "input and output are imports")]

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    fn fd_read(fd: u32, iovs: *const IoVec, n_iovs: u32, n_read: *mut u32) -> u32;
    fn fd_write(fd: u32, iovs: *const IoVec, n_iovs: u32, n_written: *mut u32) -> u32;
    safe fn proc_exit(status: u32) -> !;
}

/// WASI's `iovec` and `ciovec`.
#[repr(C)]
struct IoVec {
    start: *const u8,
    length: usize,
}

/// Writes all of `bytes` to standard output. Traps where that fails.
pub fn print(mut bytes: &[u8]) {
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

/// Reads standard input to its end, and hands it over part by part. Traps where that fails.
pub fn read(mut take: impl FnMut(&[u8])) {
    let mut buffer = [0; 4096];
    loop {
        let part = IoVec {
            start: buffer.as_mut_ptr(),
            length: buffer.len(),
        };
        let mut n_read = 0;
        // SAFETY: one vector over a buffer that is ours alone, one result.
        let error = unsafe { fd_read(0, &raw const part, 1, &raw mut n_read) };
        if error != 0 {
            core::arch::wasm32::unreachable();
        }
        if n_read == 0 {
            return;
        }
        take(&buffer[..n_read as usize]);
    }
}

/// Ends the program.
pub fn exit(status: u32) -> ! {
    proc_exit(status)
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    #[cfg(feature = "report")]
    sigil_alloc::report_exhaustion(&info.message());
    #[cfg(not(feature = "report"))]
    let _ = info;
    core::arch::wasm32::unreachable()
}
