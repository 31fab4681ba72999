//! What the engine has by name: read from its source, so that nothing needs to be built or started.

use std::collections::BTreeSet;

use super::document::Folder;

/// The names of metrics and settings.
#[derive(Debug, Default)]
pub(super) struct Known {
    metrics: BTreeSet<String>,
    settings: BTreeSet<String>,
}

/// What Prometheus itself adds to a scrape.
const OF_PROMETHEUS: &[&str] = &["up"];

/// What a histogram's name is followed by.
const PARTS: &[&str] = &["_bucket", "_sum", "_count"];

/// Where the metrics are written, and where the settings stand.
const SERVER: &str = "engine/server/src";
const TABLE: &str = "engine/server/src/settings/table.rs";

impl Known {
    pub(super) fn read(folder: &Folder) -> Result<Self, String> {
        let mut known = Self::default();
        for path in folder.files(SERVER, ".rs")? {
            known.add_metrics(&folder.text(&path)?);
        }
        known.add_settings(&folder.text(TABLE)?);
        match known.metrics.is_empty() || known.settings.is_empty() {
            true => Err(format!(
                "no metrics under {SERVER} or no settings in {TABLE}: have they moved?"
            )),
            false => Ok(known),
        }
    }

    /// A whole literal that looks like the name of a family.
    fn add_metrics(&mut self, source: &str) {
        let literals = source.split('"').filter(|text| is_metric(text));
        self.metrics.extend(literals.map(str::to_owned));
    }

    /// The first literal of each entry of the table.
    fn add_settings(&mut self, source: &str) {
        for call in ["text(", "secret(", "number("] {
            for (at, _) in source.match_indices(call) {
                let rest = source[at + call.len()..].trim_start();
                let name = rest
                    .strip_prefix('"')
                    .and_then(|rest| rest.split('"').next());
                self.settings.extend(name.map(str::to_owned));
            }
        }
    }

    /// What is wrong with a setting's variable: `HUNT_…`.
    pub(super) fn fault_of_variable(&self, variable: &str) -> Option<String> {
        let key = variable.strip_prefix("HUNT_")?.to_ascii_lowercase();
        self.fault_of_setting(&key)
    }

    /// What is wrong with a setting's name.
    pub(super) fn fault_of_setting(&self, key: &str) -> Option<String> {
        let unknown = !self.settings.contains(key);
        unknown.then(|| format!("the engine has no setting {key:?} ({TABLE})"))
    }

    /// The metrics that an expression asks for, but nobody exports.
    pub(super) fn faults_of_expression(&self, expression: &str) -> Vec<String> {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let words = expression.split(|c| !word(c));
        let asked = words.filter(|word| is_metric(word) && !self.exports(word));
        asked
            .map(|metric| format!("the engine exports no {metric:?} ({SERVER})"))
            .collect()
    }

    fn exports(&self, metric: &str) -> bool {
        let family = PARTS.iter().find_map(|part| metric.strip_suffix(part));
        let has = |name: &str| self.metrics.contains(name) || OF_PROMETHEUS.contains(&name);
        has(metric) || family.is_some_and(has)
    }
}

/// The engine's own names, and those of its process.
fn is_metric(word: &str) -> bool {
    let ours = word.starts_with("hunt_") || word.starts_with("process_");
    ours && word
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let mut known = Known::default();
        known.add_metrics(r#"("hunt_a_total", Kind::Counter), "hunt_b", "hunt_b{core=0}""#);
        known.add_settings("text(\n \"listen\", \"x\"), ..text(\"log_format\", \"text\")");
        known
    }

    #[test]
    fn expressions_may_ask_for_what_is_exported() {
        let known = known();
        let fine =
            "sum by (le) (rate(hunt_b_bucket[5m])) / hunt_a_total > bool up{job=\"hunt-engine\"}";
        assert_eq!(known.faults_of_expression(fine), Vec::<String>::new());
        let wrong = "hunt_c + hunt_a_totals";
        assert_eq!(known.faults_of_expression(wrong).len(), 2);
    }

    #[test]
    fn settings_are_known_by_key_and_by_variable() {
        let known = known();
        assert_eq!(known.fault_of_variable("HUNT_LOG_FORMAT"), None);
        assert_eq!(known.fault_of_variable("GF_ANYTHING"), None);
        assert!(known.fault_of_variable("HUNT_LISTENS").is_some());
        assert!(known.fault_of_setting("x").is_some());
    }
}
