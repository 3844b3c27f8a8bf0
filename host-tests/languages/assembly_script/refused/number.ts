// A number is not promoted: it lives in no scope.

import { enterScope, promote } from "sigil-allocator";

promote<i32>(enterScope(), 7);
