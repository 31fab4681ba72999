//! The state of one player in one hunt: the fold of the player's events. It needs no hunt to be read or applied to,
//! so players and hunts are loaded, stored and evicted independently.

use bincode::{Decode, Encode};

use crate::{
    BoardKey, Event, EventBody, GrantPlace, Granted, Index, Millis, RequestTag, Seq,
    clue_set::ClueSet,
    limits::{CLUES_MAX, GRANTS_PER_PLAYER_MAX, REQUESTS_PER_PLAYER_MAX},
    packing::{
        pack_grant, pack_guess, pack_request, pack_solve, unpack_grant, unpack_guess,
        unpack_request, unpack_solve,
    },
    records::{Kind, Records},
    ring::{self, Request, Seen},
};

/// The state of one player in one hunt. The default is that of somebody who has not joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayerState {
    seq: Seq,
    /// [`NEVER`] if the player has not joined.
    joined_at: Millis,
    score: u64,
    /// The score on the leaderboard, which stands still when the hunt is frozen.
    board_score: u64,
    /// How many of the solves, from the first on, the leaderboard counts.
    ranked: u16,
    records: Records,
}

/// No moment is so late.
const NEVER: Millis = Millis(u64::MAX);

/// What is stored of a player's state.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct PlayerParts {
    seq: Seq,
    joined_at: Option<Millis>,
    score: u64,
    board_score: u64,
    ranked: u16,
    solved: Vec<SolvedClue>,
    guesses: Vec<Guesses>,
    /// Treasure, how many were granted with it, event, time.
    grants: Vec<(Index, u64, Seq, Millis)>,
    requests: Vec<Request>,
}

/// A clue that a player solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SolvedClue {
    /// Which.
    pub clue: Index,
    /// The event that says so.
    pub seq: Seq,
    /// When.
    pub at: Millis,
}

/// Wrong guesses of a player at a clue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Guesses {
    /// Which clue.
    pub clue: Index,
    /// How many.
    pub used: u32,
    /// When the last one was.
    pub at: Millis,
}

/// A unit of a treasure that a player holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldGrant {
    /// Which treasure.
    pub treasure: Index,
    /// How many were granted with this one.
    pub nth: u64,
    /// The event that granted it.
    pub seq: Seq,
    /// When.
    pub at: Millis,
    /// Its place among the grants of that event, from 1.
    pub place: u16,
}

impl HeldGrant {
    /// All that its rendering needs.
    pub fn place(&self) -> GrantPlace {
        GrantPlace {
            treasure: self.treasure,
            seq: self.seq,
            at: self.at,
            place: self.place,
        }
    }
}

impl Default for PlayerState {
    fn default() -> Self {
        Self {
            seq: 0,
            joined_at: NEVER,
            score: 0,
            board_score: 0,
            ranked: 0,
            records: Records::default(),
        }
    }
}

impl PlayerState {
    /// Takes an event of this player in. One that is not newer than [`Self::seq`], or is no player's, changes
    /// nothing. That it is this player's is the caller's promise.
    pub fn apply(&mut self, event: &Event) {
        if event.seq <= self.seq {
            return;
        }
        let (request, joined) = match &event.body {
            EventBody::Joined { request, .. } => (request, true),
            EventBody::Solved {
                clue,
                score,
                joined,
                ranked,
                grants,
                request,
                ..
            } => {
                self.solve(
                    SolvedClue {
                        clue: *clue,
                        seq: event.seq,
                        at: event.at,
                    },
                    *score,
                    *ranked,
                );
                grants.iter().for_each(|grant| self.hold(grant, event));
                (request, *joined)
            }
            EventBody::Missed {
                clue,
                joined,
                request,
                ..
            } => {
                self.miss(*clue, event.at);
                (request, *joined)
            }
            EventBody::Claimed {
                grant,
                joined,
                request,
                ..
            } => {
                self.hold(grant, event);
                (request, *joined)
            }
            EventBody::Put { .. }
            | EventBody::PhaseChanged { .. }
            | EventBody::ClueUnlocked { .. }
            | EventBody::Restocked { .. } => return,
        };
        self.seq = event.seq;
        if joined && self.joined_at == NEVER {
            self.joined_at = event.at;
        }
        self.remember(request);
    }

    /// The last event that is in it; 0 if none.
    pub fn seq(&self) -> Seq {
        self.seq
    }

    /// When the player joined; `None` if not yet.
    pub fn joined_at(&self) -> Option<Millis> {
        (self.joined_at != NEVER).then_some(self.joined_at)
    }

    /// The points of all solved clues.
    pub fn score(&self) -> u64 {
        self.score
    }

    /// The place on the leaderboard; `None` before the first solve that counts there.
    pub fn board(&self) -> Option<BoardKey> {
        let last = self
            .records
            .get(Kind::Solve, usize::from(self.ranked.checked_sub(1)?));
        let SolvedClue { seq, at, .. } = unpack_solve(last);
        Some(BoardKey {
            score: self.board_score,
            seq,
            at,
        })
    }

    /// The solved clues, in order.
    pub fn solved(&self) -> impl DoubleEndedIterator<Item = SolvedClue> + ExactSizeIterator {
        self.records.all(Kind::Solve).map(unpack_solve)
    }

