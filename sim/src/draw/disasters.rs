//! What happens at a certain time: nodes die, pause, part; clocks jump; the store is away.

use super::{Chance, World};
use crate::fault::FaultId;
use crate::plan::{Disaster, DisasterKind, Plan, Workload};

/// Mean time between two disasters of a standard world.
const EVERY_MS: u64 = 6_000;
/// Nothing happens before this: hunts are being put.
const QUIET_MS: u64 = 1_000;
/// How fast or slow a bad clock is, in parts per million: two of them differ by less than a node leaves of its lease for
/// such clocks.
const DRIFT_PPM_MAX: u64 = 90_000;
/// So many of a hundred moments at which a hunt does something by itself are followed by a clock that is set back.
const SET_BACK_PERCENT: u64 = 70;
/// Within this time.
const SET_BACK_WITHIN_MS: u64 = 300;
/// By so much at most, and for so long.
const SET_BACK_MS: u64 = 8_000;
/// Kinds that are drawn from.
const KINDS: usize = 16;

pub(super) fn draw(mut chance: Chance, plan: &Plan, world: World) -> Vec<Disaster> {
    let kinds: Vec<usize> = (0..KINDS)
        .filter(|_| world == World::Standard || chance.percent(50))
        .collect();
    let every_ms = match world {
        World::Drawn => *chance.pick(&[2_000, EVERY_MS, 4 * EVERY_MS]),
        World::Standard | World::Calm | World::Dense => EVERY_MS,
    };
    let mut found = scripted(&mut chance, plan);
    found.extend(plenty(plan));
    let mut at_ms = QUIET_MS + chance.below(every_ms);
    while at_ms < plan.duration_ms && !kinds.is_empty() {
        let kind = *chance.pick(&kinds);
        found.push((at_ms, disaster(&mut chance, plan, kind)));
        at_ms += chance.between(every_ms / 4, every_ms * 2);
    }
    found.sort_by_key(|(at_ms, _)| *at_ms);
    let numbered = found.into_iter().zip(0..);
    numbered
        .map(|((at_ms, what), index)| Disaster {
            id: FaultId(format!("plan/{index}")),
            at_ms,
            what,
        })
        .collect()
}

