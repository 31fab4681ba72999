//! EDN for Elle's list-append checker, one operation a line, in the order of time.
//!
//! A treasure is a list, a grant appends its sequence, a full read of a hunt's events reads the lists of its treasures. All
//! grants of one event are one transaction: a solve wins all of them at once.
//! (Kingsbury and Alvaro, "Elle: Inferring Isolation Anomalies from Experimental Observations", VLDB 14(3), 2020.)

use std::collections::BTreeMap;
use std::fmt::Write;

use hunt::Seq;

use super::observed::{Effect, Key, Observed, Operation};

/// What one client did, from its call to its return.
struct Transaction {
    called_us: u64,
    returned_us: Option<u64>,
    invoked: String,
    completed: String,
}

/// The history.
pub(super) fn edn(observed: &Observed) -> String {
    let mut transactions = appends(observed);
    let reads = observed.reads.iter();
    transactions
        .extend(reads.map(|read| read_of(read.called_us, read.returned_us, read.lists.iter())));
    transactions.extend(judge(observed));
    lines(&transactions)
}

/// What is stored, looked at before anybody comes and once all is over: so a history without a grant has an order too,
/// which Elle asks for before it calls anything valid.
fn judge(observed: &Observed) -> [Transaction; 2] {
    let nothing: BTreeMap<&Key, Vec<u64>> = observed
        .stored
        .keys()
        .map(|key| (key, Vec::new()))
        .collect();
    let end = observed.ended_us + 1;
    [
        read_of(0, 1, nothing.iter().map(|(key, list)| (*key, list))),
        read_of(end, end + 1, observed.stored.iter()),
    ]
}

/// What each event granted.
fn appends(observed: &Observed) -> Vec<Transaction> {
    let mut events: BTreeMap<(&str, Seq), Vec<&Operation>> = BTreeMap::new();
    for op in &observed.operations {
        if let Effect::Granted { seq } = op.effect {
            events.entry((&op.key.0, seq)).or_default().push(op);
        }
    }
    events
        .into_iter()
        .map(|((_, seq), grants)| append(seq, &grants))
        .collect()
}

/// One event: it was asked for when the first of its grants was, and is told once one of them is.
fn append(seq: Seq, grants: &[&Operation]) -> Transaction {
    let one = |grant: &&Operation| format!("[:append {} {seq}]", name(&grant.key));
    let value: Vec<String> = grants.iter().map(one).collect();
    let value = format!("[{}]", value.join(" "));
    let called = grants.iter().map(|grant| grant.called_us);
    Transaction {
        called_us: called.min().unwrap_or_default(),
        returned_us: grants.iter().filter_map(|grant| grant.returned_us).min(),
        invoked: value.clone(),
        completed: value,
    }
}

fn read_of<'a>(
    called_us: u64,
    returned_us: u64,
    lists: impl Iterator<Item = (&'a Key, &'a Vec<u64>)>,
) -> Transaction {
    let (mut invoked, mut completed) = (Vec::new(), Vec::new());
    for (key, list) in lists {
        let key = name(key);
        let list: Vec<String> = list.iter().map(u64::to_string).collect();
        invoked.push(format!("[:r {key} nil]"));
        completed.push(format!("[:r {key} [{}]]", list.join(" ")));
    }
    Transaction {
        called_us,
        returned_us: Some(returned_us),
        invoked: format!("[{}]", invoked.join(" ")),
        completed: format!("[{}]", completed.join(" ")),
    }
}

/// Calls and returns in the order of time. Each operation is a process of its own: a client may have several under way.
fn lines(transactions: &[Transaction]) -> String {
    // What nobody was told the end of is open until after all else: times are Java's longs, so not at their greatest.
    let moment =
        |transaction: &Transaction| transaction.returned_us.max(Some(transaction.called_us));
    let last_us = transactions.iter().filter_map(moment).max().unwrap_or(0) + 2;
    let mut moments = Vec::new();
    for (process, transaction) in transactions.iter().enumerate() {
        // Calls sort before returns of the same moment: which came first is not known, and Porcupine takes it so too.
        moments.push((
            transaction.called_us,
            0,
            process,
            ":invoke",
            &transaction.invoked,
        ));
        let (at, kind) = match transaction.returned_us {
            Some(at) => (at.max(transaction.called_us + 1), ":ok"),
            None => (last_us, ":info"),
        };
        moments.push((at, 1, process, kind, &transaction.completed));
    }
    moments.sort_by_key(|(at, rank, process, ..)| (*at, *rank, *process));
    let mut text = String::new();
    // In nanoseconds, as Jepsen has them.
    for (index, (at, _, process, kind, value)) in moments.into_iter().enumerate() {
        let time = at * 1_000;
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
