//! Whether the rules allow an event at its place in the log.

use hunt::{Award, Event, EventBody, Granted, Index, Millis, Phase};

use super::player::unlocks;
use super::{Model, Player};
use crate::oracle::ledger::joins;

impl Model<'_> {
    /// Whether the rules allow what happened, at this place; if not, why.
    pub(crate) fn allows(&self, event: &Event) -> Result<(), String> {
        let stranger = Player::default();
        let known = |player| self.players.get(player).unwrap_or(&stranger);
        if let Some(player) = event.body.player()
            && joins(&event.body) != known(player).joined_at.is_none()
        {
            return Err(format!(
                "{player} joins: {}, joined before: {:?}",
                joins(&event.body),
                known(player).joined_at
            ));
        }
        match &event.body {
            EventBody::Put { created: true, .. } => Err("the hunt is made again".to_owned()),
            EventBody::Put { definition, .. } if self.may_become(definition) => Ok(()),
            EventBody::Put { .. } => {
                Err("the new definition breaks what players were promised".to_owned())
            }
            EventBody::PhaseChanged { phase, .. } => self.allows_phase(*phase),
            EventBody::ClueUnlocked { .. } => Ok(()),
            EventBody::Restocked {
                treasure,
                add,
                stock_left,
                ..
            } => self.allows_restock(*treasure, *add, *stock_left),
            EventBody::Joined { .. } if self.phase == Phase::Closed => {
                Err("somebody joins a closed hunt".to_owned())
            }
            EventBody::Joined { .. } => Ok(()),
            EventBody::Solved { player, clue, .. } => {
                self.allows_solve(event, known(player), *clue)
            }
            EventBody::Missed {
                player,
                clue,
                guesses_left,
                ..
            } => self.allows_miss(event.at, known(player), *clue, *guesses_left),
            EventBody::Claimed { player, grant, .. } => self.allows_claim(known(player), grant),
        }
    }

    fn allows_phase(&self, phase: Phase) -> Result<(), String> {
        if phase <= self.phase {
            Err(format!("goes back from {} to {phase}", self.phase))
        } else if (self.phase, phase) == (Phase::Scheduled, Phase::Frozen) {
            Err("is frozen before it opens".to_owned())
        } else {
            Ok(())
        }
    }

    fn allows_restock(&self, treasure: Index, add: u64, stock_left: u64) -> Result<(), String> {
        let left = self.left.get(usize::from(treasure)).copied().flatten();
        match left {
            Some(left) if left + add == stock_left && add > 0 => Ok(()),
            Some(left) => Err(format!("{add} added to {left} are not {stock_left}")),
            None => Err(format!("treasure {treasure} has no stock to add to")),
        }
    }

    fn allows_try(&self, at: Millis, player: &Player, clue: Index) -> Result<(), String> {
        let definition = self
            .definition
            .clue(clue)
            .ok_or_else(|| format!("clue {clue} is not defined"))?;
        let limits = self.definition.guesses();
        if !self.is_played() {
            return Err(format!("a try in a hunt that is {}", self.phase));
        }
        if player.has_solved(clue) {
            return Err("the player has solved it".to_owned());
        }
        if !player.unlocks(&definition.unlock, at) {
            return Err("the clue is locked".to_owned());
        }
        let Some(misses) = player.misses_at(clue) else {
            return Ok(());
        };
        let (used, last) = (misses.used, misses.last);
        if limits.per_clue.is_some_and(|max| used >= max) {
            return Err(format!("a try after {used} wrong guesses"));
        }
        if at.0 < last.0 + u64::from(limits.cooldown_ms) {
            return Err(format!("a try at {at}, {last} was too short a while ago"));
        }
        Ok(())
    }

    fn allows_solve(&self, event: &Event, player: &Player, clue: Index) -> Result<(), String> {
        self.allows_try(event.at, player, clue)?;
        let EventBody::Solved {
            points,
            score,
            ranked,
            unlocked,
            grants,
            ..
        } = &event.body
        else {
            return Ok(());
        };
        let worth = self.definition.clue(clue).map_or(0, |clue| clue.points);
        if *points != worth || *score != player.score + u64::from(worth) {
            return Err(format!(
                "{points} points to a score of {score}, where {worth} to {} are right",
                player.score
            ));
        }
        if *ranked != (self.phase == Phase::Open) {
            return Err(format!("ranked: {ranked} in a hunt that is {}", self.phase));
        }
        let right = self.newly_unlocked(event.at, player, clue);
        if *unlocked != right {
            return Err(format!("unlocks {unlocked:?}, where {right:?} is right"));
        }
        let due = self.wins(player, clue);
        let won: Vec<Index> = grants.iter().map(|grant| grant.treasure).collect();
        if won != due {
            return Err(format!("wins {won:?}, where {due:?} is right"));
        }
        grants.iter().try_for_each(|grant| self.is_next(grant))
    }

    fn newly_unlocked(&self, at: Millis, player: &Player, clue: Index) -> Vec<Index> {
        let after = |of| of == clue || player.has_solved(of);
        let clues = self.definition.clues().iter().zip(0..);
        clues
            .filter(|(each, _)| {
                unlocks(&each.unlock, at, after) && !player.unlocks(&each.unlock, at)
            })
            .map(|(_, index)| index)
            .collect()
    }

    /// What solving the clue wins: what it names first, then what is for the first to solve it.
    fn wins(&self, player: &Player, clue: Index) -> Vec<Index> {
        let named = self
            .definition
            .clue(clue)
            .map_or(&[][..], |clue| &clue.grants);
        let treasures = self.definition.treasures();
        let prizes = treasures.iter().zip(0..).filter_map(|(treasure, index)| {
            (treasure.award == Award::FirstToSolve(clue)).then_some(index)
        });
        let mut wins = Vec::new();
        for index in named.iter().copied().chain(prizes) {
            let allowed = treasures
                .get(usize::from(index))
                .map_or(0, |treasure| treasure.per_player as usize);
            let has = player.units_of(index).count();
            if self.left_of(index) != Some(0) && has < allowed && !wins.contains(&index) {
                wins.push(index);
            }
        }
        wins
    }

    fn allows_miss(
        &self,
        at: Millis,
        player: &Player,
        clue: Index,
        guesses_left: Option<u32>,
    ) -> Result<(), String> {
        self.allows_try(at, player, clue)?;
        let used = player.misses_at(clue).map_or(0, |misses| misses.used);
        let max = self.definition.guesses().per_clue;
        let right = max.map(|max| max.saturating_sub(used + 1));
        if guesses_left == right {
            Ok(())
        } else {
            Err(format!(
                "{guesses_left:?} guesses left, where {right:?} is right"
            ))
        }
    }

    fn allows_claim(&self, player: &Player, grant: &Granted) -> Result<(), String> {
        let treasure = self
            .definition
            .treasure(grant.treasure)
            .ok_or_else(|| format!("treasure {} is not defined", grant.treasure))?;
        let Award::Claim { requires } = &treasure.award else {
            return Err(format!("{} can't be claimed", treasure.id));
        };
        if !self.is_played() {
            return Err(format!("a claim in a hunt that is {}", self.phase));
        }
        if player.units_of(grant.treasure).count() >= treasure.per_player as usize {
            return Err(format!("the player has had {}", treasure.id));
        }
        if let Some(lacks) = requires.iter().find(|clue| !player.has_solved(**clue)) {
            return Err(format!("the player has not solved clue {lacks}"));
        }
        if self.left_of(grant.treasure) == Some(0) {
            return Err(format!("{} is sold out", treasure.id));
        }
        self.is_next(grant)
    }

    fn is_next(&self, grant: &Granted) -> Result<(), String> {
        let granted = self.granted.get(usize::from(grant.treasure)).copied();
        if granted.map(|granted| granted + 1) == Some(grant.nth) {
            Ok(())
        } else {
            Err(format!("{grant:?} after {granted:?} units"))
        }
    }
}
