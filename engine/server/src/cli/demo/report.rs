//! What happened in a demo.

use std::collections::BTreeMap;
use std::fmt;

use node::verify::VerifyReport;
use serde_json::{Map, Value, json};

use super::crowd::Played;

/// What happened, in figures.
pub(super) struct DemoReport {
    /// Everything that was not as it should be: seen by players, by comparing figures, or in the log.
    pub(super) faults: u64,
    players: u64,
    events: u64,
    stock_left: Map<String, Value>,
    grants: BTreeMap<String, u64>,
    played: Played,
    details: Vec<String>,
}

impl DemoReport {
    pub(super) fn new(players: u64, mut played: Played, verified: &VerifyReport) -> Self {
        compare_figures(players, &mut played, verified);
        let mut details = std::mem::take(&mut played.tally.faults_told);
        details.extend(verified.faults.iter().map(|fault| {
            format!(
                "log of shard {} after {}: {}",
                fault.shard, fault.seq, fault.detail
            )
        }));
        Self {
            faults: played.tally.faults + verified.faults_found,
            players,
            events: verified.events,
            stock_left: played.stats["stock_left"]
                .as_object()
                .cloned()
                .unwrap_or_default(),
            grants: numbers(&played.stats["granted"]),
            played,
            details,
        }
    }

    /// One object, fields as documented.
    pub(super) fn to_json(&self) -> Value {
        let tally = &self.played.tally;
        let quantile = |q| tally.latency_us.value_at_quantile(q);
        json!({
            "players": self.players,
            "commands": tally.commands,
            "repeated": tally.repeated,
            "events": self.events,
            "grants": self.grants,
            "stock_left": self.stock_left,
            "faults": self.faults,
            "fault_details": self.details,
            "outcomes": tally.outcomes,
            "commands_per_s": self.commands_per_s(),
            "latency_us": {
                "p50": quantile(0.5), "p99": quantile(0.99), "p999": quantile(0.999), "max": tally.latency_us.max(),
            },
        })
    }

    fn commands_per_s(&self) -> u64 {
        (self.played.tally.commands as f64 / self.played.took.as_secs_f64().max(1e-6)) as u64
    }
}

/// What players were told, what the operator is told, and what the log says must agree.
fn compare_figures(players: u64, played: &mut Played, verified: &VerifyReport) {
    let granted = numbers(&played.stats["granted"]);
    let told = played.tally.grants.clone();
    for (treasure, count) in &granted {
        let told = told.get(treasure).copied().unwrap_or(0);
        if told != *count {
            played.tally.fault(format!(
                "players were told of {told} grants of {treasure}, the operator of {count}"
            ));
        }
    }
    let total: u64 = granted.values().sum();
    if total != verified.grants {
        played.tally.fault(format!(
            "the operator was told of {total} grants, the log has {}",
            verified.grants
        ));
    }
    if verified.players != players {
        played.tally.fault(format!(
            "{players} played, the log has {}",
            verified.players
        ));
    }
}

fn numbers(value: &Value) -> BTreeMap<String, u64> {
    let fields = value.as_object().into_iter().flatten();
    fields
        .map(|(name, number)| (name.clone(), number.as_u64().unwrap_or(0)))
        .collect()
}

impl fmt::Display for DemoReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tally = &self.played.tally;
        let ms = |q| tally.latency_us.value_at_quantile(q) as f64 / 1_000.0;
        writeln!(
            f,
            "\n{} players sent {} commands in {:.1} s ({} a second), {} of them twice on purpose",
            self.players,
            tally.commands,
            self.played.took.as_secs_f64(),
            self.commands_per_s(),
            tally.repeated
        )?;
        writeln!(
            f,
            "  events     {} in the log, every one committed before its answer",
            self.events
        )?;
        writeln!(
            f,
            "  latency    p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms",
            ms(0.5),
            ms(0.99),
            ms(0.999)
        )?;
        let outcomes: Vec<_> = tally
            .outcomes
            .iter()
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        writeln!(f, "  outcomes   {}", outcomes.join(", "))?;
        for (treasure, count) in &self.grants {
            let left = match self.stock_left.get(treasure).and_then(Value::as_u64) {
                Some(left) => format!("{left} left"),
                None => "without limit".to_owned(),
            };
            writeln!(f, "  {treasure:<10} {count} granted, {left}")?;
        }
        for leader in self.played.leaders["entries"]
            .as_array()
            .into_iter()
            .flatten()
        {
            writeln!(
                f,
                "  rank {:<5} {} with {} points",
                leader["rank"],
                leader["player"].as_str().unwrap_or_default(),
                leader["score"]
            )?;
        }
        for detail in &self.details {
            writeln!(f, "  FAULT      {detail}")?;
        }
        match self.faults {
            0 => write!(
                f,
                "\nThe log was read back and checked: no gap, no double grant, nothing oversold. Faults found: 0"
            ),
            faults => write!(f, "\nFaults found: {faults}"),
        }
    }
}
