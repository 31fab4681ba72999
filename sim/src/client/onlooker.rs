//! Onlookers: progress, rankings, figures, hunts, events.

use hunt::Audience;
use node::Query;

use super::player::weighted;
use super::{Client, Purpose};
use crate::history::Ask;
use crate::workload::Weighted;

/// Entries of a page of a ranking at most.
const RANKS_MAX: u64 = 30;
/// Events of a page at most.
const EVENTS_MAX: u64 = 100;
/// Pages of events begin at one of the first so many sequence numbers.
const AFTER_MAX: u64 = 500;

/// What is looked at.
#[derive(Clone, Copy)]
enum Look {
    Progress,
    Top,
    Around,
    Stats,
    Hunt(Audience),
    Events,
    Definition,
    Hunts,
}

impl Client {
    /// What the client asks at its `nth` operation.
    pub(super) fn look(&self, nth: u32) -> Ask {
        let mut chance = self.chance(nth, Purpose::Ask);
        let looks: Weighted<Look> = vec![
            (25, Look::Progress),
            (10, Look::Top),
            (10, Look::Around),
            (20, Look::Stats),
            (8, Look::Hunt(Audience::Player)),
            (7, Look::Hunt(Audience::Staff)),
            (12, Look::Events),
            (3, Look::Definition),
            (5, Look::Hunts),
        ];
        let hunt = chance.pick(&self.scene.stages).id.clone();
        let player = self.player(&mut chance);
        let limit = |of: u64| usize::try_from(of).unwrap_or(usize::MAX);
        Ask::Query(match weighted(&mut chance, &looks) {
            Look::Hunts => return Ask::Hunts,
            Look::Progress => Query::Progress { hunt, player },
            Look::Top => Query::Leaderboard {
                hunt,
                limit: limit(chance.between(1, RANKS_MAX)),
                around: None,
            },
            Look::Around => Query::Leaderboard {
                hunt,
                limit: limit(chance.between(1, RANKS_MAX)),
                around: Some(player),
            },
            Look::Stats => Query::Stats { hunt },
            Look::Hunt(audience) => Query::Hunt {
                hunt,
                player: (audience == Audience::Player).then_some(player),
                audience,
            },
            Look::Events => Query::Events {
                hunt,
                after: chance.below(AFTER_MAX),
                limit: limit(chance.between(1, EVENTS_MAX)),
            },
            Look::Definition => Query::Definition { hunt },
        })
    }
}
