// What the programs need of WASI preview 1: standard input, standard output, the end.

// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_read")
declare function fd_read(file: u32, vectors: usize, count: u32, done: usize): u32;

// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(file: u32, vectors: usize, count: u32, done: usize): u32;

// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(status: u32): void;

/** One address and one length, and how many bytes a call was about. */
const vector = memory.data(8, 4);
const done = memory.data(4, 4);

/** Ends the program. */
export function exit(status: u32): void {
  proc_exit(status);
}

/** Standard input to its end. */
export function readAll(): ArrayBuffer {
  let room: usize = 1 << 16;
  let bytes = heap.alloc(room);
  let length: usize = 0;
  while (true) {
    if (length == room) {
      room <<= 1;
      bytes = heap.realloc(bytes, room);
    }
    store<usize>(vector, bytes + length);
    store<usize>(vector, room - length, 4);
    if (fd_read(0, vector, 1, done) != 0) break;
    const count = load<u32>(done);
    if (count == 0) break;
    length += count;
  }
  const all = new ArrayBuffer(<i32>length);
  memory.copy(changetype<usize>(all), bytes, length);
  heap.free(bytes);
  return all;
}

function writeAll(file: u32, start: usize, end: usize): void {
  while (start < end) {
    store<usize>(vector, start);
    store<usize>(vector, end - start, 4);
    if (fd_write(file, vector, 1, done) != 0) break;
    start += load<u32>(done);
  }
}

/** Bytes on their way to standard output, which `flush` brings there. */
export class Output {
  private bytes: usize = heap.alloc(1 << 16);
  private room: usize = 1 << 16;
  private length: usize = 0;

  /** Appends one byte. */
  byte(value: u32): void {
    if (this.length == this.room) this.flush();
    store<u8>(this.bytes + this.length++, value);
  }

  /** Appends some bytes. */
  copy(start: usize, count: usize): void {
    if (count > this.room - this.length) this.flush();
    if (count > this.room) {
      writeAll(1, start, start + count);
      return;
    }
    memory.copy(this.bytes + this.length, start, count);
    this.length += count;
  }

  /** Appends a text, in UTF-8. */
  text(text: string): void {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) {
        const encoded = String.UTF8.encode(text.substring(i));
        this.copy(changetype<usize>(encoded), encoded.byteLength);
        return;
      }
      this.byte(unit);
    }
  }

  /** Appends a line, writes all, and ends the program with status 1. */
  fail(text: string): void {
    this.line(text);
    this.flush();
    exit(1);
  }

  /** Appends a text and the end of a line. */
  line(text: string): void {
    this.text(text);
    this.byte(0x0a);
  }

  /** Writes what was appended. */
  flush(): void {
    writeAll(1, this.bytes, this.bytes + this.length);
    this.length = 0;
  }
}

/** What `abort` says, at most. */
const said = memory.data(256);

/**
 * What `abort` becomes: a line on standard error, and status 1.
 *
 * The strings are addresses here, and nothing is allocated: a full shadow stack aborts too, and has no room for a reference.
 */
export function wasiAbort(message: usize, file: usize, line: u32, column: u32): void {
  let end = copied(changetype<usize>("abort: "), said);
  if (message != 0) end = copied(message, end);
  end = copied(changetype<usize>(" in "), end);
  if (file != 0) end = copied(file, end);
  end = copied(changetype<usize>(":"), end);
  end = decimal(line, end);
  end = copied(changetype<usize>("\n"), end);
  writeAll(2, said, end);
  proc_exit(1);
}

/** Copies up to 100 units of a text in ASCII; the end of the copy. */
function copied(text: usize, to: usize): usize {
  const length = min<usize>(load<u32>(text - 4) >> 1, 100);
  for (let i: usize = 0; i < length; i++) store<u8>(to + i, load<u16>(text + (i << 1)));
  return to + length;
}

function decimal(number: u32, to: usize): usize {
  if (number >= 10) to = decimal(number / 10, to);
  store<u8>(to, 0x30 + (number % 10));
  return to + 1;
}
