//! How the jobs that write and merge tables stand back behind those that somebody waits for.
//!
//! ```text
//!   job ──▶ patient: idle, gives way every few rows ──▶ done
//!             ├─ does not get on, or will be needed ──▶ hurried: niced, gives way less often
//!             └─ is needed, or the committer waits ───▶ pushing: niced, gives way to nobody
//! ```
//!
//! A core that wakes takes the processor from an idle job at once. But once such a job runs, the scheduler may let it run on beside
//! others that are ready, until the tick: it has had so much less than they that it is its turn. That is 1 to 4 ms without a
//! commit, dozens of times for one table; and a niced job does it to a core under SCHED_BATCH every time. So a job yields every
//! few rows ([`give_way_after`]). How many decides what it gets where it competes: a turn of its own for each one of a core.
//!
//! No job stays patient that does not get on: the committer may come to need its table, or a lock that it holds. And none is idle
//! where the process may not leave the idle policy again: that takes CAP_SYS_NICE, or RLIMIT_NICE of 10.

use std::cell::RefCell;
use std::fs;
use std::mem;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, Builder};
use std::time::{Duration, Instant};

/// How far a job stands back that is not idle, as `nice`.
const NICE: i32 = 10;

/// How often it is looked whether a job gets on.
const LOOK: Duration = Duration::from_secs(2);

/// A job gets on if it runs this part of the time.
const LEAST_SHARE: u32 = 5;

/// How often the thread that waits for a job looks after it, and does what it is to do meanwhile.
const MEANWHILE_PAUSE: Duration = Duration::from_millis(5);

/// How much a job presses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pace {
    /// It takes what nobody wants.
    Patient,
    /// It takes its turns, each about as long as a core works at what has come for it meanwhile.
    Hurried,
    /// It goes first.
    Pushing,
}

impl Pace {
    /// The rows between two turns. 32 are some 50 µs of work.
    const fn rows(self) -> u64 {
        match self {
            Self::Patient => 32,
            Self::Hurried => 256,
            Self::Pushing => u64::MAX,
        }
    }
}

thread_local! {
    /// The rows between two turns of this thread's job; none if it has no job.
    static TURN_ROWS: RefCell<Option<Arc<AtomicU64>>> = const { RefCell::new(None) };
}

/// The priority of jobs that come one after the other.
#[derive(Debug, Default)]
pub(crate) struct Priority(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The committer waits.
    is_urgent: bool,
    /// The one under way.
    job: Option<Job>,
}

/// A job under way.
#[derive(Debug)]
struct Job {
    /// The number of its thread.
    thread: libc::pid_t,
    turn_rows: Arc<AtomicU64>,
    /// Under the idle policy.
    is_idle: bool,
    /// It did not get on for a while.
    is_starved: bool,
    looked: Instant,
    /// How long it had run by then.
    ran: Duration,
}

impl Job {
    fn new(thread: libc::pid_t) -> Self {
        Self {
            thread,
            turn_rows: Arc::new(AtomicU64::new(Pace::Patient.rows())),
            is_idle: false,
            is_starved: false,
            looked: Instant::now(),
            ran: run_time(thread).unwrap_or_default(),
        }
    }

    /// Goes on at the pace at which it is `needed`, or a higher one that it takes to get on.
    fn go_on(&mut self, is_urgent: bool, needed: Pace) {
        self.look();
        let pace = match (is_urgent, self.is_starved) {
            (true, _) => Pace::Pushing,
            (false, true) => needed.max(Pace::Hurried),
            (false, false) => needed,
        };
        self.turn_rows.store(pace.rows(), SeqCst);
        if pace > Pace::Patient && mem::take(&mut self.is_idle) {
            set_policy(self.thread, libc::SCHED_OTHER);
        }
    }

    /// Sees whether it got on since the last look, if that is long enough ago. Who can't be told is taken for one that did not.
    fn look(&mut self) {
        let since = self.looked.elapsed();
        if since >= LOOK {
            let before = self.ran;
            self.looked = Instant::now();
            self.ran = run_time(self.thread).unwrap_or_default();
            self.is_starved |= self.ran.saturating_sub(before) < since / LEAST_SHARE;
        }
    }
}

/// How long a thread of this process has run.
fn run_time(thread: libc::pid_t) -> Option<Duration> {
    let times = fs::read_to_string(format!("/proc/self/task/{thread}/schedstat")).ok()?;
    let ns = times.split_ascii_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(ns))
}

