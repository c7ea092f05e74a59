//! Style, scripts and the icon: part of the binary, from no other place.

use axum::Router;
use axum::http::{HeaderName, header};
use axum::routing::get;

use crate::App;

/// Name, media type, content.
const PICTURES: [(&str, &str, &[u8]); 2] = [
    (
        "/assets/icon-192.png",
        "image/png",
        include_bytes!("../assets/icon-192.png"),
    ),
    (
        "/assets/icon-512.png",
        "image/png",
        include_bytes!("../assets/icon-512.png"),
    ),
];

/// Name, media type, content.
const TEXTS: [(&str, &str, &str); 19] = [
    (
        "/assets/site.css",
        "text/css; charset=utf-8",
        include_str!("../assets/site.css"),
    ),
    (
        "/assets/renew.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/renew.js"),
    ),
    (
        "/assets/qr.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/qr.js"),
    ),
    (
        "/assets/live.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/live.js"),
    ),
    (
        "/assets/visits.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/visits.js"),
    ),
    (
        "/assets/checkpoint.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/checkpoint.js"),
    ),
    (
        "/assets/scanner.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/scanner.js"),
    ),
    (
        "/assets/scanner-worker.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/scanner-worker.js"),
    ),
    (
        "/assets/door.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/door.js"),
    ),
    (
        "/assets/enrol.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/enrol.js"),
    ),
    (
        "/assets/sign-scan.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/sign-scan.js"),
    ),
    (
        "/assets/demo-clock.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/demo-clock.js"),
    ),
    (
        "/assets/press.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/press.js"),
    ),
    (
        "/assets/keep.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/keep.js"),
    ),
    (
        "/assets/progress.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/progress.js"),
    ),
    (
        "/assets/propose.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/propose.js"),
    ),
    (
        "/assets/passkey.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/passkey.js"),
    ),
    (
        "/assets/sign.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/sign.js"),
    ),
    (
        "/assets/icon.svg",
        "image/svg+xml",
        include_str!("../assets/icon.svg"),
    ),
];

/// The scanner, compiled from `crates/scanner` by `cargo xtask generate` and packed: every browser that
/// can run it unpacks it. See `docs/adr/0049-the-scanner-is-kept-compiled.md`.
const SCANNER: &[u8] = include_bytes!("../assets/scanner.wasm.gz");

type Headers = [(HeaderName, &'static str); 2];

/// Every asset at its address.
pub(crate) fn router() -> Router<App> {
    let headers = [
        (header::CONTENT_TYPE, "application/wasm"),
        (header::CONTENT_ENCODING, "gzip"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    let scanner = get(move || async move { (headers, SCANNER) });
    let begun = Router::new().route("/assets/scanner.wasm", scanner);
    assets().fold(begun, |router, (path, media_type, content)| {
        let headers: Headers = [
            (header::CONTENT_TYPE, media_type),
            (header::CACHE_CONTROL, "public, max-age=300"),
        ];
        router.route(path, get(move || async move { (headers, content) }))
    })
}

fn assets() -> impl Iterator<Item = (&'static str, &'static str, &'static [u8])> {
    let texts = TEXTS.into_iter();
    let texts = texts.map(|(path, media_type, content)| (path, media_type, content.as_bytes()));
    texts.chain(PICTURES)
}

/// The addresses of all assets.
#[cfg(test)]
pub(crate) fn addresses() -> impl Iterator<Item = &'static str> {
    let all = assets().map(|(path, ..)| path);
    all.chain(["/assets/scanner.wasm"])
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::fs;
    use std::path::{Path, PathBuf};

    use sha2::{Digest, Sha256};

    use super::*;

    /// Every file from which the scanner is compiled, but for the crates of others and for `domain`, of
    /// which it uses a few words that do not change.
    fn sources() -> String {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut files = Vec::new();
        for folder in ["scanner", "credential"] {
            files.push(crates.join(folder).join("Cargo.toml"));
            collect(&crates.join(folder).join("src"), &mut files);
        }
        files.sort();
        let mut noted = String::new();
        for file in files {
            let digest = Sha256::digest(fs::read(&file).unwrap());
            for byte in digest {
                let _ = write!(noted, "{byte:02x}");
            }
            let name = file.strip_prefix(crates).unwrap();
            let _ = writeln!(noted, "  {}", name.display());
        }
        noted
    }

    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => collect(&path, files),
                false => files.push(path),
            }
        }
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "`cargo xtask generate` says through the environment that it compiled anew"
    )]
    fn the_scanner_is_compiled_from_these_sources_and_light() {
        let noted = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/scanner.sources");
        if std::env::var_os("WRITE_SCANNER_SOURCES").is_some() {
            fs::write(&noted, sources()).unwrap();
        }
        let noted = fs::read_to_string(noted).unwrap_or_default();
        assert_eq!(noted, sources(), "compile it anew: cargo xtask generate");
        assert!(SCANNER.starts_with(&[0x1f, 0x8b]), "packed with gzip");
        // What a phone downloads to become a checkpoint: scripts and page are small beside it.
        assert!(SCANNER.len() < 236 * 1024, "{} bytes", SCANNER.len());
    }
}
