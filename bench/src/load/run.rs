//! A run: threads, each with its share of connections and load.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use super::generator::{Generator, LaneTask, Task};
use super::measure::Measured;
use super::{Clock, Pace, Progress, Schedule, progress};
use crate::error::BenchError;
use crate::protocol::Target;
use crate::workload::{Deeds, Workload};

/// From when all connections are open to the first request.
const LEAD: Duration = Duration::from_millis(20);

/// What load to put on a target.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which commands.
    pub workload: Workload,
    /// How many, when.
    pub pace: Pace,
    /// Connections in all.
    pub connections: usize,
    /// Requests under way on each.
    pub depth: u32,
    /// Commands of a request.
    pub batch: usize,
    /// Load before measuring begins.
    pub warm_up: Duration,
    /// How long is measured.
    pub duration: Duration,
    /// Generator threads.
    pub threads: usize,
    /// Players' names begin with this; new with every run.
    pub prefix: String,
    /// Of a random pace.
    pub seed: u64,
    /// What the progress line says first.
    pub title: String,
}

/// Puts the load on the target and says what was seen.
pub fn run(target: &dyn Target, plan: &Plan, stop: &AtomicBool) -> Result<Measured, BenchError> {
    let under_way = u64::from(plan.depth) * plan.batch as u64;
    if let Some(max) = target.commands_under_way_max()
        && under_way > max
    {
        return Err(BenchError::Usage(format!(
            "depth {} times batch {} is {under_way} commands under way on a connection: the target takes {max}",
            plan.depth, plan.batch
        )));
    }
    let progress = Arc::new(Progress::default());
    let tasks = tasks(target, plan)?;
    let generators = tasks
        .into_iter()
        .map(|task| Generator::open(task, Arc::clone(&progress)))
        .collect::<Result<Vec<_>, _>>()?;
    let clock = Clock::starting_in(LEAD);
    let barrier = Barrier::new(generators.len());
    let total = plan.warm_up + plan.duration;
    std::thread::scope(|scope| {
        let threads: Vec<_> = generators
            .into_iter()
            .map(|generator| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    generator.run(clock, stop)
                })
            })
            .collect();
        let shown = Arc::clone(&progress);
        scope.spawn(move || progress::show(&shown, clock, &plan.title, total));
        let results: Vec<_> = threads
            .into_iter()
            .map(std::thread::ScopedJoinHandle::join)
            .collect();
        progress.done.store(true, Relaxed);
        let mut all = Measured::new();
        for result in results {
            all.merge(result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(all)
    })
}

/// Deals out lanes, connections and load: a lane's share is that of its hunts.
fn tasks<'a>(target: &'a dyn Target, plan: &Plan) -> Result<Vec<Task<'a>>, BenchError> {
    let ns = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX / 4);
    let mut tasks: Vec<Task<'a>> = (0..plan.threads)
        .map(|thread| Task {
            target,
            lanes: Vec::new(),
            depth: plan.depth,
            batch: plan.batch,
            warm_up: ns(plan.warm_up),
            end: ns(plan.warm_up + plan.duration),
            prefix: format!("{}{thread}-", plan.prefix),
        })
        .collect();
    let hunts = target.hunts();
    for (lane, weight) in lanes(target, plan.workload) {
        let connections = ((plan.connections as f64 * weight).round() as usize).max(1);
        for place in 0..connections {
            // Each connection has its own share, so that threads with more of them send more.
            let thread = place % plan.threads;
            let Some(task) = tasks.get_mut(thread) else {
                continue;
            };
            match task.lanes.iter_mut().find(|task| task.lane == *lane) {
                Some(known) => known.connections += 1,
                None => task.lanes.push(LaneTask {
                    lane: lane.clone(),
                    connections: 1,
                    schedule: Schedule::new(Pace::Max, 0.0, 0),
                    deeds: Deeds::new(plan.workload, &[], hunts, 0, 1),
                }),
            }
        }
        for (thread, task) in tasks.iter_mut().enumerate() {
            let Some(at) = task.lanes.iter().position(|task| task.lane == *lane) else {
                continue;
            };
            let streams = (plan.threads * target.lanes().len()) as u64;
            let stream = (thread * target.lanes().len() + at) as u64;
            let share = weight * task.lanes[at].connections as f64 / connections as f64;
            let lane_task = &mut task.lanes[at];
            // A request of many commands is planned once for all of them.
            let pace = plan.pace.share(share / plan.batch as f64);
            let phase = stream as f64 / streams as f64;
            lane_task.schedule = Schedule::new(pace, phase, plan.seed.wrapping_add(stream));
            let hunts_here = match plan.workload {
                Workload::ClaimHot => &[0][..],
                _ => &lane.hunts,
            };
            lane_task.deeds = Deeds::new(plan.workload, hunts_here, hunts, stream, streams);
        }
    }
    tasks.retain(|task| !task.lanes.is_empty());
    match tasks.is_empty() {
        false => Ok(tasks),
        true => Err(BenchError::Target("the target serves no hunt".to_owned())),
    }
}

/// The lanes that get load, and how much of it.
fn lanes(target: &dyn Target, workload: Workload) -> Vec<(&crate::protocol::Lane, f64)> {
    let lanes = target.lanes().iter();
    match workload {
        Workload::ClaimHot => lanes
            .filter(|lane| lane.hunts.contains(&0))
            .map(|lane| (lane, 1.0))
            .collect(),
        _ => lanes
            .map(|lane| (lane, lane.hunts.len() as f64 / target.hunts() as f64))
            .collect(),
    }
}