/// Lets the thread that calls this stand back, and all that it starts.
pub(crate) fn stand_back() {
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::debug!(%error, "upkeep of the store runs at the priority of the cores");
    }
}

/// Lets whoever wants the processor have it, if this thread's job has done enough `rows` since it did so last; whether it had.
pub(crate) fn give_way_after(rows: u64) -> bool {
    let is_time =
        TURN_ROWS.with_borrow(|turn| turn.as_ref().is_some_and(|turn| rows >= turn.load(SeqCst)));
    if is_time {
        thread::yield_now();
    }
    is_time
}

impl Priority {
    /// Runs a job for a thread that stands back, and waits for its end. Until then it asks every now and then at which pace the job
    /// is needed, and does `meanwhile`, unless the job runs in the thread that waits, for want of another.
    pub(crate) fn run<T: Send>(
        &self,
        job: impl FnOnce() -> T + Send,
        needed: impl Fn() -> Pace + Sync,
        mut meanwhile: impl FnMut(),
    ) -> T {
        let (caller, is_done) = (thread::current(), AtomicBool::new(false));
        let mut job = Some(job);
        let done = thread::scope(|scope| {
            let running =
                Builder::new()
                    .name("store-upkeep".to_owned())
                    .spawn_scoped(scope, || {
                        let _under_way = UnderWay::new(self, needed());
                        let _end = Notice(|| {
                            is_done.store(true, SeqCst);
                            caller.unpark();
                        });
                        job.take().map(|job| job())
                    });
            match running {
                Ok(running) => {
                    while !is_done.load(SeqCst) {
                        thread::park_timeout(MEANWHILE_PAUSE);
                        self.go_on(needed());
                        meanwhile();
                    }
                    running.join().unwrap_or_else(|panic| resume_unwind(panic))
                }
                Err(error) => {
                    tracing::warn!(%error, "no thread for the upkeep of the store; it runs in another");
                    None
                }
            }
        });
        done.unwrap_or_else(|| job.take().expect("no thread took the job")())
    }

    /// The committer waits from now on, and so the job goes first; or it waits no longer.
    pub(crate) fn set_urgent(&self, is_urgent: bool) {
        let mut state = self.lock();
        state.is_urgent = is_urgent;
        if let Some(job) = &mut state.job {
            job.go_on(is_urgent, Pace::Hurried);
        }
    }

