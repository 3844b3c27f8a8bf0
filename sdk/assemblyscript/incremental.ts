// The runtime for conformers that free: AssemblyScript's own incremental collector over blocks of `sigil:allocator`.
//
//     asc … --runtime ./node_modules/sigil-allocator/incremental
//
// Only the memory manager is another. The heap begins where AssemblyScript's shadow stack ends, which `__heap_base` tells
// `sigil link`.

import "./memory";
import "rt/itcms";

export { __heap_base } from "memory";
