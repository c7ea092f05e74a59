//! Writes `docs/policy.schema.json` anew; `cargo xtask generate` runs it.

fn main() -> std::io::Result<()> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/policy.schema.json");
    std::fs::write(file, domain::policy::schema())
}
