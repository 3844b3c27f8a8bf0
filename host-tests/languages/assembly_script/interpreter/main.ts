// A small Lisp: the program `interpreter` of ../../README.md. Its heap is AssemblyScript's.

import { readAll } from "../wasi";
import { Reader } from "./reader";
import {
  Builtin, Closure, Environment, Integer, Pair, QUOTE, Symbol, Value, fail, integer, nil, output, pair, symbol, symbolOf, truth, yes,
} from "./values";

const globals = new Map<Symbol, Value>();
const IF = symbol("if");
const DEFINE = symbol("define");
const LAMBDA = symbol("lambda");
const LET = symbol("let");
const SET = symbol("set!");
const BEGIN = symbol("begin");

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
      const name = symbolOf(nth(rest, 0));
      globals.set(name, evaluate(nth(rest, 1), environment));
      return nil;
    } else if (head == LAMBDA) {
      return new Closure(nth(rest, 0), after(rest, 1), environment ? environment : new Environment(null));
    } else if (head == LET) {
      environment = bound(nth(rest, 0), environment);
      form = body(after(rest, 1), environment);
    } else if (head == SET) {
      const name = symbolOf(nth(rest, 0));
      const value = evaluate(nth(rest, 1), environment);
      assign(name, value, environment);
      return value;
    } else if (head == BEGIN) {
      form = body(rest, environment);
    } else {
      const called = evaluate(head, environment);
      const values = evaluateAll(rest, environment);
      if (called instanceof Builtin) {
        const builtin = <Builtin>called;
        if (values.length != builtin.count) fail("a wrong number of arguments");
        return builtin.call(values);
      }
      if (!(called instanceof Closure)) fail("this cannot be called");
      const closure = <Closure>called;
      environment = entered(closure, values);
      form = body(closure.body, environment);
    }
  }
}

/** From left to right. */
function evaluateAll(forms: Value, environment: Environment | null): Value[] {
  const values: Value[] = [];
  for (; forms != nil; forms = pair(forms).tail) values.push(evaluate(pair(forms).head, environment));
  return values;
}

/** What a `let` binds; its values are evaluated outside. */
function bound(bindings: Value, outer: Environment | null): Environment {
  const inner = new Environment(outer);
  for (; bindings != nil; bindings = pair(bindings).tail) {
    const binding = pair(bindings).head;
    inner.bind(nth(binding, 0), evaluate(nth(binding, 1), outer));
  }
  return inner;
}

/** What a call binds. */
function entered(closure: Closure, values: Value[]): Environment {
  const inner = new Environment(closure.environment);
  let names = closure.names;
  for (let i = 0; i < values.length; i++) {
    if (names == nil) fail("a wrong number of arguments");
    inner.bind(pair(names).head, values[i]);
    names = pair(names).tail;
  }
  if (names != nil) fail("a wrong number of arguments");
  return inner;
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