/// What the workload is about.
fn scripted(chance: &mut Chance, plan: &Plan) -> Vec<(u64, DisasterKind)> {
    let rounds = |every_ms: u64| (1..).map(move |round| QUIET_MS + round * every_ms);
    let rounds = |every_ms: u64| rounds(every_ms).take_while(|at_ms| *at_ms < plan.duration_ms);
    let nodes = u64::from(plan.nodes);
    match plan.workload {
        Workload::RollingRestart => rounds(4_000)
            .zip(0..)
            .map(|(at_ms, round)| {
                let node = (round % nodes) as u16 + 1;
                let down_ms = chance.between(200, 1_500);
                (at_ms, DisasterKind::Restart { node, down_ms })
            })
            .collect(),
        Workload::TakeoverStorm => rounds(1_500)
            .map(|at_ms| {
                let for_ms = plan.engine.lease_ms + chance.below(plan.engine.lease_ms);
                let node = node(chance, plan);
                let what = match chance.below(3) {
                    0 => DisasterKind::Pause { node, for_ms },
                    1 => DisasterKind::CutOff { node, for_ms },
                    _ => DisasterKind::Kill {
                        node,
                        down_ms: for_ms,
                    },
                };
                (at_ms, what)
            })
            .collect(),
        Workload::StaleOwner => rounds(2_400)
            .flat_map(|at_ms| {
                let whats = stale(chance, plan);
                whats.into_iter().map(move |what| (at_ms, what))
            })
            .collect(),
        // In the other half clocks may be true, and what they say is held against answers.
        Workload::ScheduleEdges if chance.percent(50) => {
            let stages = plan.workload.scene(plan.seed).stages;
            let edges = stages.iter().flat_map(|stage| &stage.edges);
            let due = edges.filter(|edge| edge.at_ms < plan.duration_ms);
            due.flat_map(|edge| set_back(chance, plan, edge.at_ms))
                .collect()
        }
        Workload::LongPartition => rounds(15_000)
            .map(|at_ms| {
                let (from, to) = split(chance, plan);
                let what = DisasterKind::Partition {
                    from,
                    to,
                    both: chance.percent(70),
                    for_ms: chance.between(5_000, 12_000),
                };
                (at_ms, what)
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Makes an owner stale: it loses the store from a bit less than it takes to lose a lease to long after another has the shards;
/// or is alone for as long, so that nothing comes that it could find out by; or stops for so long that its lease is lost, with a
/// heartbeat under way whose end is heard only afterwards.
fn stale(chance: &mut Chance, plan: &Plan) -> Vec<DisasterKind> {
    let node = node(chance, plan);
    let mut tenths = |from, to| plan.engine.lease_ms * chance.between(from, to) / 10;
    let (away_ms, alone_ms, paused_ms) = (tenths(6, 40), tenths(20, 50), tenths(10, 20));
    let cut_off = |for_ms| DisasterKind::CutOff { node, for_ms };
    match chance.below(10) {
        0..3 => vec![cut_off(away_ms)],
        3..7 => vec![
            cut_off(alone_ms),
            DisasterKind::NoClients {
                node,
                for_ms: alone_ms,
            },
            DisasterKind::Partition {
                from: vec![node],
                to: (1..=plan.nodes).filter(|other| *other != node).collect(),
                both: true,
                for_ms: alone_ms,
            },
        ],
        _ => vec![DisasterKind::Pause {
            node,
            for_ms: paused_ms,
        }],
    }
}

/// Now and then a node's clock is set back just after a moment at which a hunt does something by itself, and put right later: what
/// has happened stays so.
fn set_back(chance: &mut Chance, plan: &Plan, at_ms: u64) -> Vec<(u64, DisasterKind)> {
    let from_ms = at_ms + chance.below(SET_BACK_WITHIN_MS);
    let to_ms = from_ms + chance.between(SET_BACK_MS / 2, SET_BACK_MS);
    let by_ms = chance.between(SET_BACK_MS / 4, SET_BACK_MS).cast_signed();
    let node = node(chance, plan);
    if !chance.percent(SET_BACK_PERCENT) || to_ms >= plan.duration_ms {
        return Vec::new();
    }
    let jump = |by_ms| DisasterKind::WallJump { node, by_ms };
    vec![(from_ms, jump(-by_ms)), (to_ms, jump(by_ms))]
}

/// All nodes have more memory than usual at first, if that is what the run is about.
fn plenty(plan: &Plan) -> Vec<(u64, DisasterKind)> {
    let bytes = plan
        .engine
        .plenty_bytes()
        .filter(|_| QUIET_MS < plan.duration_ms);
    let of_node = |node| Some((QUIET_MS, memory(node, plan.duration_ms, bytes?)));
    (1..=plan.nodes).filter_map(of_node).collect()
}

fn memory(node: u16, for_ms: u64, bytes: u64) -> DisasterKind {
    DisasterKind::MemoryPressure {
        node,
        for_ms,
        bytes,
    }
}

fn disaster(chance: &mut Chance, plan: &Plan, kind: usize) -> DisasterKind {
    let node = node(chance, plan);
    let short_ms = chance.between(100, 1_000);
    let for_ms = chance.between(200, plan.engine.lease_ms * 3);
    match kind {
        0 => DisasterKind::Kill {
            node,
            down_ms: if chance.percent(10) { 0 } else { for_ms },
        },
        1 => DisasterKind::Restart {
            node,
            down_ms: short_ms,
        },
        2 => DisasterKind::Pause { node, for_ms },
        3 => DisasterKind::Slow {
            node,
            for_ms,
            poll_us: *chance.pick(&[100, 500, 2_000, 8_000]),
        },
        4 => DisasterKind::WallJump {
            node,
            by_ms: chance.between(0, 20_000) as i64 - 10_000,
        },
        5 => DisasterKind::Drift {
            node,
            // Mostly as clocks are; now and then as bad as leases allow for.
            ppm: match chance.percent(70) {
                true => chance.between(0, 2_000) as i64 - 1_000,
                false => chance.between(0, 2 * DRIFT_PPM_MAX) as i64 - DRIFT_PPM_MAX as i64,
            },
        },
        6 if plan.nodes > 1 => {
            let (from, to) = split(chance, plan);
            DisasterKind::Partition {
                from,
                to,
                both: chance.percent(50),
                for_ms,
            }
        }
        7 if plan.nodes > 1 => DisasterKind::Clog {
            from: node,
            to: node % plan.nodes + 1,
            for_ms,
        },
        8 if plan.nodes > 1 => DisasterKind::Swizzle {
            nodes: split(chance, plan).0,
            each_ms: short_ms,
        },
        9 => DisasterKind::NoClients { node, for_ms },
        10 => DisasterKind::CutOff { node, for_ms },
        11 => DisasterKind::StoreUnavailable { for_ms: short_ms },
        12 => DisasterKind::StoreRecovery,
        13 => {
            let part = *chance.pick(&[4, 4, 16, 64]);
            memory(node, for_ms, plan.engine.memory_bytes / part)
        }
        14 => DisasterKind::PauseCore {
            node,
            core: chance.below(plan.cores.into()) as u16,
            for_ms,
        },
        // Long enough that what the first process knew has run out when it finds out.
        15 => DisasterKind::Twin {
            node,
            for_ms: plan.engine.lease_ms * 2,
        },
        _ => DisasterKind::StoreRecovery,
    }
}

fn node(chance: &mut Chance, plan: &Plan) -> u16 {
    chance.between(1, plan.nodes.into()) as u16
}

/// Two groups of nodes, none empty, in a random order.
fn split(chance: &mut Chance, plan: &Plan) -> (Vec<u16>, Vec<u16>) {
    let mut nodes: Vec<u16> = (1..=plan.nodes).collect();
    for last in (1..nodes.len()).rev() {
        let other = chance.below(last as u64 + 1) as usize;
        nodes.swap(last, other);
    }
    let first = chance.between(1, u64::from(plan.nodes).saturating_sub(1).max(1)) as usize;
    let second = nodes.split_off(first.min(nodes.len()));
    (nodes, second)
}
