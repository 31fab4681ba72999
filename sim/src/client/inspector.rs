//! The inspector: comes once all is well again, looks at every hunt, and does not go before everything is answered. What was
//! broken meanwhile and not mended shows now, though nobody may have looked at it since.

use hunt::{Audience, HuntId};
use node::Query;

use super::carry_out::carry_out;
use super::conduct::Conduct;
use crate::draw::Chance;
use crate::history::Ask;
use crate::plan::Plan;
use crate::world::ClientPort;

/// The inspector's number, which no client of a plan has.
pub(crate) const INSPECTOR: u32 = u32::MAX;

/// What the draw of a round is for; clients use smaller numbers.
const ROUND: u64 = 1 << 32;

/// Starts a round of inspection.
pub(crate) fn inspect(plan: &Plan, port: &ClientPort, round: u32) {
    let scene = plan.workload.scene(plan.seed);
    let stages = scene.stages.iter().chain(&scene.left_alone);
    let asks = stages.flat_map(|stage| looks(&stage.id));
    for (nth, ask) in (0..).zip(asks.chain([Ask::Hunts])) {
        let nth = round << 16 | nth;
        let conduct = Conduct::of_inspector(Chance::new(port.draw(nth, ROUND)));
        let own = port.clone();
        port.spawn(async move {
            carry_out(&own, nth, ask, conduct).await;
        });
    }
}

/// All that there is to see of a hunt.
fn looks(hunt: &HuntId) -> impl Iterator<Item = Ask> {
    let looks = [
        Query::Hunt {
            hunt: hunt.clone(),
            player: None,
            audience: Audience::Staff,
        },
        Query::Leaderboard {
            hunt: hunt.clone(),
            limit: usize::MAX,
            around: None,
        },
        Query::Stats { hunt: hunt.clone() },
        Query::Definition { hunt: hunt.clone() },
        Query::Events {
            hunt: hunt.clone(),
            after: 0,
            limit: usize::MAX,
        },
    ];
    looks.into_iter().map(Ask::Query)
}
