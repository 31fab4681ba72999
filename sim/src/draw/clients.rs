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

pub(super) fn draw(
    mut chance: Chance,
    workload: Workload,
    world: World,
    duration_ms: u64,
) -> Vec<ClientPlan> {
    let count = match world {
        World::Standard => CLIENTS,
        World::Calm => 6,
        World::Drawn => chance.between(6, CLIENTS),
    };
    let roles = roles(workload, count);
    let clients = roles.into_iter().zip(1..);
    clients
        .map(|(role, id)| client(&mut chance, workload, role, id, duration_ms))
        .collect()
}

/// At least one of each role that the workload has; the rest plays.
fn roles(workload: Workload, count: u64) -> Vec<Role> {
    let (operators, readers, onlookers) = match workload {
        Workload::Restock | Workload::ScheduleEdges => (3, 1, 2),
        Workload::FeedCatchUp => (1, 5, 1),
        Workload::Dense => (1, 0, 0),
        Workload::Mixed => (2, 2, 3),
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
        (Workload::Dense, _) => 0,
        (_, Role::Player) if chance.percent(10) => THINK_MS / HURRY,
        _ => chance.between(THINK_MS / 2, THINK_MS * 2),
    };
    // Some stop early, so that the others are seen alone.
    let whole = duration_ms / think_ms.max(1);
    let ops = match think_ms {
        0 => OPS_MAX,
        // Those who hurry come in bursts, and leave.
        short if short <= THINK_MS / HURRY => chance.between(20, 60),
        _ if chance.percent(20) => whole / 2,
        _ => whole * 2,
    };
    ClientPlan {
        id,
        role,
        ops: u32::try_from(ops.clamp(1, OPS_MAX)).unwrap_or(u32::MAX),
        think_ms,
        skip: Vec::new(),
    }
}
