//! The ranking as the rules tell it in words: most points first; of equals, who came first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use hunt::{Event, EventBody, Millis, PlayerId, Seq};

/// A place: it orders as the ranking does.
pub(crate) type Place = (Reverse<u64>, Seq);

/// The ranking, folded from the log on its own.
#[derive(Debug, Default)]
pub(crate) struct Board<'a> {
    places: BTreeMap<Place, (&'a PlayerId, Millis)>,
    players: BTreeMap<&'a PlayerId, Place>,
}

impl<'a> Board<'a> {
    /// Takes an event in.
    pub(crate) fn apply(&mut self, event: &'a Event) {
        let EventBody::Solved {
            player,
            score,
            ranked: true,
            ..
        } = &event.body
        else {
            return;
        };
        let place = (Reverse(*score), event.seq);
        if let Some(before) = self.players.insert(player, place) {
            self.places.remove(&before);
        }
        self.places.insert(place, (player, event.at));
    }

    /// How many players are on it.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// Where a player is, if on it.
    pub(crate) fn place(&self, player: &PlayerId) -> Option<Place> {
        self.players.get(player).copied()
    }

    /// The rank of a place, from 1, whether it is taken or not.
    pub(crate) fn rank(&self, place: Place) -> usize {
        1 + self.places.range(..place).count()
    }

    /// Players from a rank on: rank, player, score, when it was reached.
    pub(crate) fn page_from(
        &self,
        rank: usize,
    ) -> impl Iterator<Item = (usize, &'a PlayerId, u64, Millis)> {
        let places = self.places.iter().zip(1..).skip(rank.saturating_sub(1));
        places.map(|(((score, _), (player, at)), rank)| (rank, *player, score.0, *at))
    }
}
