//! The seccomp profile: it refuses what it does not name, and lets the engine's rings pass.

use std::collections::BTreeSet;

use serde_json::Value;

use super::document::{Folder, items};
use super::known::Known;

const FILE: &str = "deploy/seccomp/hunt-engine.json";
/// Without one of these no engine starts.
const NEEDED: &[&str] = &[
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "sched_setaffinity",
    "sched_setscheduler",
    "epoll_create1",
    "eventfd2",
];
/// What gets a process out of its container, or into others.
const FORBIDDEN: &[&str] = &[
    "bpf",
    "init_module",
    "kexec_load",
    "mount",
    "perf_event_open",
    "pivot_root",
    "ptrace",
    "setns",
    "unshare",
];

pub(super) fn check(folder: &Folder, _: &Known) -> Result<Vec<String>, String> {
    let told = faults(&folder.json(FILE)?);
    Ok(told
        .iter()
        .map(|fault| format!("{FILE}: {fault}"))
        .collect())
}

fn faults(profile: &Value) -> Vec<String> {
    let rules = items(&profile["syscalls"]).filter(|rule| rule["action"] == "SCMP_ACT_ALLOW");
    let allowed: BTreeSet<&str> = rules
        .flat_map(|rule| items(&rule["names"]))
        .filter_map(Value::as_str)
        .collect();
    let mut faults = Vec::new();
    if profile["defaultAction"] != "SCMP_ACT_ERRNO" {
        faults.push("what it does not name is not refused".to_owned());
    }
    let missing = NEEDED.iter().filter(|name| !allowed.contains(*name));
    faults.extend(missing.map(|name| format!("{name} is not allowed: the engine needs it")));
    let open = FORBIDDEN.iter().filter(|name| allowed.contains(*name));
    faults.extend(open.map(|name| format!("{name} is allowed: no engine needs it")));
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_profile_lets_rings_pass_and_little_else() {
        let rule = |names: &[&str]| json!({"names": names, "action": "SCMP_ACT_ALLOW"});
        let fine = json!({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [rule(NEEDED)]});
        assert_eq!(faults(&fine), Vec::<String>::new());
        let open = json!({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [rule(&["ptrace"])]});
        assert_eq!(faults(&open).len(), NEEDED.len() + 2);
    }
}
