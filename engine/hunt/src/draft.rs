//! A hunt as an operator wrote it, read and checked. Its answers are still in clear, so it is sealed before anything
//! keeps it.
//!
//! ```text
//! JSON ──parse──▶ Draft (answers in clear) ──seal(salt)──▶ Definition (digests) ──▶ log
//!          └────▶ all faults, each with its JSON pointer
//! ```

mod clue;
mod fault;
mod fields;
mod json;
mod links;
mod treasure;
mod whole;

use std::fmt;

use bincode::{Decode, Encode};

use crate::{
    Definition, HuntId, Salt, Solve,
    secret::{Digest, SecretKind},
};

pub use fault::Fault;

/// A checked definition with its answers and codes in clear. Its `Debug` hides them.
#[derive(Clone, Encode, Decode)]
pub struct Draft {
    /// All but the secrets, under an empty salt.
    open: Definition,
    /// By clue: its answers, normalised, or its codes; empty for a check-in.
    secrets: Vec<Vec<String>>,
}

impl Draft {
    /// Reads and checks a definition in JSON. Reports all faults at once, except that what is not JSON has just one,
    /// with its line and column.
    pub fn parse(json: &[u8]) -> Result<Self, Vec<Fault>> {
        whole::parse(json)
    }

    /// The hunt's id.
    pub fn id(&self) -> &HuntId {
        self.open.id()
    }

    /// The hunt's title.
    pub fn title(&self) -> &str {
        self.open.title()
    }

    /// The definition without any digest: what is shown of a hunt that is only checked.
    pub fn outline(&self) -> &Definition {
        &self.open
    }

    /// The definition as the log holds it: every answer and code digested under the salt.
    pub fn seal(&self, salt: Salt) -> Definition {
        let digests = self
            .open
            .clues()
            .iter()
            .zip(&self.secrets)
            .map(|(clue, secrets)| {
                let kind = match clue.solve {
                    Solve::Answer(_) => SecretKind::Answer,
                    Solve::Scan(_) | Solve::CheckIn(_) => SecretKind::Code,
                };
                secrets
                    .iter()
                    .map(|secret| Digest::of(&salt, &clue.id, kind, secret))
                    .collect()
            });
        self.open.sealed(salt, digests.collect())
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secrets: usize = self.secrets.iter().map(Vec::len).sum();
        f.debug_struct("Draft")
            .field("id", self.id())
            .field("title", &self.title())
            .field("clues", &self.open.clues().len())
            .field("treasures", &self.open.treasures().len())
            .field("secrets", &format_args!("{secrets} hidden"))
            .finish()
    }
}
