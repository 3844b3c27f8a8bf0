// AssemblyScript's heap behind the functions of the contract.

export function alloc(size: usize): usize {
  return heap.alloc(size);
}

export function realloc(old: usize, oldSize: usize, newSize: usize): usize {
  return heap.realloc(old, newSize);
}

export function free(block: usize, size: usize): void {
  heap.free(block);
}
