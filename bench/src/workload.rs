//! What players do: which command is sent next, to which hunt, for whom.

use clap::ValueEnum;

/// Treasures of all hunts together, as in every peer.
pub const TREASURES: u64 = 1_000;

/// Stock of each treasure: a run never empties it, so a refusal is a fault of the target or of the workload.
pub const STOCK: u64 = 1_000_000_000;

/// The mix of commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Workload {
    /// Claims, spread over 1,000 treasures
    ClaimSpread,
    /// Claims of one treasure
    ClaimHot,
    /// Joins, wrong answers, right answers, check-ins and claims, a fifth each
    SolveMix,
    /// Claims, while one reader follows the feed; then it reads all from the beginning
    Feed,
}

impl Workload {
    /// Its name on the command line and in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClaimSpread => "claim-spread",
            Self::ClaimHot => "claim-hot",
            Self::SolveMix => "solve-mix",
            Self::Feed => "feed",
        }
    }

    /// Whether every command is a claim: the only thing that all peers can do.
    pub fn is_claims(self) -> bool {
        matches!(self, Self::ClaimSpread | Self::ClaimHot)
    }
}

/// What a player does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Claims the treasure.
    Claim,
    /// Joins the hunt.
    Join,
    /// Answers a riddle wrongly.
    Miss,
    /// Answers another riddle.
    Solve,
    /// Is at the place.
    CheckIn,
}

/// The wheel of `solve-mix`. No act depends on another, so that answers in another order refuse nothing;
/// the player who joins does nothing else.
const MIX: [Act; 5] = [Act::Join, Act::Miss, Act::Solve, Act::CheckIn, Act::Claim];

/// One command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deed {
    /// The hunt's number.
    pub hunt: u64,
    /// The treasure's number within the hunt.
    pub treasure: u64,
    /// The player's number within the run; new with every claim.
    pub player: u64,
    /// What the player does.
    pub act: Act,
}

/// Deeds without end, over some of the hunts.
#[derive(Clone, Debug)]
pub struct Deeds {
    workload: Workload,
    hunts: Vec<u64>,
    treasures_per_hunt: u64,
    made: u64,
    first_player: u64,
    player_step: u64,
}

impl Deeds {
    /// Deeds over `hunts` of `hunts_in_all`. Players count up from `first_player` in steps, so that several have no player in common.
    pub fn new(
        workload: Workload,
        hunts: &[u64],
        hunts_in_all: u64,
        first_player: u64,
        player_step: u64,
    ) -> Self {
        Self {
            workload,
            hunts: hunts.to_vec(),
            treasures_per_hunt: (TREASURES / hunts_in_all).max(1),
            made: 0,
            first_player,
            player_step,
        }
    }

    /// The next one.
    pub fn make(&mut self) -> Deed {
        let made = self.made;
        self.made += 1;
        let (place, player, act) = match self.workload {
            Workload::SolveMix => {
                let wheel = MIX.len() as u64;
                let act = MIX[(made % wheel) as usize];
                // Two players a turn: one joins, the other is joined by what it does.
                let player = 2 * (made / wheel) + u64::from(act != Act::Join);
                (made / wheel, player, act)
            }
            Workload::ClaimHot => (0, made, Act::Claim),
            Workload::ClaimSpread | Workload::Feed => (made, made, Act::Claim),
        };
        let hunts = self.hunts.len() as u64;
        Deed {
            hunt: self.hunts[(place % hunts) as usize],
            treasure: (place / hunts) % self.treasures_per_hunt,
            player: self.first_player + player * self.player_step,
            act,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_spread_meets_every_treasure_and_no_player_twice() {
        let mut deeds = Deeds::new(Workload::ClaimSpread, &[0, 1, 2, 3], 4, 7, 3);
        let made: Vec<_> = (0..TREASURES).map(|_| deeds.make()).collect();
        let treasures: BTreeSet<_> = made.iter().map(|d| (d.hunt, d.treasure)).collect();
        let players: BTreeSet<_> = made.iter().map(|d| d.player).collect();
        assert_eq!(treasures.len() as u64, TREASURES);
        assert_eq!(players.len() as u64, TREASURES);
        assert_eq!(players.first(), Some(&7));
    }

    #[test]
    fn a_hot_treasure_is_one() {
        let mut deeds = Deeds::new(Workload::ClaimHot, &[0], 8, 0, 1);
        let places: BTreeSet<_> = (0..100)
            .map(|_| deeds.make())
            .map(|d| (d.hunt, d.treasure))
            .collect();
        assert_eq!(places.len(), 1);
    }

    #[test]
    fn who_joins_in_the_mix_does_nothing_else() {
        let mut deeds = Deeds::new(Workload::SolveMix, &[0, 1], 2, 0, 1);
        let made: Vec<_> = (0..100).map(|_| deeds.make()).collect();
        let joined: BTreeSet<_> = made
            .iter()
            .filter(|d| d.act == Act::Join)
            .map(|d| d.player)
            .collect();
        assert_eq!(joined.len(), 20);
        let others = made.iter().filter(|d| d.act != Act::Join);
        assert!(others.clone().all(|d| !joined.contains(&d.player)));
        assert_eq!(others.count(), 80);
    }
}
