//! The sequential object: the units of one treasure.

use std::fmt;

/// A treasure as its definition has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counter {
    pub(super) stock: u64,
    pub(super) per_player: u32,
    /// How many players there are in the sub-history.
    pub(super) players: usize,
}

/// How it stands with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct State {
    left: u64,
    /// By player.
    units: Vec<u32>,
}

/// Something that was done with it or seen of it. Players are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// The player got a unit.
    Granted(usize),
    /// The player might have had one, but none was left.
    SoldOut(usize),
    /// The player has all that one may have.
    Held(usize),
    /// The player solved what wins one, and got none.
    WonNothing(usize),
    /// So many were added; and so many were left with them, if that is known.
    Restocked(u64, Option<u64>),
    /// So many were left.
    Left(u64),
    /// The hunt was defined anew, with so many units: begins afresh if nobody plays yet.
    Redefined(u64),
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Granted(_) => write!(f, "a grant"),
            Self::SoldOut(_) => write!(f, "a claim that found it sold out"),
            Self::Held(_) => write!(f, "a claim that was told of an earlier grant"),
            Self::WonNothing(_) => write!(f, "a solve that did not win it"),
            Self::Restocked(add, left) => write!(f, "a restock by {add} to {left:?}"),
            Self::Left(left) => write!(f, "a look that found {left} left"),
            Self::Redefined(stock) => write!(f, "a new definition with {stock} units"),
        }
    }
}

impl Deed {
    /// It changes nothing: its place is wherever it is true.
    pub(super) fn is_look(&self) -> bool {
        match self {
            Self::SoldOut(_) | Self::Held(_) | Self::WonNothing(_) | Self::Left(_) => true,
            Self::Granted(_) | Self::Restocked(..) | Self::Redefined(_) => false,
        }
    }

    /// The player, if one does it.
    pub(super) fn player(&self) -> Option<usize> {
        match self {
            Self::Granted(player)
            | Self::SoldOut(player)
            | Self::Held(player)
            | Self::WonNothing(player) => Some(*player),
            Self::Restocked(..) | Self::Left(_) | Self::Redefined(_) => None,
        }
    }
}

impl Counter {
    /// Before anything was done.
    pub(super) fn initial(&self) -> State {
        State {
            left: self.stock,
            units: vec![0; self.players],
        }
    }

    /// The deed can be done, or seen, in this state.
    pub(super) fn allows(&self, state: &State, deed: &Deed) -> bool {
        let units = deed
            .player()
            .and_then(|player| state.units.get(player).copied())
            .unwrap_or_default();
        let may_have = units < self.per_player;
        match deed {
            Deed::Granted(_) => state.left > 0 && may_have,
            Deed::SoldOut(_) => state.left == 0 && may_have,
            Deed::Held(_) => !may_have,
            Deed::WonNothing(_) => state.left == 0 || !may_have,
            Deed::Restocked(add, left) => {
                left.is_none_or(|left| left == state.left.saturating_add(*add))
            }
            Deed::Left(left) => state.left == *left,
            Deed::Redefined(_) => state.units.iter().all(|units| *units == 0),
        }
    }

    /// Takes in a deed that the state allows.
    pub(super) fn apply(&self, state: &mut State, deed: &Deed) {
        match deed {
            Deed::Granted(player) => {
                state.left = state.left.saturating_sub(1);
                if let Some(units) = state.units.get_mut(*player) {
                    *units += 1;
                }
            }
            Deed::Restocked(add, _) => state.left = state.left.saturating_add(*add),
            Deed::Redefined(stock) => state.left = *stock,
            Deed::SoldOut(_) | Deed::Held(_) | Deed::WonNothing(_) | Deed::Left(_) => {}
        }
    }
}
