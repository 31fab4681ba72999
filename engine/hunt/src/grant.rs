//! The name of a grant, and its rendering: the same wherever it is shown.

use std::fmt;

use bincode::{Decode, Encode};
use serde::{Serialize, Serializer};

use crate::{Definition, Grant, Index, Millis, Seq, ShardId, TreasureId};

/// Names a grant, uniquely over all hunts of a cluster. Shown as `{shard}-{seq}-{place}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct GrantId {
    /// In whose log it is.
    pub shard: ShardId,
    /// The event there.
    pub seq: Seq,
    /// Its place among the grants of that event, from 1.
    pub place: u16,
}

impl fmt::Display for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.shard, self.seq, self.place)
    }
}

impl Serialize for GrantId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Where a grant is in the log; all that its rendering needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantPlace {
    /// Which treasure.
    pub treasure: Index,
    /// The event that granted it.
    pub seq: Seq,
    /// When.
    pub at: Millis,
    /// Its place among the grants of that event, from 1.
    pub place: u16,
}

/// Renders a grant.
pub fn grant(place: GrantPlace, definition: &Definition, shard: ShardId) -> Grant {
    Grant {
        id: GrantId {
            shard,
            seq: place.seq,
            place: place.place,
        },
        treasure: treasure_id(definition, place.treasure),
        seq: place.seq,
        at: place.at,
    }
}

/// The id of a treasure; of one that a later definition dropped (nobody had joined then), a name made of its index.
pub(crate) fn treasure_id(definition: &Definition, index: Index) -> TreasureId {
    definition.treasure(index).map_or_else(
        || TreasureId::new(&format!("dropped-{index}")).expect("digits and letters make an id"),
        |treasure| treasure.id.clone(),
    )
}
