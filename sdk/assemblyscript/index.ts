// Scopes, for programs over the runtime `stub`.
//
//     import { enterScope, exitScope, promote } from "sigil-allocator";

import { TypeinfoFlags } from "shared/typeinfo";
import * as contract from "./contract";
import { HEADER, payloadSize, roundUp } from "./block";

// @ts-ignore: decorator
@inline function onlyWithScopes(): void {
  if (!isDefined(SIGIL_SCOPES)) ERROR("scopes need `--runtime` with sigil-allocator's `stub`: a collector would follow what a scope frees");
}

/**
 * Opens a scope inside the innermost open one, and returns its handle. Every object, string and array that is made from here on
 * belongs to it. [S1]
 */
export function enterScope(): u32 {
  onlyWithScopes();
  return contract.enterScope();
}

/** Frees all that was made since `scope` was opened, and closes the scopes opened since. Traps where it sees that it is not open. [S2, S7] */
export function exitScope(scope: u32): void {
  onlyWithScopes();
  contract.exitScope(scope);
}

/**
 * Ends the scope as `exitScope` does, and returns a copy of `object` that belongs to the scope around it. [S4]
 *
 * The object has to be in one piece: a string, an `ArrayBuffer`, a `StaticArray` of numbers, an instance of a class whose
 * fields are all numbers. An `Array` does not compile; for anything else that refers to other objects, as typed arrays do to
 * their buffers, an assertion fails. `null` is promoted to `null`.
 */
export function promote<T>(scope: u32, object: T): T {
  onlyWithScopes();
  if (!isManaged<T>()) ERROR("only an object can be promoted: a number needs no scope");
  if (isArray<T>()) ERROR("an Array cannot be promoted, for its elements lie in another object: use a StaticArray");
  const reference = changetype<usize>(object);
  if (isNullable<T>() && reference == 0) {
    contract.exitScope(scope);
    return object;
  }
  const id = load<u32>(reference - HEADER);
  assert(
    id <= idof<string>() || (__typeinfo(id) & TypeinfoFlags.POINTERFREE) != 0,
    "promote: the object refers to others, which the scope would free"
  );
  const whole = HEADER + roundUp(payloadSize(reference));
  return changetype<T>(contract.promote(scope, reference - HEADER, whole) + HEADER);
}
