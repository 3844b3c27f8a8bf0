// Objects that no collector follows. Of the header that AssemblyScript's collectors need, what its library reads remains:
//
//     block       block + 4   block + 8 = the reference
//     │ class id  │ size      │ fields, or elements …
//
// that is 8 bytes for each object instead of 20. Memory from `heap.alloc` has its size in the same place.
//
// The compiler takes a custom runtime for one that clears what it returns, so that is done here.

import { OBJECT_MAXSIZE } from "rt/common";
import { E_ALLOCATION_TOO_LARGE } from "util/error";
import { alloc, freeAll, realloc } from "./contract";
import { HEADER, payloadSize, resized, roundUp, setPayloadSize, whole } from "./block";

/** There are scopes in this runtime. */
// @ts-ignore: decorator
@global @lazy const SIGIL_SCOPES: bool = true;

/** Up to here a loop of stores is faster than `memory.fill`, in bytes: measured under wasmtime. */
// @ts-ignore: decorator
@inline const FEW: usize = 48;

/** Clears from one multiple of 8 to another. */
function clear(from: usize, end: usize): void {
  if (end - from > FEW) {
    memory.fill(from, 0, end - from);
    return;
  }
  for (; from < end; from += 8) store<u64>(from, 0);
}

/** What `heap.alloc` is. Traps where memory is exhausted. [A1, H5] */
// @ts-ignore: decorator
@global @unsafe
export function __alloc(size: usize): usize {
  return setPayloadSize(alloc(whole(size)), size);
}

/** What `heap.realloc` is. [R2] */
// @ts-ignore: decorator
@global @unsafe
export function __realloc(payload: usize, size: usize): usize {
  return resized(payload, size);
}

/** What `heap.free` is: shrinks the block to nothing, which gives the newest one back. Static data stays. [R3] */
// @ts-ignore: decorator
@global @unsafe
export function __free(payload: usize): void {
  assert((payload & 7) == 0);
  if (payload >= __heap_base) realloc(payload - HEADER, payloadSize(payload) + HEADER, 0);
}

/** What `heap.reset` is: everything is freed, and every scope closed. [B1] */
// @ts-ignore: decorator
@global @unsafe
export function __reset(): void {
  freeAll();
}

/** A cleared object of `size` bytes. Throws above 1 GiB, as AssemblyScript's own runtimes do. */
// @ts-ignore: decorator
@global @unsafe
export function __new(size: usize, id: u32): usize {
  if (size > OBJECT_MAXSIZE) throw new Error(E_ALLOCATION_TOO_LARGE);
  const length = roundUp(size);
  const block = alloc(length + HEADER);
  store<u32>(block, id);
  store<usize>(block, size, 4);
  const object = block + HEADER;
  clear(object, object + length);
  return object;
}

/** The object with another size, where it was or elsewhere; what it gains is cleared. */
// @ts-ignore: decorator
@global @unsafe
export function __renew(object: usize, size: usize): usize {
  const oldSize = payloadSize(object);
  const oldLength = roundUp(oldSize);
  if (object < __heap_base) {
    const copy = __new(size, load<u32>(object - HEADER));
    memory.copy(copy, object, min(oldSize, size));
    return copy;
  }
  if (size > OBJECT_MAXSIZE) throw new Error(E_ALLOCATION_TOO_LARGE);
  const length = roundUp(size);
  object = realloc(object - HEADER, oldLength + HEADER, length + HEADER) + HEADER;
  store<usize>(object - 4, size);
  if (size > oldSize) {
    const tail = object + oldSize;
    memory.fill(tail, 0, length - oldSize);
  }
  return object;
}

// Nobody collects, so nobody needs to know.

// @ts-ignore: decorator
@global @unsafe
export function __link(parent: usize, child: usize, expectMultiple: bool): void {}

// @ts-ignore: decorator
@global @unsafe
export function __pin(object: usize): usize {
  return object;
}

// @ts-ignore: decorator
@global @unsafe
export function __unpin(object: usize): void {}

// @ts-ignore: decorator
@global @unsafe
export function __visit(object: usize, cookie: u32): void {}

// @ts-ignore: decorator
@global @unsafe
export function __collect(): void {}
