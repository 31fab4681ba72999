//! What `/metrics` shows: the cores' own figures, those of the HTTP layer, and the process.

mod exposition;
mod links;
mod meters;
mod process;
mod store_figures;

pub use meters::{CoreMeters, Meters, STATUSES};
pub use store_figures::{StoreFigure, StoreFigures};

use node::{CoreStatus, ShardStatus};

use crate::cluster::LinkBoard;

use exposition::{Exposition, Kind, Labels};

/// Figures of all cores as Prometheus text.
pub(super) fn render(cores: &[CoreStatus], meters: &Meters, board: Option<&LinkBoard>) -> String {
    let mut out = Exposition::default();
    of_cores(&mut out, cores);
    of_shards(&mut out, cores);
    of_http(&mut out, meters);
    if let Some(board) = board {
        links::render(&mut out, board);
    }
    store_figures::render(&mut out, &meters.store());
    process::render(&mut out);
    out.finish()
}

/// A family with one sample per core: name, kind, help, value.
type Family<T> = (&'static str, Kind, &'static str, fn(&T) -> u64);

#[rustfmt::skip]
const OF_CORES: [Family<CoreStatus>; 11] = [
    ("hunt_core_ready", Kind::Gauge, "Whether every shard of the core is open.", |core| u64::from(core.ready)),
    ("hunt_commands_total", Kind::Counter, "Commands decided.", |core| core.commands),
    ("hunt_queue_depth", Kind::Gauge, "Answers that wait for a commit.", |core| core.queue_depth),
    ("hunt_commit_retries_total", Kind::Counter, "Commits that had to be tried again.", |core| core.commit_retries),
    ("hunt_commits_fenced_total", Kind::Counter, "Commits refused since another owner has the shard.", |core| core.commits_fenced.0),
    ("hunt_memory_bytes", Kind::Gauge, "Bytes of state held in memory.", |core| core.memory_bytes),
    ("hunt_memory_budget_bytes", Kind::Gauge, "Bytes of state that may be held.", |core| core.memory_budget_bytes),
    ("hunt_rows_loaded_total", Kind::Counter, "Rows read from the store.", |core| core.rows_loaded),
    ("hunt_rows_written_total", Kind::Counter, "Rows written to the store.", |core| core.rows_written),
    ("hunt_rows_evicted_total", Kind::Counter, "Rows evicted from memory.", |core| core.rows_evicted),
    ("hunt_shards", Kind::Gauge, "Shards of the core.", |core| core.wanted_shards().count() as u64),
];

#[rustfmt::skip]
const OF_SHARDS: [Family<ShardStatus>; 8] = [
    ("hunt_shard_open", Kind::Gauge, "Whether the shard takes commands.", |shard| u64::from(shard.open)),
    ("hunt_shard_epoch", Kind::Gauge, "Epoch of the shard's lease.", |shard| shard.epoch),
    ("hunt_shard_last_seq", Kind::Gauge, "Sequence of the last event, committed or not.", |shard| shard.last_seq),
    ("hunt_shard_committed_seq", Kind::Gauge, "Sequence of the last committed event.", |shard| shard.committed_seq),
    ("hunt_shard_checkpoint_lag", Kind::Gauge, "Events that a recovery would replay.",
        |shard| shard.committed_seq.saturating_sub(shard.checkpoint_seq)),
    ("hunt_shard_hunts", Kind::Gauge, "Hunts of the shard.", |shard| shard.hunts),
    ("hunt_shard_players", Kind::Gauge, "Players of the shard in memory.", |shard| shard.players),
    ("hunt_shard_dirty_rows", Kind::Gauge, "Rows newer in memory than in the store.", |shard| shard.dirty_rows),
];

#[rustfmt::skip]
const OF_HTTP: [Family<CoreMeters>; 5] = [
    ("hunt_http_in_flight", Kind::Gauge, "Requests under way.", CoreMeters::in_flight),
    ("hunt_http_streams", Kind::Gauge, "Event streams that are open.", CoreMeters::streams),
    ("hunt_http_connections", Kind::Gauge, "Connections that are open.", CoreMeters::connections),
    ("hunt_http_connections_taken_total", Kind::Counter, "Connections taken.", CoreMeters::connections_taken),
    ("hunt_http_panics_total", Kind::Counter, "Requests that met a defect of the engine.", CoreMeters::panics),
];

