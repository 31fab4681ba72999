//! Which plots an outcome gives.

use super::axis::{Axis, count_text};
use super::hlog::LogSeries;
use super::plot::{Plot, Range, Series, ranges};
use crate::outcome::{Outcome, Rate, Run, SecondSeen, Spread};

/// Runs drawn in one plot: more can't be told apart.
const SERIES_MAX: usize = 16;

/// Where all that the runs' curves hold ends: what is closer to 100 % than one of so many is chance.
fn nines(curves: &[Series]) -> f64 {
    let points = curves.iter().flat_map(|curve| &curve.points);
    points.map(|(x, _)| *x).fold(0.0, f64::max)
}

/// The place of a quantile on the axis of nines.
fn nines_of(quantile: f64) -> f64 {
    -(1.0 - quantile).max(1e-6).log10()
}

fn curve(name: String, colour: usize, is_dashed: bool, points: &[(f64, f64)]) -> Series {
    let inside = points.iter().filter(|(quantile, _)| *quantile < 1.0);
    Series {
        name,
        colour,
        is_dashed,
        points: inside
            .map(|(quantile, us)| (nines_of(*quantile), *us))
            .collect(),
    }
}

fn name(run: &Run) -> String {
    match run.rate {
        Rate::Max(_) => format!("{} at its maximum", run.label),
        Rate::PerSecond(_) => format!("{} at {}/s", run.label, run.rate.text()),
    }
}

/// The run of the middle round of each target and rate: one line each. Of a sweep, the rate nearest to half of the maximum.
fn typical(outcome: &Outcome) -> Vec<&Run> {
    let mut chosen: Vec<&Run> = Vec::new();
    for run in outcome.runs.iter().filter(|run| stands_for(outcome, run)) {
        let same = |other: &&Run| other.label == run.label && other.rate == run.rate;
        if chosen.iter().any(same) {
            continue;
        }
        let mut runs: Vec<&Run> = outcome.runs.iter().filter(same).collect();
        runs.sort_by(|a, b| a.response_us.p99.total_cmp(&b.response_us.p99));
        chosen.extend(runs.get(runs.len() / 2));
    }
    chosen.truncate(SERIES_MAX);
    chosen
}

/// Whether a run is drawn: all are, but those of a sweep have the plot of the knee.
fn stands_for(outcome: &Outcome, run: &Run) -> bool {
    let mut knees = outcome.knees.iter();
    let Some(knee) = knees.find(|knee| knee.label == run.label) else {
        return true;
    };
    let distance = |run: &Run| match run.rate {
        Rate::PerSecond(rate) => (rate - knee.max_per_s / 2.0).abs(),
        Rate::Max(_) => f64::INFINITY,
    };
    let others = outcome.runs.iter().filter(|other| other.label == run.label);
    others.map(distance).all(|other| distance(run) <= other)
}

/// The place of a run's target among all.
fn colour(outcome: &Outcome, label: &str) -> usize {
    let mut labels: Vec<&str> = Vec::new();
    for run in &outcome.runs {
        if !labels.contains(&run.label.as_str()) {
            labels.push(&run.label);
        }
    }
    labels.iter().position(|known| *known == label).unwrap_or(0)
}

/// Whether every line of a plot is of another target; else colours are for runs.
fn colours(outcome: &Outcome, runs: &[&Run]) -> Vec<usize> {
    let of_targets: Vec<usize> = runs.iter().map(|run| colour(outcome, &run.label)).collect();
    let mut distinct = of_targets.clone();
    distinct.sort_unstable();
    distinct.dedup();
    match distinct.len() == runs.len() {
        true => of_targets,
        false => (0..runs.len()).collect(),
    }
}

/// Latency by percentile: response time, and service time with dashes where the load was planned.
pub(super) fn percentile_plot(outcome: &Outcome) -> Option<String> {
    let runs = typical(outcome);
    let mut series = Vec::new();
    for (run, colour) in runs.iter().zip(colours(outcome, &runs)) {
        let response = format!("{}, response", name(run));
        series.push(curve(response, colour, false, &run.response_curve));
        if matches!(run.rate, Rate::PerSecond(_)) {
            let service = format!("{}, service", name(run));
            series.push(curve(service, colour, true, &run.service_curve));
        }
    }
    percentiles(series)
}

/// The same of logs.
pub(super) fn log_percentile_plot(logs: &[LogSeries]) -> Option<String> {
    let logs = logs.iter().take(SERIES_MAX).enumerate();
    percentiles(
        logs.map(|(at, log)| curve(log.name.clone(), at, false, &log.curve))
            .collect(),
    )
}

fn percentiles(mut series: Vec<Series>) -> Option<String> {
    series.retain(|series| !series.points.is_empty());
    if series.is_empty() {
        return None;
    }
    Some(
        Plot {
            x: Axis::quantile(nines(&series)),
            y: Axis::latency(latencies(&series)),
            x_title: "percentile",
            y_title: "latency",
            series,
            has_marks: false,
        }
        .svg(),
    )
}

