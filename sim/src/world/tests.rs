//! The world end to end: nodes, a client or two, and what goes wrong.

use crate::fault::FaultId;
use crate::history::{Answer, Ask};
use crate::oracle::{Evidence, judge};
use crate::outcome::{Outcome, RunOptions};
use crate::plan::{
    ClientPlan, Disaster, DisasterKind, EnginePlan, PLAN_FORMAT, Plan, Rates, Role, Workload,
};
use crate::run::{Parts, run_with};
use crate::world::ClientPort;

use hunt::{Action, Command, Draft, HuntId, PlayerId, Reply, RequestId, Salt};

/// One node with two cores, one client, and nothing that goes wrong.
pub(crate) fn plan(workload: Workload) -> Plan {
    Plan {
        format: PLAN_FORMAT,
        seed: 1,
        workload,
        duration_ms: 10_000,
        nodes: 1,
        cores: 2,
        engine: EnginePlan {
            shards: 4,
            memory_bytes: 64 << 20,
            batch_events_max: 1_024,
            batch_bytes_max: 1 << 20,
            waiters_max: 4_096,
            asks_max: 1_024,
            ask_timeout_ms: 2_000,
            flush_after_ms: 500,
            loads_max: 1_024,
            dirty_rows_max: 1_024,
            flush_rows_max: 64,
            tail_bytes: 1 << 20,
            tick_ms: 10,
            lease_ms: 2_000,
            heartbeat_ms: 500,
            ring_messages_max: 1_024,
        },
        clients: vec![ClientPlan {
            id: 1,
            role: Role::Player,
            ops: 50,
            think_ms: 10,
            from_ms: 0,
            skip: Vec::new(),
        }],
        rates: Rates {
            network_us: 300,
            store_us: 1_000,
            ..Rates::default()
        },
        disasters: Vec::new(),
        injection: crate::fault::Injection::AsDrawn,
        schedule: None,
        named_clients: None,
        lie: None,
    }
}

const HUNT: &str = r#"{ "id": "lights", "title": "Lights",
  "clues": [{ "id": "first", "title": "First", "text": "?", "points": 100, "solve": { "answer": ["pharos"] } }],
  "treasures": [] }"#;

/// Puts a hunt, opens it, and has one player after the other join, each asked until it is answered.
fn start(plan: &Plan, port: &dyn Fn(u32) -> ClientPort) {
    for client in &plan.clients {
        start_one(plan, client, port(client.id));
    }
}

fn start_one(plan: &Plan, client: &ClientPlan, port: ClientPort) {
    let (ops, think_us) = (client.ops, client.think_ms * 1_000);
    let (nodes, cores) = (plan.nodes, plan.cores);
    port.clone().spawn(async move {
        for nth in 0..ops {
            if port.is_over() {
                return;
            }
            let target = port.draw(nth, 1);
            let command = command(port.client(), nth);
            let op = port.begin(nth, Ask::Command(command));
            for at in 0.. {
                let node = 1 + ((target + at) % u64::from(nodes)) as u16;
                let core = (target % u64::from(cores)) as u16;
                if ask(&port, op, node, core).await {
                    break;
                }
                port.sleep(50_000).await;
            }
            port.ended(op);
            port.sleep(think_us).await;
        }
    });
}

async fn ask(port: &ClientPort, op: usize, node: u16, core: u16) -> bool {
    port.send(op, node, core);
    let answer = std::pin::pin!(port.answer(op));
    match futures::future::select(answer, port.sleep(1_000_000)).await {
        futures::future::Either::Left((told, _)) => told.settled,
        futures::future::Either::Right(_) => false,
    }
}

fn command(client: u32, nth: u32) -> Command {
    let action = match nth {
        0 => Action::Put {
            draft: Box::new(Draft::parse(HUNT.as_bytes()).expect("a sound hunt")),
            salt: Salt([7; 16]),
        },
        1 => Action::Open,
        nth => Action::Join {
            player: PlayerId::new(&format!("p{client}-{nth}")).expect("an id"),
        },
    };
    Command {
        hunt: HuntId::new("lights").expect("an id"),
        request: RequestId::new(&format!("r{client}-{nth}")).expect("an id"),
        action,
    }
}

fn run(plan: &Plan) -> Outcome {
    let parts = Parts {
        start,
        inspect: |_, _, _| {},
        judge: |plan, history, truth, observations| {
            judge(&Evidence::new(plan, history, truth, observations)).err()
        },
    };
    run_with(plan, RunOptions::default(), parts)
}

