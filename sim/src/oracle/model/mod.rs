//! The rules of a hunt written a second time, small and slow, from the product's words and not from `hunt::decide`.

mod allows;
mod player;
mod promises;

use std::collections::{BTreeMap, VecDeque};

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use hunt::{
    Definition, Event, EventBody, Granted, Index, Millis, Phase, PlayerId, RequestTag, Seq,
};

use super::ledger::{REQUESTS_PER_HUNT, REQUESTS_PER_PLAYER, joins, request};

pub(crate) use player::Player;

/// A hunt as the model knows it.
#[derive(Debug)]
pub(crate) struct Model<'a> {
    pub(crate) definition: &'a Definition,
    pub(crate) defined_by: Seq,
    /// The last event.
    pub(crate) seq: Seq,
    pub(crate) at: Millis,
    pub(crate) phase: Phase,
    pub(crate) players: HashMap<&'a PlayerId, Player, FixedState>,
    pub(crate) joined: u64,
    /// How many solved each clue.
    pub(crate) solves: BTreeMap<Index, u64>,
    /// By treasure; none is no limit.
    pub(crate) left: Vec<Option<u64>>,
    /// By treasure.
    pub(crate) granted: Vec<u64>,
    requests: VecDeque<RequestTag>,
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
            seq: event.seq,
            at: event.at,
            phase: Phase::Scheduled,
            players: HashMap::default(),
            joined: 0,
            solves: BTreeMap::new(),
            left: Vec::new(),
            granted: Vec::new(),
            requests: VecDeque::new(),
        };
        model.apply(event);
        Some(model)
    }

    /// Solves and claims are taken.
    pub(crate) fn is_played(&self) -> bool {
        matches!(self.phase, Phase::Open | Phase::Frozen)
    }

    /// Units left of a treasure; none is no limit, and what is not defined has none left.
    pub(crate) fn left_of(&self, treasure: Index) -> Option<u64> {
        self.left
            .get(usize::from(treasure))
            .copied()
            .unwrap_or(Some(0))
    }

    /// Whether a definition may replace the one that there is.
    pub(crate) fn may_become(&self, new: &Definition) -> bool {
        self.joined == 0 || promises::are_kept(self.definition, new)
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

    /// Takes an event in, allowed or not.
    pub(crate) fn apply(&mut self, event: &'a Event) {
        (self.seq, self.at) = (event.seq, event.at);
        match &event.body {
            EventBody::Put { definition, .. } => self.define(definition, event.seq),
            EventBody::PhaseChanged { phase, .. } => self.phase = *phase,
            EventBody::ClueUnlocked { .. } => {}
            EventBody::Restocked { treasure, add, .. } => {
                if let Some(Some(left)) = self.left.get_mut(usize::from(*treasure)) {
                    *left += add;
                }
            }
            EventBody::Joined { .. } | EventBody::Missed { .. } => {}
            EventBody::Solved { clue, grants, .. } => {
                *self.solves.entry(*clue).or_default() += 1;
                self.hand_out(grants);
            }
            EventBody::Claimed { grant, .. } => self.hand_out(std::slice::from_ref(grant)),
        }
        if let Some(id) = event.body.player() {
            self.joined += u64::from(joins(&event.body));
            self.players.entry(id).or_default().apply(event);
        }
        self.remember(event);
    }

    /// A new definition begins everything anew until somebody joined; from then on it only adds.
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

    fn hand_out(&mut self, grants: &[Granted]) {
        for treasure in grants.iter().map(|grant| usize::from(grant.treasure)) {
            if let Some(granted) = self.granted.get_mut(treasure) {
                *granted += 1;
            }
            if let Some(Some(left)) = self.left.get_mut(treasure) {
                *left = left.saturating_sub(1);
            }
        }
    }

    fn remember(&mut self, event: &'a Event) {
        let Some(tag) = request(&event.body) else {
            return;
        };
        let (requests, limit) = match event.body.player() {
            None => (&mut self.requests, REQUESTS_PER_HUNT),
            Some(player) => {
                let player = self.players.entry(player).or_default();
                (&mut player.requests, REQUESTS_PER_PLAYER)
            }
        };
        if requests.len() == limit {
            requests.pop_front();
        }
        requests.push_back(*tag);
    }
}