    fn go_on(&self, needed: Pace) {
        let state = &mut *self.lock();
        if let Some(job) = &mut state.job {
            job.go_on(state.is_urgent, needed);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The calling thread has a job, until this is dropped.
struct UnderWay<'a>(&'a Priority);

impl<'a> UnderWay<'a> {
    fn new(priority: &'a Priority, needed: Pace) -> Self {
        let mut job = Job::new(rustix::thread::gettid().as_raw_nonzero().get());
        TURN_ROWS.set(Some(Arc::clone(&job.turn_rows)));
        job.is_idle = may_leave_idle() && set_policy(job.thread, libc::SCHED_IDLE);
        let mut state = priority.lock();
        job.go_on(state.is_urgent, needed);
        state.job = Some(job);
        drop(state);
        Self(priority)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.lock().job = None;
    }
}

/// Tells of its end, however it comes.
struct Notice<F: Fn()>(F);

impl<F: Fn()> Drop for Notice<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Whether this process may take a thread out of the idle policy again. Tried once.
fn may_leave_idle() -> bool {
    static MAY: OnceLock<bool> = OnceLock::new();
    *MAY.get_or_init(|| {
        let trial = || set_policy(0, libc::SCHED_IDLE) && set_policy(0, libc::SCHED_OTHER);
        let may = thread::spawn(trial).join().unwrap_or(false);
        if !may {
            tracing::debug!(
                "upkeep of the store is not idle: that takes CAP_SYS_NICE or RLIMIT_NICE"
            );
        }
        may
    })
}

/// Puts a thread, 0 for the calling one, under a policy that has no priorities of its own; says whether that was done.
fn set_policy(thread: libc::pid_t, policy: libc::c_int) -> bool {
    let unused = libc::sched_param { sched_priority: 0 };
    // SAFETY: the pointer is to a live value; a number without a thread is refused.
    unsafe { libc::sched_setscheduler(thread, policy, &unused) == 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> libc::c_int {
        // SAFETY: 0 names the calling thread.
        unsafe { libc::sched_getscheduler(0) }
    }

    fn usual() -> libc::c_int {
        match may_leave_idle() {
            true => libc::SCHED_IDLE,
            false => libc::SCHED_OTHER,
        }
    }

    fn turn_rows() -> Option<u64> {
        TURN_ROWS.with_borrow(|turn| turn.as_ref().map(|turn| turn.load(SeqCst)))
    }

    #[test]
    fn a_job_goes_at_the_pace_at_which_it_is_needed() {
        let priority = Priority::default();
        let look = || (policy(), turn_rows().unwrap());
        let run = |pace| priority.run(look, || pace, || {});
        let (hurried, pushing) = ((libc::SCHED_OTHER, 256), (libc::SCHED_OTHER, u64::MAX));
        // A busy machine may starve it before it has looked.
        let is_patient = |found| found == (usual(), 32) || found == hurried;
        assert!(is_patient(run(Pace::Patient)));
        assert_eq!(run(Pace::Hurried), hurried);
        assert_eq!(run(Pace::Pushing), pushing);
        priority.set_urgent(true);
        assert_eq!(run(Pace::Patient), pushing);
        priority.set_urgent(false);
        assert!(is_patient(run(Pace::Patient)));
        assert!(priority.lock().job.is_none());
        assert_eq!(turn_rows(), None, "this thread has no job");
    }

    #[test]
    fn a_job_under_way_pushes_while_the_committer_waits() {
        let priority = Priority::default();
        let job = || {
            priority.set_urgent(true);
            let pushing = (policy(), turn_rows().unwrap());
            priority.set_urgent(false);
            (pushing, turn_rows().unwrap())
        };
        let (pushing, after) = priority.run(job, || Pace::Patient, || {});
        assert_eq!(pushing, (libc::SCHED_OTHER, u64::MAX));
        assert!(after <= 256);
    }

    #[test]
    fn it_is_asked_again_and_again_how_much_a_job_is_needed() {
        let priority = Priority::default();
        let is_needed = AtomicBool::new(false);
        let needed = || match is_needed.load(SeqCst) {
            true => Pace::Pushing,
            false => Pace::Patient,
        };
        let job = || {
            let began = Instant::now();
            for need in [true, false] {
                is_needed.store(need, SeqCst);
                while (turn_rows() == Some(u64::MAX)) != need {
                    assert!(began.elapsed() < Duration::from_secs(60));
                    thread::sleep(MEANWHILE_PAUSE);
                }
            }
        };
        priority.run(job, needed, || {});
    }

    #[test]
    fn a_job_gives_way_when_it_is_time() {
        let priority = Priority::default();
        let times = || [255, 256].map(give_way_after);
        let run = |pace| priority.run(times, || pace, || {});
        assert_eq!(run(Pace::Hurried), [false, true]);
        assert_eq!(run(Pace::Pushing), [false; 2]);
        assert_eq!(times(), [false; 2], "this thread has no job");
    }

    #[test]
    fn who_ran_gets_on_and_who_did_not_hurries() {
        let mut job = Job::new(rustix::thread::gettid().as_raw_nonzero().get());
        let rows = |looked, job: &mut Job| {
            job.looked = looked;
            job.go_on(false, Pace::Patient);
            job.turn_rows.load(SeqCst)
        };
        assert_eq!(
            rows(Instant::now(), &mut job),
            32,
            "it is too early to tell"
        );
        let (began, long) = (Instant::now(), 2 * LOOK / LEAST_SHARE);
        while run_time(job.thread).unwrap() < job.ran + long {
            assert!(
                began.elapsed() < 100 * long,
                "this thread does not get to run"
            );
        }
        let before = || Instant::now() - LOOK;
        assert_eq!(rows(before(), &mut job), 32, "it ran for long enough");
        assert_eq!(rows(before(), &mut job), 256, "it has not run since");
        assert_eq!(rows(Instant::now(), &mut job), 256, "until it is done");
    }

    #[test]
    fn a_panic_in_a_job_is_one_of_the_thread() {
        let priority = Priority::default();
        let panics = || priority.run(|| panic!("on purpose"), || Pace::Patient, || {});
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(panics)).is_err());
        assert!(priority.lock().job.is_none());
    }
}