fn run_well(plan: &Plan) -> Outcome {
    let outcome = run(plan);
    assert_eq!(outcome.failure, None);
    outcome
}

fn events(outcome: &Outcome) -> usize {
    outcome
        .truth
        .batches
        .iter()
        .map(|batch| batch.events.len())
        .sum()
}

#[test]
fn one_node_answers_one_client() {
    let outcome = run_well(&plan(Workload::Mixed));
    assert_eq!(outcome.commands, 50);
    let joined = outcome.history.ops.iter().filter(|op| {
        let answer = op.tries.last().and_then(|tried| tried.answer.as_ref());
        matches!(answer, Some(Answer::Command(Ok(answered))) if matches!(answered.reply, Reply::Joined { .. }))
    });
    assert_eq!(joined.count(), 48);
    assert_eq!((events(&outcome), outcome.fired.len()), (50, 0));
    assert_eq!(outcome.truth.order.len(), outcome.truth.batches.len());
    assert_eq!(outcome.truth.leases.len(), 4);
}

#[test]
fn one_plan_gives_one_run_and_two_seeds_two() {
    let (first, again) = (run(&trouble(1)), run(&trouble(1)));
    assert_eq!(
        (first.hash, first.steps, first.fired),
        (again.hash, again.steps, again.fired)
    );
    assert_ne!(first.hash, run(&trouble(2)).hash);
}

/// Everything goes wrong at once, to one node.
fn trouble(seed: u64) -> Plan {
    let disaster = |(nth, (at_ms, what))| Disaster {
        id: FaultId(format!("plan/{nth}")),
        at_ms,
        what,
    };
    let disasters = [
        (
            300,
            DisasterKind::Kill {
                node: 1,
                down_ms: 200,
            },
        ),
        (
            1_500,
            DisasterKind::Pause {
                node: 1,
                for_ms: 300,
            },
        ),
        (2_000, DisasterKind::StoreRecovery),
        (
            2_500,
            DisasterKind::Drift {
                node: 1,
                ppm: 50_000,
            },
        ),
        (
            3_000,
            DisasterKind::WallJump {
                node: 1,
                by_ms: -60_000,
            },
        ),
        (
            3_500,
            DisasterKind::Restart {
                node: 1,
                down_ms: 500,
            },
        ),
        (
            5_000,
            DisasterKind::NoClients {
                node: 1,
                for_ms: 500,
            },
        ),
        (6_000, DisasterKind::StoreUnavailable { for_ms: 400 }),
        (
            6_500,
            DisasterKind::CutOff {
                node: 1,
                for_ms: 400,
            },
        ),
        (
            7_000,
            DisasterKind::Slow {
                node: 1,
                for_ms: 500,
                poll_us: 100,
            },
        ),
        (
            8_000,
            DisasterKind::Kill {
                node: 1,
                down_ms: 0,
            },
        ),
    ];
    let rare = 20_000;
    Plan {
        seed,
        disasters: (0..).zip(disasters).map(disaster).collect(),
        clients: (1..=5)
            .map(|id| ClientPlan {
                id,
                role: Role::Player,
                ops: 100,
                think_ms: 50,
                from_ms: 0,
                skip: Vec::new(),
            })
            .collect(),
        rates: Rates {
            message_lost: rare,
            message_doubled: rare,
            message_late: rare,
            commit_conflict: rare,
            commit_unknown_done: rare,
            commit_unknown_not_done: rare,
            commit_late: rare,
            commit_too_old: rare,
            commit_slow: rare,
            commit_hangs: rare / 10,
            read_slow: rare,
            read_hangs: rare / 10,
            read_too_old: rare,
            read_future_version: rare,
            read_process_behind: rare,
            read_more_of_nothing: rare,
            network_us: 300,
            store_us: 1_000,
            ..Rates::default()
        },
        ..plan(Workload::Mixed)
    }
}

#[test]
fn a_node_in_trouble_loses_nothing() {
    for seed in 1..=10 {
        let outcome = run(&trouble(seed));
        assert_eq!(outcome.failure, None, "seed {seed}");
        let kinds: std::collections::BTreeSet<_> =
            outcome.fired.iter().map(|fired| fired.kind).collect();
        assert!(kinds.len() > 15, "{kinds:?}");
    }
}
