// as-bignum's own tests, `ROUNDS` times. Over `stub` each round is a scope.

import { enter, leave } from "../scopes";
import { Output } from "../wasi";
import { met, run, tests, untried } from "./expect";

const ROUNDS = 200;

for (let round = 0; round < ROUNDS; round++) {
  const scope = enter();
  for (let i = 0; i < tests.length; i++) run(tests[i]);
  leave(scope);
}

const output = new Output();
output.line(`tests ${tests.length}`);
output.line(`expectations met ${met / ROUNDS}, not tried ${untried / ROUNDS}, in each of ${ROUNDS} rounds`);
output.flush();
