//! Which cores to run on.

use std::collections::BTreeSet;

/// Cores that a list may name.
const CORE_MAX: usize = 1_023;

/// What the operator chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CoreChoice {
    /// All that the process may use.
    All,
    /// The first so many of them.
    Count(usize),
    /// Exactly these.
    List(Vec<usize>),
}

/// Why cores can't be chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CoresError {
    /// Not a choice.
    #[error("expected all, a number of cores, or a list such as 0,2-3")]
    Unreadable,
    /// More than there are.
    #[error(
        "cores asks for {asked}, but this process may use {usable:?} only: ask for fewer, or widen its CPU affinity"
    )]
    TooMany {
        /// How many were asked for.
        asked: usize,
        /// What there is.
        usable: Vec<usize>,
    },
    /// One that the process may not use.
    #[error(
        "cores asks for core {core}, but this process may use {usable:?} only: choose among them, or widen its CPU affinity"
    )]
    NotUsable {
        /// Which.
        core: usize,
        /// What there is.
        usable: Vec<usize>,
    },
}

impl CoreChoice {
    /// Reads `all`, `N`, or a list of cores and ranges.
    pub fn parse(text: &str) -> Result<Self, CoresError> {
        if text == "all" {
            return Ok(Self::All);
        }
        if let Ok(count) = text.parse::<usize>() {
            return if (1..=mesh::CORES_MAX).contains(&count) {
                Ok(Self::Count(count))
            } else {
                Err(CoresError::Unreadable)
            };
        }
        let mut cores = BTreeSet::new();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let core = |text: &str| {
                text.parse::<usize>()
                    .ok()
                    .filter(|core| *core <= CORE_MAX)
                    .ok_or(CoresError::Unreadable)
            };
            let (first, last) = (core(first)?, core(last)?);
            if first > last {
                return Err(CoresError::Unreadable);
            }
            cores.extend(first..=last);
        }
        Ok(Self::List(cores.into_iter().collect()))
    }

    /// The cores to pin to, of those that the process may use.
    pub fn choose(&self, usable: &[usize]) -> Result<Vec<usize>, CoresError> {
        let usable_list = || usable.to_vec();
        match self {
            Self::All => Ok(usable.iter().copied().take(mesh::CORES_MAX).collect()),
            Self::Count(count) if *count <= usable.len() => Ok(usable[..*count].to_vec()),
            Self::Count(count) => Err(CoresError::TooMany {
                asked: *count,
                usable: usable_list(),
            }),
            Self::List(cores) => match cores.iter().find(|core| !usable.contains(core)) {
                Some(&core) => Err(CoresError::NotUsable {
                    core,
                    usable: usable_list(),
                }),
                None => Ok(cores.clone()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let chosen = CoreChoice::parse(text).and_then(|choice| choice.choose(&[0, 1, 4, 5]));
        let shown = chosen.map_or_else(|error| error.to_string(), |cores| format!("{cores:?}"));
        assert!(shown.starts_with(expected), "{text}: {shown}");
    }

    #[test]
    fn a_choice_picks_among_the_usable() {
        check("all", "[0, 1, 4, 5]");
        check("2", "[0, 1]");
        check("4,1", "[1, 4]");
        check("4-5,0", "[0, 4, 5]");
    }

    #[test]
    fn what_is_not_there_is_named() {
        check(
            "5",
            "cores asks for 5, but this process may use [0, 1, 4, 5] only",
        );
        check(
            "0-2",
            "cores asks for core 2, but this process may use [0, 1, 4, 5] only",
        );
    }

    #[test]
    fn what_is_no_choice_is_refused() {
        for text in ["", "0", "none", "3-1", "1,", "1-", "9999", "0,5000"] {
            check(
                text,
                if text == "9999" {
                    "expected"
                } else {
                    "expected all"
                },
            );
        }
    }
}
