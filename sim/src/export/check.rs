//! Small checkers of the exported files, in the words of the tools that they are for: every file that is written must be
//! one that a sound engine could have given, and one that is tampered with must not.

mod real_runs;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::observed::{Effect, Key, Observed, Operation, Read, Start};

/// Elle's list-append: reads of a key are prefixes of each other, hold every append that was
/// acknowledged before they began, and nothing that was begun after they ended; what one event appended, all of it or nothing.
fn check_lists(observed: &Observed) -> Result<(), String> {
    all_at_once(observed)?;
    for (key, longest) in &observed.stored {
        let appends: BTreeMap<u64, &Operation> = observed
            .operations
            .iter()
            .filter(|op| op.key == *key)
            .filter_map(|op| match op.effect {
                Effect::Granted { seq } => Some((seq, op)),
                _ => None,
            })
            .collect();
        if let Some(lost) = appends.keys().find(|seq| !longest.contains(seq)) {
            return Err(format!("{key:?}: append {lost} is lost"));
        }
        if let Some(nobody) = longest.iter().find(|seq| !appends.contains_key(seq)) {
            return Err(format!("{key:?}: nobody appended {nobody}"));
        }
        in_real_time(&appends, longest)?;
        let reads = observed.reads.iter();
        // A look at one hunt reads the lists of that hunt.
        for (read, list) in reads.filter_map(|read| Some((read, read.lists.get(key)?))) {
            if !longest.starts_with(list) {
                return Err(format!("{key:?}: {list:?} is no prefix of {longest:?}"));
            }
            for (seq, op) in &appends {
                let before = op.returned_us.is_some_and(|at| at < read.called_us);
                if before && !list.contains(seq) {
                    return Err(format!(
                        "{key:?}: a read misses {seq}, which was acknowledged before"
                    ));
                }
                if op.called_us > read.returned_us && list.contains(seq) {
                    return Err(format!("{key:?}: a read saw {seq} before it was asked for"));
                }
            }
        }
    }
    Ok(())
}

/// Who sees one grant of an event sees all of them.
fn all_at_once(observed: &Observed) -> Result<(), String> {
    let mut events: BTreeMap<(&str, u64), Vec<&Key>> = BTreeMap::new();
    for op in &observed.operations {
        if let Effect::Granted { seq } = op.effect {
            events.entry((&op.key.0, seq)).or_default().push(&op.key);
        }
    }
    let reads = observed.reads.iter().map(|read| &read.lists);
    for lists in reads.chain([&observed.stored]) {
        for ((_, seq), keys) in &events {
            let seen = keys
                .iter()
                .filter_map(|key| Some(lists.get(*key)?.contains(seq)));
            let seen: BTreeSet<bool> = seen.collect();
            if seen.len() > 1 {
                return Err(format!("a read saw a part of {seq} only: {keys:?}"));
            }
        }
    }
    Ok(())
}

/// What was over before another began stands before it.
fn in_real_time(appends: &BTreeMap<u64, &Operation>, order: &[u64]) -> Result<(), String> {
    for (place, later) in order.iter().enumerate() {
        for earlier in &order[..place] {
            let over = appends[later]
                .returned_us
                .is_some_and(|at| at < appends[earlier].called_us);
            if over {
                return Err(format!(
                    "{later} was over before {earlier} began, but stands after it"
                ));
            }
        }
    }
    Ok(())
}

/// Porcupine's question for one partition: is there an order of the operations, within their times, that a counter with
/// holders allows? (Wing and Gong 1993, with Lowe's memory of states that were tried.)
fn is_linearizable(partition: &Value) -> bool {
    let operations = partition["operations"].as_array().expect("a list");
    let start = State {
        left: partition["stock"].as_u64(),
        held: BTreeMap::new(),
    };
    search(
        operations,
        &mut vec![false; operations.len()],
        &start,
        partition,
        &mut BTreeSet::new(),
    )
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    left: Option<u64>,
    held: BTreeMap<String, u64>,
}