fn of_cores(out: &mut Exposition, cores: &[CoreStatus]) {
    for (name, kind, help, value) in OF_CORES {
        out.family(name, kind, help);
        for core in cores {
            out.sample(name, &[("core", &core.core)], value(core));
        }
    }
    let by_outcome = "Commands decided, by outcome.";
    out.family("hunt_outcomes_total", Kind::Counter, by_outcome);
    for core in cores {
        for (outcome, count) in &core.outcomes {
            let labels: Labels<'_> = &[("core", &core.core), ("outcome", outcome)];
            out.sample("hunt_outcomes_total", labels, count);
        }
    }
    let by_limit = "Requests turned away, by the limit that was reached.";
    out.family("hunt_refused_total", Kind::Counter, by_limit);
    for core in cores {
        for (limit, count) in &core.refused {
            let labels: Labels<'_> = &[("core", &core.core), ("limit", limit)];
            out.sample("hunt_refused_total", labels, count);
        }
    }
    out.family(
        "hunt_batch_events",
        Kind::Histogram,
        "Events per committed batch.",
    );
    for core in cores {
        let labels: Labels<'_> = &[("core", &core.core)];
        out.histogram("hunt_batch_events", labels, &core.batch_events, 1.0);
    }
    let commit = "From sending a batch to the store until it is committed.";
    out.family("hunt_commit_seconds", Kind::Histogram, commit);
    for core in cores {
        let labels: Labels<'_> = &[("core", &core.core)];
        out.histogram_us("hunt_commit_seconds", labels, &core.commit_us);
    }
}

fn of_shards(out: &mut Exposition, cores: &[CoreStatus]) {
    for (name, kind, help, value) in OF_SHARDS {
        out.family(name, kind, help);
        for core in cores {
            for shard in core.wanted_shards() {
                let labels: Labels<'_> = &[("core", &core.core), ("shard", &shard.shard)];
                out.sample(name, labels, value(shard));
            }
        }
    }
}

fn of_http(out: &mut Exposition, meters: &Meters) {
    let all = meters.all();
    let by_call = "HTTP answers, by call and status.";
    out.family("hunt_http_responses_total", Kind::Counter, by_call);
    for core in &all {
        for (endpoint, status, count) in core.responses() {
            let call = endpoint.map(|endpoint| endpoint.spec());
            let (method, route) = call.map_or(("", "none"), |call| (call.method, call.path));
            let id = core.core();
            let labels: Labels<'_> = &[
                ("core", &id),
                ("method", &method),
                ("route", &route),
                ("status", &status),
            ];
            out.sample("hunt_http_responses_total", labels, count);
        }
    }
    for (name, kind, help, value) in OF_HTTP {
        out.family(name, kind, help);
        for core in &all {
            out.sample(name, &[("core", &core.core())], value(core));
        }
    }
    let latency = "From a request's head to its answer.";
    out.family("hunt_http_latency_seconds", Kind::Histogram, latency);
    for core in &all {
        let labels: Labels<'_> = &[("core", &core.core())];
        out.histogram_us("hunt_http_latency_seconds", labels, &core.latency_us());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::endpoint::Endpoint;
    use hyper::StatusCode;
    use std::time::Duration;

    #[test]
    fn shows_every_core_shard_and_call() {
        let meters = Meters::default();
        let on_core_1 = meters.register(1);
        on_core_1.answered(
            Some(Endpoint::Claim),
            StatusCode::OK,
            Duration::from_micros(3),
        );
        on_core_1.answered(None, StatusCode::NOT_FOUND, Duration::ZERO);
        on_core_1.connection_opened();
        let shard = ShardStatus {
            shard: 7,
            committed_seq: 12,
            checkpoint_seq: 5,
            wanted: true,
            ..ShardStatus::default()
        };
        let of_another_core = ShardStatus {
            shard: 8,
            ..ShardStatus::default()
        };
        let mut core = CoreStatus {
            core: 1,
            shards: vec![shard, of_another_core],
            ..CoreStatus::default()
        };
        core.outcomes.insert("granted".into(), 3);
        let text = render(&[core], &meters, None);
        for line in [
            r#"hunt_outcomes_total{core="1",outcome="granted"} 3"#,
            r#"hunt_shard_checkpoint_lag{core="1",shard="7"} 7"#,
            r#"hunt_http_responses_total{core="1",method="POST",route="/v1/hunts/{hunt}/treasures/{treasure}/claim",status="200"} 1"#,
            r#"hunt_http_responses_total{core="1",method="",route="none",status="404"} 1"#,
            r#"hunt_http_connections{core="1"} 1"#,
            r#"hunt_http_latency_seconds_bucket{core="1",le="0.000003"} 2"#,
            r#"hunt_http_latency_seconds_count{core="1"} 2"#,
        ] {
            assert!(
                text.lines().any(|found| found == line),
                "{line} is missing in\n{text}"
            );
        }
        assert!(!text.contains(r#"shard="8""#), "{text}");
    }

    #[test]
    fn every_family_is_named_once() {
        let text = render(&[CoreStatus::default()], &Meters::default(), None);
        let mut names: Vec<_> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# TYPE "))
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert_eq!(
            text.lines()
                .filter(|line| line.starts_with("# HELP "))
                .count(),
            count
        );
    }
}
