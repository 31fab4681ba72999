//! Faults as data: every one that is injected has an identity that does not depend on the others.
//!
//! A random fault is decided by a keyed hash of (seed, site), never by the next number of a shared stream. So taking one
//! fault away leaves all others as they were, which is what makes shrinking work.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Where and which: `commit/2.1/57` is the 57th commit of core 1 of node 2, `net/1.0>2.1/9` the 9th message on that way,
/// `plan/3` the third disaster of the plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FaultId(pub String);

impl fmt::Display for FaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which of the faults that a plan describes do happen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Injection {
    /// As the rates and the schedule say.
    #[default]
    AsDrawn,
    /// Only these, each with the parameters that its own hash gives it.
    Only(BTreeSet<FaultId>),
}

/// A fault that did happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fired {
    /// Its identity.
    pub id: FaultId,
    /// When, in microseconds of true virtual time.
    pub at_us: u64,
    /// What kind, by which a campaign counts: `commit_unknown_done`, `message_lost`, `node_killed`, …
    pub kind: &'static str,
    /// For people: whom it hit and how hard.
    pub detail: String,
}
