//! An event as feeds and the `events` command show it: flat, with ids in place of indexes, and no secret.

use serde::Serialize;

use crate::{
    ClueId, Definition, Event, EventBody, GrantId, GrantPlace, Granted, HuntId, Index, Millis,
    Phase, PlayerId, Seq, ShardId, TreasureId, grant, grant::treasure_id,
};

/// An event. What its type does not have is absent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventView {
    /// The shard in whose log it is.
    pub shard: ShardId,
    /// Its place there.
    pub seq: Seq,
    /// When it happened.
    pub at: Millis,
    /// The hunt.
    pub hunt: HuntId,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Who.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub player: Option<PlayerId>,
    /// Which clue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clue: Option<ClueId>,
    /// Which treasure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub treasure: Option<TreasureId>,
    /// The phase from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// The title of the hunt as defined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The clues of the hunt as defined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clues: Option<Vec<ClueId>>,
    /// The treasures of the hunt as defined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub treasures: Option<Vec<TreasureId>>,
    /// Points for the solve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<u32>,
    /// The score with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<u64>,
    /// The leaderboard counts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ranked: Option<bool>,
    /// The player joined by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined: Option<bool>,
    /// Clues that it unlocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unlocked: Option<Vec<ClueId>>,
    /// What it won.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grants: Option<Vec<GrantView>>,
    /// Guesses left after a miss; absent if they are not limited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guesses_left: Option<u32>,
    /// Stock that was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub added: Option<u64>,
    /// The stock left with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock_left: Option<u64>,
}

/// A unit of a treasure that an event granted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GrantView {
    /// The grant's id.
    pub id: GrantId,
    /// Which treasure.
    pub treasure: TreasureId,
    /// How many were granted with this one.
    pub nth: u64,
}

/// An event with ids in place of indexes, by the definition of its hunt.
pub fn event_view(event: &Event, definition: &Definition, shard: ShardId) -> EventView {
    let mut view = bare(event, shard);
    let clue = |index: &Index| definition.clue(*index).map(|clue| clue.id.clone());
    let clues = |indexes: &[Index]| indexes.iter().filter_map(clue).collect();
    let granted = |(granted, place): (&Granted, u16)| {
        let place = GrantPlace {
            treasure: granted.treasure,
            seq: event.seq,
            at: event.at,
            place,
        };
        let grant = grant(place, definition, shard);
        GrantView {
            id: grant.id,
            treasure: grant.treasure,
            nth: granted.nth,
        }
    };
    match &event.body {
        EventBody::Put { definition, .. } => {
            view.title = Some(definition.title().to_owned());
            view.clues = Some(
                definition
                    .clues()
                    .iter()
                    .map(|clue| clue.id.clone())
                    .collect(),
            );
            view.treasures = Some(
                definition
                    .treasures()
                    .iter()
                    .map(|treasure| treasure.id.clone())
                    .collect(),
            );
        }
        EventBody::PhaseChanged { phase, .. } => view.phase = Some(*phase),
        EventBody::ClueUnlocked { clue: index } => view.clue = clue(index),
        EventBody::Restocked {
            treasure,
            add,
            stock_left,
            ..
        } => {
            view.treasure = Some(treasure_id(definition, *treasure));
            (view.added, view.stock_left) = (Some(*add), Some(*stock_left));
        }
        EventBody::Joined { .. } => {}
        EventBody::Solved {
            clue: index,
            points,
            score,
            joined,
            ranked,
            unlocked,
            grants,
            ..
        } => {
            (view.clue, view.unlocked) = (clue(index), Some(clues(unlocked)));
            (view.points, view.score) = (Some(*points), Some(*score));
            (view.joined, view.ranked) = (Some(*joined), Some(*ranked));
            view.grants = Some(grants.iter().zip(1..).map(granted).collect());
        }
        EventBody::Missed {
            clue: index,
            guesses_left,
            joined,
            ..
        } => {
            (view.clue, view.guesses_left, view.joined) =
                (clue(index), *guesses_left, Some(*joined));
        }
        EventBody::Claimed { grant, joined, .. } => {
            let grant = granted((grant, 1));
            (view.treasure, view.joined) = (Some(grant.treasure.clone()), Some(*joined));
            view.grants = Some(vec![grant]);
        }
    }
    view
}

fn kind(body: &EventBody) -> &'static str {
    match body {
        EventBody::Put { created: true, .. } => "created",
        EventBody::Put { created: false, .. } => "replaced",
        EventBody::PhaseChanged { .. } => "phase_changed",
        EventBody::ClueUnlocked { .. } => "clue_unlocked",
        EventBody::Restocked { .. } => "restocked",
        EventBody::Joined { .. } => "joined",
        EventBody::Solved { .. } => "solved",
        EventBody::Missed { .. } => "missed",
        EventBody::Claimed { .. } => "claimed",
    }
}

/// What every event has.
fn bare(event: &Event, shard: ShardId) -> EventView {
    EventView {
        shard,
        seq: event.seq,
        at: event.at,
        hunt: event.hunt.clone(),
        kind: kind(&event.body),
        player: event.body.player().cloned(),
        clue: None,
        treasure: None,
        phase: None,
        title: None,
        clues: None,
        treasures: None,
        points: None,
        score: None,
        ranked: None,
        joined: None,
        unlocked: None,
        grants: None,
        guesses_left: None,
        added: None,
        stock_left: None,
    }
}