fn latencies(series: &[Series]) -> impl Iterator<Item = f64> {
    let points = series.iter().flat_map(|series| &series.points);
    points.map(|(_, y)| *y)
}

/// Latency over time: the median, and the 99th percentile with dashes.
pub(super) fn time_plot(outcome: &Outcome) -> Option<String> {
    let runs = typical(outcome);
    let colours = colours(outcome, &runs);
    over_time(
        runs.iter()
            .zip(colours)
            .map(|(run, colour)| (name(run), colour, run.seconds.as_slice())),
    )
}

/// The same of logs.
pub(super) fn log_time_plot(logs: &[LogSeries]) -> Option<String> {
    let logs = logs.iter().take(SERIES_MAX).enumerate();
    over_time(logs.map(|(at, log)| (log.name.clone(), at, log.seconds.as_slice())))
}

fn over_time<'a>(runs: impl Iterator<Item = (String, usize, &'a [SecondSeen])>) -> Option<String> {
    let mut series = Vec::new();
    for (name, colour, seconds) in runs {
        let of = |value: fn(&SecondSeen) -> f64| {
            let seconds = seconds.iter().enumerate();
            let seen = seconds.filter(|(_, second)| second.accepted > 0);
            seen.map(|(at, second)| (at as f64 + 1.0, value(second)))
                .collect::<Vec<_>>()
        };
        let lines = [
            ("p99", true, of(|second| second.p99_us)),
            ("p50", false, of(|second| second.p50_us)),
        ];
        series.extend(lines.map(|(percentile, is_dashed, points)| Series {
            name: format!("{name}, {percentile}"),
            colour,
            is_dashed,
            points,
        }));
    }
    lines(series, "seconds", false)
}

/// Latency against what was planned: the knee.
pub(super) fn knee_plot(outcome: &Outcome) -> Option<String> {
    let mut series = Vec::new();
    for knee in &outcome.knees {
        let of = |value: fn(&Run) -> f64| {
            let runs = outcome.runs.iter().filter(|run| run.label == knee.label);
            let mut points: Vec<(f64, f64)> = runs
                .filter_map(|run| match run.rate {
                    Rate::PerSecond(rate) => Some((rate, value(run))),
                    Rate::Max(_) => None,
                })
                .collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            points
        };
        let lines = [
            ("p99", true, of(|run| run.response_us.p99)),
            ("p50", false, of(|run| run.response_us.p50)),
        ];
        series.extend(lines.map(|(percentile, is_dashed, points)| Series {
            name: format!("{}, {percentile}", knee.label),
            colour: colour(outcome, &knee.label),
            is_dashed,
            points,
        }));
    }
    lines(series, "commands planned per second", true)
}

fn lines(mut series: Vec<Series>, x_title: &'static str, has_marks: bool) -> Option<String> {
    series.retain(|series| !series.points.is_empty());
    if series.is_empty() {
        return None;
    }
    let places = series.iter().flat_map(|series| &series.points);
    Some(
        Plot {
            x: Axis::linear(places.map(|(x, _)| *x)),
            y: Axis::latency(latencies(&series)),
            x_title,
            y_title: "response time",
            series,
            has_marks,
        }
        .svg(),
    )
}

/// What each target accepted, over the rounds.
pub(super) fn comparison_plot(outcome: &Outcome) -> Option<String> {
    if outcome.ratios.is_empty() {
        return None;
    }
    // A sweep in the same result has runs of the same targets: those of the comparison have ratios.
    let compared = |label: &str| {
        let mut names = outcome.ratios.keys();
        names.any(|name| {
            name.strip_prefix(label)
                .is_some_and(|rest| rest.starts_with('/'))
                || name
                    .strip_suffix(label)
                    .is_some_and(|rest| rest.ends_with('/'))
        })
    };
    let mut rows: Vec<Range> = Vec::new();
    for run in outcome.runs.iter().filter(|run| compared(&run.label)) {
        if rows.iter().any(|row| row.name == run.label) {
            continue;
        }
        let same = outcome
            .runs
            .iter()
            .filter(|other| other.label == run.label && other.rate == run.rate);
        let Some(Spread { min, median, max }) =
            Spread::of(same.map(|run| run.accepted_per_s).collect())
        else {
            continue;
        };
        rows.push(Range {
            name: run.label.clone(),
            colour: colour(outcome, &run.label),
            min,
            median,
            max,
            text: format!("{}/s", count_text(median)),
        });
    }
    let axis = Axis::linear(rows.iter().map(|row| row.max));
    Some(ranges(
        &rows,
        &axis,
        "commands accepted per second: median, least to most",
    ))
}
