//! The alert rules: complete, about metrics that are exported, and with a chapter to read at night.

use serde_json::Value;

use super::document::{Folder, items};
use super::known::Known;

const FILE: &str = "deploy/prometheus/alerts.yml";
/// Wake somebody, or tell somebody tomorrow.
const SEVERITIES: &[&str] = &["page", "warn"];

pub(super) fn check(folder: &Folder, known: &Known) -> Result<Vec<String>, String> {
    let rules = folder.yaml(FILE)?;
    let groups = items(&rules["groups"]);
    let mut faults = Vec::new();
    for rule in groups.flat_map(|group| items(&group["rules"])) {
        let name = rule["alert"].as_str().unwrap_or("a rule without a name");
        let mut told = faults_of_rule(rule, known);
        told.extend(fault_of_runbook(rule, folder)?);
        faults.extend(told.iter().map(|fault| format!("{FILE}: {name}: {fault}")));
    }
    Ok(faults)
}

fn faults_of_rule(rule: &Value, known: &Known) -> Vec<String> {
    let mut faults = match rule["expr"].as_str() {
        Some(expression) => known.faults_of_expression(expression),
        None => vec!["it has no expr".to_owned()],
    };
    let severity = rule["labels"]["severity"].as_str().unwrap_or_default();
    if !SEVERITIES.contains(&severity) {
        faults.push(format!(
            "its severity is {severity:?}, not one of {SEVERITIES:?}"
        ));
    }
    if !rule["annotations"]["summary"].is_string() {
        faults.push("it has no summary".to_owned());
    }
    faults
}

/// `FILE#heading` must be a file with that heading.
fn fault_of_runbook(rule: &Value, folder: &Folder) -> Result<Option<String>, String> {
    let runbook = rule["annotations"]["runbook"].as_str().unwrap_or_default();
    let Some((file, heading)) = runbook.split_once('#') else {
        return Ok(Some(format!("its runbook {runbook:?} is no FILE#heading")));
    };
    let text = folder.text(file)?;
    let has = headings(&text).any(|found| found == heading);
    Ok((!has).then(|| format!("{file} has no heading #{heading}")))
}

/// The headings of a Markdown file as links name them.
fn headings(text: &str) -> impl Iterator<Item = String> {
    let titles = text.lines().filter_map(|line| line.strip_prefix('#'));
    titles.map(|title| {
        let title = title.trim_start_matches('#').trim().to_lowercase();
        let kept = title
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_rule_says_all_that_a_person_needs() {
        let faults = faults_of_rule(
            &json!({"alert": "A", "labels": {"severity": "urgent"}}),
            &Known::default(),
        );
        assert_eq!(faults.len(), 3, "{faults:#?}");
        let unknown = json!({
            "expr": "hunt_nothing > 1",
            "labels": {"severity": "warn"},
            "annotations": {"summary": "x"},
        });
        assert_eq!(faults_of_rule(&unknown, &Known::default()).len(), 1);
    }

    #[test]
    fn headings_are_named_as_links_name_them() {
        let text = "# A host is gone\n\n## FoundationDB: slow, or away?\nno heading\n";
        let found: Vec<String> = headings(text).collect();
        assert_eq!(found, ["a-host-is-gone", "foundationdb-slow-or-away"]);
    }
}
