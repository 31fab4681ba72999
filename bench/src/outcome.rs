//! What was measured, as `--json` prints it and `report` reads it. Fields may be added, none renamed.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::machine::Machine;

const NS_PER_US: f64 = 1_000.0;

/// All of a `run`, `sweep` or `compare`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The harness and its version.
    pub harness: String,
    /// The command line.
    pub command: String,
    /// When it began, RFC 3339.
    pub at: String,
    /// On what.
    pub machine: Machine,
    /// Every run, in order.
    pub runs: Vec<Run>,
    /// Of `compare`: how many times as much `a` accepted as `b`, by "a/b", of runs of the same round.
    pub ratios: BTreeMap<String, Spread>,
    /// Of `compare`: the same of response times, by "a/b" and percentile; below 1 `a` is faster.
    pub latency_ratios: BTreeMap<String, BTreeMap<String, Spread>>,
    /// Of `sweep`: where each target's knee is.
    pub knees: Vec<Knee>,
    /// What each server held at the end.
    pub checks: Vec<Checked>,
}

/// One target under one load once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The target as it was named, with what makes it differ.
    pub label: String,
    /// Its kind: wire, http, postgres, redis, nats, floor-http or floor-wire.
    pub target: String,
    /// The mix of commands.
    pub workload: String,
    /// Commands a second that were planned, or `max`.
    pub rate: Rate,
    /// Planned at random (Poisson) instead of evenly.
    pub poisson: bool,
    /// Which round, from 1.
    pub round: u32,
    /// Connections.
    pub connections: usize,
    /// Requests under way on each.
    pub depth: u32,
    /// Commands of a request.
    pub batch: usize,
    /// Generator threads.
    pub threads: usize,
    /// Seconds of warm-up.
    pub warm_up_s: f64,
    /// Seconds that were measured.
    pub duration_s: f64,
    /// Commands that took effect, a second.
    pub accepted_per_s: f64,
    /// Commands that failed, or that nobody answered.
    pub errors: u64,
    /// Commands that the rules or a limit refused.
    pub refused: u64,
    /// Those of them that met a limit.
    pub overloaded: u64,
    /// Requests that were planned and never sent, as the target took no more; they are in `response_us` with the time they waited.
    pub unsent: u64,
    /// Connections that broke.
    pub reconnects: u64,
    /// What one of the errors said.
    pub example: Option<String>,
    /// From sending to the answer, of accepted requests, in microseconds.
    pub service_us: Percentiles,
    /// From the planned time to the answer, in microseconds.
    pub response_us: Percentiles,
    /// Memory of the target at the end, in MiB.
    pub rss_mb: f64,
    /// Processor time of the target, in seconds, warm-up included.
    pub target_cpu_s: f64,
    /// Processor time of the generator, in seconds, warm-up included.
    pub generator_cpu_s: f64,
    /// The target's version.
    pub version: String,
    /// When the target syncs.
    pub durability: String,
    /// Of workload `feed`: what the reader saw.
    pub feed: Option<FeedSeen>,
    /// Service times: (quantile, microseconds).
    pub service_curve: Vec<(f64, f64)>,
    /// Response times: (quantile, microseconds).
    pub response_curve: Vec<(f64, f64)>,
    /// Second by second.
    pub seconds: Vec<SecondSeen>,
}

/// Commands a second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Rate {
    /// So many.
    PerSecond(f64),
    /// As many as it takes.
    Max(Max),
}

/// `"max"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Max {
    /// As many as it takes.
    Max,
}

impl Rate {
    /// As the command line says it.
    pub fn text(self) -> String {
        match self {
            Self::PerSecond(rate) => format!("{rate:.0}"),
            Self::Max(_) => "max".to_owned(),
        }
    }
}

/// Latencies in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Percentiles {
    /// Half are at most this.
    pub p50: f64,
    /// Nine of ten.
    pub p90: f64,
    /// 99 of 100.
    pub p99: f64,
    /// 999 of 1,000.
    pub p999: f64,
    /// 9,999 of 10,000.
    pub p9999: f64,
    /// The longest.
    pub max: f64,
}

impl Percentiles {
    /// Of a histogram of nanoseconds; all 0 if it is empty.
    pub fn of(histogram: &Histogram<u64>) -> Self {
        let at = |quantile| us(histogram.value_at_quantile(quantile));
        Self {
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            p9999: at(0.9999),
            max: us(histogram.max()),
        }
    }
}

