//! Writes the test vectors: `cargo run -p credential --example vectors`.

#![expect(clippy::unwrap_used, reason = "fixed input cannot fail")]

use std::path::Path;

#[expect(dead_code, reason = "shared with the tests, which use the rest")]
#[path = "../tests/city/mod.rs"]
mod city;
#[expect(unused_imports, reason = "a test uses the rest")]
#[path = "../tests/generate/mod.rs"]
mod generate;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    std::fs::create_dir_all(&folder)?;
    for (name, content) in generate::files() {
        std::fs::write(folder.join(name), content)?;
    }
    Ok(())
}
