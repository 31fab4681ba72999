//! JSON for Porcupine: each treasure is a partition, a counter with a set of holders.
//!
//! (Athalye, "Porcupine: A fast linearizability checker in Go", 2017.)

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::observed::{Effect, Key, Observed, Operation, Start};

/// The history, one partition for each treasure.
pub(super) fn json(observed: &Observed) -> String {
    let ids = client_ids(&observed.operations);
    let operations: Vec<(&Operation, usize)> = observed.operations.iter().zip(ids).collect();
    let partitions = observed.treasures.iter();
    let partitions: Vec<Value> = partitions
        .map(|(key, start)| partition(key, start, &operations, observed.ended_us))
        .collect();
    let mut text = serde_json::to_string_pretty(&json!({ "partitions": partitions }))
        .expect("values are plain data");
    text.push('\n');
    text
}

fn partition(key: &Key, start: &Start, operations: &[(&Operation, usize)], ended_us: u64) -> Value {
    let of_key = operations.iter().filter(|(op, _)| op.key == *key);
    let operations: Vec<Value> = of_key
        .map(|(op, id)| operation(op, *id, ended_us))
        .collect();
    json!({
        "hunt": key.0,
        "treasure": key.1,
        "stock": start.stock,
        "per_player": start.per_player,
        "operations": operations,
    })
}

/// In the fields of `porcupine.Operation`. What nobody was told took effect, but may have done so until the end.
fn operation(operation: &Operation, id: usize, ended_us: u64) -> Value {
    let take = || json!({"op": "take", "player": operation.player});
    let (input, output) = match &operation.effect {
        Effect::Granted { seq } => (take(), json!({"outcome": "granted", "seq": seq})),
        Effect::AlreadyGranted => (take(), json!({"outcome": "already_granted"})),
        Effect::SoldOut => (take(), json!({"outcome": "sold_out"})),
        Effect::Restocked { add, .. } => (
            json!({"op": "restock", "add": add}),
            json!({"outcome": "restocked"}),
        ),
    };
    json!({
        "ClientId": id,
        "Call": operation.called_us,
        "Return": operation.returned_us.unwrap_or(ended_us + 1),
        "Input": input,
        "Output": output,
    })
}

/// Porcupine draws a row for each id, and expects one operation at a time in it. A client may have several under way, and
/// goes on after one that it was never told the end of: so each client has as many ids as it needs, one after the other.
fn client_ids(operations: &[Operation]) -> Vec<usize> {
    // Until when each row of each client is taken.
    let mut rows: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
    let mut places = Vec::new();
    for op in operations {
        let until = op.returned_us.unwrap_or(u64::MAX);
        let own = rows.entry(op.client).or_default();
        let row = own.iter().position(|taken| *taken < op.called_us);
        let row = row.unwrap_or(own.len());
        match own.get_mut(row) {
            Some(taken) => *taken = until,
            None => own.push(until),
        }
        places.push((op.client, row));
    }
    let mut next = 0;
    let mut first = BTreeMap::new();
    for (client, own) in &rows {
        first.insert(*client, next);
        next += own.len();
    }
    places
        .into_iter()
        .map(|(client, row)| first[&client] + row)
        .collect()
}
