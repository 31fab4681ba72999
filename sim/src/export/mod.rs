//! Histories of what clients saw, for checkers that others wrote: Elle (list-append) and Porcupine (a stock counter).
//!
//! ```text
//! History + Truth ─▶ Observed: grants, restocks, reads, each with when it was asked and answered
//!                        ├─▶ elle.edn         each treasure a list, each grant an append, each full read of the events a read
//!                        └─▶ porcupine.json   each treasure a counter: who took, who was told that none is left
//! ```

mod elle;
mod observed;
mod porcupine;
mod unanswered;

use sim::outcome::Outcome;

/// The files that are written, by name.
pub(crate) fn files(outcome: &Outcome) -> Vec<(&'static str, String)> {
    let observed = observed::Observed::of(outcome);
    vec![
        ("elle.edn", elle::edn(&observed)),
        ("porcupine.json", porcupine::json(&observed)),
    ]
}

#[cfg(test)]
mod check;
