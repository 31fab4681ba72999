//! EDN for Elle's list-append checker, one operation a line, in the order of time.
//!
//! A treasure is a list, a grant appends its sequence, a full read of a hunt's events reads the lists of its treasures.
//! (Kingsbury and Alvaro, "Elle: Inferring Isolation Anomalies from Experimental Observations", VLDB 14(3), 2020.)

use std::fmt::Write;

use super::observed::{Effect, Key, Observed, Operation};

/// What one client did, from its call to its return.
struct Transaction {
    client: u32,
    called_us: u64,
    returned_us: Option<u64>,
    invoked: String,
    completed: String,
}

/// The history.
pub(super) fn edn(observed: &Observed) -> String {
    let mut transactions: Vec<Transaction> =
        observed.operations.iter().filter_map(append).collect();
    transactions.extend(observed.reads.iter().map(|read| {
        read_of(
            read.client,
            read.called_us,
            read.returned_us,
            &mut read.lists.iter(),
        )
    }));
    // What is stored is read once all is over, by a client of its own.
    let judge = transactions.iter().map(|t| t.client + 1).max().unwrap_or(0);
    let end = observed.ended_us + 1;
    transactions.push(read_of(judge, end, end + 1, &mut observed.stored.iter()));
    lines(&transactions)
}

fn append(operation: &Operation) -> Option<Transaction> {
    let Effect::Granted { seq } = operation.effect else {
        return None;
    };
    let value = format!("[[:append {} {seq}]]", name(&operation.key));
    Some(Transaction {
        client: operation.client,
        called_us: operation.called_us,
        returned_us: operation.returned_us,
        invoked: value.clone(),
        completed: value,
    })
}

fn read_of<'a>(
    client: u32,
    called_us: u64,
    returned_us: u64,
    lists: &mut dyn Iterator<Item = (&'a Key, &'a Vec<u64>)>,
) -> Transaction {
    let (mut invoked, mut completed) = (Vec::new(), Vec::new());
    for (key, list) in lists {
        let key = name(key);
        let list: Vec<String> = list.iter().map(u64::to_string).collect();
        invoked.push(format!("[:r {key} nil]"));
        completed.push(format!("[:r {key} [{}]]", list.join(" ")));
    }
    Transaction {
        client,
        called_us,
        returned_us: Some(returned_us),
        invoked: format!("[{}]", invoked.join(" ")),
        completed: format!("[{}]", completed.join(" ")),
    }
}

/// Calls and returns in the order of time. Each operation is a process of its own: a client may have several under way.
fn lines(transactions: &[Transaction]) -> String {
    let mut moments = Vec::new();
    for (process, transaction) in transactions.iter().enumerate() {
        // Returns sort before calls of the same moment: what ended then was over before.
        moments.push((
            transaction.called_us,
            1,
            process,
            ":invoke",
            &transaction.invoked,
        ));
        let (at, kind) = match transaction.returned_us {
            Some(at) => (at.max(transaction.called_us + 1), ":ok"),
            None => (u64::MAX, ":info"),
        };
        moments.push((at, 0, process, kind, &transaction.completed));
    }
    moments.sort_by_key(|(at, rank, process, ..)| (*at, *rank, *process));
    let mut text = String::new();
    for (index, (at, _, process, kind, value)) in moments.into_iter().enumerate() {
        let time = at.min(u64::MAX / 1_000) * 1_000;
        writeln!(
            text,
            "{{:index {index} :type {kind} :f :txn :process {process} :time {time} :value {value}}}"
        )
        .expect("writing to a String never fails");
    }
    text
}

/// Ids have no quotes or backslashes in them.
fn name((hunt, treasure): &Key) -> String {
    format!("\"{hunt}/{treasure}\"")
}
