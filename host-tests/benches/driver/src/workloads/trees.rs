//! Workload trees: binary trees, many that die young beside one that lives.

use alloc::boxed::Box;

use crate::table::check;

const LONG_LIVED_DEPTH: u32 = 15;
const DEPTH: u32 = 10;

struct Tree {
    left: Option<Box<Self>>,
    right: Option<Box<Self>>,
}

/// `n_trees` of 2,047 nodes, one after the other, beside one of 65,535.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn trees(n_trees: u32) -> u32 {
    let long_lived = Tree::of(LONG_LIVED_DEPTH);
    let n_nodes = (0..n_trees).map(|_| Tree::of(DEPTH).n_nodes()).sum();
    check(long_lived.n_nodes() == (2 << LONG_LIVED_DEPTH) - 1);
    n_nodes
}

/// The same, each tree in a scope of its own.
#[cfg(feature = "scopes")]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn trees_scopes(n_trees: u32) -> u32 {
    super::in_scope(|| {
        let long_lived = Tree::of(LONG_LIVED_DEPTH);
        // Nothing is dropped: leaving the scope is enough.
        let n_nodes =
            |_| super::in_scope(|| core::mem::ManuallyDrop::new(Tree::of(DEPTH)).n_nodes());
        let n_nodes = (0..n_trees).map(n_nodes).sum();
        check(long_lived.n_nodes() == (2 << LONG_LIVED_DEPTH) - 1);
        core::mem::forget(long_lived);
        n_nodes
    })
}

impl Tree {
    fn of(depth: u32) -> Self {
        let branch = || (depth > 0).then(|| Box::new(Self::of(depth - 1)));
        Self {
            left: branch(),
            right: branch(),
        }
    }

    fn n_nodes(&self) -> u32 {
        let branch = |branch: &Option<Box<Self>>| branch.as_ref().map_or(0, |tree| tree.n_nodes());
        1 + branch(&self.left) + branch(&self.right)
    }
}
