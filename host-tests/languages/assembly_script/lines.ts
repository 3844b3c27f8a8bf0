// A text pipeline with an arena per line: the program `lines` of ../README.md. Over a collector there are no scopes, and
// a line's words are garbage.

import { enter, leave, promoted } from "./scopes";
import { Output, readAll } from "./wasi";

const PASSES = 50;

class Totals {
  lines: i32 = 0;
  words: i32 = 0;
  kept: i32 = 0;
  longest: string = "";
}

const output = new Output();
const text = latin(readAll());

/** The text with a unit for each byte: what stands outside of ASCII goes in step 2. */
function latin(bytes: ArrayBuffer): string {
  const units = new StaticArray<u16>(bytes.byteLength);
  for (let i = 0; i < bytes.byteLength; i++) units[i] = load<u8>(changetype<usize>(bytes) + i);
  return String.UTF16.decodeUnsafe(changetype<usize>(units), <usize>bytes.byteLength << 1);
}

/** The letters and digits of a word, small. */
function plain(word: string): string {
  let units = new StaticArray<u16>(word.length);
  let length = 0;
  for (let i = 0; i < word.length; i++) {
    let unit = word.charCodeAt(i);
    if (unit >= 0x41 && unit <= 0x5a) unit += 0x20;
    if ((unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39)) units[length++] = <u16>unit;
  }
  return String.UTF16.decodeUnsafe(changetype<usize>(units), <usize>length << 1);
}

/** The words between spaces, plain, and none of them empty. */
function split(line: string): string[] {
  const words: string[] = [];
  const copied = line.split(" ");
  for (let i = 0; i < copied.length; i++) {
    const word = plain(copied[i]);
    if (word.length > 0) words.push(word);
  }
  return words;
}

/** Sorts them, and drops what is repeated. */
function distinct(words: string[]): string[] {
  words.sort((a, b) => i32(a > b) - i32(a < b));
  const kept: string[] = [];
  for (let i = 0; i < words.length; i++) {
    if (i == 0 || words[i] != words[i - 1]) kept.push(words[i]);
  }
  return kept;
}

/** The line from `start` to `end`, in a scope of its own. */
function line(start: i32, end: i32, totals: Totals, prints: bool): void {
  const scope = enter();
  const words = split(text.substring(start, end));
  let longest = totals.longest;
  for (let i = 0; i < words.length; i++) {
    if (words[i].length > longest.length) longest = words[i];
  }
  totals.lines++;
  totals.words += words.length;

  const kept = distinct(words);
  totals.kept += kept.length;
  const joined = kept.join(" ");
  if (prints && joined.length > 0) output.line(joined);

  if (longest != totals.longest) {
    totals.longest = promoted(scope, longest);
  } else {
    leave(scope);
  }
}

for (let pass = 1; pass <= PASSES; pass++) {
  const totals = new Totals();
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf("\n", start);
    if (end < 0) end = text.length;
    line(start, end, totals, pass == PASSES);
    start = end + 1;
  }
  if (pass < PASSES) continue;
  output.line(`lines ${totals.lines} words ${totals.words} kept ${totals.kept} longest ${totals.longest}`);
  output.flush();
}
