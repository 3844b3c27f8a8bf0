// A JSON reader and pretty-printer: the program `json` of ../README.md. Over `stub` each round is a scope.

import { enter, leave } from "./scopes";
import { Output, readAll } from "./wasi";

const ROUNDS = 20;

/** How many of what, and how deep. */
class Counts {
  objects: i32 = 0;
  arrays: i32 = 0;
  strings: i32 = 0;
  numbers: i32 = 0;
  depth: i32 = 0;
}

/** A text that grows. */
class Text {
  private units: StaticArray<u16> = new StaticArray(1024);
  private length: i32 = 0;

  unit(unit: u32): void {
    if (this.length == this.units.length) this.grow(this.length + 1);
    unchecked((this.units[this.length++] = <u16>unit));
  }

  text(text: string): void {
    const length = text.length;
    if (length > this.units.length - this.length) this.grow(this.length + length);
    memory.copy(changetype<usize>(this.units) + (<usize>this.length << 1), changetype<usize>(text), <usize>length << 1);
    this.length += length;
  }

  toString(): string {
    return String.UTF16.decodeUnsafe(changetype<usize>(this.units), <usize>this.length << 1);
  }

  private grow(needed: i32): void {
    const units = new StaticArray<u16>(max(needed, this.units.length << 1));
    memory.copy(changetype<usize>(units), changetype<usize>(this.units), <usize>this.length << 1);
    this.units = units;
  }
}

/** `true`, `false`, `null` and numbers are what stands in the text. */
class Value {
  constructor(readonly text: string) {}

  print(to: Text, indent: i32): void {
    to.text(this.text);
  }
}

class StringValue extends Value {
  print(to: Text, indent: i32): void {
    quote(to, this.text);
  }
}

class ArrayValue extends Value {
  elements: Value[] = [];

  constructor() {
    super("");
  }

  print(to: Text, indent: i32): void {
    if (this.elements.length == 0) {
      to.text("[]");
      return;
    }
    for (let i = 0; i < this.elements.length; i++) {
      to.text(i == 0 ? "[" : ",");
      line(to, indent + 1);
      this.elements[i].print(to, indent + 1);
    }
    line(to, indent);
    to.text("]");
  }
}

class ObjectValue extends Value {
  keys: string[] = [];
  values: Value[] = [];

  constructor() {
    super("");
  }

  print(to: Text, indent: i32): void {
    if (this.keys.length == 0) {
      to.text("{}");
      return;
    }
    for (let i = 0; i < this.keys.length; i++) {
      to.text(i == 0 ? "{" : ",");
      line(to, indent + 1);
      quote(to, this.keys[i]);
      to.text(": ");
      this.values[i].print(to, indent + 1);
    }
    line(to, indent);
    to.text("}");
  }
}

function line(to: Text, indent: i32): void {
  to.unit(0x0a);
  for (let i = 0; i < indent; i++) to.text("  ");
}

function quote(to: Text, text: string): void {
  to.unit(0x22);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    switch (unit) {
      case 0x08: to.text("\\b"); break;
      case 0x09: to.text("\\t"); break;
      case 0x0a: to.text("\\n"); break;
      case 0x0c: to.text("\\f"); break;
      case 0x0d: to.text("\\r"); break;
      case 0x22: to.text('\\"'); break;
      case 0x5c: to.text("\\\\"); break;
      default: {
        if (unit >= 0x20) {
          to.unit(unit);
        } else {
          to.text(unit < 0x10 ? "\\u000" : "\\u001");
          to.text((unit & 15).toString(16));
        }
      }
    }
  }
  to.unit(0x22);
}

class Parser {
  private at: i32 = 0;

  constructor(
    private text: string,
    private counts: Counts,
  ) {}

  document(): Value {
    const value = this.value(0);
    this.space();
    if (this.at != this.text.length) invalid();
    return value;
  }

  private value(depth: i32): Value {
    const start = this.space();
    if (start == 0x22) {
      this.counts.strings++;
      return new StringValue(this.string());
    }
    if (start == 0x7b) return this.object(depth + 1);
    if (start == 0x5b) return this.array(depth + 1);
    if (this.skip("true") || this.skip("false") || this.skip("null")) {
      return new Value(this.text.substring(this.at - (start == 0x66 ? 5 : 4), this.at));
    }
    return this.number();
  }

