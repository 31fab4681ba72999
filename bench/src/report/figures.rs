//! Tables of figures, and text made safe for HTML.

use std::fmt::Write;

use super::axis::latency_text;
use crate::outcome::{Outcome, Percentiles};

const FITS: &str = "a String takes all text";

/// Text as HTML shows it.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// A table: heads, then rows.
pub(super) fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let mut html = String::from("<div class=\"scroll\"><table><tr>");
    for head in heads {
        write!(html, "<th>{}</th>", escape(head)).expect(FITS);
    }
    html.push_str("</tr>");
    for row in rows {
        html.push_str("<tr>");
        for cell in row {
            write!(html, "<td>{}</td>", escape(cell)).expect(FITS);
        }
        html.push_str("</tr>");
    }
    html.push_str("</table></div>");
    html
}

/// Every run.
pub(super) fn runs(outcome: &Outcome) -> String {
    let heads = [
        "target",
        "workload",
        "planned/s",
        "round",
        "conn × depth × batch",
        "accepted/s",
        "p50",
        "p90",
        "p99",
        "p99.9",
        "p99.99",
        "max",
        "service p50",
        "service p99",
        "refused",
        "errors",
        "unsent",
        "MiB",
        "target cpu s",
        "generator cpu s",
    ];
    let rows: Vec<Vec<String>> = outcome
        .runs
        .iter()
        .map(|run| {
            let mut row = vec![
                run.label.clone(),
                run.workload.clone(),
                run.rate.text(),
                run.round.to_string(),
                format!("{} × {} × {}", run.connections, run.depth, run.batch),
                format!("{:.0}", run.accepted_per_s),
            ];
            row.extend(percentiles(&run.response_us));
            row.extend([
                latency_text(run.service_us.p50),
                latency_text(run.service_us.p99),
                run.refused.to_string(),
                run.errors.to_string(),
                run.unsent.to_string(),
                format!("{:.0}", run.rss_mb),
                format!("{:.1}", run.target_cpu_s),
                format!("{:.1}", run.generator_cpu_s),
            ]);
            row
        })
        .collect();
    table(&heads, &rows)
}

/// All six, as text.
pub(super) fn percentiles(p: &Percentiles) -> [String; 6] {
    [p.p50, p.p90, p.p99, p.p999, p.p9999, p.max].map(latency_text)
}

/// What readers of the feed saw; empty if there were none.
pub(super) fn feeds(outcome: &Outcome) -> String {
    let rows: Vec<Vec<String>> = outcome
        .runs
        .iter()
        .filter_map(|run| {
            let feed = run.feed?;
            Some(vec![
                run.label.clone(),
                run.rate.text(),
                feed.events.to_string(),
                latency_text(feed.lag_us.p50),
                latency_text(feed.lag_us.p99),
                latency_text(feed.lag_us.max),
                feed.catch_up_events.to_string(),
                format!("{:.0}", feed.catch_up_per_s),
            ])
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let heads = [
        "target",
        "planned/s",
        "events",
        "lag p50",
        "lag p99",
        "lag max",
        "caught up",
        "events/s",
    ];
    format!("<h3>Feed</h3>{}", table(&heads, &rows))
}

/// What servers held at the end.
pub(super) fn checks(outcome: &Outcome) -> String {
    let number =
        |value: Option<u64>| value.map_or_else(|| "–".to_owned(), |value| value.to_string());
    let rows: Vec<Vec<String>> = outcome
        .checks
        .iter()
        .map(|check| {
            vec![
                check.label.clone(),
                check.accepted.to_string(),
                check.unknown.to_string(),
                number(check.events),
                number(check.faults),
            ]
        })
        .collect();
    table(
        &[
            "target",
            "accepted",
            "without an answer",
            "events held",
            "faults (verify)",
        ],
        &rows,
    )
}

/// Ratios of a comparison.
pub(super) fn ratios(outcome: &Outcome) -> String {
    let mut rows = Vec::new();
    for (name, spread) in &outcome.ratios {
        let latencies = outcome.latency_ratios.get(name).into_iter().flatten();
        let accepted = std::iter::once(("accepted/s".to_owned(), *spread));
        let latencies = latencies.map(|(name, spread)| (format!("response {name}"), *spread));
        for (what, spread) in accepted.chain(latencies) {
            let figures = [spread.min, spread.median, spread.max];
            let figures = figures.map(|figure| format!("{figure:.2}"));
            rows.push([vec![name.clone(), what], figures.to_vec()].concat());
        }
    }
    table(&["ratio", "of", "min", "median", "max"], &rows)
}

/// Versions, and when each syncs.
pub(super) fn versions(outcome: &Outcome) -> String {
    let mut rows: Vec<Vec<String>> = outcome
        .runs
        .iter()
        .map(|run| {
            vec![
                run.target.clone(),
                run.version.clone(),
                run.durability.clone(),
            ]
        })
        .collect();
    rows.sort();
    rows.dedup();
    table(&["target", "version", "durable"], &rows)
}
