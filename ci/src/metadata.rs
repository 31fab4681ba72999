//! What `cargo metadata` says about our own crates.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::process::Processes;

/// The workspace as cargo sees it.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Our crates.
    pub(crate) packages: Vec<Package>,
    /// Where cargo builds; follows `CARGO_TARGET_DIR`.
    pub(crate) target_directory: PathBuf,
}

/// One of our crates.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) dependencies: Vec<Dependency>,
}

/// What a crate's manifest names, of any kind: normal, build or dev.
#[derive(Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// Only there behind a feature.
    pub(crate) optional: bool,
}

/// The answer did not have the documented shape.
const SHAPE: &str = "`cargo metadata` answered in an unknown shape";

impl Workspace {
    /// Asks cargo. Nothing is downloaded for it.
    ///
    /// # Errors
    /// Cargo failed, or its answer could not be read.
    pub(crate) fn load(processes: &Processes<'_>) -> Result<Self, String> {
        let arguments = ["metadata", "--format-version", "1", "--no-deps", "--locked"];
        Self::parse(&processes.output(Command::new("cargo").args(arguments))?)
    }

    /// Reads the JSON of `cargo metadata --format-version 1`.
    ///
    /// # Errors
    /// What was given is not that.
    pub(crate) fn parse(json: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(json).map_err(|e| format!("{SHAPE}: {e}"))?;
        let packages = list(&value, "packages")?
            .iter()
            .map(package)
            .collect::<Result<_, _>>()?;
        let target_directory = text(&value, "target_directory")?.into();
        Ok(Self {
            packages,
            target_directory,
        })
    }

    /// The crate of this name.
    pub(crate) fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == name)
    }
}

fn package(value: &Value) -> Result<Package, String> {
    Ok(Package {
        name: text(value, "name")?,
        dependencies: list(value, "dependencies")?
            .iter()
            .map(dependency)
            .collect::<Result<_, _>>()?,
    })
}

fn dependency(value: &Value) -> Result<Dependency, String> {
    Ok(Dependency {
        name: text(value, "name")?,
        optional: value["optional"] == true,
    })
}

fn list<'a>(value: &'a Value, field: &str) -> Result<&'a Vec<Value>, String> {
    value[field]
        .as_array()
        .ok_or_else(|| format!("{SHAPE}: `{field}` is not a list"))
}

fn text(value: &Value, field: &str) -> Result<String, String> {
    let found = value[field]
        .as_str()
        .ok_or_else(|| format!("{SHAPE}: `{field}` is not a text"))?;
    Ok(found.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_shape_is_read() {
        let json = r#"{"target_directory": "/t", "packages": [{"name": "node",
            "dependencies": [{"name": "hunt", "optional": true, "kind": "dev"}]}]}"#;
        let workspace = Workspace::parse(json).expect("the shape is right");
        let node = workspace.package("node").expect("it is there");
        assert_eq!(
            (
                node.dependencies[0].name.as_str(),
                node.dependencies[0].optional
            ),
            ("hunt", true)
        );
        assert_eq!(workspace.target_directory, PathBuf::from("/t"));
    }

    #[test]
    fn another_shape_is_told() {
        let fault = Workspace::parse(r#"{"packages": 1}"#).expect_err("not a list");
        assert!(fault.contains("`packages` is not a list"), "{fault}");
    }
}
