//! One thread that keeps many connections busy.
//!
//! ```text
//! schedule ─▶ due? ─▶ next connection with room ─▶ write
//!     ▲                                             epoll
//!     └── a closed loop: due at once ◀── record ◀── read
//! ```

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Instant;

use super::connection::{Broken, Connection};
use super::measure::{Measured, Times};
use super::{Clock, Progress, Schedule};
use crate::error::BenchError;
use crate::poller::{Poller, Ready};
use crate::protocol::{Answered, Lane, Tally, Target};
use crate::workload::{Deed, Deeds};

/// How often an idle generator looks whether it shall stop.
const LOOK_NS: u64 = 50_000_000;

/// How long answers are waited for after the end.
const DRAIN_NS: u64 = 10_000_000_000;

/// Broken connections of one thread that are opened again; a target that breaks more is out of order.
const RECONNECTS_MAX: u64 = 1_000;

const NS_PER_S: u64 = 1_000_000_000;

/// What one thread has to do.
pub(crate) struct Task<'a> {
    pub(crate) target: &'a dyn Target,
    pub(crate) lanes: Vec<LaneTask>,
    pub(crate) depth: u32,
    pub(crate) batch: usize,
    pub(crate) warm_up: u64,
    pub(crate) end: u64,
    pub(crate) prefix: String,
}

/// The connections of one thread to one lane.
pub(crate) struct LaneTask {
    pub(crate) lane: Lane,
    pub(crate) connections: usize,
    pub(crate) schedule: Schedule,
    pub(crate) deeds: Deeds,
}

struct LaneState {
    lane: Lane,
    schedule: Schedule,
    deeds: Deeds,
    /// Connections with room for another request, in turn.
    idle: VecDeque<usize>,
}

pub(crate) struct Generator<'a> {
    task: Task<'a>,
    lanes: Vec<LaneState>,
    /// Connections, and the lane of each.
    connections: Vec<(Connection, usize)>,
    poller: Poller,
    unwritten: Vec<usize>,
    answered: Vec<Answered>,
    deeds: Vec<Deed>,
    measured: Measured,
    progress: Arc<Progress>,
    second_shown: u64,
}

impl<'a> Generator<'a> {
    /// Opens all connections.
    pub(crate) fn open(mut task: Task<'a>, progress: Arc<Progress>) -> Result<Self, BenchError> {
        let poller = Poller::new().map_err(BenchError::io("making an epoll instance"))?;
        let lane_tasks = std::mem::take(&mut task.lanes);
        let mut generator = Self {
            task,
            lanes: Vec::new(),
            connections: Vec::new(),
            poller,
            unwritten: Vec::new(),
            answered: Vec::new(),
            deeds: Vec::new(),
            measured: Measured::new(),
            progress,
            second_shown: 0,
        };
        for (at, lane) in lane_tasks.into_iter().enumerate() {
            let first = generator.connections.len();
            let idle = (first..first + lane.connections).collect();
            generator.lanes.push(LaneState {
                lane: lane.lane,
                schedule: lane.schedule,
                deeds: lane.deeds,
                idle,
            });
            for _ in 0..lane.connections {
                let connection = generator.connect(at)?;
                let number = generator.connections.len();
                generator
                    .poller
                    .add(&connection.stream, number)
                    .map_err(BenchError::io("watching a socket"))?;
                generator.connections.push((connection, at));
            }
        }
        Ok(generator)
    }

    fn connect(&mut self, lane: usize) -> Result<Connection, BenchError> {
        let link = self
            .task
            .target
            .open(&self.lanes[lane].lane, &self.task.prefix)?;
        Ok(Connection::new(link, self.task.depth))
    }

    /// Sends and records until the end, and then until the last answer.
    pub(crate) fn run(mut self, clock: Clock, stop: &AtomicBool) -> Result<Measured, BenchError> {
        Poller::sharpen_timers().map_err(BenchError::io("setting the timer slack"))?;
        std::thread::sleep(clock.start().saturating_duration_since(Instant::now()));
        let mut ready = Ready::new();
        loop {
            let now = clock.now_ns();
            if stop.load(Relaxed) {
                return Err(BenchError::Interrupted);
            }
            let is_sending = now < self.task.end;
            if is_sending {
                self.send_due(clock);
            }
            self.flush(clock)?;
            if !is_sending && self.is_over(now) {
                break;
            }
            self.poller
                .wait(self.timeout(clock.now_ns(), is_sending), &mut ready)
                .map_err(BenchError::io("waiting for sockets"))?;
            for number in ready.numbers() {
                self.receive(number, clock)?;
            }
            self.show(now);
        }
        Ok(self.finish())
    }

    /// Nanoseconds until something is to be done whatever the sockets do.
    fn timeout(&self, now: u64, is_sending: bool) -> u64 {
        if !is_sending {
            return LOOK_NS;
        }
        let due = self
            .lanes
            .iter()
            .filter(|lane| !lane.schedule.is_closed() && !lane.idle.is_empty())
            .map(|lane| lane.schedule.next_ns())
            .min();
        let next = due.unwrap_or(u64::MAX).min(self.task.end);
        next.saturating_sub(now).min(LOOK_NS)
    }

