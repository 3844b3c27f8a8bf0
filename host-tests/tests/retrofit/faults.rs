//! Where the old allocator is wrong, and the new one right.

use sigil_link::Force;
use wasmtime::Trap;

use crate::{assemble, conformers, folder, machine::Machine, replaced};

/// A call that goes wrong before, and what it should come to.
struct Fault {
    call: &'static str,
    before: Result<Option<i32>, Trap>,
    after: Result<Option<i32>, Trap>,
}

/// Exhaustion is a trap of its own kind by the contract; that nothing was moved before is the suite's to prove.
const EXHAUSTED: Result<Option<i32>, Trap> = Err(Trap::UnreachableCodeReached);

const FAULTS: [Fault; 8] = [
    fault("wrap", Ok(Some(1)), EXHAUSTED),
    fault("wrap_scratch", Ok(Some(1)), EXHAUSTED),
    fault("wrap_array", Ok(Some(1)), EXHAUSTED),
    fault("wrap_string", Ok(Some(1)), EXHAUSTED),
    fault("wrap_concat", Err(Trap::MemoryOutOfBounds), EXHAUSTED),
    fault("far", Err(Trap::MemoryOutOfBounds), Ok(Some(1))),
    fault("large", Err(Trap::UnreachableCodeReached), Ok(Some(100))),
    fault("foreign", Ok(Some(0)), Ok(Some(77))),
];

const fn fault(
    call: &'static str,
    before: Result<Option<i32>, Trap>,
    after: Result<Option<i32>, Trap>,
) -> Fault {
    Fault {
        call,
        before,
        after,
    }
}

#[test]
fn what_was_wrong_is_right_with_every_conformer() {
    let program = assemble(&folder().join("faults.wat"));
    for fault in &FAULTS {
        let before = Machine::new(&program).call(fault.call).end;
        assert_eq!(before, fault.before, "`{}` is not wrong before", fault.call);
    }
    for (conformer, wasm) in conformers() {
        for optimize in [false, true] {
            let linked =
                replaced(&program, "silicon", Force::default(), &wasm, optimize).expect("it links");
            for fault in &FAULTS {
                let after = Machine::new(&linked.wasm).call(fault.call).end;
                assert_eq!(
                    after, fault.after,
                    "`{}` with {conformer}, optimized: {optimize}",
                    fault.call
                );
            }
        }
    }
}

#[test]
fn a_block_that_fits_exactly_is_given() {
    // As `fill.wat` has them.
    const BLOCK: i32 = 16;
    const PAGE: i32 = 1 << 16;
    let program = assemble(&folder().join("fill.wat"));
    let filled = |wasm: &[u8]| {
        let mut machine = Machine::new(wasm);
        assert_eq!(machine.call("fill").end, EXHAUSTED);
        machine.global("end")
    };
    // There is room for one more.
    assert_eq!(filled(&program), PAGE - BLOCK, "the old allocator is right");
    for (conformer, wasm) in conformers() {
        let linked =
            replaced(&program, "silicon", Force::default(), &wasm, false).expect("it links");
        let left = PAGE - filled(&linked.wasm);
        // A free list keeps a header in front of a last block, and one behind it.
        let kept = if conformer == "freelist" {
            3 * BLOCK
        } else {
            0
        };
        assert!(
            left < BLOCK + kept,
            "with {conformer} {left} bytes are left"
        );
    }
}
