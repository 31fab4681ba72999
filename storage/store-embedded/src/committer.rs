//! The one thread that commits: resolve, evaluate, log, sync once, publish, answer.
//!
//! ```text
//!   cores ──▶ queue ──▶ group ──▶ resolver ──▶ writes ──▶ log + sync ──▶ tables ──▶ readers
//!               ▲                  1020, 1007                  │                      │
//!               └── the next group fills meanwhile             └── one for all        └──▶ answers, watches
//! ```
//!
//! A group waits for nothing: whatever is in the queue when the last group is done is the next one. Only where merging is behind
//! the committer pauses between two groups, so that it need not stop.

use std::hash::{BuildHasher as _, RandomState};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use store::{Committed, Resolver, StoreError, Verdict, Version, Versionstamp, code};

use crate::brake::Brake;
use crate::commit_queue::{Answer, Waiting, answer_all};
use crate::group::GroupWrites;
use crate::health::Fault;
use crate::log::{LogWriter, Segment};
use crate::metrics::Counters;
use crate::shared::Shared;
use crate::tables::Milestone;

/// The committer. It ends when the queue is closed and empty.
pub(crate) struct Committer {
    shared: Arc<Shared>,
    log: LogWriter,
    resolver: Resolver,
    brake: Brake,
    /// The last group that was written.
    last: Milestone,
}

impl Committer {
    /// Goes on after the group `last`, at the end of `log`.
    pub(crate) fn new(shared: Arc<Shared>, log: LogWriter, last: Milestone) -> Self {
        let resolver = Resolver::new(shared.timeline.base(), RandomState::new().hash_one(0));
        Self {
            shared,
            log,
            resolver,
            brake: Brake::new(Instant::now()),
            last,
        }
    }

    /// Commits until the queue is closed; the last group.
    pub(crate) fn run(mut self) -> Milestone {
        let shared = Arc::clone(&self.shared);
        let mut group = Vec::new();
        while shared.queue.take_group(
            shared.settings.group_bytes_max,
            &mut group,
            shared.settings.when_idle,
        ) {
            self.make_room();
            let answers = match shared.health.fault() {
                Some(fault) => vec![Err(fault.clone()); group.len()],
                None => self.commit(&mut group),
            };
            answer_all(group.drain(..).zip(answers));
            self.slow_down();
        }
        self.last
    }

    /// Leaves the machine to merging for a while, if that is behind. Not where it would never get on, or nothing is to come.
    fn slow_down(&mut self) {
        let shared = &self.shared;
        let pause = (self.brake).after_group(Instant::now(), shared.tables.overlapping());
        if let Some(pause) = pause
            && shared.health.fault().is_none()
        {
            Counters::add(&shared.counters.pauses, 1);
            shared.queue.rest(pause);
        }
    }

    /// Begins a new buffer if this one is full. Before the group's version is chosen: readers do not wait
    /// for a slow disk below a version that grows old.
    fn make_room(&mut self) {
        let shared = Arc::clone(&self.shared);
        if shared.tables.buffer_bytes() >= shared.settings.write_buffer_bytes
            && let Err(Fault(error)) = self.roll(0)
        {
            shared.health.fail("beginning a new buffer", &error);
        }
    }

    /// Commits a group; an answer for each of it. A fault makes one answer of all that would have committed.
    fn commit(&mut self, group: &mut [Waiting]) -> Vec<Answer> {
        let shared = Arc::clone(&self.shared);
        let version = shared.timeline.begin_group();
        let mut answers = Vec::with_capacity(group.len());
        let done = catch_unwind(AssertUnwindSafe(|| {
            let writes = self.resolve(version, group, &mut answers)?;
            let seqno = if writes.rows().is_empty() {
                None
            } else {
                Some(self.write(version, &writes)?)
            };
            Ok((seqno, writes))
        }));
        let done = done.unwrap_or_else(|_| {
            let what = "the committer panicked; its message is on standard error";
            Err(Fault(StoreError::with_context(
                code::OPERATION_FAILED,
                what,
            )))
        });
        match done {
            Ok((seqno, writes)) => {
                shared.timeline.end_group(seqno);
                shared.watches.committed(writes.rows());
                Counters::add(&shared.counters.groups, 1);
                Counters::add(
                    &shared.counters.commits,
                    answers.iter().filter(|answer| answer.is_ok()).count() as u64,
                );
            }
            Err(Fault(error)) => {
                shared.timeline.end_group(None);
                let fault = shared.health.fail("a commit", &error);
                answers
                    .iter_mut()
                    .filter(|answer| answer.is_ok())
                    .for_each(|answer| *answer = Err(fault.clone()));
                answers.resize(group.len(), Err(fault));
            }
        }
        answers
    }

    /// Decides each commit of the group, in order, and gathers what is written.
    fn resolve(
        &mut self,
        version: Version,
        group: &mut [Waiting],
        answers: &mut Vec<Answer>,
    ) -> Result<GroupWrites, Fault> {
        self.resolver.advance(version);
        let mut writes = GroupWrites::default();
        for (index, waiting) in group.iter_mut().enumerate() {
            let index =
                u16::try_from(index).expect("a group has at most COMMITS_PER_VERSION_MAX commits");
            let versionstamp = Versionstamp::new(version, index);
            waiting.request.stamp(versionstamp);
            match self.resolver.resolve_next(&waiting.request) {
                Verdict::Committed => {
                    writes.apply(
                        mem::take(&mut waiting.request.mutations),
                        &self.shared.tables,
                    )?;
                    answers.push(Ok(Committed::at(versionstamp)));
                }
                Verdict::Conflict => {
                    Counters::add(&self.shared.counters.conflicts, 1);
                    answers.push(Err(self.resolver.conflict(&waiting.request)));
                }
                Verdict::TooOld => {
                    Counters::add(&self.shared.counters.too_old, 1);
                    answers.push(Err(StoreError::new(code::TRANSACTION_TOO_OLD)));
                }
            }
        }
        Ok(writes)
    }

    /// Makes the group durable and puts it into the tables, where readers do not see it yet; its number.
    fn write(&mut self, version: Version, writes: &GroupWrites) -> Result<u64, Fault> {
        let shared = Arc::clone(&self.shared);
        let rows = writes.rows();
        if !self.log.fits(rows) {
            self.roll(LogWriter::segment_bytes_for(rows))?;
        }
        let seqno = shared.tables.next_seqno();
        let began = Instant::now();
        let bytes = self.log.append(seqno, version, rows)?;
        shared.counters.record_sync(began.elapsed());
        Counters::add(&shared.counters.log_bytes, bytes);
        self.brake.wrote(bytes);
        shared.tables.insert(
            rows.iter()
                .map(|(key, value)| (key.as_slice(), value.as_deref())),
            seqno,
        );
        self.last = Milestone { seqno, version };
        Ok(seqno)
    }

    /// Goes on in a new segment, of `bytes` at least, and with a new buffer.
    fn roll(&mut self, bytes: u64) -> Result<(), Fault> {
        let shared = Arc::clone(&self.shared);
        let Some(mut next) = shared.upkeep.wait_for_segment(&shared) else {
            let fault = shared
                .health
                .fault()
                .expect("only a failed store hands out no segment");
            return Err(Fault(fault.clone()));
        };
        if next.bytes < bytes {
            next = Segment::create(&shared.log, next.id, bytes)?;
        }
        let full = self.log.roll(next)?;
        shared.tables.seal(self.last);
        shared.upkeep.sealed(self.last.seqno, Some(full));
        Ok(())
    }
}
