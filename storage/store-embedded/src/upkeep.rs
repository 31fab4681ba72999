//! What happens behind the committer's back: full buffers become tables, tables are merged, and segments
//! of the log are prepared, and used again once the tables hold what is in them.

use std::fs;
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use store::Version;
use store::limits::{VERSIONS_PER_SECOND, WINDOW_SECONDS, WINDOW_VERSIONS};

use crate::health::Fault;
use crate::log::{LogFault, Segment, Segments};
use crate::metrics::Counters;
use crate::priority::{Pace, Priority, stand_back};
use crate::settings::WRITE_BUFFERS_MAX;
use crate::shared::Shared;
use crate::tables::{Tables, TablesFault};

/// Commits wait for merging once so many tables overlap.
const OVERLAPPING_MAX: usize = 20;

/// With so many tables merging hurries.
const OVERLAPPING_MANY: usize = 12;

/// With so many it pushes.
const OVERLAPPING_TOO_MANY: usize = 16;

/// What readers of the past keep at least when memory is short.
const WINDOW_VERSIONS_MIN: Version = VERSIONS_PER_SECOND / 10;

/// How often an idle store looks for what no reader needs any more.
const HISTORY_PAUSE: Duration = Duration::from_secs(WINDOW_SECONDS as u64);

const _: () = assert!(
    WINDOW_VERSIONS_MIN < WINDOW_VERSIONS,
    "the window can get shorter"
);

/// The work that waits, and what is ready.
#[derive(Debug)]
pub(crate) struct Upkeep {
    state: Mutex<State>,
    changed: Condvar,
    flushing: Priority,
    merging: Priority,
}

#[derive(Debug)]
struct State {
    /// The segment that comes next.
    spare: Option<Segment>,
    next_id: u64,
    /// A segment that is not needed any more. The newest of those: no gap opens behind it.
    free: Option<Segment>,
    full: Segments,
    /// A buffer is full.
    sealed: bool,
    /// The last group that a table holds.
    stored: u64,
    merge: bool,
    stop: bool,
}

impl State {
    /// Frees the segments that have nothing but what tables hold.
    fn free_segments(&mut self) -> Result<(), Fault> {
        while let Some(segment) = self.full.pop_stored(self.stored) {
            if let Some(older) = self.free.replace(segment) {
                remove(&older)?;
            }
        }
        Ok(())
    }
}

impl Upkeep {
    /// For a log whose last segment, prepared ones included, comes before `next_id`.
    pub(crate) fn new(full: Segments, spare: Option<Segment>, next_id: u64) -> Self {
        let state = State {
            spare,
            next_id,
            free: None,
            full,
            sealed: false,
            stored: 0,
            merge: true,
            stop: false,
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
            flushing: Priority::default(),
            merging: Priority::default(),
        }
    }

    /// Notes that a buffer is full, which ends with the group `seqno`, and so may be a segment.
    pub(crate) fn sealed(&self, seqno: u64, segment: Option<Segment>) {
        let mut state = self.lock();
        state.sealed = true;
        if let Some(segment) = segment {
            state.full.push(segment, seqno);
        }
        self.changed.notify_all();
    }

    /// Waits until one more buffer may be full, and takes the segment that comes next. None if the
    /// store has failed.
    pub(crate) fn wait_for_segment(&self, shared: &Shared) -> Option<Segment> {
        let mut state = self.lock();
        let is_ready = |state: &State| {
            state.spare.is_some()
                && shared.tables.buffers_full() + 1 < WRITE_BUFFERS_MAX
                && shared.tables.overlapping() < OVERLAPPING_MAX
        };
        if !is_ready(&state) {
            Counters::add(&shared.counters.stalls, 1);
            self.set_urgent(true);
            while !is_ready(&state) && shared.health.fault().is_none() {
                state = self.wait(state);
            }
            self.set_urgent(false);
        }
        if shared.health.fault().is_some() {
            return None;
        }
        let spare = state.spare.take();
        self.changed.notify_all();
        spare
    }

    /// Ends the threads, once they are done with what they are at.
    pub(crate) fn stop(&self) {
        self.set_urgent(true);
        self.lock().stop = true;
        self.changed.notify_all();
    }

    /// The thread that writes tables.
    pub(crate) fn run_flush(&self, shared: &Shared) {
        let next = |state: &mut State| mem::take(&mut state.sealed).then_some(());
        self.run("writing a table", shared, next, |()| self.flush(shared));
    }

    /// The thread that prepares segments, so that the next one is there while a table is still being written.
    pub(crate) fn run_segments(&self, shared: &Shared) {
        let next = |state: &mut State| {
            state.spare.is_none().then(|| {
                state.next_id += 1;
                (state.next_id - 1, state.free.take())
            })
        };
        self.run(
            "preparing a segment of the log",
            shared,
            next,
            |(id, free)| Ok(self.prepare(id, free, shared)?),
        );
    }

    /// Does what there is to do, until the store stops or something fails.
    fn run<W>(
        &self,
        doing: &str,
        shared: &Shared,
        next: impl Fn(&mut State) -> Option<W>,
        work: impl Fn(W) -> Result<(), Fault>,
    ) {
        stand_back();
        loop {
            let mut state = self.lock();
            let found = loop {
                if state.stop {
                    return;
                }
                match next(&mut state) {
                    Some(found) => break found,
                    None => state = self.wait(state),
                }
            };
            drop(state);
            if let Err(Fault(error)) = work(found) {
                shared.health.fail(doing, &error);
                self.notify();
                return;
            }
        }
    }

