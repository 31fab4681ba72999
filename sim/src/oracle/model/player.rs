//! A player as the model of the rules knows one: lists in the order in which things happened.

use std::collections::VecDeque;

use hunt::{Event, EventBody, Granted, Index, Millis, RequestTag, Seq, Unlock};

/// A unit of a treasure, where the log says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) treasure: Index,
    pub(crate) seq: Seq,
    pub(crate) at: Millis,
    /// Its place among the units of that event, from 1.
    pub(crate) place: u16,
}

/// Wrong guesses at a clue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Misses {
    pub(crate) clue: Index,
    pub(crate) used: u32,
    /// When the last one was.
    pub(crate) last: Millis,
}

/// A player as the model knows one.
#[derive(Debug, Default)]
pub(crate) struct Player {
    pub(crate) joined_at: Option<Millis>,
    /// The last event of the player.
    pub(crate) seq: Seq,
    pub(crate) score: u64,
    pub(crate) solved: Vec<(Index, Millis)>,
    pub(crate) misses: Vec<Misses>,
    pub(crate) units: Vec<Unit>,
    pub(super) requests: VecDeque<RequestTag>,
}

impl Player {
    /// When the player solved a clue.
    pub(crate) fn solved_at(&self, clue: Index) -> Option<Millis> {
        let solve = self.solved.iter().find(|(solved, _)| *solved == clue);
        solve.map(|(_, at)| *at)
    }

    /// The player has solved a clue.
    pub(crate) fn has_solved(&self, clue: Index) -> bool {
        self.solved_at(clue).is_some()
    }

    /// The wrong guesses at a clue.
    pub(crate) fn misses_at(&self, clue: Index) -> Option<Misses> {
        self.misses
            .iter()
            .find(|misses| misses.clue == clue)
            .copied()
    }

    /// The units of a treasure that the player has.
    pub(crate) fn units_of(&self, treasure: Index) -> impl Iterator<Item = &Unit> {
        self.units
            .iter()
            .filter(move |unit| unit.treasure == treasure)
    }

    /// The player sees a clue with this unlock at this moment.
    pub(crate) fn unlocks(&self, unlock: &Unlock, at: Millis) -> bool {
        unlocks(unlock, at, |clue| self.has_solved(clue))
    }

    /// Takes an event of the player in.
    pub(super) fn apply(&mut self, event: &Event) {
        self.seq = event.seq;
        self.joined_at.get_or_insert(event.at);
        match &event.body {
            EventBody::Solved {
                clue,
                score,
                grants,
                ..
            } => {
                self.score = *score;
                self.solved.push((*clue, event.at));
                self.win(event, grants);
            }
            EventBody::Missed { clue, .. } => self.miss(*clue, event.at),
            EventBody::Claimed { grant, .. } => self.win(event, std::slice::from_ref(grant)),
            _ => {}
        }
    }

    fn miss(&mut self, clue: Index, at: Millis) {
        match self.misses.iter_mut().find(|misses| misses.clue == clue) {
            Some(misses) => (misses.used, misses.last) = (misses.used + 1, at),
            None => self.misses.push(Misses {
                clue,
                used: 1,
                last: at,
            }),
        }
    }

    fn win(&mut self, event: &Event, grants: &[Granted]) {
        let units = grants.iter().zip(1..).map(|(grant, place)| Unit {
            treasure: grant.treasure,
            seq: event.seq,
            at: event.at,
            place,
        });
        self.units.extend(units);
    }
}

/// Whoever solved these clues sees a clue with this unlock at this moment.
pub(super) fn unlocks(unlock: &Unlock, at: Millis, has: impl Fn(Index) -> bool) -> bool {
    match unlock {
        Unlock::Open => true,
        Unlock::At(time) => time.0 <= at.0,
        Unlock::After(of) => of.iter().all(|clue| has(*clue)),
        Unlock::Any { count, of } => {
            of.iter().filter(|clue| has(**clue)).count() >= usize::from(*count)
        }
    }
}
