//! What a store on FoundationDB says of itself, as `/metrics` shows it.

use node::{HISTOGRAM_BUCKETS, Histogram};
use store::StoreError;
use store_fdb::{FdbMetrics, LATENCY_BUCKETS, Latencies};

use crate::http::StoreFigure;

const _: () = assert!(
    LATENCY_BUCKETS == HISTOGRAM_BUCKETS,
    "both count by powers of two from 1 µs on"
);

/// The figures of all cores together.
pub(super) fn fdb_figures(metrics: &FdbMetrics) -> Vec<StoreFigure> {
    let errors = metrics.errors.iter().map(|(code, count)| {
        let name = StoreError::new(*code).name();
        let labels = vec![("code", code.to_string()), ("name", name.to_owned())];
        (labels, *count)
    });
    vec![
        StoreFigure::count(
            "hunt_fdb_transactions_total",
            "Transactions begun.",
            metrics.begun,
        ),
        StoreFigure::count(
            "hunt_fdb_commits_total",
            "Commits that wrote something.",
            metrics.commits,
        ),
        StoreFigure::count(
            "hunt_fdb_conflicts_total",
            "Tries refused because what they had read was written since (1020).",
            metrics.conflicts,
        ),
        StoreFigure::count(
            "hunt_fdb_unknown_results_total",
            "Commits that may or may not have happened (1021, 1039).",
            metrics.unknown_results,
        ),
        StoreFigure::count(
            "hunt_fdb_retries_total",
            "Tries after the first.",
            metrics.retries,
        ),
        StoreFigure::Counter {
            name: "hunt_fdb_errors_total",
            help: "Errors by FoundationDB's number.",
            samples: errors.collect(),
        },
        StoreFigure::Durations {
            name: "hunt_fdb_read_version_seconds",
            help: "From asking for a read version until the client library had it.",
            us: Box::new(histogram(&metrics.read_version)),
        },
        StoreFigure::Durations {
            name: "hunt_fdb_commit_seconds",
            help: "From sending a commit until the core saw that it happened.",
            us: Box::new(histogram(&metrics.commit)),
        },
    ]
}

fn histogram(latencies: &Latencies) -> Histogram {
    Histogram {
        buckets: latencies.us,
        sum: latencies.us_sum,
        count: latencies.count(),
    }
}
