//! A hunt's ranking in memory: built from the rows when first asked for, then kept by the events.

use std::collections::BTreeMap;

use futures::channel::oneshot;
use hunt::{BoardKey, Leaderboard, PlayerId};

/// Where the ranking stands.
#[derive(Default)]
pub(crate) enum Board {
    /// Nobody asked yet.
    #[default]
    Absent,
    /// The rows are being read; what is newer than they may be is kept beside them.
    Loading {
        /// Places that override what the rows say.
        newer: BTreeMap<PlayerId, Option<BoardKey>>,
        /// Told when it is loaded, or dropped when it can't be.
        waiters: Vec<oneshot::Sender<()>>,
    },
    /// Complete.
    Loaded(Leaderboard),
}

impl Board {
    /// A player's place changed by an event.
    pub(crate) fn record(
        &mut self,
        player: &PlayerId,
        before: Option<BoardKey>,
        after: Option<BoardKey>,
    ) {
        match self {
            Self::Absent => {}
            Self::Loading { newer, .. } => {
                newer.insert(player.clone(), after);
            }
            Self::Loaded(ranks) => {
                if let Some(before) = before {
                    ranks.remove(&before);
                }
                if let Some(after) = after {
                    ranks.insert(after, player.clone());
                }
            }
        }
    }

    /// Completes a load: `rows` are the places as the store has them.
    pub(crate) fn complete(&mut self, rows: Vec<(BoardKey, PlayerId)>) {
        let Self::Loading { newer, waiters } = std::mem::take(self) else {
            return;
        };
        let mut ranks = Leaderboard::default();
        for (key, player) in rows {
            if !newer.contains_key(&player) {
                ranks.insert(key, player);
            }
        }
        for (player, key) in newer {
            if let Some(key) = key {
                ranks.insert(key, player);
            }
        }
        *self = Self::Loaded(ranks);
        for waiter in waiters {
            // Whoever stopped waiting has hung up.
            let _ = waiter.send(());
        }
    }

    /// It has to be built again; one that is just being built is built all the same.
    pub(crate) fn forget(&mut self) {
        if matches!(self, Self::Loaded(_)) {
            *self = Self::Absent;
        }
    }

    /// Bytes that it takes.
    pub(crate) fn bytes(&self) -> u64 {
        match self {
            Self::Loaded(ranks) => ranks.memory_bytes() as u64,
            Self::Absent | Self::Loading { .. } => 0,
        }
    }
}
