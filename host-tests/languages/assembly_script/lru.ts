// A least-recently-used cache: the program `lru` of ../README.md. The table is the library's `Map`, the list its own.

import { Output } from "./wasi";

const CAPACITY = 1000;
const KEYS = 4000;
const CALLS = 300_000;

class Entry {
  newer: Entry | null = null;
  older: Entry | null = null;

  constructor(
    readonly key: i32,
    public value: string,
  ) {}
}

class Cache {
  private table: Map<i32, Entry> = new Map();
  private newest: Entry | null = null;
  private oldest: Entry | null = null;
  evictions: i32 = 0;

  /** The value of a key, as the most recently used one; `null` where there is none. */
  get(key: i32): string | null {
    if (!this.table.has(key)) return null;
    const entry = this.table.get(key);
    this.touch(entry);
    return entry.value;
  }

  put(key: i32, value: string): void {
    if (this.table.has(key)) {
      const entry = this.table.get(key);
      entry.value = value;
      this.touch(entry);
      return;
    }
    if (this.table.size == CAPACITY) {
      const oldest = this.oldest!;
      this.unlink(oldest);
      this.table.delete(oldest.key);
      this.evictions++;
    }
    const entry = new Entry(key, value);
    this.table.set(key, entry);
    this.link(entry);
  }

  get live(): i32 {
    return this.table.size;
  }

  /** The lengths of all values. */
  bytes(): i32 {
    let sum = 0;
    let entry = this.newest;
    while (entry) {
      sum += entry.value.length;
      entry = entry.older;
    }
    return sum;
  }

  private touch(entry: Entry): void {
    if (this.newest == entry) return;
    this.unlink(entry);
    this.link(entry);
  }

  private link(entry: Entry): void {
    const newest = this.newest;
    entry.newer = null;
    entry.older = newest;
    if (newest) newest.newer = entry;
    else this.oldest = entry;
    this.newest = entry;
  }

  private unlink(entry: Entry): void {
    const newer = entry.newer;
    const older = entry.older;
    if (newer) newer.older = older;
    else this.newest = older;
    if (older) older.newer = newer;
    else this.oldest = newer;
    entry.newer = null;
    entry.older = null;
  }
}

const cache = new Cache();
let x: u32 = 12345;
let hits = 0;
let misses = 0;
let sum: u32 = 0;
for (let turn = 0; turn < CALLS; turn++) {
  x = x * 1664525 + 1013904223;
  const key = <i32>((x >> 8) % KEYS);
  if ((x >> 24) % 4 == 0) {
    const letter = String.fromCharCode(0x61 + (key % 26));
    cache.put(key, letter.repeat((x >> 4) % 64));
    continue;
  }
  const value = cache.get(key);
  if (value !== null) {
    hits++;
    sum += value.length == 0 ? 7 : <u32>value.length * 31 + <u32>value.charCodeAt(0);
  } else {
    misses++;
  }
}

const output = new Output();
output.line(`hits ${hits}`);
output.line(`misses ${misses}`);
output.line(`evictions ${cache.evictions}`);
output.line(`live ${cache.live}`);
output.line(`bytes ${cache.bytes()}`);
output.line(`sum ${sum}`);
output.flush();
