//! Exhaustion that reached a panic handler, as a trap that hosts know.

use core::fmt::{self, Display, Write};

use crate::backing;

/// For panic handlers of programs over [`Heap`](crate::Heap): traps as H5 says where the panic is about memory that the heap
/// did not have. Else it returns.
///
/// Rust calls the panic handler with `memory allocation of 1000 bytes failed` when [`Heap`](crate::Heap) returned null and
/// nobody asked for that. To a host, that is a trap like any other. This reads the number and asks once more, by `alloc`, which traps in the
/// conformer: the host's report then has the number of bytes and the backtrace.
///
/// ```text
/// #[panic_handler]
/// fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
///     sigil_alloc::report_exhaustion(&info.message());
///     core::arch::wasm32::unreachable()
/// }
/// ```
pub fn report_exhaustion(message: &impl Display) {
    let mut reader = Reader::default();
    // The reader never fails; a message that does says nothing.
    if write!(reader, "{message}").is_ok()
        && let Some(size_bytes) = reader.size_bytes()
    {
        backing::alloc(size_bytes);
    }
}

const BEFORE: &str = "memory allocation of ";
const BEHIND: &str = " bytes failed";

/// Follows a message that comes in pieces.
#[derive(Default)]
struct Reader {
    /// Bytes read of `BEFORE` and then of `BEHIND`.
    n_before: usize,
    n_behind: usize,
    n_digits: usize,
    number: usize,
    differs: bool,
}

impl Reader {
    fn read(&mut self, byte: u8) {
        if let Some(expected) = BEFORE.as_bytes().get(self.n_before) {
            self.differs |= byte != *expected;
            self.n_before += 1;
        } else if self.n_behind == 0 && byte.is_ascii_digit() {
            self.number = (self.number.saturating_mul(10)).saturating_add((byte - b'0').into());
            self.n_digits += 1;
        } else {
            self.differs |= BEHIND.as_bytes().get(self.n_behind) != Some(&byte);
            self.n_behind += 1;
        }
    }

    fn size_bytes(&self) -> Option<usize> {
        let whole = self.n_digits > 0 && self.n_behind == BEHIND.len();
        (whole && !self.differs).then_some(self.number)
    }
}

impl Write for Reader {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        part.bytes().for_each(|byte| self.read(byte));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size_in(message: &str) -> Option<usize> {
        let mut reader = Reader::default();
        for part in message.split_inclusive(' ') {
            reader.write_str(part).expect("never fails");
        }
        reader.size_bytes()
    }

    #[test]
    fn only_the_whole_message_is_about_memory() {
        assert_eq!(
            size_in("memory allocation of 1000 bytes failed"),
            Some(1000)
        );
        for other in [
            "",
            "memory allocation of ",
            "memory allocation of  bytes failed",
            "memory allocation of 10 bytes",
            "memory allocation of 10 bytes failed, again",
            "memory allocation of 10 0 bytes failed",
            "memory allocations of 10 bytes failed",
        ] {
            assert_eq!(size_in(other), None, "{other}");
        }
    }
}
