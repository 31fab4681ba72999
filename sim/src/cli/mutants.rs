//! `hunt-sim mutants`: do the oracles catch bugs that were put in on purpose?

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::draw::DrawArguments;
use super::error::CliError;
use super::output::{self, Line};
use super::span::parse_span;
use crate::campaign::{Watch, cores};
use crate::mutants::{Fate, Judged, Patch, Results, Sandbox, Trial, patches};

/// Puts bugs into a copy of the engine, one at a time, and looks whether runs fail
///
/// Each sim/mutants/*.patch is applied to a copy of the tree and built; then seeds are run until one fails. A mutant that
/// no seed kills shows what the oracles or the workloads miss: exit code 1.
#[derive(Args, Debug)]
pub(super) struct MutantsArguments {
    /// Only mutants whose name contains this
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Only so many of them, evenly spread over the list
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    sample: Option<u16>,
    /// Begin the list at the K-th, so that samples differ from time to time
    #[arg(long, value_name = "K", default_value_t = 0)]
    from: u64,
    /// Begin no more mutants after this much real time
    #[arg(long, value_name = "TIME", value_parser = parse_span, allow_hyphen_values = true)]
    time_box: Option<Duration>,
    /// Folder of the patches [default: sim/mutants of the tree]
    #[arg(long, value_name = "DIR")]
    patches: Option<PathBuf>,
    /// Root of the tree that is copied [default: the one that this program was built from]
    #[arg(long, value_name = "DIR")]
    tree: Option<PathBuf>,
    /// Seeds after which a mutant has survived
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    #[command(flatten)]
    draw: DrawArguments,
    /// Threads that run seeds [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Keep results in this file, and go on with those that it does not have: a trial that was stopped is taken up again
    #[arg(long, value_name = "FILE")]
    keep: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Tries them all.
pub(super) fn mutants(arguments: &MutantsArguments) -> Result<(), CliError> {
    let tree = root(arguments)?;
    let folder = arguments
        .patches
        .clone()
        .unwrap_or_else(|| tree.join("sim/mutants"));
    let patches = sample(patches(&folder, arguments.only.as_deref())?, arguments);
    let sandbox = Sandbox::make(&tree, &workshop()?)?;
    let trial = Trial {
        sandbox: &sandbox,
        seeds: arguments.seeds,
        jobs: arguments.jobs.map_or_else(cores, usize::from),
        options: arguments.draw.typed(),
    };
    let results = arguments.keep.clone().map(Results::open).transpose()?;
    let judged = Trials {
        arguments,
        trial,
        results,
        line: Line::new(),
        usual: None,
    };
    conclude(arguments, &judged.all(patches)?)
}

/// Trials one after the other.
struct Trials<'a> {
    arguments: &'a MutantsArguments,
    trial: Trial<'a>,
    results: Option<Results>,
    line: Line,
    /// How long the tree without any patch takes, once that is known.
    usual: Option<Duration>,
}

impl Trials<'_> {
    fn all(mut self, patches: Vec<Patch>) -> Result<Vec<Judged>, CliError> {
        let total = patches.len();
        let mut judged = Vec::with_capacity(total);
        let watch = Watch::start();
        for (nth, patch) in patches.into_iter().enumerate() {
            let time_box = self.arguments.time_box;
            if time_box.is_some_and(|limit| watch.elapsed() >= limit) {
                break;
            }
            let one = self.one(patch, &format!("{} of {total}", nth + 1))?;
            self.line.end();
            if !self.arguments.json {
                output::say(told(&one))?;
            }
            judged.push(one);
        }
        Ok(judged)
    }

    fn one(&mut self, patch: Patch, nth: &str) -> Result<Judged, CliError> {
        let results = self.results.as_ref();
        if let Some(known) = results.and_then(|it| it.of(&patch, self.arguments.seeds)) {
            return Ok(known);
        }
        let usual = match self.usual {
            Some(usual) => usual,
            None => {
                self.line
                    .show("building the tree without any patch, and running it");
                *self.usual.insert(self.trial.unpatched()?)
            }
        };
        let name = patch.name.clone();
        self.line.show(format_args!("{nth}: {name}, building"));
        let line = &mut self.line;
        let mut told = |seeds| line.show(format_args!("{nth}: {name}, {seeds} seeds passed"));
        let one = self.trial.judge(patch, usual, &mut told)?;
        if let Some(results) = &self.results {
            results.add(&one)?;
        }
        Ok(one)
    }
}

