// What AssemblyScript's library and programs rely on in a runtime. Each check prints a line, the same over any.

import { enter, leave, promoted } from "./scopes";
import { Output } from "./wasi";

const output = new Output();

function check(what: string, good: bool): void {
  if (good) output.line("ok " + what);
  else output.fail("FAILED " + what);
}

let seed: u32 = 1;

/** A number below `limit`. */
function random(limit: u32): u32 {
  seed = seed * 1664525 + 1013904223;
  return (seed >> 8) % limit;
}

function fill(block: usize, size: usize, mark: u32): void {
  for (let i: usize = 0; i < size; i++) store<u8>(block + i, <u8>(mark + <u32>i));
}

function filled(block: usize, size: usize, mark: u32): bool {
  for (let i: usize = 0; i < size; i++) {
    if (load<u8>(block + i) != <u8>(mark + <u32>i)) return false;
  }
  return true;
}

/** Blocks of all sizes at random, each filled with a pattern of its own, which is there as long as the block is. */
function blocks(): void {
  const SLOTS = 64;
  const places = new StaticArray<usize>(SLOTS);
  const sizes = new StaticArray<usize>(SLOTS);
  let kept = true;
  let aligned = true;
  for (let turn = 0; turn < 20000; turn++) {
    const slot = random(SLOTS);
    const place = places[slot];
    const old = sizes[slot];
    const size = random(10) == 0 ? random(20000) : random(100);
    if (place == 0) {
      places[slot] = heap.alloc(size);
      sizes[slot] = size;
    } else if (random(2) == 0) {
      kept = kept && filled(place, old, slot);
      heap.free(place);
      places[slot] = 0;
      continue;
    } else {
      places[slot] = heap.realloc(place, size);
      sizes[slot] = size;
      kept = kept && filled(places[slot], min(old, size), slot);
    }
    aligned = aligned && (places[slot] & 7) == 0;
    fill(places[slot], size, slot);
  }
  for (let slot = 0; slot < SLOTS; slot++) {
    if (places[slot] != 0) heap.free(places[slot]);
  }
  check("blocks are apart, and keep their bytes", kept);
  check("blocks are aligned to 8", aligned);
}

class Node {
  children: Node[] = [];
  name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** A tree whose nodes are named by their places in it. */
  static tree(name: string, depth: i32): Node {
    const node = new Node(name);
    for (let i = 0; depth > 0 && i < 3; i++) node.children.push(Node.tree(name + i.toString(), depth - 1));
    return node;
  }

  right(name: string, depth: i32): bool {
    if (this.name != name || this.children.length != (depth > 0 ? 3 : 0)) return false;
    for (let i = 0; i < this.children.length; i++) {
      if (!this.children[i].right(name + i.toString(), depth - 1)) return false;
    }
    return true;
  }
}

const DEPTH = 5;

/** What is reachable survives, whatever is made and dropped beside it. */
function survivors(): void {
  const table = new Map<string, Node>();
  let right = true;
  for (let round = 0; round < 60; round++) {
    const key = "tree" + (round % 7).toString();
    if (table.has(key)) right = right && table.get(key).right(key, DEPTH);
    table.set(key, Node.tree(key, DEPTH));
    if (round % 20 == 0) __collect();
  }
  const keys = table.keys();
  for (let i = 0; i < keys.length; i++) right = right && table.get(keys[i]).right(keys[i], DEPTH);
  check("what is reachable survives", right && keys.length == 7);
}

/**
 * Strings and arrays that are made and dropped do not add up: a collector takes them, or their scope. They are large, for
 * there are conformers that take back no others; the collector takes its time to find a balance; and AssemblyScript's own
 * `stub` takes back nothing.
 */
function garbage(): void {
  const ROUNDS = 160;
  let pages = 0;
  let sum = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const scope = enter();
    const numbers = new StaticArray<i32>(20000);
    for (let i = 0; i < numbers.length; i++) numbers[i] = i;
    sum += numbers.join(",").length;
    leave(scope);
    if (round == ROUNDS - 50) pages = memory.size();
  }
  check("garbage does not add up", sum == ROUNDS * 108889 && (memory.size() <= pages + 2 || ASC_RUNTIME == 0));
}

