//! Which crate may depend on which.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use crate::repository::Repository;

/// Each crate and what it may use; nothing else.
const ALLOWED: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("credential", &["domain"]),
    ("engine", &["domain"]),
    ("lab", &["domain", "engine"]),
    ("store", &["domain"]),
    ("tables", &["domain", "engine"]),
    ("simulate", &["domain"]),
    ("scanner", &["credential", "domain"]),
    (
        "service",
        &["credential", "domain", "engine", "lab", "store", "tables"],
    ),
    (
        "web",
        &[
            "credential",
            "domain",
            "engine",
            "lab",
            "service",
            "store",
            "tables",
        ],
    ),
    (
        "healthcode",
        &[
            "credential",
            "domain",
            "engine",
            "lab",
            "service",
            "simulate",
            "store",
            "tables",
            "web",
        ],
    ),
    ("xtask", &[]),
];

/// What tests may use on top of that: made-up people, wherever real ones would be, and the checkpoint
/// that works without a server.
const ALLOWED_IN_TESTS: &[&str] = &["scanner", "simulate"];

/// An arrow from one crate to another.
#[derive(Debug)]
pub struct Arrow {
    to: String,
    only_in_tests: bool,
}

/// The arrows of each crate of the workspace, as cargo sees them.
pub fn of_workspace(repository: &Repository) -> BTreeMap<String, Vec<Arrow>> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(&repository.root)
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    read(&serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON"))
}

fn read(metadata: &Value) -> BTreeMap<String, Vec<Arrow>> {
    let packages = metadata["packages"].as_array().expect("packages");
    let name = |value: &Value| value["name"].as_str().expect("a name").to_owned();
    let arrows = |package: &Value| {
        let dependencies = package["dependencies"].as_array().expect("dependencies");
        // What lies in the workspace has a path and no source.
        let inside = dependencies
            .iter()
            .filter(|dependency| dependency["path"].is_string());
        inside
            .map(|dependency| Arrow {
                to: name(dependency),
                only_in_tests: dependency["kind"] == "dev",
            })
            .collect()
    };
    packages
        .iter()
        .map(|package| (name(package), arrows(package)))
        .collect()
}

/// The arrows that [`ALLOWED`] does not hold, and the crates it does not know.
pub fn that_point_elsewhere(crates: &BTreeMap<String, Vec<Arrow>>) -> Vec<String> {
    let mut faults = Vec::new();
    for (from, arrows) in crates {
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| name == from) else {
            faults.push(format!(
                "{from} is new: say in xtask/tests/tidy/arrows.rs what it may use"
            ));
            continue;
        };
        for arrow in arrows {
            let to = arrow.to.as_str();
            let in_tests = arrow.only_in_tests && ALLOWED_IN_TESTS.contains(&to);
            if !allowed.contains(&to) && !in_tests {
                faults.push(format!("{from} must not use {to}: arrows point down"));
            }
        }
    }
    faults
}

#[test]
fn an_arrow_that_points_up_or_sideways_is_found() {
    let metadata = serde_json::json!({ "packages": [
        { "name": "domain", "dependencies": [
            { "name": "jiff", "kind": null },
            { "name": "store", "kind": null, "path": "/x/store" },
        ] },
        { "name": "store", "dependencies": [
            { "name": "domain", "kind": null, "path": "/x/domain" },
            { "name": "engine", "kind": "dev", "path": "/x/engine" },
            { "name": "simulate", "kind": "dev", "path": "/x/simulate" },
        ] },
        { "name": "stranger", "dependencies": [] },
    ] });
    let faults = that_point_elsewhere(&read(&metadata));
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert!(
        faults[0].starts_with("domain must not use store"),
        "{faults:?}"
    );
    assert!(
        faults[1].starts_with("store must not use engine"),
        "{faults:?}"
    );
    assert!(faults[2].starts_with("stranger is new"), "{faults:?}");
}
