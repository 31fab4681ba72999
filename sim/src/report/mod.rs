//! A run as one HTML page: everything inline, nothing loaded from anywhere.

mod data;
mod disasters;
mod lanes;
mod messages;
mod stored;

use sim::outcome::Outcome;
use sim::plan::Plan;

/// The page without its data.
const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page of this run.
pub(crate) fn page(plan: &Plan, outcome: &Outcome) -> String {
    let picture = data::Picture::of(plan, outcome);
    let data = serde_json::to_string(&picture).expect("a picture is plain data");
    PAGE.replace("/*STYLE*/", STYLE)
        .replace("/*SCRIPT*/", SCRIPT)
        .replace("<!--SUMMARY-->", &summary(plan, outcome, &picture))
        // Text of a run must not end the script that it stands in.
        .replace("/*DATA*/", &data.replace('<', "\\u003c"))
}

/// What the picture shows, in words: for those who can't see it, and for searching.
fn summary(plan: &Plan, outcome: &Outcome, picture: &data::Picture) -> String {
    let verdict = match &outcome.failure {
        Some(failure) => format!(
            "<p class=\"failed\"><strong>Failed {}</strong> at {:.3} s: {}</p>",
            escaped(failure.oracle),
            failure.at_us as f64 / 1e6,
            escaped(&failure.detail)
        ),
        None if outcome.is_judged => "<p class=\"passed\"><strong>Passed.</strong></p>".to_owned(),
        None => "<p><strong>Stopped early,</strong> and not judged.</p>".to_owned(),
    };
    let faults = crate::campaign::faults_by_kind(outcome);
    let faults: Vec<String> = faults
        .iter()
        .map(|(kind, n)| format!("{n} {}", escaped(kind)))
        .collect();
    format!(
        "{verdict}<p>Seed {}, {} nodes of {} cores, {} clients; {:.3} s of virtual time in {} steps, {} commands answered, \
         {} batches and {} leases stored, {} things drawn. Faults: {}. Hash <code>{:032x}</code>.</p>",
        plan.seed,
        plan.nodes,
        plan.cores,
        plan.clients.len(),
        outcome.simulated_us as f64 / 1e6,
        outcome.steps,
        outcome.commands,
        outcome.truth.batches.len(),
        outcome.truth.leases.len(),
        picture.count(),
        if faults.is_empty() {
            "none".to_owned()
        } else {
            faults.join(", ")
        },
        outcome.hash,
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
