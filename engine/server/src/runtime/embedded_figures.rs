//! What the embedded store says of itself, as `/metrics` shows it.

use node::{HISTOGRAM_BUCKETS, Histogram};
use store_embedded::{EmbeddedMetrics, SYNC_BUCKETS};

use crate::http::StoreFigure;

const _: () = assert!(
    SYNC_BUCKETS == HISTOGRAM_BUCKETS,
    "both count by powers of two from 1 µs on"
);

/// The figures of the whole store.
pub(super) fn embedded_figures(metrics: &EmbeddedMetrics) -> Vec<StoreFigure> {
    let count = StoreFigure::count;
    vec![
        count(
            "hunt_store_commits_total",
            "Commits that wrote something.",
            metrics.commits,
        ),
        count(
            "hunt_store_conflicts_total",
            "Commits refused because what they had read was written since (1020).",
            metrics.conflicts,
        ),
        count(
            "hunt_store_log_bytes_total",
            "Bytes appended to the log.",
            metrics.log_bytes,
        ),
        StoreFigure::Durations {
            name: "hunt_store_sync_seconds",
            help: "Appending a group of commits to the log, with its sync.",
            us: Box::new(Histogram {
                buckets: metrics.sync_us,
                sum: metrics.sync_us_sum,
                count: metrics.sync_us.iter().sum(),
            }),
        },
        count(
            "hunt_store_pauses_total",
            "Pauses between two groups of commits because merging of tables was behind.",
            metrics.pauses,
        ),
        count(
            "hunt_store_stalls_total",
            "Times when commits waited for tables to be written or merged.",
            metrics.stalls,
        ),
        count(
            "hunt_store_tables_total",
            "Write buffers made into tables.",
            metrics.flushes,
        ),
        count(
            "hunt_store_merges_total",
            "Merges of tables.",
            metrics.compactions,
        ),
    ]
}