fn search(
    operations: &[Value],
    done: &mut Vec<bool>,
    state: &State,
    partition: &Value,
    tried: &mut BTreeSet<(Vec<bool>, State)>,
) -> bool {
    let open = |done: &[bool]| {
        (0..operations.len())
            .filter(|at| !done[*at])
            .collect::<Vec<_>>()
    };
    let left = open(done);
    let Some(first_return) = left
        .iter()
        .map(|at| operations[*at]["Return"].as_u64())
        .min()
    else {
        return true;
    };
    if !tried.insert((done.clone(), state.clone())) {
        return false;
    }
    for at in left {
        if operations[at]["Call"].as_u64() > first_return {
            continue;
        }
        if let Some(next) = step(state, &operations[at], partition["per_player"].as_u64()) {
            done[at] = true;
            if search(operations, done, &next, partition, tried) {
                return true;
            }
            done[at] = false;
        }
    }
    false
}

/// The model: the state after the operation, if it may be answered so.
fn step(state: &State, operation: &Value, per_player: Option<u64>) -> Option<State> {
    let mut next = state.clone();
    let (input, output) = (&operation["Input"], &operation["Output"]);
    match (input["op"].as_str()?, output["outcome"].as_str()?) {
        ("take", outcome) => {
            let player = input["player"].as_str()?.to_owned();
            let held = state.held.get(&player).copied().unwrap_or(0);
            let full = Some(held) >= per_player;
            match outcome {
                "granted" if !full && state.left != Some(0) => {
                    next.left = state.left.map(|left| left - 1);
                    next.held.insert(player, held + 1);
                }
                "already_granted" if full => {}
                "sold_out" if state.left == Some(0) => {}
                _ => return None,
            }
        }
        ("restock", "restocked") => next.left = Some(state.left? + input["add"].as_u64()?),
        _ => return None,
    }
    Some(next)
}

fn key() -> Key {
    key_of("coin")
}

fn key_of(treasure: &str) -> Key {
    ("hunt".to_owned(), treasure.to_owned())
}

fn operation(player: &str, span: (u64, Option<u64>), effect: Effect) -> Operation {
    Operation {
        client: 1,
        request: "1".to_owned(),
        player: (!player.is_empty()).then(|| player.to_owned()),
        key: key(),
        called_us: span.0,
        returned_us: span.1,
        effect,
    }
}

/// Two coins: ann and bob take them, eve is told that none is left while a third waits for a restock.
fn story() -> Observed {
    let granted = |seq| Effect::Granted { seq };
    Observed {
        treasures: BTreeMap::from([(
            key(),
            Start {
                stock: Some(2),
                per_player: 1,
            },
        )]),
        operations: vec![
            operation("ann", (10, Some(20)), granted(4)),
            operation("bob", (12, None), granted(5)),
            operation("eve", (30, Some(40)), Effect::SoldOut),
            operation("ann", (31, Some(41)), Effect::AlreadyGranted),
            operation("", (50, Some(60)), Effect::Restocked { add: 1, left: 1 }),
            operation("eve", (70, Some(80)), granted(9)),
        ],
        reads: vec![Read {
            called_us: 25,
            returned_us: 28,
            lists: BTreeMap::from([(key(), vec![4])]),
        }],
        stored: BTreeMap::from([(key(), vec![4, 5, 9])]),
        ended_us: 100,
    }
}

/// Zoe solves what wins a coin and a badge; a look after it sees both.
fn story_of_a_solve() -> Observed {
    let both = BTreeMap::from([(key_of("badge"), vec![4]), (key(), vec![4])]);
    let start = Start {
        stock: Some(2),
        per_player: 1,
    };
    let granted = |treasure| Operation {
        key: key_of(treasure),
        ..operation("zoe", (10, Some(20)), Effect::Granted { seq: 4 })
    };
    Observed {
        treasures: BTreeMap::from([(key(), start), (key_of("badge"), start)]),
        operations: vec![granted("coin"), granted("badge")],
        reads: vec![Read {
            called_us: 15,
            returned_us: 28,
            lists: both.clone(),
        }],
        stored: both,
        ended_us: 100,
    }
}

fn judged(observed: &Observed) -> (bool, bool) {
    let porcupine: Value = serde_json::from_str(&super::porcupine::json(observed)).expect("JSON");
    let partitions = porcupine["partitions"].as_array().expect("a list");
    (
        check_lists(observed).is_ok(),
        partitions.iter().all(is_linearizable),
    )
}

#[test]
fn a_sound_story_passes_both() {
    assert_eq!(judged(&story()), (true, true));
}

