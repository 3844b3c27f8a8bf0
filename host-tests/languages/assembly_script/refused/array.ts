// An Array is two objects, and only one of them would be promoted.

import { enterScope, promote } from "sigil-allocator";

promote<i32[]>(enterScope(), [1, 2, 3]);
