//! The page as a whole.

use std::fmt::Write;

use super::axis::latency_text;
use super::figures::{checks, escape, feeds, percentiles, ratios, runs, table, versions};
use super::hlog::LogSeries;
use super::plots::{
    comparison_plot, knee_plot, log_percentile_plot, log_time_plot, percentile_plot, time_plot,
};
use crate::outcome::Outcome;

const STYLE: &str = include_str!("page.css");

const FITS: &str = "a String takes all text";

/// What is shown.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Results, each with a chapter.
    pub outcomes: Vec<Outcome>,
    /// Series of logs, in one chapter.
    pub logs: Vec<LogSeries>,
}

/// The HTML.
pub fn page(content: &Page) -> String {
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>hunt-bench</title><style>{STYLE}</style><h1>Latency report</h1>\
         <p>Response time counts from when a request was planned, so a target that stalls pays for every request that it kept waiting. \
         Service time counts from when it was sent. Of a closed loop (planned: max) both are the same. \
         Latencies are of requests that took effect; refusals and errors are counted beside.</p>"
    );
    for outcome in &content.outcomes {
        chapter(&mut html, outcome);
    }
    if !content.logs.is_empty() {
        logs(&mut html, &content.logs);
    }
    html.push_str("</html>\n");
    html
}

fn chapter(html: &mut String, outcome: &Outcome) {
    let machine = &outcome.machine;
    write!(
        html,
        "<h2>{}</h2><p>{}, {}</p>",
        escape(&outcome.command),
        escape(&outcome.harness),
        escape(&outcome.at)
    )
    .expect(FITS);
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let rows = [
        row(
            "processor",
            format!("{} cores, {}", machine.cores, machine.cpu),
        ),
        row("kernel", machine.kernel.clone()),
        row("memory", format!("{} MiB", machine.memory_mb)),
        row("file system", machine.filesystem.clone()),
        row(
            "append of 100 bytes and fdatasync",
            format!(
                "p50 {}, p99 {}, max {}",
                latency_text(machine.fdatasync_us.p50),
                latency_text(machine.fdatasync_us.p99),
                latency_text(machine.fdatasync_us.max)
            ),
        ),
    ];
    section(html, "Machine", Some(table(&["what", "value"], &rows)));
    section(html, "Versions and durability", Some(versions(outcome)));
    section(html, "Comparison", comparison_plot(outcome));
    if !outcome.ratios.is_empty() {
        html.push_str(&ratios(outcome));
    }
    section(html, "Latency by percentile", percentile_plot(outcome));
    section(html, "Latency over time", time_plot(outcome));
    section(html, "Latency against load: the knee", knee_plot(outcome));
    let knees = outcome.knees.iter().map(|knee| {
        vec![
            knee.label.clone(),
            format!("{:.0}", knee.knee_per_s),
            format!("{:.0}", knee.max_per_s),
        ]
    });
    let knees: Vec<_> = knees.collect();
    if !knees.is_empty() {
        html.push_str(&table(
            &["target", "keeps up with, per s", "at most, per s"],
            &knees,
        ));
    }
    html.push_str(&feeds(outcome));
    section(html, "Runs", Some(runs(outcome)));
    section(
        html,
        "What the servers held at the end",
        Some(checks(outcome)),
    );
}

fn section(html: &mut String, title: &str, content: Option<String>) {
    if let Some(content) = content {
        write!(html, "<h3>{title}</h3>{content}").expect(FITS);
    }
}

fn logs(html: &mut String, logs: &[LogSeries]) {
    html.push_str("<h2>Histogram logs</h2>");
    section(html, "Latency by percentile", log_percentile_plot(logs));
    section(html, "Latency over time", log_time_plot(logs));
    let rows: Vec<Vec<String>> = logs
        .iter()
        .map(|log| {
            [
                vec![log.name.clone()],
                percentiles(&log.response_us).to_vec(),
            ]
            .concat()
        })
        .collect();
    html.push_str(&table(
        &["tag", "p50", "p90", "p99", "p99.9", "p99.99", "max"],
        &rows,
    ));
}
