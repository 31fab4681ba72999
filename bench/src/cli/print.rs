//! What people read. The only place that writes to standard output.
#![allow(clippy::print_stdout, reason = "this is the edge")]

use std::fmt::Display;
use std::io::Write;

use crate::outcome::{Checked, Outcome, Percentiles, Run};
use crate::parts::{Part, Timed};

/// Share of a generator thread's time past which it may be what is measured.
const BUSY: f64 = 0.9;

/// Says something on standard error.
pub(super) fn note(text: impl Display) {
    // Nobody is left to be told if standard error is gone.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Prints the result as one JSON object.
pub(super) fn json(outcome: &Outcome) {
    let text = serde_json::to_string(outcome).expect("an outcome is plain data");
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints how many claims the floor synced.
pub(super) fn synced(claims: u64) {
    let _ = writeln!(std::io::stdout(), "{claims}");
}

/// Prints a run as a line of a table.
pub(super) fn run(run: &Run, is_first: bool) {
    let mut out = std::io::stdout();
    if is_first {
        let _ = writeln!(
            out,
            "{:<28} {:>9} {:>11}  {:>38}  {:>19}  {:>7} {:>7} {:>8}",
            "target",
            "planned/s",
            "accepted/s",
            "response ms: p50 p99 p99.9 max",
            "service ms: p50 p99",
            "refused",
            "errors",
            "MiB"
        );
    }
    let ms = |us: f64| format!("{:.3}", us / 1_000.0);
    let Percentiles {
        p50,
        p99,
        p999,
        max,
        ..
    } = run.response_us;
    let _ = writeln!(
        out,
        "{:<28} {:>9} {:>11.0}  {:>9} {:>9} {:>9} {:>9}  {:>9} {:>9}  {:>7} {:>7} {:>8.0}",
        run.label,
        run.rate.text(),
        run.accepted_per_s,
        ms(p50),
        ms(p99),
        ms(p999),
        ms(max),
        ms(run.service_us.p50),
        ms(run.service_us.p99),
        run.refused,
        run.errors,
        run.rss_mb,
    );
    if let Some(feed) = &run.feed {
        let _ = writeln!(
            out,
            "  feed: {} events followed, lag ms p50 {} p99 {} max {}; caught up with {} events at {:.0}/s",
            feed.events,
            ms(feed.lag_us.p50),
            ms(feed.lag_us.p99),
            ms(feed.lag_us.max),
            feed.catch_up_events,
            feed.catch_up_per_s
        );
    }
    warn(run);
}

fn warn(run: &Run) {
    // What was due in the last moment may find all connections busy; more than that is a backlog.
    if run.unsent > run.connections as u64 * u64::from(run.depth) {
        note(format_args!(
            "  note: {} requests were planned and not sent before the end: the target did not keep up",
            run.unsent
        ));
    }
    if let Some(example) = &run.example {
        note(format_args!("  note: an error said: {example}"));
    }
    let busy = run.generator_cpu_s / (run.warm_up_s + run.duration_s) / run.threads as f64;
    if busy > BUSY {
        note(format_args!(
            "  note: the generator was busy {:.0} % of the time and may be the limit: try --threads {}",
            busy * 100.0,
            run.threads + 1
        ));
    }
}

/// Prints what a server held.
pub(super) fn checked(checked: &Checked) {
    let events = checked
        .events
        .map_or_else(|| "not counted".to_owned(), |events| events.to_string());
    let faults = checked
        .faults
        .map_or_else(String::new, |faults| format!(", {faults} faults"));
    let _ = writeln!(
        std::io::stdout(),
        "{}: {} accepted, events held: {events}{faults}",
        checked.label,
        checked.accepted
    );
}

/// Prints what several runs say together.
pub(super) fn end(outcome: &Outcome) {
    let mut out = std::io::stdout();
    for knee in &outcome.knees {
        let _ = writeln!(
            out,
            "{}: keeps up with {:.0}/s; at most {:.0}/s",
            knee.label, knee.knee_per_s, knee.max_per_s
        );
    }
    for (name, spread) in &outcome.ratios {
        let _ = writeln!(
            out,
            "{name}: accepted {:.2} ({:.2} to {:.2})",
            spread.median, spread.min, spread.max
        );
        for (percentile, spread) in outcome.latency_ratios.get(name).into_iter().flatten() {
            let _ = writeln!(
                out,
                "{name}: response {percentile} {:.2} ({:.2} to {:.2})",
                spread.median, spread.min, spread.max
            );
        }
    }
    let _ = writeln!(out, "machine: {}", outcome.machine.line());
    let mut versions: Vec<_> = outcome
        .runs
        .iter()
        .map(|run| (&run.version, &run.durability))
        .collect();
    versions.sort_unstable();
    versions.dedup();
    for (version, durability) in versions {
        let _ = writeln!(out, "{version}; {durability}");
    }
}

/// Names a part.
pub(super) fn part(part: &Part) {
    let counted = if part.is_counted { "" } else { " (timed only)" };
    let _ = writeln!(
        std::io::stdout(),
        "{:<16} {}{counted}; per {}",
        part.name,
        part.what,
        part.unit
    );
}

/// Prints how long a part took.
pub(super) fn timed(timed: &Timed) {
    let _ = writeln!(
        std::io::stdout(),
        "{:<16} {:>10.1} ns a {} ({:.1} at best)",
        timed.part,
        timed.median(),
        timed.unit,
        timed.min()
    );
}

/// Prints how many instructions a part took, beside what the table says.
pub(super) fn counted(part: &Part, count: f64, kept: Option<f64>) {
    let change = kept.map_or_else(String::new, |kept| {
        format!(" ({:+.1} %)", 100.0 * (count / kept - 1.0))
    });
    let _ = writeln!(
        std::io::stdout(),
        "{:<16} {count:>10.0} instructions a {}{change}",
        part.name,
        part.unit
    );
}

/// Says how many units a run did, and nothing else: a program reads it.
pub(super) fn units_done(units: u64) {
    let _ = writeln!(std::io::stdout(), "{units}");
}
