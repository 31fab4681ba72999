//! The systemd unit and the settings file that it starts the engine with.

use super::document::Folder;
use super::known::Known;

const UNIT: &str = "deploy/systemd/hunt-engine.service";
const SETTINGS: &str = "deploy/systemd/hunt-engine.toml";
const SECTIONS: &[&str] = &["Unit", "Service", "Install"];
/// Without one of these the engine does not start, loses connections, or is open to more than it needs.
const NEEDED: &[(&str, &str)] = &[
    ("Service", "ExecStart"),
    ("Service", "LimitMEMLOCK"),
    ("Service", "LimitNOFILE"),
    ("Service", "NoNewPrivileges"),
    ("Service", "ProtectSystem"),
    ("Service", "SystemCallFilter"),
    ("Service", "TimeoutStopSec"),
    ("Install", "WantedBy"),
];

pub(super) fn check(folder: &Folder, known: &Known) -> Result<Vec<String>, String> {
    let unit = folder.text(UNIT)?;
    let told = faults_of_unit(&unit, known);
    let mut faults: Vec<String> = told.iter().map(|fault| format!("{UNIT}:{fault}")).collect();
    for (line, text) in numbered(&folder.text(SETTINGS)?) {
        let key = text.split('=').next().unwrap_or_default().trim();
        let fault = known.fault_of_setting(key);
        faults.extend(fault.map(|fault| format!("{SETTINGS}:{line}: {fault}")));
    }
    Ok(faults)
}

fn faults_of_unit(unit: &str, known: &Known) -> Vec<String> {
    let mut faults = Vec::new();
    let mut section = "";
    let mut said = Vec::new();
    for (line, text) in numbered(unit) {
        if let Some(name) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
            section = SECTIONS.iter().find(|known| **known == name).unwrap_or(&"");
            if section.is_empty() {
                faults.push(format!(
                    "{line}: no section of a service is called {name:?}"
                ));
            }
            continue;
        }
        let Some((key, value)) = text.split_once('=') else {
            faults.push(format!("{line}: {text:?} sets nothing"));
            continue;
        };
        said.push((section, key));
        if let ("Environment", Some((variable, _))) = (key, value.split_once('=')) {
            let fault = known.fault_of_variable(variable);
            faults.extend(fault.map(|fault| format!("{line}: {fault}")));
        }
    }
    let missing = NEEDED.iter().filter(|needed| !said.contains(needed));
    faults.extend(missing.map(|(section, key)| format!("0: [{section}] does not say {key}")));
    faults
}

/// The lines that say something, from 1.
fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text
        .lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line.trim()));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with(['#', ';']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_says_what_the_engine_needs() {
        let mut unit = String::new();
        for (section, key) in NEEDED {
            unit += &format!("[{section}]\n# why\n{key}=x\n");
        }
        assert_eq!(
            faults_of_unit(&unit, &Known::default()),
            Vec::<String>::new()
        );
        let short = unit.replace("LimitMEMLOCK=x", "");
        assert_eq!(
            faults_of_unit(&short, &Known::default()),
            ["0: [Service] does not say LimitMEMLOCK"]
        );
    }

    #[test]
    fn what_a_unit_misspells_is_told_with_its_line() {
        let faults = faults_of_unit("[Servce]\nExecStart\n", &Known::default());
        assert!(faults[0].starts_with("1: no section"), "{faults:#?}");
        assert!(
            faults[1].starts_with("2: \"ExecStart\" sets nothing"),
            "{faults:#?}"
        );
    }
}
