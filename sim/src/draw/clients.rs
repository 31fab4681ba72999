//! Who asks, and how often.

use super::{Chance, World};
use crate::plan::{ClientPlan, Role, Workload};

/// Clients of a standard world.
const CLIENTS: u64 = 20;
/// What clients pause on average, so that a simulated minute takes a fraction of a real second.
const THINK_MS: u64 = 1_200;
/// Clients that hurry pause so much less.
const HURRY: u64 = 40;
/// Operations of a client at most, whatever the duration.
const OPS_MAX: u64 = 100_000;
/// Clients of a dense world: so many commands are under way at once, and share their commits as under high load.
const DENSE_CLIENTS: u64 = 200;
/// Operations of each of them.
const DENSE_OPS: u64 = 1_000;
/// Operations of the operator who makes its hunts.
const SET_UP_OPS: u64 = 20;
/// Operations of each client where the dense workload is one of many: a burst, soon over. More of the same find nothing more.
const BURST_OPS: (u64, u64) = (100, 600);
/// Bursts come in the first of so many parts of a run: some before the nodes have found each other, most after, and there is
/// time to see what they leave behind.
const BURSTS_PART: u64 = 2;

pub(super) fn draw(
    mut chance: Chance,
    workload: Workload,
    world: World,
    duration_ms: u64,
) -> Vec<ClientPlan> {
    let count = match world {
        World::Standard => CLIENTS,
        World::Calm => 6,
        World::Dense => DENSE_CLIENTS,
        World::Drawn => chance.between(6, CLIENTS),
    };
    let roles = roles(workload, count);
    let clients = roles.into_iter().zip(1..);
    let burst_ms = chance.below(duration_ms / BURSTS_PART);
    clients
        .map(|(role, id)| match workload {
            Workload::Dense => hasty(&mut chance, world, role, id, burst_ms),
            _ => client(&mut chance, workload, role, id, duration_ms),
        })
        .collect()
}

/// A client that asks as fast as it is answered.
fn hasty(chance: &mut Chance, world: World, role: Role, id: u32, burst_ms: u64) -> ClientPlan {
    let ops = match (world, role) {
        // They make the hunts, and have nothing to do afterwards.
        (_, Role::Operator) => SET_UP_OPS,
        (World::Dense, _) => DENSE_OPS,
        _ => chance.between(BURST_OPS.0, BURST_OPS.1),
    };
    ClientPlan {
        id,
        role,
        ops: u32::try_from(ops).unwrap_or(u32::MAX),
        think_ms: 0,
        from_ms: match world {
            World::Drawn => burst_ms,
            _ => 0,
        },
        skip: Vec::new(),
    }
}

/// At least one of each role that the workload has; the rest plays.
fn roles(workload: Workload, count: u64) -> Vec<Role> {
    let (operators, readers, onlookers) = match workload {
        Workload::Restock | Workload::ScheduleEdges => (3, 1, 2),
        Workload::FeedCatchUp => (1, 5, 1),
        Workload::Dense => (1, 0, 0),
        Workload::Mixed => (2, 2, 3),
        Workload::Puzzle => (2, 1, 3),
        Workload::StaleOwner => (2, 0, 6),
        _ => (1, 1, 2),
    };
    let mut roles = vec![Role::Operator; operators];
    roles.extend(vec![Role::FeedReader; readers]);
    roles.extend(vec![Role::Onlooker; onlookers]);
    roles.resize(roles.len().max(count as usize), Role::Player);
    roles
}

fn client(
    chance: &mut Chance,
    workload: Workload,
    role: Role,
    id: u32,
    duration_ms: u64,
) -> ClientPlan {
    let think_ms = match (workload, role) {
        // Memories of requests are long: it takes many to come to their end.
        (Workload::RequestMemory, Role::Operator) => THINK_MS / 12,
        (Workload::RequestMemory, Role::Player) => THINK_MS / 3,
        // What is stale is so for parts of a second.
        (Workload::StaleOwner, _) => THINK_MS / 8,
        (_, Role::Player) if chance.percent(10) => THINK_MS / HURRY,
        _ => chance.between(THINK_MS / 2, THINK_MS * 2),
    };
    // Some stop early, so that the others are seen alone.
    let whole = duration_ms / think_ms.max(1);
    let (ops, from_ms) = match think_ms {
        // Those who hurry come in bursts, and leave.
        short if short <= THINK_MS / HURRY => (
            chance.between(20, 60),
            chance.below(duration_ms / BURSTS_PART),
        ),
        _ if chance.percent(20) => (whole / 2, 0),
        _ => (whole * 2, 0),
    };
    ClientPlan {
        id,
        role,
        ops: u32::try_from(ops.clamp(1, OPS_MAX)).unwrap_or(u32::MAX),
        think_ms,
        from_ms,
        skip: Vec::new(),
    }
}
