//! A hunt as an operator wrote it, checked. Its answers are still in clear: it is sealed before anything keeps it.

use crate::{Definition, HuntId, Salt};
use serde::Serialize;
use std::fmt;

/// stub
#[derive(Clone)]
pub struct Draft {
    id: HuntId,
}
/// One thing that is wrong with a definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where, as a JSON pointer (RFC 6901); empty for the whole.
    pub pointer: String,
    /// What is wrong, and what to do.
    pub detail: String,
}
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", if self.pointer.is_empty() { "(whole)" } else { &self.pointer }, self.detail)
    }
}
impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft").field("id", &self.id).finish_non_exhaustive()
    }
}
impl Draft {
    /// Reads and checks a definition; reports all faults at once.
    pub fn parse(_json: &[u8]) -> Result<Self, Vec<Fault>> {
        unimplemented!()
    }
    /// The hunt's id.
    pub fn id(&self) -> &HuntId {
        &self.id
    }
    /// The definition as the log holds it.
    pub fn seal(&self, _salt: Salt) -> Definition {
        unimplemented!()
    }
}
