//! The rules of a hunt written a second time, small and slow, from the product's words and not from `hunt::decide`.

use std::collections::{BTreeMap, VecDeque};

use hunt::{
    Award, Definition, Event, EventBody, GrantPlace, Granted, Index, Millis, Phase, PlayerId,
    REQUESTS_PER_HUNT_MAX, REQUESTS_PER_PLAYER_MAX, RequestTag, Seq, Unlock,
};

use super::ledger::{joins, request};

/// A hunt as the model knows it.
#[derive(Debug)]
pub(crate) struct Model<'a> {
    pub(crate) definition: &'a Definition,
    pub(crate) defined_by: Seq,
    pub(crate) phase: Phase,
    pub(crate) at: Millis,
    pub(crate) players: BTreeMap<&'a PlayerId, Player>,
    pub(crate) joined: u64,
    pub(crate) left: Vec<Option<u64>>,
    granted: Vec<u64>,
    requests: VecDeque<RequestTag>,
}

/// A player as the model knows one.
#[derive(Debug, Default)]
pub(crate) struct Player {
    pub(crate) joined_at: Option<Millis>,
    pub(crate) score: u64,
    pub(crate) solved: BTreeMap<Index, Millis>,
    pub(crate) misses: BTreeMap<Index, (u32, Millis)>,
    pub(crate) grants: BTreeMap<Index, Vec<GrantPlace>>,
    requests: VecDeque<RequestTag>,
}

impl Player {
    /// How many units of a treasure the player has.
    pub(crate) fn units(&self, treasure: Index) -> usize {
        self.grants.get(&treasure).map_or(0, Vec::len)
    }

    /// The player sees a clue with this unlock at this moment.
    pub(crate) fn unlocks(&self, unlock: &Unlock, at: Millis) -> bool {
        let has = |clue: &&Index| self.solved.contains_key(clue);
        match unlock {
            Unlock::Open => true,
            Unlock::At(time) => *time <= at,
            Unlock::After(of) => of.iter().all(|clue| has(&clue)),
            Unlock::Any { count, of } => of.iter().filter(has).count() >= usize::from(*count),
        }
    }
}

impl<'a> Model<'a> {
    /// The model after the event that makes the hunt; none if it is another.
    pub(crate) fn created(event: &'a Event) -> Option<Self> {
        let EventBody::Put {
            definition,
            created: true,
            ..
        } = &event.body
        else {
            return None;
        };
        let mut model = Self {
            definition,
            defined_by: event.seq,
            phase: Phase::Scheduled,
            at: event.at,
            players: BTreeMap::new(),
            joined: 0,
            left: Vec::new(),
            granted: Vec::new(),
            requests: VecDeque::new(),
        };
        model.apply(event);
        Some(model)
    }

    /// What is known of a request: its tag as it took effect, if it is remembered.
    pub(crate) fn remembered(
        &self,
        player: Option<&PlayerId>,
        tag: &RequestTag,
    ) -> Option<RequestTag> {
        let none = VecDeque::new();
        let requests = match player {
            None => &self.requests,
            Some(player) => self.players.get(player).map_or(&none, |it| &it.requests),
        };
        requests
            .iter()
            .rev()
            .find(|known| known.id == tag.id)
            .copied()
    }

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
            EventBody::Put { definition, .. } => self.allows_put(definition),
            EventBody::PhaseChanged { phase, .. } if *phase <= self.phase => {
                Err(format!("goes back from {} to {phase}", self.phase))
            }
            EventBody::PhaseChanged {
                phase: Phase::Frozen,
                ..
            } if self.phase == Phase::Scheduled => Err("is frozen before it opens".to_owned()),
            EventBody::PhaseChanged { .. } | EventBody::ClueUnlocked { .. } => Ok(()),
            EventBody::Restocked { treasure, .. } => match self.left.get(usize::from(*treasure)) {
                Some(Some(_)) => Ok(()),
                _ => Err(format!("treasure {treasure} has no stock to add to")),
            },
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

    fn allows_put(&self, new: &Definition) -> Result<(), String> {
        if self.joined == 0 {
            return Ok(());
        }
        let old = self.definition;
        let clues = old.clues().iter().enumerate().all(|(index, clue)| {
            new.clues().get(index).is_some_and(|other| {
                other.id == clue.id
                    && other.points == clue.points
                    && other.unlock == clue.unlock
                    && clue.grants.iter().all(|grant| other.grants.contains(grant))
            })
        });
        let treasures = old.treasures().iter().enumerate().all(|(index, treasure)| {
            new.treasures().get(index).is_some_and(|other| {
                (other.id == treasure.id)
                    && (other.stock, other.per_player, &other.award)
                        == (treasure.stock, treasure.per_player, &treasure.award)
            })
        });
        if clues && treasures {
            Ok(())
        } else {
            Err("the new definition breaks what players were promised".to_owned())
        }
    }

