//! No core held more than it may, and each counts what it holds.

use super::{Evidence, failure};
use crate::outcome::Failure;

/// What a core may hold beyond its budget: rows that are not written yet can't be evicted, and those that one tick
/// loads are only counted by the next.
const SLACK_BYTES: u64 = 256 << 10;

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    if let Some((node, core)) = evidence.observations.miscounted.first() {
        let detail = format!("core {core} of node {node} counts something else than it holds");
        return Err(failure("memory", 0, detail));
    }
    let over = evidence
        .observations
        .memory
        .iter()
        .find(|core| core.peak_bytes > core.budget_bytes.saturating_add(SLACK_BYTES));
    match over {
        None => Ok(()),
        Some(core) => {
            let detail = format!(
                "core {} of node {} held {} bytes of {} (and {SLACK_BYTES} of slack)",
                core.core, core.node, core.peak_bytes, core.budget_bytes
            );
            Err(failure("memory", 0, detail))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::MemoryPeak;
    use crate::oracle::fixture::Fixture;

    fn run(peak_bytes: u64) -> Fixture {
        let mut run = Fixture::played();
        run.observations.memory.push(MemoryPeak {
            node: 1,
            core: 0,
            budget_bytes: 1 << 20,
            peak_bytes,
        });
        run
    }

    #[test]
    fn is_content_within_the_budget() {
        run((1 << 20) + 1000).passes(check);
    }

    #[test]
    fn sees_a_core_that_does_not_count_right() {
        let mut run = run(1);
        run.observations.miscounted.push((2, 1));
        run.fails(check, "core 1 of node 2 counts something else");
    }

    #[test]
    fn sees_a_core_that_holds_too_much() {
        run(2 << 20).fails(check, "core 0 of node 1");
    }
}
