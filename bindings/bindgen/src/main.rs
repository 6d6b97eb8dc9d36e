//! Writes the bindings in Kotlin and Swift: UniFFI's generator, in the version that the library was built with.
//!
//! `cargo xtask bindings` runs it. It lies in a package of its own, so that an app does not link a generator.

fn main() {
    uniffi::uniffi_bindgen_main();
}
