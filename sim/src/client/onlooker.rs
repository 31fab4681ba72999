//! Onlookers: progress, rankings, figures, hunts, events.

use hunt::Audience;
use node::Query;

use super::player::weighted;
use super::{Client, Purpose};
use crate::draw::Chance;
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
    Status,
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
            (5, Look::Status),
        ];
        let mut limits = chance.fork(0);
        let hunt = chance.pick(&self.scene.stages).id.clone();
        let player = self.player_of_any(&mut chance);
        let mut limit = |most: u64| odd_limit(&mut limits, most);
        Ask::Query(match weighted(&mut chance, &looks) {
            Look::Hunts => return Ask::Hunts,
            Look::Status => return Ask::Status,
            Look::Progress => Query::Progress { hunt, player },
            Look::Top => Query::Leaderboard {
                hunt,
                limit: limit(RANKS_MAX),
                around: None,
            },
            Look::Around => Query::Leaderboard {
                hunt,
                limit: limit(RANKS_MAX),
                around: Some(player),
            },
            Look::Stats => Query::Stats { hunt },
            Look::Hunt(audience) => Query::Hunt {
                hunt,
                player: chance.percent(70).then_some(player),
                audience,
            },
            // All there is, as outside checkers want it.
            Look::Events if chance.percent(30) => Query::Events {
                hunt,
                after: 0,
                limit: usize::MAX,
            },
            Look::Events => Query::Events {
                hunt,
                after: chance.below(AFTER_MAX),
                limit: limit(EVENTS_MAX),
            },
            Look::Definition => Query::Definition { hunt },
        })
    }
}

/// How many at most: now and then none, or more than any page has.
pub(super) fn odd_limit(chance: &mut Chance, most: u64) -> usize {
    match chance.below(12) {
        0 => 0,
        1 => usize::MAX,
        _ => usize::try_from(chance.between(1, most)).unwrap_or(usize::MAX),
    }
}
