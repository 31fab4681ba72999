//! JSON for Porcupine: each treasure is a partition, a counter with a set of holders.
//!
//! (Athalye, "Porcupine: A fast linearizability checker in Go", 2017.)

use serde_json::{Value, json};

use super::observed::{Effect, Key, Observed, Operation, Start};

/// The history, one partition for each treasure.
pub(super) fn json(observed: &Observed) -> String {
    let partitions = observed.treasures.iter();
    let partitions: Vec<Value> = partitions
        .map(|(key, start)| partition(key, start, observed))
        .collect();
    let mut text = serde_json::to_string_pretty(&json!({ "partitions": partitions }))
        .expect("values are plain data");
    text.push('\n');
    text
}

fn partition(key: &Key, start: &Start, observed: &Observed) -> Value {
    let of_key = observed.operations.iter().filter(|op| op.key == *key);
    let operations: Vec<Value> = of_key.map(|op| operation(op, observed.ended_us)).collect();
    json!({
        "hunt": key.0,
        "treasure": key.1,
        "stock": start.stock,
        "per_player": start.per_player,
        "operations": operations,
    })
}

/// In the fields of `porcupine.Operation`. What nobody was told took effect, but may have done so until the end.
fn operation(operation: &Operation, ended_us: u64) -> Value {
    let (input, output) = match &operation.effect {
        Effect::Granted { seq } => ("take", json!({"outcome": "granted", "seq": seq})),
        Effect::AlreadyGranted => ("take", json!({"outcome": "already_granted"})),
        Effect::SoldOut => ("take", json!({"outcome": "sold_out"})),
        Effect::Restocked { add } => ("restock", json!({"outcome": "restocked", "add": add})),
    };
    json!({
        "ClientId": operation.client,
        "Call": operation.called_us,
        "Return": operation.returned_us.unwrap_or(ended_us + 1),
        "Input": {"op": input, "player": operation.player},
        "Output": output,
    })
}
