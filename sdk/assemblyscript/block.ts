// A block of the memory manager, as AssemblyScript's library expects it, in a block of the contract:
//
//     block        block + 4       block + 8 = what the program gets
//     │ nothing    │ payload size  │ payload, a multiple of 8 …
//
// AssemblyScript keeps a block's size right below the payload, where its collector reads it. The four bytes in front of that
// are what aligning the payload to 8 costs. AssemblyScript's own runtimes align to 16; nothing in its library or in
// wasm asks for more than 8, `v128` included.

import { realloc } from "./contract";

/** Bytes in front of a payload. */
// @ts-ignore: decorator
@inline export const HEADER: usize = 8;

/** The next multiple of 8; sizes that have none below 2^32 become 0. */
// @ts-ignore: decorator
@inline export function roundUp(size: usize): usize {
  return (size + 7) & ~7;
}

/**
 * How many bytes to ask for, so that `size` fit behind the header, `size` being rounded up.
 *
 * Where that is no 32-bit number it is 2^32 - 1, which no memory has: the request is refused as any other that is too
 * large, and a host can report it.
 */
// @ts-ignore: decorator
@inline export function whole(size: usize): usize {
  const sum = roundUp(size) + HEADER;
  return select<usize>(sum, -1, sum > size);
}

/** The size of a payload that was stored by `setPayloadSize`. */
// @ts-ignore: decorator
@inline export function payloadSize(payload: usize): usize {
  return load<usize>(payload - 4);
}

/** Stores the size below the payload of a block, and returns the payload's address. */
// @ts-ignore: decorator
@inline export function setPayloadSize(block: usize, size: usize): usize {
  store<usize>(block + 4, roundUp(size));
  return block + HEADER;
}

/**
 * What `heap.realloc` is. A block of static data is copied, and stays. [R2]
 *
 * Asserts that the payload is one that `heap.alloc` returned, or static data.
 */
export function resized(payload: usize, size: usize): usize {
  assert(payload != 0 && (payload & 7) == 0);
  const oldSize = payloadSize(payload);
  if (payload < __heap_base) {
    const copy = __alloc(size);
    memory.copy(copy, payload, min(oldSize & ~3, size));
    return copy;
  }
  return setPayloadSize(realloc(payload - HEADER, oldSize + HEADER, whole(size)), size);
}
