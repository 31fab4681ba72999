//! How the threads that write and merge tables stand back behind those that somebody waits for.
//!
//! ```text
//!   job ──▶ idle: takes only what nobody wants ──▶ done
//!             └─ where nothing is left over, or as soon as the committer waits ─▶ niced: a tenth of what a core gets ──▶ done
//! ```
//!
//! A core that wakes takes the processor from an idle job at once; a niced one it waits for until the tick, milliseconds in which
//! nothing is answered. But where others leave nothing over, an idle job would never end, while the committer may come to
//! need its table, or a lock that it holds. So no job stays idle that does not get on, and none is where the process may not leave the
//! idle policy again: that takes CAP_SYS_NICE, or RLIMIT_NICE of 10.

use std::fs;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, Builder};
use std::time::{Duration, Instant};

/// How far a job stands back that is not idle, as `nice`.
const NICE: i32 = 10;

/// How often it is looked whether an idle job gets on.
const LOOK: Duration = Duration::from_secs(2);

/// An idle job gets on if it runs this part of the time: more than it would get of a busy processor if it were niced.
const LEAST_SHARE: u32 = 5;

/// How often the thread that waits for a job does what it is to do meanwhile.
const MEANWHILE_PAUSE: Duration = Duration::from_millis(5);

/// The priority of all jobs of a store.
#[derive(Debug, Default)]
pub(crate) struct Priority(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The committer waits.
    is_urgent: bool,
    idle: Vec<IdleThread>,
}

/// The thread of an idle job.
#[derive(Debug)]
struct IdleThread {
    number: libc::pid_t,
    looked: Instant,
    /// How long it had run by then.
    ran: Duration,
}

impl IdleThread {
    fn new(number: libc::pid_t) -> Self {
        Self {
            number,
            looked: Instant::now(),
            ran: run_time(number).unwrap_or_default(),
        }
    }

    /// Whether it did not get on since the last look, if that is long enough ago. Who can't be told is taken for one that did not.
    fn is_starved(&mut self) -> bool {
        let since = self.looked.elapsed();
        if since < LOOK {
            return false;
        }
        let before = self.ran;
        *self = Self::new(self.number);
        self.ran.saturating_sub(before) < since / LEAST_SHARE
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

impl Priority {
    /// Runs a job for a thread that stands back, and waits for its end. Does `meanwhile` every now and then until then, unless the
    /// job runs in the thread that waits.
    pub(crate) fn run<T: Send>(
        &self,
        job: impl FnOnce() -> T + Send,
        meanwhile: impl FnMut(),
    ) -> T {
        if self.lock().is_urgent || !may_leave_idle() {
            return job();
        }
        let (caller, is_done) = (thread::current(), AtomicBool::new(false));
        let mut job = Some(job);
        let done = thread::scope(|scope| {
            let running = Builder::new()
                .name("store-idle".to_owned())
                .spawn_scoped(scope, || {
                    let _idle = Idle::new(self);
                    let _end = Notice(|| {
                        is_done.store(true, SeqCst);
                        caller.unpark();
                    });
                    job.take().map(|job| job())
                });
            match running {
                Ok(running) => {
                    self.wait(&is_done, meanwhile);
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

    /// The committer waits from now on, or no longer: no job is idle meanwhile.
    pub(crate) fn set_urgent(&self, is_urgent: bool) {
        let mut state = self.lock();
        state.is_urgent = is_urgent;
        if is_urgent {
            state.raise(|_| true);
        }
    }

    /// Until the job is done; what does not get on is not idle any more.
    fn wait(&self, is_done: &AtomicBool, mut meanwhile: impl FnMut()) {
        while !is_done.load(SeqCst) {
            self.lock().raise(IdleThread::is_starved);
            thread::park_timeout(MEANWHILE_PAUSE);
            meanwhile();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes those threads out of the idle policy that `is_meant` names.
    fn raise(&mut self, is_meant: impl FnMut(&mut IdleThread) -> bool) {
        for thread in self.idle.extract_if(.., is_meant) {
            set_policy(thread.number, libc::SCHED_OTHER);
        }
    }
}

/// The calling thread is idle, unless that is urgent, until it is raised; it is known by its number as long as it lives.
struct Idle<'a>(&'a Priority, libc::pid_t);

impl<'a> Idle<'a> {
    fn new(priority: &'a Priority) -> Self {
        let thread = rustix::thread::gettid().as_raw_nonzero().get();
        let mut state = priority.lock();
        if !state.is_urgent && set_policy(thread, libc::SCHED_IDLE) {
            state.idle.push(IdleThread::new(thread));
        }
        Self(priority, thread)
    }
}

impl Drop for Idle<'_> {
    fn drop(&mut self) {
        self.0.lock().idle.retain(|thread| thread.number != self.1);
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

    #[test]
    fn a_job_is_idle_unless_the_committer_waits() {
        let priority = Priority::default();
        let usual = match may_leave_idle() {
            true => libc::SCHED_IDLE,
            false => libc::SCHED_OTHER,
        };
        assert_eq!(priority.run(policy, || {}), usual);
        priority.set_urgent(true);
        assert_eq!(priority.run(policy, || {}), libc::SCHED_OTHER);
        priority.set_urgent(false);
        assert_eq!(priority.run(policy, || {}), usual);
        assert!(priority.lock().idle.is_empty());
    }

    #[test]
    fn a_job_under_way_is_raised_once_the_committer_waits() {
        let priority = Priority::default();
        let policy = priority.run(
            || {
                priority.set_urgent(true);
                policy()
            },
            || {},
        );
        assert_eq!(policy, libc::SCHED_OTHER);
    }

    #[test]
    fn who_ran_gets_on_and_who_did_not_is_starved() {
        let mut thread = IdleThread::new(rustix::thread::gettid().as_raw_nonzero().get());
        assert!(!thread.is_starved(), "it is too early to tell");
        let (began, long) = (Instant::now(), 2 * LOOK / LEAST_SHARE);
        while run_time(thread.number).unwrap() < thread.ran + long {
            assert!(
                began.elapsed() < 100 * long,
                "this thread does not get to run"
            );
        }
        thread.looked = Instant::now() - LOOK;
        assert!(!thread.is_starved(), "it ran for long enough");
        thread.looked = Instant::now() - LOOK;
        assert!(thread.is_starved(), "it has not run since");
    }

    #[test]
    fn a_panic_in_a_job_is_one_of_the_thread() {
        let priority = Priority::default();
        let ran = std::panic::AssertUnwindSafe(|| priority.run(|| panic!("on purpose"), || {}));
        assert!(std::panic::catch_unwind(ran).is_err());
        assert!(priority.lock().idle.is_empty());
    }
}