/// The root of the tree that is copied.
fn root(arguments: &MutantsArguments) -> Result<PathBuf, CliError> {
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let tree = arguments.tree.clone().unwrap_or_else(own);
    std::fs::canonicalize(&tree).map_err(|source| CliError::Io {
        what: format!("{}: give the root of the tree with --tree", tree.display()),
        source,
    })
}

/// Where mutants are built: beside this program, in cargo's target directory.
fn workshop() -> Result<PathBuf, CliError> {
    let program = std::env::current_exe().map_err(|source| CliError::Io {
        what: "finding this program".to_owned(),
        source,
    })?;
    let target = program.parent().and_then(Path::parent);
    Ok(target.unwrap_or(&program).join("mutants"))
}

/// So many of the list, evenly spread.
fn sample(mut patches: Vec<Patch>, arguments: &MutantsArguments) -> Vec<Patch> {
    let total = patches.len();
    patches.rotate_left(usize::try_from(arguments.from % total.max(1) as u64).unwrap_or(0));
    let count = arguments
        .sample
        .map_or(total, |count| usize::from(count).min(total));
    let chosen = |at: &usize| at * count / total != (at + 1) * count / total;
    let numbered = patches.into_iter().enumerate();
    numbered
        .filter(|(at, _)| chosen(at))
        .map(|(_, patch)| patch)
        .collect()
}

fn conclude(arguments: &MutantsArguments, judged: &[Judged]) -> Result<(), CliError> {
    let count = |is: fn(&Fate) -> bool| judged.iter().filter(|one| is(&one.fate)).count();
    let killed = count(|fate| matches!(fate, Fate::Killed { .. } | Fate::Hung));
    let broken = count(|fate| matches!(fate, Fate::Broken(_)));
    let tried = judged.len() - broken;
    let score = killed as f64 / tried.max(1) as f64;
    if arguments.json {
        output::say(as_json(judged, killed, score))?;
    } else {
        output::say(format_args!(
            "\n{killed} of {tried} killed, score {score:.3}"
        ))?;
    }
    let survived = tried - killed;
    match survived + broken {
        0 => Ok(()),
        _ => Err(CliError::Faults(format!(
            "{survived} mutants survived {} seeds, {broken} patches do not apply or build",
            arguments.seeds
        ))),
    }
}

fn told(judged: &Judged) -> String {
    let name = &judged.patch.name;
    let took = format!(
        "(built in {:.0} s, ran {:.0} s)",
        judged.built_in.as_secs_f64(),
        judged.ran_in.as_secs_f64()
    );
    match &judged.fate {
        Fate::Killed { seed, oracle } => {
            format!("killed    {name}: seed {seed}, `{oracle}` {took}")
        }
        Fate::Hung => format!("killed    {name}: it hung {took}"),
        Fate::Survived => format!("SURVIVED  {name}: {} {took}", judged.patch.breaks),
        Fate::Broken(why) => format!("BROKEN    {name}: {why}"),
    }
}

fn as_json(judged: &[Judged], killed: usize, score: f64) -> serde_json::Value {
    let one = |judged: &Judged| {
        let mut told = json!({
            "name": judged.patch.name,
            "breaks": judged.patch.breaks,
            "killed": matches!(judged.fate, Fate::Killed { .. } | Fate::Hung),
            "seed": null,
            "seeds": judged.seeds,
            "oracle": null,
            "built_s": judged.built_in.as_secs_f64(),
            "ran_s": judged.ran_in.as_secs_f64(),
        });
        match &judged.fate {
            Fate::Killed { seed, oracle } => {
                told["seed"] = (*seed).into();
                told["oracle"] = oracle.as_str().into();
            }
            Fate::Hung => told["oracle"] = "hang".into(),
            Fate::Broken(why) => told["error"] = why.as_str().into(),
            Fate::Survived => {}
        }
        told
    };
    json!({
        "total": judged.len(),
        "killed": killed,
        "score": score,
        "mutants": judged.iter().map(one).collect::<Vec<_>>(),
    })
}
