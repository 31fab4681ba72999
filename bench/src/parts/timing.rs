//! How long a part takes here and now.

use std::time::Instant;

use serde::Serialize;

use super::{Part, measured};

/// What timing a part gave.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Timed {
    /// The part.
    pub part: &'static str,
    /// What its cost is counted for.
    pub unit: &'static str,
    /// Nanoseconds for a unit in each round.
    pub ns: Vec<f64>,
}

impl Timed {
    /// The quickest round: what disturbs only ever adds.
    pub fn min(&self) -> f64 {
        self.ns.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// The round in the middle.
    pub fn median(&self) -> f64 {
        let mut sorted = self.ns.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }
}

/// Times so many rounds, each of so many units on a fresh state.
pub fn time(part: &'static Part, units: u64, rounds: usize) -> Timed {
    let round = |_| {
        let mut run = (part.prepare)(units);
        let started = Instant::now();
        let done = measured(&mut *run);
        let took = started.elapsed();
        took.as_nanos() as f64 / done.max(1) as f64
    };
    Timed {
        part: part.name,
        unit: part.unit,
        ns: (0..rounds).map(round).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_quickest() {
        let timed = Timed {
            part: "p",
            unit: "u",
            ns: vec![3.0, 1.0, 9.0],
        };
        assert_eq!((timed.min(), timed.median()), (1.0, 3.0));
    }
}
