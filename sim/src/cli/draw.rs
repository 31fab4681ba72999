//! The options that, with the seed, decide a run.

use std::time::Duration;

use clap::{Args, ValueEnum};
use sim::plan::Workload;

use super::span::parse_span;

/// What the seed does not decide.
#[derive(Args, Clone, Debug)]
pub(super) struct DrawArguments {
    /// Virtual time in which clients act and faults happen
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = parse_span, allow_hyphen_values = true)]
    pub(super) duration: Duration,
    /// What the clients do, such as stampede or retry_storm [default: drawn from the seed]
    #[arg(long, value_parser = parse_workload)]
    pub(super) workload: Option<Workload>,
    /// The cluster and its faults
    #[arg(long, value_enum, default_value_t = World::Drawn)]
    pub(super) world: World,
    /// Let the store tell this lie, to see that it is caught
    #[arg(long, value_name = "NAME")]
    pub(super) lie: Option<String>,
}

/// Which clusters and faults are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum World {
    /// 3 nodes with 2 cores and the usual faults
    Standard,
    /// Everything from the seed
    Drawn,
    /// One node, one core, no faults
    Calm,
    /// The standard cluster with as many commands as possible: measures the simulator
    Dense,
}

impl DrawArguments {
    /// The same options again, as one would type them after a seed.
    pub(super) fn typed(&self) -> Vec<String> {
        let mut typed = Vec::new();
        let mut option = |name: &str, value: String| typed.extend([format!("--{name}"), value]);
        if self.duration != DEFAULT_DURATION {
            option("duration", format!("{}ms", self.duration.as_millis()));
        }
        if let Some(workload) = self.workload {
            option("workload", workload_name(workload));
        }
        if self.world != World::Drawn {
            let value = self.world.to_possible_value().expect("no world is hidden");
            option("world", value.get_name().to_owned());
        }
        if let Some(lie) = &self.lie {
            option("lie", lie.clone());
        }
        typed
    }

    /// What to type to see the run of this seed again.
    pub(super) fn replay_command(&self, seed: u64) -> String {
        let seed = format!("cargo sim replay {seed}");
        let words = std::iter::once(seed).chain(self.typed());
        words.collect::<Vec<_>>().join(" ")
    }
}

const DEFAULT_DURATION: Duration = Duration::from_secs(60);

/// The workload's name, as plans write it.
pub(super) fn workload_name(workload: Workload) -> String {
    let name = serde_json::to_value(workload).expect("a name is plain data");
    name.as_str().expect("an enum without fields").to_owned()
}

fn parse_workload(text: &str) -> Result<Workload, String> {
    let name = text.replace('-', "_");
    serde_json::from_value(name.into()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        draw: DrawArguments,
    }

    fn check(line: &str, expected: &str) {
        let parse = |line: &str| match Line::try_parse_from(line.split_whitespace()) {
            Ok(line) => line.draw,
            Err(error) => panic!("{error}"),
        };
        let draw = parse(line);
        assert_eq!(draw.replay_command(9), expected);
        let again = format!("x {}", draw.typed().join(" "));
        let again = parse(&again);
        assert_eq!(again.typed(), draw.typed());
    }

    #[test]
    fn a_failure_is_replayed_with_the_options_of_its_campaign() {
        check("x", "cargo sim replay 9");
        check("x --duration 60s --world drawn", "cargo sim replay 9");
        check(
            "x --duration 1.5s --workload retry-storm --world dense --lie forgets",
            "cargo sim replay 9 --duration 1500ms --workload retry_storm --world dense --lie forgets",
        );
    }

    #[test]
    fn an_unknown_workload_is_told_with_the_known_ones() {
        let error = parse_workload("stampedo").expect_err("there is none");
        assert!(error.contains("`stampede`"), "{error}");
    }
}