    fn send_due(&mut self, clock: Clock) {
        for lane in &mut self.lanes {
            while let Some(&number) = lane.idle.front() {
                let now = clock.now_ns();
                let planned = match lane.schedule.is_closed() {
                    true => now,
                    false => lane.schedule.next_ns(),
                };
                if planned > now || planned >= self.task.end {
                    break;
                }
                lane.schedule.advance();
                self.deeds.clear();
                let deeds = std::iter::repeat_with(|| lane.deeds.make());
                self.deeds.extend(deeds.take(self.task.batch));
                let (connection, _) = &mut self.connections[number];
                connection.send(planned, now, &self.deeds);
                self.unwritten.push(number);
                lane.idle.pop_front();
                if connection.has_room() {
                    lane.idle.push_back(number);
                }
            }
        }
    }

    fn flush(&mut self, clock: Clock) -> Result<(), BenchError> {
        while let Some(number) = self.unwritten.pop() {
            let (connection, _) = &mut self.connections[number];
            match connection.flush() {
                Ok(is_left) if is_left != connection.is_full => {
                    connection.is_full = is_left;
                    self.poller
                        .watch_room(&connection.stream, number, is_left)
                        .map_err(BenchError::io("watching a socket"))?;
                }
                Ok(_) => {}
                Err(broken) => self.reopen(number, broken, clock)?,
            }
        }
        Ok(())
    }

    fn receive(&mut self, number: usize, clock: Clock) -> Result<(), BenchError> {
        let (connection, lane) = &mut self.connections[number];
        let had_room = connection.has_room();
        let received = connection.receive(&mut self.answered);
        let now = clock.now_ns();
        for answered in self.answered.drain(..) {
            let Some(flight) = connection.land(answered.slot) else {
                return Err(BenchError::Target(
                    "a request was answered that was not under way".to_owned(),
                ));
            };
            let times = Times {
                planned: flight.planned,
                sent: flight.sent,
                answered: now,
            };
            let (warm_up, end) = (self.task.warm_up, self.task.end);
            self.measured.answer(times, answered.tally, warm_up, end);
            if self.measured.example.is_none() {
                self.measured.example = answered.example;
            }
            count(&self.progress, answered.tally);
        }
        if !had_room && connection.has_room() {
            self.lanes[*lane].idle.push_back(number);
        }
        if connection.is_full {
            self.unwritten.push(number);
        }
        match received {
            Ok(()) => Ok(()),
            Err(broken) => self.reopen(number, broken, clock),
        }
    }

    /// Counts what was under way on a broken connection as errors, and opens another in its place.
    fn reopen(&mut self, number: usize, broken: Broken, clock: Clock) -> Result<(), BenchError> {
        let said = match broken {
            Broken::Nonsense(said) => return Err(BenchError::Target(said)),
            Broken::Ended(said) => said,
        };
        let (connection, lane) = &self.connections[number];
        let (lost, had_room, lane) = (
            connection.commands_under_way(),
            connection.has_room(),
            *lane,
        );
        self.lost(lost, clock.now_ns(), &format!("a connection broke: {said}"));
        self.measured.reconnects += 1;
        if self.measured.reconnects > RECONNECTS_MAX {
            return Err(BenchError::Target(format!(
                "{RECONNECTS_MAX} connections broke; the last: {said}"
            )));
        }
        let fresh = self.connect(lane)?;
        self.poller
            .add(&fresh.stream, number)
            .map_err(BenchError::io("watching a socket"))?;
        self.connections[number].0 = fresh;
        if !had_room {
            self.lanes[lane].idle.push_back(number);
        }
        Ok(())
    }

    fn lost(&mut self, commands: u64, now: u64, said: &str) {
        let tally = Tally {
            errors: commands,
            ..Tally::default()
        };
        if now >= self.task.warm_up {
            self.measured.tally.add(tally);
        }
        self.measured.unknown_ever += commands;
        self.measured.example.get_or_insert_with(|| said.to_owned());
        count(&self.progress, tally);
    }

    /// Whether nothing is under way any more, or was waited for long enough.
    fn is_over(&self, now: u64) -> bool {
        let mut connections = self.connections.iter();
        let is_idle = connections.all(|(connection, _)| connection.commands_under_way() == 0);
        is_idle || now >= self.task.end + DRAIN_NS
    }

    /// Tells the last second's latency, once a second.
    fn show(&mut self, now: u64) {
        let second = now.saturating_sub(self.task.warm_up) / NS_PER_S;
        if second == self.second_shown || second == 0 {
            return;
        }
        self.second_shown = second;
        if let Some(last) = self.measured.seconds.get(second as usize - 1) {
            let p99 = last.response.value_at_quantile(0.99);
            self.progress.p99_ns.store(p99, Relaxed);
        }
    }

    fn finish(mut self) -> Measured {
        let under_way: u64 = self
            .connections
            .iter()
            .map(|(connection, _)| connection.commands_under_way())
            .sum();
        if under_way > 0 {
            let seconds = DRAIN_NS / NS_PER_S;
            self.lost(
                under_way,
                self.task.end,
                &format!("no answer came within {seconds} s after the end"),
            );
        }
        let (warm_up, end) = (self.task.warm_up, self.task.end);
        for lane in &mut self.lanes {
            while !lane.schedule.is_closed() && lane.schedule.next_ns() < end {
                self.measured.unsent(lane.schedule.next_ns(), warm_up, end);
                lane.schedule.advance();
            }
        }
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        self.measured.cpu_ns = time.tv_sec as u64 * NS_PER_S + time.tv_nsec as u64;
        self.measured
    }
}

fn count(progress: &Progress, tally: Tally) {
    progress.accepted.fetch_add(tally.accepted, Relaxed);
    progress.refused.fetch_add(tally.refused, Relaxed);
    progress.errors.fetch_add(tally.errors, Relaxed);
}
