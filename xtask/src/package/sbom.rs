//! The list of what the program is made of, in CycloneDX 1.6, from what cargo resolved.
//!
//! Nothing in it says when it was made, and its serial number follows from the rest, so that one
//! commit has one list. What is compiled in is `required`; what only helps to build (macros, build
//! scripts) is `excluded`, as CycloneDX calls what is not there at run time.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::run::{cargo, output};
use crate::settings::Settings;

/// What is shipped.
const PROGRAM: &str = "healthcode";
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The list, as JSON text.
///
/// # Errors
/// Cargo does not say what it resolved.
pub fn document(settings: &Settings) -> Result<String> {
    let machine = output(Command::new("rustc").arg("-vV"))?;
    let machine = machine.lines().find_map(|line| line.strip_prefix("host: "));
    let machine = machine.context("`rustc -vV` does not name the machine")?;
    let words = ["metadata", "--format-version", "1", "--locked"];
    let metadata = output(cargo(&settings.root, &words).args(["--filter-platform", machine]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let lock = fs::read_to_string(settings.root.join("Cargo.lock"))?;
    let linked = needed(settings, machine, "normal,no-proc-macro")?;
    let built = needed(settings, machine, "normal,build")?;
    let mut list = list(&metadata, &linked, &built, &checksums(&lock))?;
    list["serialNumber"] = serial_number(&list).into();
    Ok(format!("{}\n", serde_json::to_string_pretty(&list)?))
}

/// Name and version of a package.
type Named = (String, String);

/// What the program needs along some kinds of dependencies. Of the whole workspace, of which cargo's
/// metadata are, it would be more: tests switch on features that the program has not.
fn needed(settings: &Settings, machine: &str, edges: &str) -> Result<BTreeSet<Named>> {
    let words = ["tree", "--locked", "--package", PROGRAM, "--prefix", "none"];
    let mut tree = cargo(&settings.root, &words);
    tree.args(["--format", "{p}", "--target", machine, "--edges", edges]);
    let listed = output(&mut tree)?;
    let named = |line: &str| {
        let mut words = line.split(' ');
        let (name, version) = (words.next()?, words.next()?);
        Some((name.to_owned(), version.trim_start_matches('v').to_owned()))
    };
    Ok(listed.lines().filter_map(named).collect())
}

fn list(
    metadata: &Value,
    linked: &BTreeSet<Named>,
    built: &BTreeSet<Named>,
    checksums: &BTreeMap<Named, String>,
) -> Result<Value> {
    let packages: BTreeMap<&str, &Value> = each(&metadata["packages"])
        .filter(|package| built.contains(&named(package)))
        .filter_map(|package| Some((package["id"].as_str()?, package)))
        .collect();
    ensure!(
        packages.len() == built.len(),
        "cargo names {} packages of {}",
        packages.len(),
        built.len()
    );
    let mut components = Vec::new();
    let mut dependencies = Vec::new();
    let mut program = None;
    for node in each(&metadata["resolve"]["nodes"]) {
        let package = node["id"].as_str().and_then(|id| packages.get(id));
        let Some(package) = package else { continue };
        let component = component(package, linked.contains(&named(package)), checksums)?;
        if package["name"] == PROGRAM {
            program = Some(component);
        } else {
            components.push(component);
        }
        let needs: BTreeSet<String> = each(&node["deps"])
            .filter(|needed| each(&needed["dep_kinds"]).any(|kind| kind["kind"] != "dev"))
            .filter_map(|needed| packages.get(needed["pkg"].as_str()?))
            .map(|needed| refer(needed))
            .collect();
        dependencies.push(json!({ "ref": refer(package), "dependsOn": needs }));
    }
    let by = |name: &'static str| {
        move |entry: &Value| entry[name].as_str().unwrap_or_default().to_owned()
    };
    components.sort_by_key(by("bom-ref"));
    dependencies.sort_by_key(by("ref"));
    let mut program = program.context("cargo does not name the program")?;
    program["type"] = "application".into();
    if let Some(program) = program.as_object_mut() {
        program.remove("scope");
    }
    Ok(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": program },
        "components": components,
        "dependencies": dependencies,
    }))
}