/// Microseconds of nanoseconds, to a tenth.
pub fn us(ns: u64) -> f64 {
    (ns as f64 / NS_PER_US * 10.0).round() / 10.0
}

/// A histogram of nanoseconds as a curve: ever closer to the longest, half the rest with each five steps.
pub fn curve(histogram: &Histogram<u64>) -> Vec<(f64, f64)> {
    const TICKS_PER_HALF: u32 = 5;
    let values = histogram.iter_quantiles(TICKS_PER_HALF);
    values
        .map(|value| (value.quantile(), us(value.value_iterated_to())))
        .collect()
}

/// One second of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecondSeen {
    /// Commands accepted in it.
    pub accepted: u64,
    /// Response times in microseconds, by when the answer came.
    pub p50_us: f64,
    /// The 99th percentile.
    pub p99_us: f64,
    /// The longest.
    pub max_us: f64,
}

/// What a reader of the feed saw.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeedSeen {
    /// Events that it read while they were made.
    pub events: u64,
    /// From an event's time (before it was committed) to reading it, in microseconds; events have times in milliseconds.
    pub lag_us: Percentiles,
    /// Events of the catch-up afterwards, from the beginning.
    pub catch_up_events: u64,
    /// Events a second of that.
    pub catch_up_per_s: f64,
}

/// How something differs between rounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The least.
    pub min: f64,
    /// Half of the rounds are below.
    pub median: f64,
    /// The most.
    pub max: f64,
}

impl Spread {
    /// Of some values; none of none.
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let median = match values.len() % 2 {
            1 => *values.get(middle)?,
            _ => f64::midpoint(*values.get(middle.checked_sub(1)?)?, *values.get(middle)?),
        };
        let round = |value: f64| (value * 1_000.0).round() / 1_000.0;
        Some(Self {
            min: round(*values.first()?),
            median: round(median),
            max: round(*values.last()?),
        })
    }
}

/// Where a target stops keeping up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Knee {
    /// The target.
    pub label: String,
    /// Closed loop: the most that it takes.
    pub max_per_s: f64,
    /// The highest planned rate that it kept up with.
    pub knee_per_s: f64,
}

/// What a server held at the end, against what it had said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// The target.
    pub label: String,
    /// Commands that it said took effect, warm-ups included.
    pub accepted: u64,
    /// Commands whose answer never came.
    pub unknown: u64,
    /// Events that it holds; none if it can't be counted.
    pub events: Option<u64>,
    /// Faults that `hunt-engine verify` found.
    pub faults: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_of_sorted_values() {
        let of = |values: &[f64]| Spread::of(values.to_vec()).map(|s| (s.min, s.median, s.max));
        assert_eq!(of(&[3.0, 1.0, 2.0]), Some((1.0, 2.0, 3.0)));
        assert_eq!(of(&[4.0, 1.0]), Some((1.0, 2.5, 4.0)));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn a_rate_is_a_number_or_max() {
        let json = |rate| serde_json::to_string(&rate).unwrap();
        assert_eq!(json(Rate::Max(Max::Max)), "\"max\"");
        assert_eq!(json(Rate::PerSecond(10.0)), "10.0");
        for rate in [Rate::Max(Max::Max), Rate::PerSecond(2.5)] {
            assert_eq!(serde_json::from_str::<Rate>(&json(rate)).unwrap(), rate);
        }
    }

    #[test]
    fn percentiles_are_microseconds() {
        let mut histogram = crate::load::new_histogram(3);
        for value in 1..=1_000 {
            histogram.record(value * 1_000).unwrap();
        }
        let percentiles = Percentiles::of(&histogram);
        assert!((percentiles.p50 - 500.0).abs() < 1.0);
        assert!((percentiles.p99 - 990.0).abs() < 2.0);
        assert!((percentiles.max - 1_000.0).abs() < 2.0);
        let curve = curve(&histogram);
        assert!(
            curve
                .windows(2)
                .all(|w| w[0].0 <= w[1].0 && w[0].1 <= w[1].1)
        );
        assert_eq!(curve.last().map(|last| last.0), Some(1.0));
    }
}
