//! The dashboards of Grafana: each panel shows something, and only what is exported.

use std::collections::BTreeSet;

use serde_json::Value;

use super::document::{Folder, items};
use super::known::Known;

const FOLDER: &str = "deploy/grafana/dashboards";
const DATASOURCES: &str = "deploy/grafana/provisioning/datasources/prometheus.yml";

pub(super) fn check(folder: &Folder, known: &Known) -> Result<Vec<String>, String> {
    let provisioned = folder.yaml(DATASOURCES)?;
    let sources: BTreeSet<&str> = items(&provisioned["datasources"])
        .filter_map(|source| source["uid"].as_str())
        .collect();
    let files = folder.files(FOLDER, ".json")?;
    if files.is_empty() {
        return Err(format!("{FOLDER} has no dashboard"));
    }
    let mut faults = Vec::new();
    for file in files {
        let dashboard = folder.json(&file)?;
        let told = faults_of_dashboard(&dashboard, &sources, known);
        faults.extend(told.iter().map(|fault| format!("{file}: {fault}")));
    }
    Ok(faults)
}

fn faults_of_dashboard(dashboard: &Value, sources: &BTreeSet<&str>, known: &Known) -> Vec<String> {
    let mut faults = Vec::new();
    let mut ids = BTreeSet::new();
    for panel in items(&dashboard["panels"]) {
        let title = panel["title"].as_str().unwrap_or("a panel without a title");
        if !ids.insert(panel["id"].as_u64()) {
            faults.push(format!("{title}: its id is missing, or another's already"));
        }
        if panel["type"] == "row" {
            continue;
        }
        let source = panel["datasource"]["uid"].as_str().unwrap_or_default();
        if !sources.contains(source) {
            faults.push(format!("{title}: {DATASOURCES} has no source {source:?}"));
        }
        let expressions: Vec<&str> = items(&panel["targets"])
            .filter_map(|target| target["expr"].as_str())
            .collect();
        if expressions.is_empty() {
            faults.push(format!("{title}: it asks for nothing"));
        }
        let told = expressions
            .iter()
            .flat_map(|expression| known.faults_of_expression(expression));
        faults.extend(told.map(|fault| format!("{title}: {fault}")));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn panels_show_what_is_exported() {
        let panel = |id: u64, expr: &str| {
            json!({
                "id": id, "type": "stat", "title": "T", "datasource": {"uid": "prometheus"}, "targets": [{"expr": expr}],
            })
        };
        let dashboard = json!({"panels": [panel(1, "up"), panel(1, "hunt_nothing")]});
        let sources = BTreeSet::from(["prometheus"]);
        let faults = faults_of_dashboard(&dashboard, &sources, &Known::default());
        assert_eq!(faults.len(), 2, "{faults:#?}");
        assert!(faults[1].contains("hunt_nothing"), "{faults:#?}");
        let elsewhere = faults_of_dashboard(
            &json!({"panels": [panel(1, "up")]}),
            &BTreeSet::new(),
            &Known::default(),
        );
        assert_eq!(elsewhere.len(), 1, "{elsewhere:#?}");
    }
}