fn component(
    package: &Value,
    is_linked: bool,
    checksums: &BTreeMap<Named, String>,
) -> Result<Value> {
    let text = |name: &str| package[name].as_str().map(str::to_owned);
    let (name, version) = named(package);
    let mut component = json!({
        "type": "library",
        "bom-ref": refer(package),
        "name": name,
        "version": version,
        "scope": if is_linked { "required" } else { "excluded" },
    });
    if let Some(license) = text("license") {
        // How crates wrote it before SPDX had expressions.
        let license = license.replace('/', " OR ");
        component["licenses"] = json!([{ "expression": license }]);
    }
    if let Some(source) = text("source") {
        ensure!(
            source == REGISTRY,
            "{name} comes from {source}, which this list does not know"
        );
        component["purl"] = refer(package).into();
        let checksum = checksums.get(&(name.clone(), version));
        let checksum = checksum.with_context(|| format!("{name} has no checksum in Cargo.lock"))?;
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    if let Some(place) = text("repository").filter(|place| place.starts_with("https://")) {
        component["externalReferences"] = json!([{ "type": "vcs", "url": place }]);
    }
    Ok(component)
}

fn named(package: &Value) -> Named {
    let word = |name: &str| package[name].as_str().unwrap_or_default().to_owned();
    (word("name"), word("version"))
}

/// What the list calls a package. Crates of this project have the names of others at crates.io, so that
/// they have no address there.
fn refer(package: &Value) -> String {
    let (name, version) = named(package);
    match package["source"].as_str() {
        Some(_) => format!("pkg:cargo/{name}@{version}"),
        None => format!("{PROGRAM}:{name}@{version}"),
    }
}

/// The checksums of the lock file, by name and version.
fn checksums(lock: &str) -> BTreeMap<Named, String> {
    let mut checksums = BTreeMap::new();
    for package in lock.split("[[package]]").skip(1) {
        let word = |name: &str| {
            let mut lines = package.lines();
            let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "))?;
            Some(line.trim_matches('"').to_owned())
        };
        if let (Some(name), Some(version), Some(checksum)) =
            (word("name"), word("version"), word("checksum"))
        {
            checksums.insert((name, version), checksum);
        }
    }
    checksums
}

/// A UUID of the kind that everybody may fill as they like (RFC 9562, version 8): from the content.
fn serial_number(list: &Value) -> String {
    let mut bytes = Sha256::digest(list.to_string());
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..32],
    ];
    format!("urn:uuid:{}", parts.join("-"))
}

fn each(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_names_what_is_compiled_in_and_is_the_same_each_time() {
        let settings = Settings::read();
        let text = document(&settings).unwrap();
        assert_eq!(text, document(&settings).unwrap());
        let list: Value = serde_json::from_str(&text).unwrap();
        let components: BTreeMap<&str, &Value> = each(&list["components"])
            .map(|component| (component["name"].as_str().unwrap(), component))
            .collect();
        let axum = components["axum"];
        assert_eq!(axum["scope"], "required");
        assert!(
            axum["purl"]
                .as_str()
                .unwrap()
                .starts_with("pkg:cargo/axum@0.")
        );
        assert_eq!(axum["hashes"][0]["content"].as_str().unwrap().len(), 64);
        assert_eq!(components["serde_derive"]["scope"], "excluded");
        // Ours, and not the crate of that name at crates.io.
        assert!(components["domain"].get("purl").is_none());
        for only_in_tests in ["proptest", "rcgen", "xtask"] {
            assert!(!components.contains_key(only_in_tests), "{only_in_tests}");
        }
        let references: BTreeSet<&str> = each(&list["components"])
            .chain([&list["metadata"]["component"]])
            .map(|component| component["bom-ref"].as_str().unwrap())
            .collect();
        assert_eq!(references.len(), each(&list["components"]).count() + 1);
        for dependency in each(&list["dependencies"]) {
            let named = each(&dependency["dependsOn"]).chain([&dependency["ref"]]);
            for reference in named {
                assert!(
                    references.contains(reference.as_str().unwrap()),
                    "{reference}"
                );
            }
        }
    }

    #[test]
    fn another_content_has_another_serial_number() {
        let number = serial_number(&json!({ "a": 1 }));
        assert_ne!(number, serial_number(&json!({ "a": 2 })));
        assert_eq!(number.len(), "urn:uuid:".len() + 36);
        assert_eq!(&number[23..24], "8", "{number}");
    }
}