#[test]
fn a_coin_too_many_is_no_counter() {
    let mut observed = story();
    observed.operations.remove(4);
    assert_eq!(
        judged(&observed),
        (true, false),
        "no restock, and yet a third coin"
    );
}

#[test]
fn sold_out_too_early_is_no_counter() {
    let mut observed = story();
    observed.operations[2].called_us = 5;
    observed.operations[2].returned_us = Some(9);
    assert!(!judged(&observed).1);
}

#[test]
fn a_lost_grant_and_a_stale_read_are_no_lists() {
    let mut observed = story();
    observed.stored.insert(key(), vec![5, 9]);
    assert!(
        !judged(&observed).0,
        "ann was told of 4, which is not stored"
    );
    let mut observed = story();
    observed.reads[0].lists.insert(key(), Vec::new());
    assert!(!judged(&observed).0, "4 was acknowledged before the read");
    let mut observed = story();
    observed.stored.insert(key(), vec![4, 9, 5]);
    assert!(
        judged(&observed).0,
        "bob's claim was never answered, so it may be last"
    );
    observed.stored.insert(key(), vec![5, 9, 4]);
    assert!(!judged(&observed).0, "4 was over before 9 began");
}

#[test]
fn a_restock_of_what_is_unlimited_is_no_counter() {
    let mut observed = story();
    observed.operations.remove(2);
    observed.treasures.insert(
        key(),
        Start {
            stock: None,
            per_player: 1,
        },
    );
    assert!(!judged(&observed).1, "the engine refuses it");
    observed.operations.remove(3);
    assert!(judged(&observed).1);
}

#[test]
fn half_of_a_solve_is_no_lists() {
    assert_eq!(judged(&story_of_a_solve()), (true, true));
    let mut observed = story_of_a_solve();
    observed.reads[0].lists.insert(key_of("badge"), Vec::new());
    assert_eq!(
        check_lists(&observed).unwrap_err(),
        r#"a read saw a part of 4 only: [("hunt", "coin"), ("hunt", "badge")]"#,
        "the look was under way, so it may miss the solve, but not a half of it"
    );
}

#[test]
fn what_is_told_again_is_there_once() {
    let restocked = |left| Effect::Restocked { add: 1, left };
    let mut observed = Observed {
        operations: vec![
            operation("ann", (10, Some(50)), Effect::Granted { seq: 4 }),
            operation("ann", (20, Some(30)), Effect::Granted { seq: 4 }),
            operation("bob", (20, Some(40)), Effect::Granted { seq: 4 }),
            operation("", (60, Some(70)), restocked(1)),
            operation("", (80, Some(90)), restocked(1)),
            operation("", (95, Some(96)), restocked(2)),
        ],
        ..Observed::default()
    };
    observed.operations[2].client = 2;
    observed.merge_repetitions();
    let left = observed.operations.iter();
    let left: Vec<_> = left.map(|op| (op.called_us, op.returned_us)).collect();
    assert_eq!(
        left,
        [
            (10, Some(30)),
            (20, Some(40)),
            (60, Some(70)),
            (95, Some(96))
        ],
        "a place that two players were told is two grants, and one more after the restock is another"
    );
}