    fn allows_try(&self, at: Millis, player: &Player, clue: Index) -> Result<(), String> {
        let definition = self
            .definition
            .clue(clue)
            .ok_or_else(|| format!("clue {clue} is not defined"))?;
        let limits = self.definition.guesses();
        if !self.phase.is_played() {
            return Err(format!("a try in a hunt that is {}", self.phase));
        }
        if player.solved.contains_key(&clue) {
            return Err("the player has solved it".to_owned());
        }
        if !player.unlocks(&definition.unlock, at) {
            return Err("the clue is locked".to_owned());
        }
        let Some((used, last)) = player.misses.get(&clue) else {
            return Ok(());
        };
        if limits.per_clue.is_some_and(|max| *used >= max) {
            return Err(format!("a try after {used} wrong guesses"));
        }
        if at < last.plus(limits.cooldown_ms.into()) {
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
        let mut after = Player {
            solved: player.solved.clone(),
            ..Player::default()
        };
        after.solved.insert(clue, at);
        let clues = self.definition.clues().iter().zip(0..);
        clues
            .filter(|(each, _)| {
                after.unlocks(&each.unlock, at) && !player.unlocks(&each.unlock, at)
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
            let there = self.left.get(usize::from(index)) != Some(&Some(0));
            if there && player.units(index) < allowed && !wins.contains(&index) {
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
        let used = player.misses.get(&clue).map_or(0, |(used, _)| *used);
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
        if !self.phase.is_played() {
            return Err(format!("a claim in a hunt that is {}", self.phase));
        }
        if player.units(grant.treasure) >= treasure.per_player as usize {
            return Err(format!("the player has had {}", treasure.id));
        }
        if let Some(lacks) = requires
            .iter()
            .find(|clue| !player.solved.contains_key(clue))
        {
            return Err(format!("the player has not solved clue {lacks}"));
        }
        if self.left.get(usize::from(grant.treasure)) == Some(&Some(0)) {
            return Err(format!("{} is sold out", treasure.id));
        }
        self.is_next(grant)
    }

    fn is_next(&self, grant: &Granted) -> Result<(), String> {
        let granted = self.granted.get(usize::from(grant.treasure)).copied();
        if granted == Some(grant.nth - 1) {
            Ok(())
        } else {
            Err(format!("{grant:?} after {granted:?} units"))
        }
    }

    /// Takes an event in, allowed or not.
    pub(crate) fn apply(&mut self, event: &'a Event) {
        self.at = event.at;
        match &event.body {
            EventBody::Put { definition, .. } => self.define(definition, event.seq),
            EventBody::PhaseChanged { phase, .. } => self.phase = *phase,
            EventBody::ClueUnlocked { .. } => {}
            EventBody::Restocked { treasure, add, .. } => {
                if let Some(Some(left)) = self.left.get_mut(usize::from(*treasure)) {
                    *left += add;
                }
            }
            EventBody::Joined { .. }
            | EventBody::Solved { .. }
            | EventBody::Missed { .. }
            | EventBody::Claimed { .. } => self.play(event),
        }
        let Some(tag) = request(&event.body) else {
            return;
        };
        match event.body.player() {
            None => remember(&mut self.requests, *tag, REQUESTS_PER_HUNT_MAX),
            Some(player) => {
                let player = self.players.entry(player).or_default();
                remember(&mut player.requests, *tag, REQUESTS_PER_PLAYER_MAX);
            }
        }
    }

    fn define(&mut self, definition: &'a Definition, seq: Seq) {
        if self.joined == 0 {
            self.phase = Phase::Scheduled;
            self.left.clear();
            self.granted.clear();
        }
        let added = definition.treasures().iter().skip(self.left.len());
        self.left.extend(added.map(|treasure| treasure.stock));
        self.granted.resize(self.left.len(), 0);
        (self.definition, self.defined_by) = (definition, seq);
    }

    fn play(&mut self, event: &'a Event) {
        let Some(id) = event.body.player() else {
            return;
        };
        self.joined += u64::from(joins(&event.body));
        let player = self.players.entry(id).or_default();
        player.joined_at.get_or_insert(event.at);
        let grants: &[Granted] = match &event.body {
            EventBody::Solved {
                clue,
                score,
                grants,
                ..
            } => {
                player.score = *score;
                player.solved.insert(*clue, event.at);
                grants
            }
            EventBody::Missed { clue, .. } => {
                let miss = player.misses.entry(*clue).or_insert((0, event.at));
                *miss = (miss.0 + 1, event.at);
                &[]
            }
            EventBody::Claimed { grant, .. } => std::slice::from_ref(grant),
            _ => &[],
        };
        for (grant, place) in grants.iter().zip(1..) {
            let treasure = usize::from(grant.treasure);
            player
                .grants
                .entry(grant.treasure)
                .or_default()
                .push(GrantPlace {
                    treasure: grant.treasure,
                    seq: event.seq,
                    at: event.at,
                    place,
                });
            if let Some(granted) = self.granted.get_mut(treasure) {
                *granted += 1;
            }
            if let Some(Some(left)) = self.left.get_mut(treasure) {
                *left = left.saturating_sub(1);
            }
        }
    }
}

fn remember(requests: &mut VecDeque<RequestTag>, tag: RequestTag, limit: usize) {
    if requests.len() == limit {
        requests.pop_front();
    }
    requests.push_back(tag);
}
