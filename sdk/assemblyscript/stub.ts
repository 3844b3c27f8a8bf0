// The runtime for every conformer: nothing is collected, and scopes free.
//
//     asc … --runtime ./node_modules/sigil-allocator/stub
//
// It needs `core` alone; `scope` where a program opens scopes, `bulk` where it calls `heap.reset`.

import "./objects";

export { __heap_base } from "memory";
