//! A target on the command line: `TARGET[,key=value]…`, where keys are those flags in which targets may differ.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::load_arguments::{LoadArguments, RateArgument, parse_rate};
use crate::error::BenchError;
use crate::load::{Pace, Plan};
use crate::peer::{Kind, Settings};
use crate::trial::{RemoteSpec, Spec};
use crate::workload::Workload;

/// What keys there are.
const KEYS: &str = "workload, rate, connections, depth, batch, cores, hunts";

/// Reads a target; what it does not say is as the flags say.
pub(super) fn parse(text: &str, flags: &LoadArguments) -> Result<Spec, BenchError> {
    let mut arguments = flags.clone();
    let mut parts = text.split(',');
    let name = parts.next().unwrap_or_default();
    let kind = Kind::from_str(name, false).map_err(|_| {
        BenchError::Usage(format!(
            "{name:?} is no target: use wire, http, postgres, redis, nats, floor-http or floor-wire"
        ))
    })?;
    for part in parts {
        let set = part
            .split_once('=')
            .map(|(key, value)| set(&mut arguments, key, value));
        if set != Some(Some(())) {
            return Err(BenchError::Usage(format!(
                "{part:?} in {text:?} is not understood: use key=value, where the key is one of {KEYS}"
            )));
        }
    }
    spec(text, kind, &arguments)
}

fn set(arguments: &mut LoadArguments, key: &str, value: &str) -> Option<()> {
    let count = |max: u64| {
        value
            .parse::<u64>()
            .ok()
            .filter(|count| (1..=max).contains(count))
    };
    match key {
        "workload" => arguments.workload = Workload::from_str(value, false).ok()?,
        "rate" => arguments.rate = parse_rate(value).ok()?,
        "connections" => arguments.connections = count(1_024)?,
        "depth" => arguments.depth = count(4_096)?,
        "batch" => arguments.batch = count(wire::COMMANDS_PER_FRAME_MAX as u64)?,
        "cores" => value.clone_into(&mut arguments.cores),
        "hunts" => arguments.hunts = count(1_000)?,
        _ => return None,
    }
    Some(())
}

fn spec(label: &str, kind: Kind, arguments: &LoadArguments) -> Result<Spec, BenchError> {
    let pace = match arguments.rate {
        RateArgument::Max if arguments.poisson => {
            return Err(BenchError::Usage("--poisson needs a --rate".to_owned()));
        }
        RateArgument::Max => Pace::Max,
        RateArgument::PerSecond(rate) if arguments.poisson => Pace::Poisson(rate),
        RateArgument::PerSecond(rate) => Pace::Constant(rate),
    };
    // Each thread needs a connection.
    let threads = arguments.threads.min(arguments.connections) as usize;
    let plan = Plan {
        workload: arguments.workload,
        pace,
        connections: arguments.connections as usize,
        depth: arguments.depth as u32,
        batch: arguments.batch as usize,
        warm_up: arguments.warm_up,
        duration: arguments.duration,
        threads,
        prefix: String::new(),
        seed: arguments.seed,
        title: String::new(),
    };
    let remote = arguments.address.map(|address| RemoteSpec {
        address,
        token: arguments.token.clone().unwrap_or_default(),
        operator: arguments
            .operator_token
            .clone()
            .map(|token| (arguments.http_address.unwrap_or(address), token)),
    });
    let settings = Settings {
        engine: match kind.is_engine() && remote.is_none() {
            true => engine(arguments.engine.as_deref())?,
            false => PathBuf::new(),
        },
        cores: arguments.cores.clone(),
        hunts: arguments.hunts,
        workload: arguments.workload,
        unsynced: arguments.unsynced,
    };
    Ok(Spec {
        label: label.to_owned(),
        kind,
        plan,
        settings,
        remote,
    })
}

/// The engine's program: as named, or beside this one.
fn engine(named: Option<&Path>) -> Result<PathBuf, BenchError> {
    let beside = || {
        let own = std::env::current_exe().ok()?;
        Some(own.parent()?.join("hunt-engine"))
    };
    let path = named
        .map(Path::to_owned)
        .or_else(beside)
        .unwrap_or_default();
    match path.is_file() {
        true => Ok(path),
        false => Err(BenchError::Usage(format!(
            "{} is not there: build it with `cargo build --release -p server`, or name it with --engine",
            path.display()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        load: LoadArguments,
    }

    fn parse_with(text: &str, flags: &[&str]) -> Result<Spec, String> {
        let flags = Flags::try_parse_from([&["x"], flags].concat()).unwrap();
        parse(text, &flags.load).map_err(|error| error.to_string())
    }

    #[test]
    fn a_target_takes_what_it_does_not_say_from_the_flags() {
        let flags = ["--connections", "8", "--rate", "100"];
        let spec = parse_with("redis,depth=16,rate=max", &flags).unwrap();
        assert_eq!(
            (spec.kind, spec.label.as_str()),
            (Kind::Redis, "redis,depth=16,rate=max")
        );
        assert_eq!((spec.plan.connections, spec.plan.depth), (8, 16));
        assert_eq!(spec.plan.pace, Pace::Max);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for wrong in [
            "mysql",
            "redis,depth",
            "redis,depth=0",
            "redis,colour=red",
            "redis,batch=9000",
        ] {
            let error = parse_with(wrong, &[]).unwrap_err();
            assert!(error.contains("use "), "{error}");
        }
        let error = parse_with("http", &["--engine", "/no/such/program"]).unwrap_err();
        assert!(error.contains("/no/such/program is not there"), "{error}");
    }

    #[test]
    fn a_random_plan_needs_a_rate() {
        assert!(parse_with("redis", &["--poisson"]).is_err());
        let spec = parse_with("redis", &["--poisson", "--rate", "5"]).unwrap();
        assert_eq!(spec.plan.pace, Pace::Poisson(5.0));
    }
}
