//! What a crate's `Cargo.toml` must say.

use toml::{Table, Value};

use crate::repository::{Repository, TextFile};

/// Crates in a folder of another name.
pub fn named_unlike_their_folder(repository: &Repository) -> Vec<String> {
    let mut faults = Vec::new();
    for file in manifests(repository) {
        let folder = file
            .path
            .trim_end_matches("/Cargo.toml")
            .rsplit('/')
            .next()
            .unwrap_or_default();
        let name = parse(file)["package"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        if folder != name {
            faults.push(format!(
                "{}: the folder is `{folder}`, the crate `{name}`",
                file.path
            ));
        }
    }
    faults
}

/// The crate whose functions a browser calls by name. The language counts such a name as unsafe and the
/// workspace forbids that; this crate has the same lints, with `deny` in place of `forbid`.
const CALLED_BY_BROWSERS: &str = "crates/scanner/Cargo.toml";

fn lints_with_names(repository: &Repository) -> Option<Value> {
    let workspace = parse(repository.file("Cargo.toml")?);
    let mut lints = workspace["workspace"].get("lints")?.clone();
    let denied = Value::String("deny".to_owned());
    lints
        .get_mut("rust")?
        .as_table_mut()?
        .insert("unsafe_code".to_owned(), denied);
    Some(lints)
}

/// Crates that do not take lints, edition and versions from the workspace.
pub fn with_settings_of_their_own(repository: &Repository) -> Vec<String> {
    let mut faults = Vec::new();
    for file in manifests(repository) {
        let manifest = parse(file);
        let from_workspace = |value: Option<&Value>| {
            value
                .and_then(|value| value.get("workspace"))
                .and_then(Value::as_bool)
                == Some(true)
        };
        let has_own = file.path == CALLED_BY_BROWSERS
            && manifest.get("lints") == lints_with_names(repository).as_ref();
        if !has_own && !from_workspace(manifest.get("lints")) {
            faults.push(format!(
                "{}: `[lints] workspace = true` is missing",
                file.path
            ));
        }
        for key in ["version", "edition", "rust-version", "license", "publish"] {
            if !from_workspace(manifest["package"].get(key)) {
                faults.push(format!(
                    "{}: `{key}.workspace = true` is missing",
                    file.path
                ));
            }
        }
        for (name, dependency) in dependencies(&manifest) {
            if !from_workspace(Some(dependency)) {
                faults.push(format!(
                    "{}: `{name}` belongs into the workspace's table",
                    file.path
                ));
            }
        }
    }
    faults
}

/// Entries of the workspace's table that no crate uses.
pub fn unused_shared_dependencies(repository: &Repository) -> Vec<String> {
    let workspace = repository
        .file("Cargo.toml")
        .map(parse)
        .expect("a manifest at the root");
    let shared = workspace["workspace"]["dependencies"]
        .as_table()
        .expect("a table");
    let all: Vec<Table> = manifests(repository).map(parse).collect();
    let used = |name: &str| {
        all.iter()
            .flat_map(dependencies)
            .any(|(used, _)| used == name)
    };
    let unused = shared.keys().filter(|name| !used(name));
    unused
        .map(|name| format!("Cargo.toml: no crate uses `{name}`"))
        .collect()
}

/// The manifests of the workspace's crates. `fuzz` is a workspace of its own.
fn manifests(repository: &Repository) -> impl Iterator<Item = &TextFile> {
    repository.files.iter().filter(|file| {
        let in_workspace = file.path.starts_with("crates/") || file.path.starts_with("xtask/");
        in_workspace && file.path.ends_with("/Cargo.toml")
    })
}

fn parse(file: &TextFile) -> Table {
    file.text
        .parse()
        .unwrap_or_else(|error| panic!("{}: {error}", file.path))
}

fn dependencies(manifest: &Table) -> Vec<(&String, &Value)> {
    let for_targets = manifest
        .get("target")
        .and_then(Value::as_table)
        .into_iter()
        .flatten();
    let tables = for_targets
        .filter_map(|(_, table)| table.as_table())
        .chain([manifest]);
    let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
    tables
        .flat_map(|table| kinds.iter().filter_map(|kind| table.get(*kind)?.as_table()))
        .flatten()
        .collect()
}

#[test]
fn a_crate_that_goes_its_own_way_is_found() {
    let good = "[package]\nname = \"store\"\nversion.workspace = true\nedition.workspace = true\n\
        rust-version.workspace = true\nlicense.workspace = true\npublish.workspace = true\n\
        [lints]\nworkspace = true\n[dependencies]\nserde.workspace = true\n";
    let bad = good
        .replace("[lints]\nworkspace = true\n", "")
        .replace("serde.workspace = true", "serde = \"1\"")
        .replace("\"store\"", "\"storage\"")
        .replace("edition.workspace = true", "edition = \"2021\"");
    let repository = Repository::planted(&[
        (
            "Cargo.toml",
            "[workspace.dependencies]\nserde = \"1\"\nchrono = \"1\"\n",
        ),
        ("crates/store/Cargo.toml", good),
        ("crates/bad/Cargo.toml", &bad),
    ]);
    assert_eq!(
        named_unlike_their_folder(&repository),
        ["crates/bad/Cargo.toml: the folder is `bad`, the crate `storage`"]
    );
    assert_eq!(
        with_settings_of_their_own(&repository),
        [
            "crates/bad/Cargo.toml: `[lints] workspace = true` is missing",
            "crates/bad/Cargo.toml: `edition.workspace = true` is missing",
            "crates/bad/Cargo.toml: `serde` belongs into the workspace's table",
        ]
    );
    assert_eq!(
        unused_shared_dependencies(&repository),
        ["Cargo.toml: no crate uses `chrono`"]
    );
}
