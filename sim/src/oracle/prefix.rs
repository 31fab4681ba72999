//! The state of a hunt after each of its events, and the search for the one at which an answer was true.
//!
//! Whoever is asked between `sent` and `ended` looks at the log as it is at one moment between. All that was committed
//! before `sent` is in it, nothing that was committed after `ended`:
//!
//! ```text
//! log:   e1 e2 e3 │ e4 e5 e6 │ e7        an answer must be true after e3, e4, e5 or e6
//!                sent      ended
//! ```

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use hunt::{Event, HuntState, Millis, PlayerId, PlayerState, ShardId};

use super::board::Board;
use super::ledger::HuntLog;
use super::model::Model;

/// A hunt and its players after some of its events.
#[derive(Debug, Default)]
pub(crate) struct Prefix<'a> {
    /// How many events.
    pub(crate) len: usize,
    /// The hunt; none before its first event.
    pub(crate) hunt: Option<HuntState>,
    /// The shard that it is in.
    pub(crate) shard: ShardId,
    /// The ranking, folded independently.
    pub(crate) board: Board<'a>,
    /// The hunt as the model of the rules knows it.
    pub(crate) model: Option<Model<'a>>,
    players: HashMap<&'a PlayerId, PlayerState, FixedState>,
}

impl<'a> Prefix<'a> {
    /// Before the first event of a hunt of this shard.
    pub(crate) fn of(shard: ShardId) -> Self {
        Self {
            shard,
            ..Self::default()
        }
    }

    /// A player's state, if there is any.
    pub(crate) fn player(&self, player: &PlayerId) -> Option<&PlayerState> {
        self.players.get(player)
    }

    /// When the last event happened.
    pub(crate) fn at(&self) -> Millis {
        self.hunt.as_ref().map_or(Millis(0), HuntState::at)
    }

    /// Goes on to after one more event.
    pub(crate) fn apply(&mut self, event: &'a Event) {
        self.len += 1;
        match &mut self.hunt {
            Some(hunt) => hunt.apply(event),
            none => *none = Some(HuntState::created(event)),
        }
        match &mut self.model {
            Some(model) => model.apply(event),
            none => *none = Model::created(event),
        }
        if let Some(player) = event.body.player() {
            self.players.entry(player).or_default().apply(event);
        }
        self.board.apply(event);
    }
}

/// Something that must be true after some number of events in this range.
#[derive(Debug)]
pub(crate) struct Window<T> {
    /// At least so many.
    pub(crate) from: usize,
    /// At most so many.
    pub(crate) to: usize,
    /// What.
    pub(crate) what: T,
}

impl<T> Window<T> {
    /// What was asked at one moment and answered at another.
    pub(crate) fn between(log: &HuntLog<'_>, sent_us: u64, ended_us: u64, what: T) -> Self {
        Self {
            from: log.before(sent_us),
            to: log.until(ended_us),
            what,
        }
    }
}

/// Finds for each window a prefix at which it is true; gives back the first that has none. `is_true` is asked in order
/// of the prefixes, and may keep notes in what it is asked about.
pub(crate) fn search<'a, T>(
    log: &HuntLog<'a>,
    shard: ShardId,
    mut windows: Vec<Window<T>>,
    mut is_true: impl FnMut(&Prefix<'a>, &mut T) -> bool,
) -> Result<(), T> {
    windows.sort_by_key(|window| window.from);
    let mut waiting = windows.into_iter().peekable();
    let mut open: Vec<Window<T>> = Vec::new();
    let mut prefix = Prefix::of(shard);
    loop {
        while let Some(window) = waiting.next_if(|window| window.from <= prefix.len) {
            open.push(window);
        }
        open.retain_mut(|window| window.to < prefix.len || !is_true(&prefix, &mut window.what));
        if let Some(late) = open.iter().position(|window| window.to <= prefix.len) {
            return Err(open.swap_remove(late).what);
        }
        match log.events.get(prefix.len) {
            Some(placed) if !open.is_empty() || waiting.peek().is_some() => {
                prefix.apply(placed.event);
            }
            _ => return Ok(()),
        }
    }
}
