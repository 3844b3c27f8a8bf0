//! `trees`: nodes in boxes, given back one by one as their owners are dropped.
#![cfg(target_arch = "wasm32")]
#![no_std]
#![allow(unsafe_code, reason = "a program's exports have names")]

extern crate alloc;

#[path = "../../heap.rs"]
mod heap;

use alloc::{boxed::Box, format};

use sigil_test_wasi::print;

const DEPTH: u32 = 14;
const LEAST_DEPTH: u32 = 4;

/// Two pointers; both are there, or neither.
struct Node {
    left: Option<Box<Node>>,
    right: Option<Box<Node>>,
}

impl Node {
    fn tree(depth: u32) -> Box<Self> {
        let below = |()| Self::tree(depth - 1);
        let inside = (depth > 0).then_some(());
        Box::new(Self {
            left: inside.map(below),
            right: inside.map(below),
        })
    }

    fn check(&self) -> u32 {
        let below = |node: &Option<Box<Self>>| node.as_ref().map_or(0, |node| node.check());
        1 + below(&self.left) + below(&self.right)
    }
}

/// The command.
#[unsafe(no_mangle)]
pub extern "C" fn _start() {
    let stretch = DEPTH + 1;
    let check = Node::tree(stretch).check();
    print(format!("stretch tree of depth {stretch}\t check: {check}\n").as_bytes());
    let long_lived = Node::tree(DEPTH);
    for depth in (LEAST_DEPTH..=DEPTH).step_by(2) {
        let n_trees = 1 << (DEPTH - depth + LEAST_DEPTH);
        let check: u32 = (0..n_trees).map(|_| Node::tree(depth).check()).sum();
        print(format!("{n_trees}\t trees of depth {depth}\t check: {check}\n").as_bytes());
    }
    let check = long_lived.check();
    print(format!("long lived tree of depth {DEPTH}\t check: {check}\n").as_bytes());
}
