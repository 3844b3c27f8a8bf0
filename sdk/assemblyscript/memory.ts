// AssemblyScript's memory manager over `core` and `sized`: `__alloc`, `__realloc` and `__free`, in the place of its TLSF.

import { alloc, free } from "./contract";
import { HEADER, payloadSize, resized, setPayloadSize, whole } from "./block";

/** A collector is over this runtime. */
// @ts-ignore: decorator
@global @lazy const SIGIL_COLLECTED: bool = true;

/**
 * What `heap.alloc` is. Traps where memory is exhausted; there is no largest size. [A1, H5]
 *
 * The bytes that rounding up adds read 0: the collector clears what an object has, and an array that grows into the rest
 * of its block relies on zeros there.
 */
// @ts-ignore: decorator
@global @unsafe
export function __alloc(size: usize): usize {
  const payload = setPayloadSize(alloc(whole(size)), size);
  if ((size & 7) != 0) store<u64>(payload + (size & ~7), 0);
  return payload;
}

/** What `heap.realloc` is. [R2] */
// @ts-ignore: decorator
@global @unsafe
export function __realloc(payload: usize, size: usize): usize {
  return resized(payload, size);
}

/** What `heap.free` is, and the collector's sweep. Static data stays. [F1] */
// @ts-ignore: decorator
@global @unsafe
export function __free(payload: usize): void {
  if (payload < __heap_base) return;
  assert((payload & 7) == 0);
  free(payload - HEADER, payloadSize(payload) + HEADER);
}