    /// The clues at which the player guessed wrong, in order of the first wrong guess.
    pub fn guesses(&self) -> impl DoubleEndedIterator<Item = Guesses> + ExactSizeIterator {
        self.records.all(Kind::Guess).map(unpack_guess)
    }

    /// What the player won, in order.
    pub fn grants(&self) -> impl Iterator<Item = HeldGrant> {
        let mut last = (0, 0);
        self.records
            .all(Kind::Grant)
            .map(unpack_grant)
            .map(move |grant| {
                last = if grant.seq == last.0 {
                    (grant.seq, last.1 + 1)
                } else {
                    (grant.seq, 1)
                };
                HeldGrant {
                    place: last.1,
                    ..grant
                }
            })
    }

    /// The requests that are remembered, the newest last.
    pub fn requests(&self) -> impl DoubleEndedIterator<Item = Request> + ExactSizeIterator {
        self.records.all(Kind::Request).map(unpack_request)
    }

    /// The solve of a clue, if it is solved.
    pub fn solve_of(&self, clue: Index) -> Option<SolvedClue> {
        self.solved().find(|solved| solved.clue == clue)
    }

    /// The wrong guesses at a clue, if there are any.
    pub fn guesses_at(&self, clue: Index) -> Option<Guesses> {
        self.guesses().find(|guesses| guesses.clue == clue)
    }

    /// How many units of a treasure the player holds, and the first of them.
    pub fn grants_of(&self, treasure: Index) -> (u32, Option<HeldGrant>) {
        self.grants()
            .filter(|grant| grant.treasure == treasure)
            .fold((0, None), |(count, first), grant| {
                (count + 1, first.or(Some(grant)))
            })
    }

    /// Bytes in memory, with all that it points to.
    pub fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.records.heap_bytes()
    }

    /// The solved clues as a set.
    pub(crate) fn solved_set(&self) -> ClueSet {
        self.solved().map(|solved| solved.clue).collect()
    }

    /// All that a row holds.
    pub(crate) fn parts(&self) -> PlayerParts {
        PlayerParts {
            seq: self.seq,
            joined_at: self.joined_at(),
            score: self.score,
            board_score: self.board_score,
            ranked: self.ranked,
            solved: self.solved().collect(),
            guesses: self.guesses().collect(),
            grants: self
                .grants()
                .map(|grant| (grant.treasure, grant.nth, grant.seq, grant.at))
                .collect(),
            requests: self.requests().collect(),
        }
    }

    /// A state read from a row; `None` if it has more of anything than a hunt allows.
    pub(crate) fn from_parts(parts: PlayerParts) -> Option<Self> {
        let sound = parts.solved.len() <= CLUES_MAX
            && parts.guesses.len() <= CLUES_MAX
            && parts.grants.len() as u64 <= GRANTS_PER_PLAYER_MAX
            && parts.requests.len() <= REQUESTS_PER_PLAYER_MAX
            && usize::from(parts.ranked) <= parts.solved.len();
        if !sound {
            return None;
        }
        let grants = parts.grants.into_iter();
        let grants = grants.map(|(treasure, nth, seq, at)| HeldGrant {
            treasure,
            nth,
            seq,
            at,
            place: 0,
        });
        let mut records = Records::default();
        records.fill(Kind::Solve, parts.solved.into_iter().map(pack_solve));
        records.fill(Kind::Guess, parts.guesses.into_iter().map(pack_guess));
        records.fill(Kind::Grant, grants.map(pack_grant));
        records.fill(Kind::Request, parts.requests.into_iter().map(pack_request));
        Some(Self {
            seq: parts.seq,
            joined_at: parts.joined_at.unwrap_or(NEVER),
            score: parts.score,
            board_score: parts.board_score,
            ranked: parts.ranked,
            records,
        })
    }

    /// What is known of a request of this player.
    pub(crate) fn seen(&self, tag: &RequestTag) -> Seen {
        ring::find(self.requests(), tag)
    }

    fn solve(&mut self, solved: SolvedClue, score: u64, ranked: bool) {
        self.records.push(Kind::Solve, pack_solve(solved));
        self.score = score;
        if ranked {
            self.board_score = score;
            self.ranked = u16::try_from(self.records.count(Kind::Solve)).unwrap_or(u16::MAX);
        }
    }

    fn miss(&mut self, clue: Index, at: Millis) {
        let index = self.guesses().position(|guesses| guesses.clue == clue);
        match index {
            Some(index) => {
                let used = unpack_guess(self.records.get(Kind::Guess, index))
                    .used
                    .saturating_add(1);
                self.records
                    .replace(Kind::Guess, index, pack_guess(Guesses { clue, used, at }));
            }
            None => self
                .records
                .push(Kind::Guess, pack_guess(Guesses { clue, used: 1, at })),
        }
    }

    fn hold(&mut self, grant: &Granted, event: &Event) {
        let (seq, at) = (event.seq, event.at);
        let held = HeldGrant {
            treasure: grant.treasure,
            nth: grant.nth,
            seq,
            at,
            place: 0,
        };
        self.records.push(Kind::Grant, pack_grant(held));
    }

    fn remember(&mut self, tag: &RequestTag) {
        let request = pack_request(Request {
            tag: *tag,
            seq: self.seq,
        });
        if self.records.count(Kind::Request) < REQUESTS_PER_PLAYER_MAX {
            self.records.push(Kind::Request, request);
        } else {
            self.records.rotate(Kind::Request, request);
        }
    }
}
