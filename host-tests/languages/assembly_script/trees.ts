// Binary trees: the program `trees` of ../README.md.

import { Output } from "./wasi";

const DEPTH = 14;

class Tree {
  constructor(
    private left: Tree | null,
    private right: Tree | null,
  ) {}

  static ofDepth(depth: i32): Tree {
    if (depth == 0) return new Tree(null, null);
    return new Tree(Tree.ofDepth(depth - 1), Tree.ofDepth(depth - 1));
  }

  check(): i32 {
    const left = this.left;
    const right = this.right;
    return 1 + (left ? left.check() : 0) + (right ? right.check() : 0);
  }
}

const output = new Output();
const stretch = Tree.ofDepth(DEPTH + 1).check();
output.line(`stretch tree of depth ${DEPTH + 1}\t check: ${stretch}`);

const longLived = Tree.ofDepth(DEPTH);
for (let depth = 4; depth <= DEPTH; depth += 2) {
  const count = 1 << (DEPTH - depth + 4);
  let sum = 0;
  for (let i = 0; i < count; i++) sum += Tree.ofDepth(depth).check();
  output.line(`${count}\t trees of depth ${depth}\t check: ${sum}`);
}
output.line(`long lived tree of depth ${DEPTH}\t check: ${longLived.check()}`);
output.flush();
