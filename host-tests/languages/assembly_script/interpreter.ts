// A small Lisp: the program `interpreter` of ../README.md. Its heap is AssemblyScript's.

import { Output, exit, readAll } from "./wasi";

const output = new Output();

function fail(what: string): void {
  output.line("error: " + what);
  output.flush();
  exit(1);
}

abstract class Value {
  abstract print(): void;
}

class Nil extends Value {
  print(): void {
    output.text("()");
  }
}

class Integer extends Value {
  constructor(readonly value: i32) {
    super();
  }

  print(): void {
    output.text(this.value.toString());
  }
}

class Symbol extends Value {
  constructor(readonly name: string) {
    super();
  }

  print(): void {
    output.text(this.name);
  }
}

class Pair extends Value {
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

class Closure extends Value {
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

class Builtin extends Value {
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

/** Names and their values, a link for each; the global one is a table. */
class Environment {
  names: Symbol[] = [];
  values: Value[] = [];

  constructor(readonly outer: Environment | null) {}

  bind(name: Value, value: Value): void {
    if (!(name instanceof Symbol)) fail("a name is a symbol");
    this.names.push(<Symbol>name);
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
const globals = new Map<Symbol, Value>();
const nil = new Nil();
const yes = symbol("t");
const QUOTE = symbol("quote");
const IF = symbol("if");
const DEFINE = symbol("define");
const LAMBDA = symbol("lambda");
const LET = symbol("let");
const SET = symbol("set!");
const BEGIN = symbol("begin");

/** The one symbol of that name. */
function symbol(name: string): Symbol {
  if (symbols.has(name)) return symbols.get(name);
  const made = new Symbol(name);
  symbols.set(name, made);
  return made;
}

function pair(value: Value): Pair {
  if (!(value instanceof Pair)) fail("a list is expected");
  return <Pair>value;
}

function integer(value: Value): i32 {
  if (!(value instanceof Integer)) fail("an integer is expected");
  return (<Integer>value).value;
}

function truth(value: bool): Value {
  return value ? yes : nil;
}

class Reader {
  private at: i32 = 0;

  constructor(private text: string) {}

  /** Whether there is another form. */
  more(): bool {
    while (this.at < this.text.length) {
      const unit = this.text.charCodeAt(this.at);
      if (unit == 0x3b) {
        while (this.at < this.text.length && this.text.charCodeAt(this.at) != 0x0a) this.at++;
      } else if (!blank(unit)) {
        return true;
      } else {
        this.at++;
      }
    }
    return false;
  }

  form(): Value {
    if (!this.more()) fail("the text ends in a form");
    const unit = this.text.charCodeAt(this.at);
    if (unit == 0x27) {
      this.at++;
      return new Pair(QUOTE, new Pair(this.form(), nil));
    }
    if (unit == 0x29) fail("`)` without `(`");
    if (unit != 0x28) return this.atom();
    this.at++;
    return this.list();
  }

  private list(): Value {
    const items: Value[] = [];
    let tail: Value = nil;
    while (true) {
      if (!this.more()) fail("the text ends in a list");
      if (this.text.charCodeAt(this.at) == 0x29) break;
      if (this.dot()) {
        this.at++;
        tail = this.form();
      } else {
        items.push(this.form());
      }
    }
    this.at++;
    for (let i = items.length - 1; i >= 0; i--) tail = new Pair(items[i], tail);
    return tail;
  }

  /** Whether a dot by itself stands here. */
  private dot(): bool {
    if (this.text.charCodeAt(this.at) != 0x2e) return false;
    return this.at + 1 == this.text.length || ends(this.text.charCodeAt(this.at + 1));
  }

  private atom(): Value {
    const start = this.at;
    while (this.at < this.text.length && !ends(this.text.charCodeAt(this.at))) this.at++;
    const name = this.text.substring(start, this.at);
    let digits = name.length;
    let value = 0;
    for (let i = name.charCodeAt(0) == 0x2d ? 1 : 0; i < name.length; i++) {
      const unit = name.charCodeAt(i);
      if (unit < 0x30 || unit > 0x39) return symbol(name);
      value = value * 10 + unit - 0x30;
      digits = 0;
    }
    if (digits > 0) return symbol(name);
    return new Integer(name.charCodeAt(0) == 0x2d ? -value : value);
  }
}

function blank(unit: i32): bool {
  return unit == 0x20 || unit == 0x0a || unit == 0x0d || unit == 0x09;
}

function ends(unit: i32): bool {
  return blank(unit) || unit == 0x28 || unit == 0x29 || unit == 0x27 || unit == 0x3b;
}

function lookUp(name: Symbol, environment: Environment | null): Value {
  let here = environment;
  while (here) {
    const at = here.find(name);
    if (at >= 0) return here.values[at];
    here = here.outer;
  }
  if (!globals.has(name)) fail("unbound: " + name.name);
  return globals.get(name);
}

function assign(name: Symbol, value: Value, environment: Environment | null): void {
  let here = environment;
  while (here) {
    const at = here.find(name);
    if (at >= 0) {
      here.values[at] = value;
      return;
    }
    here = here.outer;
  }
  if (!globals.has(name)) fail("unbound: " + name.name);
  globals.set(name, value);
}

/** The n-th of a list, counted from 0; `nil` where there is none. */
function nth(list: Value, n: i32): Value {
  for (; n > 0 && list != nil; n--) list = pair(list).tail;
  return list == nil ? nil : pair(list).head;
}

/** All but the first n. */
function after(list: Value, n: i32): Value {
  for (; n > 0; n--) list = pair(list).tail;
  return list;
}

/** A loop over tail positions: a call there takes no stack. */
function evaluate(form: Value, environment: Environment | null): Value {
  while (true) {
    if (form instanceof Symbol) return lookUp(<Symbol>form, environment);
    if (!(form instanceof Pair)) return form;
    const head = (<Pair>form).head;
    const rest = (<Pair>form).tail;
    if (head == QUOTE) return nth(rest, 0);
    if (head == IF) {
      form = nth(rest, evaluate(nth(rest, 0), environment) != nil ? 1 : 2);
    } else if (head == DEFINE) {
      const name = nth(rest, 0);
      if (!(name instanceof Symbol)) fail("a name is a symbol");
      globals.set(<Symbol>name, evaluate(nth(rest, 1), environment));
      return nil;
    } else if (head == LAMBDA) {
      return new Closure(nth(rest, 0), after(rest, 1), environment ? environment : new Environment(null));
    } else if (head == LET) {
      const inner = new Environment(environment);
      let bindings = nth(rest, 0);
      while (bindings != nil) {
        const binding = pair(bindings).head;
        inner.bind(nth(binding, 0), evaluate(nth(binding, 1), environment));
        bindings = pair(bindings).tail;
      }
      environment = inner;
      form = body(after(rest, 1), inner);
    } else if (head == SET) {
      const name = nth(rest, 0);
      if (!(name instanceof Symbol)) fail("a name is a symbol");
      const value = evaluate(nth(rest, 1), environment);
      assign(<Symbol>name, value, environment);
      return value;
    } else if (head == BEGIN) {
      form = body(rest, environment);
    } else {
      const called = evaluate(head, environment);
      const values: Value[] = [];
      let list = rest;
      while (list != nil) {
        values.push(evaluate(pair(list).head, environment));
        list = pair(list).tail;
      }
      if (called instanceof Builtin) {
        const builtin = <Builtin>called;
        if (values.length != builtin.count) fail("a wrong number of arguments");
        return builtin.call(values);
      }
      if (!(called instanceof Closure)) fail("this cannot be called");
      const closure = <Closure>called;
      const inner = new Environment(closure.environment);
      let names = closure.names;
      for (let i = 0; i < values.length; i++) {
        if (names == nil) fail("a wrong number of arguments");
        inner.bind(pair(names).head, values[i]);
        names = pair(names).tail;
      }
      if (names != nil) fail("a wrong number of arguments");
      environment = inner;
      form = body(closure.body, inner);
    }
  }
}

/** Evaluates all but the last form; the last one, which is in tail position. */
function body(forms: Value, environment: Environment | null): Value {
  if (forms == nil) return nil;
  let list = pair(forms);
  while (list.tail != nil) {
    evaluate(list.head, environment);
    list = pair(list.tail);
  }
  return list.head;
}

function builtin(name: string, count: i32, call: (arguments: Value[]) => Value): void {
  globals.set(symbol(name), new Builtin(count, call));
}

globals.set(yes, yes);
builtin("+", 2, (a) => new Integer(integer(a[0]) + integer(a[1])));
builtin("-", 2, (a) => new Integer(integer(a[0]) - integer(a[1])));
builtin("*", 2, (a) => new Integer(integer(a[0]) * integer(a[1])));
builtin("quotient", 2, (a) => new Integer(integer(a[0]) / divisor(a[1])));
builtin("remainder", 2, (a) => new Integer(integer(a[0]) % divisor(a[1])));
builtin("<", 2, (a) => truth(integer(a[0]) < integer(a[1])));
builtin("=", 2, (a) => truth(integer(a[0]) == integer(a[1])));
builtin("cons", 2, (a) => new Pair(a[0], a[1]));
builtin("car", 1, (a) => (a[0] == nil ? nil : pair(a[0]).head));
builtin("cdr", 1, (a) => (a[0] == nil ? nil : pair(a[0]).tail));
builtin("null?", 1, (a) => truth(a[0] == nil));
builtin("pair?", 1, (a) => truth(a[0] instanceof Pair));
builtin("eq?", 2, (a) => truth(same(a[0], a[1])));
builtin("print", 1, (a) => {
  a[0].print();
  output.line("");
  return a[0];
});

function divisor(value: Value): i32 {
  const divisor = integer(value);
  if (divisor == 0) fail("division by 0");
  return divisor;
}

function same(a: Value, b: Value): bool {
  if (a instanceof Integer && b instanceof Integer) return (<Integer>a).value == (<Integer>b).value;
  return a == b;
}

const reader = new Reader(String.UTF8.decode(readAll()));
while (reader.more()) {
  const form = reader.form();
  const value = evaluate(form, null);
  if (form instanceof Pair && (<Pair>form).head == DEFINE) continue;
  value.print();
  output.line("");
}
output.flush();
