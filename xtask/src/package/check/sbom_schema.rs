//! The list of what the program is made of, against the published schema.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::{Shipped, Tried};
use crate::python;
use crate::run::{output, say};

/// Holds the schemas of CycloneDX, by its own makers.
const LIBRARY: &str = "cyclonedx-python-lib[json-validation]==11.12.0";
const SCRIPT: &str = "\
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())
print(fault or 'follows')
";

/// The list follows the schema, and one with a fault does not.
pub(super) fn check(shipped: &Shipped<'_>) -> Result<Tried> {
    let environment = shipped.settings.target.join("cyclonedx");
    if let Err(error) = python::install(&environment, "the schema", LIBRARY, [LIBRARY]) {
        return Ok(Tried::Skipped(format!(
            "{LIBRARY} cannot be had from PyPI: {error:#}"
        )));
    }
    let python = environment.join("bin/python");
    let list = shipped.settings.target.join("package/sbom.cdx.json");
    let text = fs::read_to_string(&list)?;
    let validated =
        |list: &std::path::Path| output(Command::new(&python).args(["-c", SCRIPT]).arg(list));
    let said = validated(&list)?;
    ensure!(said.trim() == "follows", "{}: {said}", list.display());
    let folder = shipped.folder("sbom")?;
    let broken = folder.join("broken.json");
    let without = text.replacen("\"type\": \"library\"", "\"type\": \"book\"", 1);
    fs::write(&broken, without).context("cannot write a list with a fault")?;
    let said = validated(&broken)?;
    ensure!(
        said.contains("book"),
        "a list with a fault follows too: {said}"
    );
    say(&format!(
        "{} components",
        text.matches("\"type\": \"library\"").count()
    ));
    Ok(Tried::Held)
}
