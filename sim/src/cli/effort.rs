//! The options of a campaign that say on how many threads it runs, and for how long.

use std::time::Duration;

use clap::Args;

use super::span::parse_span;
use crate::campaign::{Campaign, Seeds, cores};

/// How hard to work on some seeds.
#[derive(Args, Debug)]
pub(super) struct EffortArguments {
    /// Threads [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), allow_hyphen_values = true)]
    jobs: Option<u16>,
    /// Begin no more seeds after this much real time
    #[arg(long, value_name = "TIME", value_parser = parse_span, allow_hyphen_values = true)]
    time_box: Option<Duration>,
}

impl EffortArguments {
    /// A campaign of `seeds`, which stops at the first failure unless it shall `go_on`.
    pub(super) fn campaign(&self, seeds: Seeds, go_on: bool) -> Campaign {
        Campaign {
            seeds,
            jobs: self.jobs.map_or_else(cores, usize::from),
            time_box: self.time_box,
            go_on,
        }
    }
}