#[test]
fn edn_has_a_transaction_for_all_that_an_event_granted() {
    let mut observed = story_of_a_solve();
    // Who asked again was told of the badge alone.
    observed.operations[1].called_us = 12;
    observed.operations[1].returned_us = None;
    let text = super::elle::edn(&observed);
    let appends: Vec<&str> = text
        .lines()
        .filter(|line| line.contains(":append"))
        .collect();
    let expected = [
        r#"{:index 2 :type :invoke :f :txn :process 0 :time 10000 :value [[:append "hunt/coin" 4] [:append "hunt/badge" 4]]}"#,
        r#"{:index 4 :type :ok :f :txn :process 0 :time 20000 :value [[:append "hunt/coin" 4] [:append "hunt/badge" 4]]}"#,
    ];
    assert_eq!(appends, expected, "{text}");
    // One sequence of two hunts is two events.
    observed.operations[1].key.0 = "other".to_owned();
    let text = super::elle::edn(&observed);
    assert!(
        text.contains(r#":value [[:append "other/badge" 4]]}"#),
        "{text}"
    );
}

#[test]
fn json_is_laid_out_as_documented() {
    let mut observed = story();
    observed.operations.drain(..2);
    observed.operations.drain(1..2);
    let told: Value = serde_json::from_str(&super::porcupine::json(&observed)).expect("JSON");
    let expected = serde_json::json!({"partitions": [{
        "hunt": "hunt", "treasure": "coin", "stock": 2, "per_player": 1,
        "operations": [
            {"ClientId": 0, "Call": 30, "Return": 40, "Input": {"op": "take", "player": "eve"}, "Output": {"outcome": "sold_out"}},
            {"ClientId": 0, "Call": 50, "Return": 60, "Input": {"op": "restock", "add": 1}, "Output": {"outcome": "restocked"}},
            {"ClientId": 0, "Call": 70, "Return": 80, "Input": {"op": "take", "player": "eve"}, "Output": {"outcome": "granted", "seq": 9}},
        ],
    }]});
    assert_eq!(told, expected);
}

/// The ids of operations as JSON has them, by their calls.
fn client_ids(observed: &Observed) -> Vec<u64> {
    let told: Value = serde_json::from_str(&super::porcupine::json(observed)).expect("JSON");
    let partitions = told["partitions"].as_array().expect("a list");
    let operations = partitions
        .iter()
        .flat_map(|it| it["operations"].as_array().expect("a list"));
    let mut ids: Vec<(u64, u64)> = operations
        .map(|op| (&op["Call"], &op["ClientId"]))
        .filter_map(|(call, id)| Some((call.as_u64()?, id.as_u64()?)))
        .collect();
    ids.sort_unstable();
    ids.into_iter().map(|(_, id)| id).collect()
}

#[test]
fn json_has_one_operation_at_a_time_under_an_id() {
    // Bob's is never answered: from then on it has an id of its own.
    assert_eq!(client_ids(&story()), [0, 1, 0, 2, 0, 0]);
    let mut observed = story();
    observed.operations[3].returned_us = Some(31);
    observed.operations[4].called_us = 40;
    let same_moment = "eve's ends when the restock begins";
    assert_eq!(client_ids(&observed), [0, 1, 0, 2, 2, 0], "{same_moment}");
    // Whoever has several ids has them side by side.
    observed.operations[0].client = 0;
    observed.operations[5].client = 0;
    assert_eq!(client_ids(&observed), [0, 1, 2, 3, 3, 0]);
    // Treasures share the ids.
    assert_eq!(client_ids(&story_of_a_solve()), [0, 1]);
}

#[test]
fn edn_tells_calls_and_returns_in_order() {
    let text = super::elle::edn(&story());
    let first: Vec<&str> = text.lines().take(3).collect();
    let expected = [
        r#"{:index 0 :type :invoke :f :txn :process 4 :time 0 :value [[:r "hunt/coin" nil]]}"#,
        r#"{:index 1 :type :ok :f :txn :process 4 :time 1000 :value [[:r "hunt/coin" []]]}"#,
        r#"{:index 2 :type :invoke :f :txn :process 0 :time 10000 :value [[:append "hunt/coin" 4]]}"#,
    ];
    assert_eq!(first, expected);
    assert!(
        text.contains(r#":type :ok :f :txn :process 3 :time 28000 :value [[:r "hunt/coin" [4]]]"#),
        "{text}"
    );
    let last = text.lines().last().expect("a line");
    assert!(
        last.contains(r#":type :info :f :txn :process 1 :time 104000 "#),
        "open until all is over, in a time that Java's long holds: {last}"
    );
    assert!(
        text.contains(r#":value [[:r "hunt/coin" [4 5 9]]]"#),
        "{text}"
    );
}

/// Elle calls nothing valid in which no two transactions have an order.
#[test]
fn edn_of_a_run_without_grants_has_two_reads() {
    let nothing = Observed {
        stored: BTreeMap::from([(key(), Vec::new())]),
        ended_us: 100,
        ..Observed::default()
    };
    let text = super::elle::edn(&nothing);
    let read = r#":type :ok :f :txn :process"#;
    assert_eq!(text.matches(read).count(), 2, "{text}");
    assert_eq!(
        text.matches(r#"[[:r "hunt/coin" []]]"#).count(),
        2,
        "{text}"
    );
}
