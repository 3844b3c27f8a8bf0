// Scopes where the runtime has them; over a collector these do nothing, and are not there after compilation.

import { enterScope, exitScope, promote } from "sigil-allocator";

// @ts-ignore: decorator
@inline export function enter(): u32 {
  return isDefined(SIGIL_SCOPES) ? enterScope() : 0;
}

// @ts-ignore: decorator
@inline export function leave(scope: u32): void {
  if (isDefined(SIGIL_SCOPES)) exitScope(scope);
}

/** The object, out of the scope, which ends. */
// @ts-ignore: decorator
@inline export function promoted<T>(scope: u32, object: T): T {
  return isDefined(SIGIL_SCOPES) ? promote<T>(scope, object) : object;
}