    /// The thread that merges tables.
    pub(crate) fn run_merge(&self, shared: &Shared) {
        stand_back();
        loop {
            let mut state = self.lock();
            while !state.stop && !state.merge && !shared.tables.has_history() {
                state = self.wait(state);
            }
            if !state.stop && !state.merge {
                let waited = self.changed.wait_timeout(state, HISTORY_PAUSE);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
            if state.stop {
                return;
            }
            state.merge = false;
            drop(state);
            shared.timeline.settle(|| shared.tables.seqno_after());
            if let Err(Fault(error)) = forget(shared) {
                tracing::warn!(%error, "could not remove what no reader needs");
            }
            loop {
                match self.merge(shared) {
                    Ok(true) => Counters::add(&shared.counters.compactions, 1),
                    Ok(false) => break,
                    Err(fault) => {
                        shared.health.fail("merging tables", &Fault::from(fault).0);
                        self.notify();
                        return;
                    }
                }
                self.notify();
                if self.lock().stop {
                    return;
                }
            }
        }
    }

    fn prepare(&self, id: u64, free: Option<Segment>, shared: &Shared) -> Result<(), LogFault> {
        let spare = match free {
            Some(segment) if segment.bytes == shared.settings.segment_bytes => {
                segment.reuse(&shared.log, id)?
            }
            Some(segment) => {
                remove(&segment)?;
                Segment::create(&shared.log, id, shared.settings.segment_bytes)?
            }
            None => Segment::create(&shared.log, id, shared.settings.segment_bytes)?,
        };
        self.lock().spare = Some(spare);
        self.changed.notify_all();
        Ok(())
    }

    /// Writes the full buffers into tables, and frees the segments of the log that have nothing else.
    fn flush(&self, shared: &Shared) -> Result<(), Fault> {
        let needed = || flush_pace(shared);
        loop {
            forget(shared)?;
            let Some(buffer) = shared.tables.next_full() else {
                // The last segment may have come after its buffer was written.
                return self.lock().free_segments();
            };
            let job = || shared.tables.write_table(&buffer);
            write_tables(shared, &self.flushing, needed, job)?;
            // Not the job's, which may be idle: the committer would wait for it at the lock of the buffers.
            shared.tables.table_written();
            Counters::add(&shared.counters.flushes, 1);
            let mut state = self.lock();
            state.stored = buffer.last_seqno();
            state.merge = true;
            state.free_segments()?;
            self.changed.notify_all();
        }
    }

    /// Merges tables once, if some need it; whether they did.
    fn merge(&self, shared: &Shared) -> Result<bool, TablesFault> {
        let needed = || merge_pace(&shared.tables);
        write_tables(shared, &self.merging, needed, || shared.tables.compact())
    }

    fn set_urgent(&self, is_urgent: bool) {
        self.flushing.set_urgent(is_urgent);
        self.merging.set_urgent(is_urgent);
    }

    fn notify(&self) {
        let _state = self.lock();
        self.changed.notify_all();
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs a job that writes tables, and hands what it writes to the disk meanwhile.
fn write_tables<T: Send>(
    shared: &Shared,
    priority: &Priority,
    needed: impl Fn() -> Pace + Sync,
    job: impl FnOnce() -> T + Send,
) -> T {
    let mut write_back = shared.tables.write_back();
    priority.run(job, needed, || write_back.step())
}

/// Commits wait for a table if the buffer that takes them fills up before.
fn flush_pace(shared: &Shared) -> Pace {
    let (tables, buffer_bytes) = (&shared.tables, shared.settings.write_buffer_bytes);
    if tables.buffers_full() + 1 >= WRITE_BUFFERS_MAX {
        Pace::Pushing
    } else if tables.buffer_bytes() >= buffer_bytes / 2 {
        Pace::Hurried
    } else {
        Pace::Patient
    }
}

/// Commits wait for merging if too many tables overlap.
fn merge_pace(tables: &Tables) -> Pace {
    let overlapping = tables.overlapping();
    if overlapping >= OVERLAPPING_TOO_MANY {
        Pace::Pushing
    } else if overlapping >= OVERLAPPING_MANY {
        Pace::Hurried
    } else {
        Pace::Patient
    }
}

/// Lets go of what no reader can ask for any more; of more than that, if it takes too much memory.
fn forget(shared: &Shared) -> Result<(), Fault> {
    let mut window = WINDOW_VERSIONS;
    loop {
        shared.tables.forget_before(shared.timeline.floor(window))?;
        window /= 2;
        let is_enough = !shared.tables.keeps_written_buffers()
            || shared.tables.buffers_bytes() <= shared.settings.history_bytes_max;
        if is_enough || window < WINDOW_VERSIONS_MIN {
            return Ok(());
        }
    }
}

fn remove(segment: &Segment) -> Result<(), LogFault> {
    fs::remove_file(&segment.path).map_err(LogFault::io("remove", &segment.path))
}
