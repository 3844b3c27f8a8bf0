// What the tests of as-bignum expect of the world: `describe`, `it` and `expect`, as globals. They are collected here, and
// run by ./run.ts.

import { Output } from "../wasi";

class Test {
  constructor(
    readonly name: string,
    readonly body: () => void,
  ) {}
}

/** The tests of all files. */
export const tests: Test[] = [];

/** How many expectations were met. */
export let met = 0;

/** How many were not tried: what is to trap would end the program. */
export let untried = 0;

let running = "";

/** Runs one test; where an expectation fails, the program ends with its name. */
export function run(test: Test): void {
  running = test.name;
  test.body();
}

function check(good: bool): void {
  if (good) {
    met++;
    return;
  }
  new Output().fail("failed: " + running);
}

class Expectation<T> {
  constructor(readonly found: T) {}

  toBe(expected: T): void {
    check(this.found == expected);
  }

  /** For what has an equality of its own; arrays have none. */
  toStrictEqual(expected: T): void {
    if (isArrayLike<T>() && !isString<T>()) ERROR("arrays would be compared by address");
    check(this.found == expected);
  }

  toThrow(): void {
    untried++;
  }
}

// @ts-ignore: decorator
@global function expect<T>(found: T): Expectation<T> {
  return new Expectation(found);
}

// @ts-ignore: decorator
@global function it(name: string, body: () => void): void {
  tests.push(new Test(name, body));
}

// @ts-ignore: decorator
@global function describe(name: string, body: () => void): void {
  body();
}
