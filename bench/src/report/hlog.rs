//! HdrHistogram logs, as `--hlog` writes them, or another tool does with nanoseconds.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

use super::base64;
use crate::load::new_histogram;
use crate::outcome::{Percentiles, SecondSeen, curve, us};

/// Three figures, as in runs.
const FIGURES: u8 = 3;

/// One tag of a log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogSeries {
    /// The tag.
    pub name: String,
    /// All of it together.
    pub response_us: Percentiles,
    /// (quantile, microseconds).
    pub curve: Vec<(f64, f64)>,
    /// Interval by interval.
    pub seconds: Vec<SecondSeen>,
}

/// Reads a log; series are in the order of their names.
pub fn hlog_series(bytes: &[u8]) -> Result<Vec<LogSeries>, String> {
    let mut deserializer = Deserializer::new();
    let mut all: BTreeMap<String, (Histogram<u64>, Vec<SecondSeen>)> = BTreeMap::new();
    for entry in IntervalLogIterator::new(bytes) {
        let entry = entry.map_err(|error| format!("it is no HdrHistogram log: {error:?}"))?;
        let LogEntry::Interval(interval) = entry else {
            continue;
        };
        let name = interval.tag().map_or("log", |tag| tag.as_str()).to_owned();
        let histogram = decode(interval.encoded_histogram(), &mut deserializer)?;
        let (sum, seconds) = all
            .entry(name)
            .or_insert_with(|| (new_histogram(FIGURES), Vec::new()));
        sum.add(&histogram)
            .map_err(|error| format!("an interval does not fit: {error}"))?;
        seconds.push(SecondSeen {
            accepted: histogram.len(),
            p50_us: us(histogram.value_at_quantile(0.5)),
            p99_us: us(histogram.value_at_quantile(0.99)),
            max_us: us(histogram.max()),
        });
    }
    Ok(all
        .into_iter()
        .map(|(name, (histogram, seconds))| LogSeries {
            name,
            response_us: Percentiles::of(&histogram),
            curve: curve(&histogram),
            seconds,
        })
        .collect())
}

fn decode(text: &str, deserializer: &mut Deserializer) -> Result<Histogram<u64>, String> {
    let bytes = base64::bytes(text).ok_or("a histogram is not base64")?;
    deserializer
        .deserialize(&mut bytes.as_slice())
        .map_err(|error| format!("a histogram can't be read: {error:?}"))
}
