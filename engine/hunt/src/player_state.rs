//! The state of one player in one hunt: the fold of the player's events. It needs no hunt to be read or applied to,
//! so players and hunts are loaded, stored and evicted independently.

use bincode::{Decode, Encode, enc::Encoder, error::EncodeError};

use crate::{
    BoardKey, Event, EventBody, GrantPlace, Granted, Index, Millis, RequestTag, Seq,
    clue_set::ClueSet,
    limits::{CLUES_MAX, GRANTS_PER_PLAYER_MAX, REQUESTS_PER_PLAYER_MAX},
    packing::{
        pack_grant, pack_guess, pack_request, pack_score, pack_solve, unpack_grant, unpack_guess,
        unpack_request, unpack_score, unpack_solve,
    },
    records::{Kind, Records},
    ring::{self, Request, Seen},
};

/// The state of one player in one hunt. The default is that of somebody who has not joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayerState {
    /// [`NEVER`] if the player has not joined.
    joined_at: Millis,
    records: Records,
}

/// The points of who has solved something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Score {
    /// The points of all solved clues.
    pub(crate) points: u64,
    /// The score on the leaderboard, which stands still when the hunt is frozen.
    pub(crate) board_points: u64,
    /// How many of the solves, from the first on, the leaderboard counts.
    pub(crate) ranked: u16,
}

/// No moment is so late.
const NEVER: Millis = Millis(u64::MAX);

/// What is stored of a player's state; written by the state's own `Encode`, field by field as it is read here.
#[derive(Clone, Debug, PartialEq, Eq, Decode)]
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
            joined_at: NEVER,
            records: Records::default(),
        }
    }
}

impl PlayerState {
    /// Takes an event of this player in. One that is not newer than [`Self::seq`], or is no player's, changes
    /// nothing. That it is this player's is the caller's promise.
    pub fn apply(&mut self, event: &Event) {
        if event.seq <= self.seq() {
            return;
        }
        let mut won = None;
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
                won = Some(grant);
                (request, *joined)
            }
            EventBody::Put { .. }
            | EventBody::PhaseChanged { .. }
            | EventBody::ClueUnlocked { .. }
            | EventBody::Restocked { .. } => return,
        };
        if joined && self.joined_at == NEVER {
            self.joined_at = event.at;
        }
        let request = Request {
            tag: *request,
            seq: event.seq,
        };
        self.remember(request, won.map(|grant| held(grant, event)));
    }

    /// The last event that is in it; 0 if none. Each has a request, and the newest is always remembered.
    pub fn seq(&self) -> Seq {
        let newest = self.records.count(Kind::Request).checked_sub(1);
        newest.map_or(0, |newest| {
            unpack_request(self.records.get(Kind::Request, newest)).seq
        })
    }

    /// When the player joined; `None` if not yet.
    pub fn joined_at(&self) -> Option<Millis> {
        (self.joined_at != NEVER).then_some(self.joined_at)
    }

    /// The points of all solved clues.
    pub fn score(&self) -> u64 {
        self.scored().points
    }

    /// The place on the leaderboard; `None` before the first solve that counts there.
    pub fn board(&self) -> Option<BoardKey> {
        let score = self.scored();
        let last = self
            .records
            .get(Kind::Solve, usize::from(score.ranked.checked_sub(1)?));
        let SolvedClue { seq, at, .. } = unpack_solve(last);
        Some(BoardKey {
            score: score.board_points,
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

    /// A state read from a row; `None` if it has more of anything than a hunt allows, or contradicts itself.
    pub(crate) fn from_parts(parts: PlayerParts) -> Option<Self> {
        let sound = parts.solved.len() <= CLUES_MAX
            && parts.guesses.len() <= CLUES_MAX
            && parts.grants.len() as u64 <= GRANTS_PER_PLAYER_MAX
            && parts.requests.len() <= REQUESTS_PER_PLAYER_MAX
            && parts.seq == parts.requests.last().map_or(0, |request| request.seq)
            && usize::from(parts.ranked) <= parts.solved.len()
            && (!parts.solved.is_empty() || (parts.score, parts.board_score) == (0, 0));
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
        let score = Score {
            points: parts.score,
            board_points: parts.board_score,
            ranked: parts.ranked,
        };
        let mut records = Records::default();
        if !parts.solved.is_empty() {
            records.push(Kind::Score, pack_score(score));
        }
        records.fill(Kind::Solve, parts.solved.into_iter().map(pack_solve));
        records.fill(Kind::Guess, parts.guesses.into_iter().map(pack_guess));
        records.fill(Kind::Grant, grants.map(pack_grant));
        records.fill(Kind::Request, parts.requests.into_iter().map(pack_request));
        Some(Self {
            joined_at: parts.joined_at.unwrap_or(NEVER),
            records,
        })
    }

    /// What is known of a request of this player.
    pub(crate) fn seen(&self, tag: &RequestTag) -> Seen {
        ring::find(self.requests(), tag)
    }

    fn scored(&self) -> Score {
        unpack_score(self.records.get(Kind::Score, 0))
    }

    fn solve(&mut self, solved: SolvedClue, points: u64, ranked: bool) {
        let mut score = self.scored();
        self.records.push(Kind::Solve, pack_solve(solved));
        score.points = points;
        if ranked {
            score.board_points = points;
            score.ranked = u16::try_from(self.records.count(Kind::Solve)).unwrap_or(u16::MAX);
        }
        match self.records.count(Kind::Score) {
            0 => self.records.push(Kind::Score, pack_score(score)),
            _ => self.records.replace(Kind::Score, 0, pack_score(score)),
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
        self.records
            .push(Kind::Grant, pack_grant(held(grant, event)));
    }

    /// Remembers a request, and with it what it won.
    fn remember(&mut self, request: Request, won: Option<HeldGrant>) {
        let request = pack_request(request);
        let won = won.map(pack_grant);
        if self.records.count(Kind::Request) < REQUESTS_PER_PLAYER_MAX {
            match won {
                Some(grant) => self.records.push_claim(grant, request),
                None => self.records.push(Kind::Request, request),
            }
        } else {
            if let Some(grant) = won {
                self.records.push(Kind::Grant, grant);
            }
            self.records.rotate(Kind::Request, request);
        }
    }
}

/// The place is not known here: it derives from the order.
fn held(grant: &Granted, event: &Event) -> HeldGrant {
    HeldGrant {
        treasure: grant.treasure,
        nth: grant.nth,
        seq: event.seq,
        at: event.at,
        place: 0,
    }
}

/// As `PlayerParts` is read, without collecting the lists.
impl Encode for PlayerState {
    fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        let score = self.scored();
        self.seq().encode(encoder)?;
        self.joined_at().encode(encoder)?;
        (score.points, score.board_points, score.ranked).encode(encoder)?;
        encode_list(encoder, self.solved())?;
        encode_list(encoder, self.guesses())?;
        let grants = self.records.all(Kind::Grant).map(unpack_grant);
        encode_list(
            encoder,
            grants.map(|grant| (grant.treasure, grant.nth, grant.seq, grant.at)),
        )?;
        encode_list(encoder, self.requests())
    }
}

fn encode_list<E: Encoder>(
    encoder: &mut E,
    mut list: impl ExactSizeIterator<Item = impl Encode>,
) -> Result<(), EncodeError> {
    (list.len() as u64).encode(encoder)?;
    list.try_for_each(|item| item.encode(encoder))
}
