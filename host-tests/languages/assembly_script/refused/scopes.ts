// Over a collector there are no scopes: it would follow what a scope freed.

import { enterScope } from "sigil-allocator";

enterScope();