  private object(depth: i32): Value {
    this.entered(depth);
    this.counts.objects++;
    const object = new ObjectValue();
    this.at++;
    if (this.space() == 0x7d) {
      this.at++;
      return object;
    }
    while (true) {
      if (this.space() != 0x22) invalid();
      object.keys.push(this.string());
      if (this.space() != 0x3a) invalid();
      this.at++;
      object.values.push(this.value(depth));
      if (this.last(0x7d)) return object;
    }
  }

  private array(depth: i32): Value {
    this.entered(depth);
    this.counts.arrays++;
    const array = new ArrayValue();
    this.at++;
    if (this.space() == 0x5d) {
      this.at++;
      return array;
    }
    while (true) {
      array.elements.push(this.value(depth));
      if (this.last(0x5d)) return array;
    }
  }

  private entered(depth: i32): void {
    this.counts.depth = max(this.counts.depth, depth);
  }

  /** Steps over a comma, or over what ends the list, which is then true. */
  private last(end: i32): bool {
    const found = this.space();
    if (found != end && found != 0x2c) invalid();
    this.at++;
    return found == end;
  }

  private number(): Value {
    const start = this.at;
    this.skip("-");
    if (!this.skip("0")) this.digits();
    if (this.skip(".")) this.digits();
    if (this.skip("e") || this.skip("E")) {
      if (!this.skip("-")) this.skip("+");
      this.digits();
    }
    this.counts.numbers++;
    return new Value(this.text.substring(start, this.at));
  }

  private digits(): void {
    const start = this.at;
    while (this.peek() >= 0x30 && this.peek() <= 0x39) this.at++;
    if (this.at == start) invalid();
  }

  private string(): string {
    const start = ++this.at;
    let decoded: Text | null = null;
    let copied = start;
    while (true) {
      const unit = this.peek();
      if (unit < 0x20) invalid();
      if (unit == 0x22) break;
      this.at++;
      if (unit != 0x5c) continue;
      if (!decoded) decoded = new Text();
      decoded.text(this.text.substring(copied, this.at - 1));
      decoded.unit(this.escape());
      copied = this.at;
    }
    const rest = this.text.substring(copied, this.at++);
    if (!decoded) return rest;
    decoded.text(rest);
    return decoded.toString();
  }

  /** What stands behind a backslash: half of a surrogate pair is a unit like any other. */
  private escape(): i32 {
    const unit = this.peek();
    this.at++;
    switch (unit) {
      case 0x22:
      case 0x2f:
      case 0x5c: return unit;
      case 0x62: return 0x08;
      case 0x66: return 0x0c;
      case 0x6e: return 0x0a;
      case 0x72: return 0x0d;
      case 0x74: return 0x09;
    }
    if (unit != 0x75) invalid();
    let code = 0;
    for (let i = 0; i < 4; i++) {
      const digit = this.peek();
      this.at++;
      const letter = digit | 0x20;
      if (digit >= 0x30 && digit <= 0x39) code = (code << 4) | (digit - 0x30);
      else if (letter >= 0x61 && letter <= 0x66) code = (code << 4) | (letter - 0x57);
      else invalid();
    }
    return code;
  }

  /** Steps over blanks; the unit behind them. */
  private space(): i32 {
    while (true) {
      const unit = this.peek();
      if (unit != 0x20 && unit != 0x0a && unit != 0x0d && unit != 0x09) return unit;
      this.at++;
    }
  }

  /** The next unit, or -1. */
  private peek(): i32 {
    return this.at < this.text.length ? this.text.charCodeAt(this.at) : -1;
  }

  /** Steps over a word, if it stands here. */
  private skip(word: string): bool {
    if (!this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }
}

const output = new Output();

function invalid(): void {
  output.fail("invalid");
}

function round(text: string, last: bool): void {
  const counts = new Counts();
  const printed = new Text();
  new Parser(text, counts).document().print(printed, 0);
  if (!last) return;
  output.line(printed.toString());
  output.line(
    `objects ${counts.objects} arrays ${counts.arrays} strings ${counts.strings} numbers ${counts.numbers} depth ${counts.depth}`,
  );
  output.flush();
}

const text = String.UTF8.decode(readAll());
for (let i = 1; i <= ROUNDS; i++) {
  const scope = enter();
  round(text, i == ROUNDS);
  leave(scope);
}
