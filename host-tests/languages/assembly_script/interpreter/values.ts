// What there is in the Lisp: values, environments, and what says that they are wrong.

import { Output } from "../wasi";

export const output = new Output();

export function fail(what: string): void {
  output.fail("error: " + what);
}

export abstract class Value {
  abstract print(): void;
}

export class Nil extends Value {
  print(): void {
    output.text("()");
  }
}

export class Integer extends Value {
  constructor(readonly value: i32) {
    super();
  }

  print(): void {
    output.text(this.value.toString());
  }
}

export class Symbol extends Value {
  constructor(readonly name: string) {
    super();
  }

  print(): void {
    output.text(this.name);
  }
}

export class Pair extends Value {
  constructor(
    readonly head: Value,
    public tail: Value,
  ) {
    super();
  }

  print(): void {
    output.text("(");
    this.head.print();
    let rest = this.tail;
    while (rest instanceof Pair) {
      output.text(" ");
      (<Pair>rest).head.print();
      rest = (<Pair>rest).tail;
    }
    if (rest != nil) {
      output.text(" . ");
      rest.print();
    }
    output.text(")");
  }
}

export class Closure extends Value {
  constructor(
    readonly names: Value,
    readonly body: Value,
    readonly environment: Environment,
  ) {
    super();
  }

  print(): void {
    output.text("#<closure>");
  }
}

export class Builtin extends Value {
  constructor(
    readonly count: i32,
    readonly call: (arguments: Value[]) => Value,
  ) {
    super();
  }

  print(): void {
    output.text("#<builtin>");
  }
}

/** What a call or a `let` binds, and what surrounds that; the global names are elsewhere. */
export class Environment {
  names: Symbol[] = [];
  values: Value[] = [];

  constructor(readonly outer: Environment | null) {}

  bind(name: Value, value: Value): void {
    this.names.push(symbolOf(name));
    this.values.push(value);
  }

  /** Where a name is bound here, or -1. */
  find(name: Symbol): i32 {
    for (let i = this.names.length - 1; i >= 0; i--) {
      if (unchecked(this.names[i]) == name) return i;
    }
    return -1;
  }
}

const symbols = new Map<string, Symbol>();
export const nil = new Nil();
export const yes = symbol("t");
export const QUOTE = symbol("quote");

/** The one symbol of that name. */
export function symbol(name: string): Symbol {
  if (symbols.has(name)) return symbols.get(name);
  const made = new Symbol(name);
  symbols.set(name, made);
  return made;
}

export function pair(value: Value): Pair {
  if (!(value instanceof Pair)) fail("a list is expected");
  return <Pair>value;
}

export function symbolOf(value: Value): Symbol {
  if (!(value instanceof Symbol)) fail("a name is a symbol");
  return <Symbol>value;
}

export function integer(value: Value): i32 {
  if (!(value instanceof Integer)) fail("an integer is expected");
  return (<Integer>value).value;
}

export function truth(value: bool): Value {
  return value ? yes : nil;
}
