// as-bignum's own tests, `ROUNDS` times. Over `stub` each round is a scope.

import { enterScope, exitScope } from "sigil-allocator";
import { Output } from "../wasi";
import { met, run, tests, untried } from "./expect";

const ROUNDS = 200;

for (let round = 0; round < ROUNDS; round++) {
  const scope = isDefined(SIGIL_SCOPES) ? enterScope() : 0;
  for (let i = 0; i < tests.length; i++) run(tests[i]);
  if (isDefined(SIGIL_SCOPES)) exitScope(scope);
}

const output = new Output();
output.line(`tests ${tests.length}`);
output.line(`expectations met ${met / ROUNDS}, not tried ${untried / ROUNDS}, in each of ${ROUNDS} rounds`);
output.flush();
