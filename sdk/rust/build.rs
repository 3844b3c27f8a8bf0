//! Does nothing: cargo takes the key `links`, which keeps a second copy out, from packages with a build script only.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
