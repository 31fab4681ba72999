//! The compose file: what a service names must be there, and what it tells an engine must be a setting.

use std::collections::BTreeSet;

use serde_json::Value;

use super::document::{Folder, items, members, names};
use super::known::Known;

const FILE: &str = "deploy/compose/compose.yaml";
const FOLDER: &str = "deploy/compose";
/// Made by who runs it, and never committed.
const SECRETS: &str = "./secrets/";

pub(super) fn check(folder: &Folder, known: &Known) -> Result<Vec<String>, String> {
    let compose = folder.yaml(FILE)?;
    let mut faults = Vec::new();
    let mut addresses = BTreeSet::new();
    for (name, service) in members(&compose["services"]) {
        let mut told = faults_of_service(service, &compose, folder);
        told.extend(faults_of_variables(service, known));
        for (_, network) in members(&service["networks"]) {
            let address = network["ipv4_address"].as_str();
            if address.is_some_and(|address| !addresses.insert(address.to_owned())) {
                told.push(format!("the address {address:?} is another's already"));
            }
        }
        faults.extend(told.iter().map(|fault| format!("{FILE}: {name}: {fault}")));
    }
    faults.extend(faults_of_targets(folder, &compose)?);
    Ok(faults)
}

fn faults_of_service(service: &Value, compose: &Value, folder: &Folder) -> Vec<String> {
    let mut faults = Vec::new();
    if service["image"].is_null() && service["build"].is_null() {
        faults.push("it has neither an image nor a build".to_owned());
    }
    for (what, of) in [
        ("depends_on", "services"),
        ("networks", "networks"),
        ("secrets", "secrets"),
    ] {
        let missing = names(&service[what]).filter(|name| compose[of][*name].is_null());
        faults.extend(missing.map(|name| format!("{what}: there is no {name:?} in {of}")));
    }
    for volume in items(&service["volumes"]).filter_map(Value::as_str) {
        faults.extend(fault_of_volume(volume, compose, folder));
    }
    for option in items(&service["security_opt"]).filter_map(Value::as_str) {
        let profile = option.strip_prefix("seccomp=");
        faults.extend(profile.and_then(|path| fault_of_path(path, folder)));
    }
    let build = &service["build"];
    if let (Some(context), Some(file)) = (build["context"].as_str(), build["dockerfile"].as_str()) {
        faults.extend(fault_of_path(&format!("{context}/{file}"), folder));
    }
    faults
}

fn fault_of_volume(volume: &str, compose: &Value, folder: &Folder) -> Option<String> {
    let source = volume.split(':').next()?;
    if source.starts_with('.') {
        return fault_of_path(source, folder);
    }
    let declared = compose["volumes"].get(source).is_some();
    (!declared).then(|| format!("there is no {source:?} in volumes"))
}

fn fault_of_path(path: &str, folder: &Folder) -> Option<String> {
    let there = path.starts_with(SECRETS) || folder.has(&format!("{FOLDER}/{path}"));
    (!there).then(|| format!("there is no file {path} (from {FOLDER})"))
}

fn faults_of_variables(service: &Value, known: &Known) -> Vec<String> {
    names(&service["environment"])
        .filter_map(|variable| known.fault_of_variable(variable))
        .collect()
}

/// Prometheus asks services of the compose file, on the port where engines listen there.
fn faults_of_targets(folder: &Folder, compose: &Value) -> Result<Vec<String>, String> {
    const PROMETHEUS: &str = "deploy/prometheus/prometheus.yml";
    let config = folder.yaml(PROMETHEUS)?;
    let jobs = items(&config["scrape_configs"]);
    let targets = jobs
        .flat_map(|job| items(&job["static_configs"]))
        .flat_map(|group| items(&group["targets"]))
        .filter_map(Value::as_str);
    let is_service = |target: &&str| {
        let host = target.split(':').next().unwrap_or_default();
        !compose["services"][host].is_null()
    };
    let strangers = targets.filter(|target| !is_service(target));
    Ok(strangers
        .map(|target| format!("{PROMETHEUS}: {target} is no service of {FILE}"))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::path::Path;

    fn check(service: &Value, expected: &[&str]) {
        let compose = json!({"services": {"a": {}}, "volumes": {"v": {}}, "networks": {"n": {}}});
        let nowhere = Folder::new(Path::new("/nonexistent"));
        let faults = faults_of_service(service, &compose, &nowhere);
        assert_eq!(faults, expected);
    }

    #[test]
    fn what_is_there_may_be_named() {
        check(
            &json!({"image": "x", "networks": ["n"], "volumes": ["v:/data"]}),
            &[],
        );
    }

    #[test]
    fn what_is_missing_is_told() {
        check(
            &json!({
                "image": "x",
                "depends_on": {"b": {}},
                "volumes": ["w:/data", "./y:/y"],
                "security_opt": ["seccomp=z.json"],
            }),
            &[
                "depends_on: there is no \"b\" in services",
                "there is no \"w\" in volumes",
                "there is no file ./y (from deploy/compose)",
                "there is no file z.json (from deploy/compose)",
            ],
        );
        check(&json!({}), &["it has neither an image nor a build"]);
    }
}
