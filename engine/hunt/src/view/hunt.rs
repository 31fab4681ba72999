//! A hunt, as players and as staff see it.

use bincode::{Decode, Encode};
use serde::Serialize;

use crate::{
    Award, Clue, ClueId, Definition, HuntId, HuntState, Index, Label, Millis, Phase, Place,
    PlayerState, Seq, Solve, Treasure, TreasureId, Unlock,
};

/// Who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Audience {
    /// A player: unlocked clues only, without their places.
    Player,
    /// A service or an operator: all clues, their places and what unlocks them.
    Staff,
}

/// A hunt in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Encode, Decode)]
pub struct HuntSummary {
    /// Its id.
    pub id: HuntId,
    /// Its title.
    pub title: String,
    /// Its phase.
    pub phase: Phase,
    /// When it opens by itself.
    pub opens_at: Option<Millis>,
    /// When its leaderboard freezes by itself.
    pub freezes_at: Option<Millis>,
    /// When it closes by itself.
    pub closes_at: Option<Millis>,
    /// How many joined.
    pub players: u64,
    /// How many clues it has.
    pub clues: usize,
    /// How many treasures it has.
    pub treasures: usize,
}

/// A hunt.
#[derive(Clone, Debug, PartialEq, Serialize, Encode, Decode)]
pub struct HuntView {
    /// What a list shows too; `clues` and `treasures` are counts there and lists here.
    pub id: HuntId,
    /// Its title.
    pub title: String,
    /// Its phase.
    pub phase: Phase,
    /// When it opens by itself.
    pub opens_at: Option<Millis>,
    /// When its leaderboard freezes by itself.
    pub freezes_at: Option<Millis>,
    /// When it closes by itself.
    pub closes_at: Option<Millis>,
    /// How many joined.
    pub players: u64,
    /// How often one may guess wrong.
    pub guesses: GuessesView,
    /// The clues that one may see.
    pub clues: Vec<ClueView>,
    /// How many clues there are that one may not see yet.
    pub locked_clues: usize,
    /// All treasures.
    pub treasures: Vec<TreasureView>,
    /// The last event in it; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
}

/// How often one may guess wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Encode, Decode)]
pub struct GuessesView {
    /// Wrong guesses per clue; null is no limit.
    pub per_clue: Option<u32>,
    /// Milliseconds from a wrong guess to the next.
    pub cooldown_ms: u32,
}

/// A clue.
#[derive(Clone, Debug, PartialEq, Serialize, Encode, Decode)]
pub struct ClueView {
    /// Its id.
    pub id: ClueId,
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
    /// What it is worth.
    pub points: u32,
    /// What to bring: `answer`, `check_in` or `scan`.
    pub solve: Label,
    /// The player solved it; absent if nobody in particular looks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub solved: Option<bool>,
    /// Where a check-in passes; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What unlocks it; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unlock: Option<UnlockView>,
    /// What solving it wins; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grants: Option<Vec<TreasureId>>,
}

/// What unlocks a clue, in the form of the hunt's JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
pub enum UnlockView {
    /// Nothing is needed.
    Open,
    /// All of these.
    After(Vec<ClueId>),
    /// The time.
    At(Millis),
    /// Some of these.
    #[serde(untagged)]
    Any {
        /// How many.
        any: u16,
        /// Out of which.
        of: Vec<ClueId>,
    },
}

/// A treasure.
#[derive(Clone, Debug, PartialEq, Serialize, Encode, Decode)]
pub struct TreasureView {
    /// Its id.
    pub id: TreasureId,
    /// Its title.
    pub title: String,
    /// Units that one player may get.
    pub per_player: u32,
    /// Units left; null is no limit.
    pub stock_left: Option<u64>,
    /// How it is won: `on_solve`, `claim` or `first_to_solve`.
    pub award: Label,
    /// What a claim requires, or who is first at what; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clues: Option<Vec<ClueId>>,
}