/** What elements must be more by, at least: AssemblyScript's own collector does not clear the rest of a block of 16 bytes. */
const MORE: i32 = isDefined(SIGIL_COLLECTED) || isDefined(SIGIL_SCOPES) ? 0 : 16;

/** New elements are 0, also in memory that was used before. */
function zeros(): void {
  let zero = true;
  for (let round = 0; round < 200; round++) {
    const used = heap.alloc(1000);
    memory.fill(used, 0xff, 1000);
    heap.free(used);
    const numbers = new Array<u8>(round);
    for (let i = 0; i < round; i++) zero = zero && numbers[i] == 0;
    numbers.fill(0xff);
    numbers.length = round + MORE + random(700);
    for (let i = round; i < numbers.length; i++) zero = zero && numbers[i] == 0;
    const bytes = new Uint8Array(random(300));
    for (let i = 0; i < bytes.length; i++) zero = zero && bytes[i] == 0;
  }
  for (let length = 8; length < 100; length++) {
    const room = (length + 16 + 7) & ~7;
    const used = heap.alloc(room);
    memory.fill(used, 0xff, room);
    heap.free(used);
    const few = new Array<u8>(length);
    few.length = length + MORE + 1;
    zero = zero && few[few.length - 1] == 0;
  }
  check("what is new reads 0", zero);
}

const primes: i32[] = [2, 3, 5, 7];

/** Static data can grow, by leaving its place; and nobody else gets that. */
function statics(): void {
  const literal = "in static data, for ever";
  // A string's header of 16 bytes is what its block begins with.
  const block = changetype<usize>(literal) - 16;
  const size = load<usize>(block - 4);
  const copy = heap.realloc(block, 1000);
  heap.free(block);
  for (let i = 0; i < 100; i++) fill(heap.alloc(size), size, i);
  check("static data is not given away", copy != block && literal == "in static data, " + "for ever");
  for (let i = 0; i < 100; i++) primes.push(11);
  check("a static array grows", primes.length == 104 && primes[3] == 7 && primes[103] == 11);
  const words: string[] = [];
  for (let i = 0; i < 1000; i++) words.push((random(100000) + 100000).toString());
  words.sort();
  let sorted = true;
  for (let i = 1; i < words.length; i++) sorted = sorted && words[i - 1] <= words[i];
  check("a sort gives back its buffers", sorted);
}

class Point {
  constructor(
    readonly x: i32,
    readonly y: f64,
  ) {}
}

/** The object, from inside of a scope of its own, which ends. */
function out<T>(make: () => T): T {
  const scope = enter();
  const inner = enter();
  new Array<string>(100).fill("x").join("yz");
  leave(inner);
  const made = make();
  return promoted<T>(scope, made);
}

/** A promoted object is what it was, and lives on. */
function scopes(): void {
  const text = out<string>(() => "a " + seed.toString());
  const literal = out<string>(() => "literal");
  const point = out<Point>(() => new Point(7, 0.5));
  const none = out<Point | null>(() => null);
  const numbers = out<StaticArray<u16>>(() => {
    const numbers = new StaticArray<u16>(999);
    for (let i = 0; i < 999; i++) numbers[i] = <u16>i;
    return numbers;
  });
  const buffer = out<ArrayBuffer>(() => String.UTF8.encode("bytes"));
  check("a promoted string", text == "a " + seed.toString() && literal == "literal");
  check("a promoted object", point.x == 7 && point.y == 0.5 && point instanceof Point && none == null);
  check("a promoted array", numbers.length == 999 && numbers[998] == 998);
  check("a promoted buffer", String.UTF8.decode(buffer) == "bytes");
}

/** Pinned, or just held by a local, an object stays. */
function held(): void {
  const local = Node.tree("local", DEPTH);
  const pinned = __pin(changetype<usize>(Node.tree("pinned", DEPTH)));
  garbage();
  check("a local is a root", local.right("local", DEPTH));
  check("a pinned object is a root", changetype<Node>(pinned).right("pinned", DEPTH));
  __unpin(pinned);
}

blocks();
survivors();
garbage();
zeros();
statics();
scopes();
held();
output.flush();
