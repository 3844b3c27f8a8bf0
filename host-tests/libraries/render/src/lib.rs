//! Lines of text to HTML: a Rust library whose heap, `String` and `cabi_realloc` included, is
//! `sigil:allocator`.
//!
//! A host calls `render` through the component model. The canonical ABI asks `cabi_realloc` for the place
//! of the argument, Rust's `alloc` asks `heap::Sigil` for the result's, and both end in the same
//! imports, which a link serves.
#![cfg(target_arch = "wasm32")]
#![no_std]
#![allow(
    unsafe_code,
    reason = "a program that manages its memory through imports"
)]

extern crate alloc;

mod heap;

use alloc::string::String;
use core::sync::atomic::{AtomicU32, Ordering};

#[allow(missing_docs, reason = "generated")]
mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit", "wit"],
        world: "sigil-tests:render/renderer",
        generate_all,
        // There are no constructors to run.
        disable_run_ctors_once_workaround: true,
        disable_custom_section_link_helpers: true,
    });
}

struct Renderer;
bindings::export!(Renderer with_types_in bindings);

static N_RENDERED: AtomicU32 = AtomicU32::new(0);

impl bindings::Guest for Renderer {
    fn render(input: String) -> String {
        let mut html = String::new();
        for line in input.lines() {
            let (tag, text) = match line.split_once(' ') {
                Some(("#", text)) => ("h1", text),
                Some(("-", text)) => ("li", text),
                _ => ("p", line),
            };
            element(&mut html, tag, text);
        }
        N_RENDERED.fetch_add(html.len() as u32, Ordering::Relaxed);
        html
    }

    fn rendered() -> u32 {
        N_RENDERED.load(Ordering::Relaxed)
    }
}

fn element(html: &mut String, tag: &str, text: &str) {
    html.extend(["<", tag, ">"]);
    for character in text.chars() {
        match character {
            '<' => html.push_str("&lt;"),
            '&' => html.push_str("&amp;"),
            other => html.push(other),
        }
    }
    html.extend(["</", tag, ">\n"]);
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
