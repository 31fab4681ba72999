//! Faults: those that last as bands on the lanes they hit, the others as marks.

use sim::fault::Fired;
use sim::outcome::Outcome;
use sim::plan::{Disaster, DisasterKind, Plan};

use super::data::Picture;
use super::lanes::Lanes;

/// Draws them.
pub(super) fn draw(picture: &mut Picture, lanes: &Lanes, plan: &Plan, outcome: &Outcome) {
    for fired in &outcome.fired {
        let text = format!("{} {}: {}", fired.kind, fired.id, fired.detail);
        let planned = plan
            .disasters
            .iter()
            .find(|disaster| disaster.id == fired.id);
        match planned {
            Some(disaster) => planned_one(picture, lanes, disaster, fired, &text),
            None => picture.mark(place(lanes, &fired.id.0), "fault", fired.at_us, text),
        }
    }
}

fn planned_one(
    picture: &mut Picture,
    lanes: &Lanes,
    disaster: &Disaster,
    fired: &Fired,
    text: &str,
) {
    let (nodes, for_ms) = extent(&disaster.what);
    let end = match (&disaster.what, for_ms) {
        (DisasterKind::Kill { down_ms: 0, .. } | DisasterKind::Drift { .. }, _) => picture.end,
        _ => fired
            .at_us
            .saturating_add(for_ms.saturating_mul(1_000))
            .min(picture.end),
    };
    let mut hit: Vec<usize> = nodes.iter().flat_map(|node| lanes.node(*node)).collect();
    if hit.is_empty() {
        hit.push(lanes.store());
    }
    for lane in hit {
        picture.band(lane, "fault", (fired.at_us, end), text.to_owned());
        picture.mark(lane, "fault", fired.at_us, text.to_owned());
    }
}

/// The nodes that it hits (none: the store), and how long it lasts in milliseconds.
fn extent(what: &DisasterKind) -> (Vec<u16>, u64) {
    match what {
        DisasterKind::Kill { node, down_ms } | DisasterKind::Restart { node, down_ms } => {
            (vec![*node], *down_ms)
        }
        DisasterKind::Pause { node, for_ms }
        | DisasterKind::PauseCore { node, for_ms, .. }
        | DisasterKind::Twin { node, for_ms }
        | DisasterKind::Slow { node, for_ms, .. }
        | DisasterKind::NoClients { node, for_ms }
        | DisasterKind::CutOff { node, for_ms }
        | DisasterKind::MemoryPressure { node, for_ms, .. } => (vec![*node], *for_ms),
        DisasterKind::WallJump { node, .. } | DisasterKind::Drift { node, .. } => (vec![*node], 0),
        DisasterKind::Partition {
            from, to, for_ms, ..
        } => ([from.as_slice(), to].concat(), *for_ms),
        DisasterKind::Clog { from, to, for_ms } => (vec![*from, *to], *for_ms),
        DisasterKind::Swizzle { nodes, each_ms } => (
            nodes.clone(),
            each_ms.saturating_mul(2 * nodes.len() as u64),
        ),
        DisasterKind::StoreUnavailable { for_ms } => (Vec::new(), *for_ms),
        DisasterKind::StoreRecovery => (Vec::new(), 0),
    }
}

/// The lane that a fault's name tells: `commit/2.1/57` is on core 1 of node 2, `net/1.0>2.1/9` where it was to arrive.
fn place(lanes: &Lanes, id: &str) -> usize {
    let where_to = id.split('/').nth(1).unwrap_or_default();
    let last = where_to.rsplit('>').next().unwrap_or_default();
    let core = last
        .split_once('.')
        .and_then(|(node, core)| Some((node.parse().ok()?, core.parse::<u32>().ok()?)));
    core.map_or(lanes.store(), |core| lanes.party(core))
}