/// A hunt as it stands in a list.
pub fn hunt_summary(hunt: &HuntState) -> HuntSummary {
    let definition = hunt.definition();
    let schedule = definition.schedule();
    HuntSummary {
        id: definition.id().clone(),
        title: definition.title().to_owned(),
        phase: hunt.phase(),
        opens_at: schedule.opens_at,
        freezes_at: schedule.freezes_at,
        closes_at: schedule.closes_at,
        players: hunt.players(),
        clues: definition.clues().len(),
        treasures: definition.treasures().len(),
    }
}

/// A hunt as somebody sees it. A player sees a clue once it is unlocked for that player; before the hunt opens, none.
pub fn hunt_view(
    hunt: &HuntState,
    player: Option<&PlayerState>,
    audience: Audience,
    now: Millis,
) -> HuntView {
    let definition = hunt.definition();
    let solved = player.map(PlayerState::solved_set).unwrap_or_default();
    let sees = |clue: &Clue| {
        audience == Audience::Staff
            || (hunt.phase() > Phase::Scheduled && solved.unlocks(&clue.unlock, now))
    };
    let seen = (0..).zip(definition.clues()).filter(|(_, clue)| sees(clue));
    let clues: Vec<ClueView> = seen
        .map(|(index, clue)| {
            clue_view(
                definition,
                clue,
                audience,
                player.map(|_| solved.contains(index)),
            )
        })
        .collect();
    let treasures = (0..).zip(definition.treasures());
    let guesses = definition.guesses();
    let HuntSummary {
        id,
        title,
        phase,
        opens_at,
        freezes_at,
        closes_at,
        players,
        ..
    } = hunt_summary(hunt);
    HuntView {
        id,
        title,
        phase,
        opens_at,
        freezes_at,
        closes_at,
        players,
        guesses: GuessesView {
            per_clue: guesses.per_clue,
            cooldown_ms: guesses.cooldown_ms,
        },
        locked_clues: definition.clues().len() - clues.len(),
        clues,
        treasures: treasures
            .map(|(index, treasure)| treasure_view(hunt, index, treasure, audience))
            .collect(),
        seq: (audience == Audience::Staff).then(|| hunt.seq()),
    }
}

fn clue_view(
    definition: &Definition,
    clue: &Clue,
    audience: Audience,
    solved: Option<bool>,
) -> ClueView {
    let staff = audience == Audience::Staff;
    let grants = || {
        clue.grants
            .iter()
            .filter_map(|index| Some(definition.treasure(*index)?.id.clone()))
            .collect()
    };
    ClueView {
        id: clue.id.clone(),
        title: clue.title.clone(),
        text: clue.text.clone(),
        points: clue.points,
        solve: clue.solve.kind().into(),
        solved,
        place: match clue.solve {
            Solve::CheckIn(place) if staff => Some(place),
            _ => None,
        },
        unlock: staff.then(|| unlock_view(definition, &clue.unlock)),
        grants: staff.then(grants),
    }
}

fn unlock_view(definition: &Definition, unlock: &Unlock) -> UnlockView {
    match unlock {
        Unlock::Open => UnlockView::Open,
        Unlock::After(of) => UnlockView::After(clue_ids(definition, of)),
        Unlock::Any { count, of } => UnlockView::Any {
            any: *count,
            of: clue_ids(definition, of),
        },
        Unlock::At(at) => UnlockView::At(*at),
    }
}

fn treasure_view(
    hunt: &HuntState,
    index: Index,
    treasure: &Treasure,
    audience: Audience,
) -> TreasureView {
    let definition = hunt.definition();
    let (award, clues) = match &treasure.award {
        Award::OnSolve => ("on_solve", Vec::new()),
        Award::Claim { requires } => ("claim", clue_ids(definition, requires)),
        Award::FirstToSolve(clue) => (
            "first_to_solve",
            clue_ids(definition, std::slice::from_ref(clue)),
        ),
    };
    TreasureView {
        id: treasure.id.clone(),
        title: treasure.title.clone(),
        per_player: treasure.per_player,
        stock_left: hunt.stock_left(index),
        award: award.into(),
        clues: (audience == Audience::Staff).then_some(clues),
    }
}

fn clue_ids(definition: &Definition, clues: &[Index]) -> Vec<ClueId> {
    clues
        .iter()
        .filter_map(|index| Some(definition.clue(*index)?.id.clone()))
        .collect()
}
