//! How the threads that write and merge tables stand back behind those that somebody waits for.
//!
//! ```text
//!   job ──▶ idle: takes only what nobody wants ──▶ did the committer wait meanwhile? ── no ─▶ the next one too
//!                                                         └─ yes ─▶ for a while: niced, a tenth of what a core gets
//! ```
//!
//! A core that wakes takes the processor from an idle job at once; a niced one it waits for until the tick, milliseconds in which
//! nothing is answered. But where the cores leave nothing over, an idle job never ends, until the committer has to wait
//! for it: those are the times for the niced ones.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread::{self, Builder};
use std::time::{Duration, Instant};

/// How far a niced job stands back.
const NICE: i32 = 10;

/// How long jobs are niced after one that the committer had to wait for.
const NICED_FOR: Duration = Duration::from_secs(60);

/// The priority of one thread's jobs.
pub(crate) struct Priority<'a> {
    /// How often the committer had to wait.
    stalls: &'a AtomicU64,
    held_up: Option<Instant>,
}

impl<'a> Priority<'a> {
    /// For the thread that calls this, which is niced from now on; the committer counts its waits in `stalls`.
    pub(crate) fn of_this_thread(stalls: &'a AtomicU64) -> Self {
        if let Err(error) = rustix::process::nice(NICE) {
            tracing::debug!(%error, "upkeep of the store runs at the priority of the cores");
        }
        Self {
            stalls,
            held_up: None,
        }
    }

    /// Runs a job, and waits for its end.
    pub(crate) fn run<T: Send>(&mut self, job: impl FnOnce() -> T + Send) -> T {
        let was_held_up = (self.held_up).is_some_and(|since| since.elapsed() < NICED_FOR);
        if was_held_up {
            return job();
        }
        let stalls = self.stalls.load(Relaxed);
        let done = in_idle_thread(job);
        if self.stalls.load(Relaxed) > stalls {
            self.held_up = Some(Instant::now());
        }
        done
    }
}

/// Runs a job in a thread of its own: none may leave the idle policy again. Without one it runs here.
fn in_idle_thread<T: Send>(job: impl FnOnce() -> T + Send) -> T {
    let mut job = Some(job);
    let done = thread::scope(|scope| {
        let idle = Builder::new().name("store-idle".to_owned());
        let running = idle.spawn_scoped(scope, || {
            take_what_is_left();
            job.take().map(|job| job())
        });
        match running {
            Ok(running) => running.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Err(error) => {
                tracing::warn!(%error, "no thread for the upkeep of the store; it runs in another");
                None
            }
        }
    });
    done.unwrap_or_else(|| job.take().expect("no thread took the job")())
}

fn take_what_is_left() {
    let unused = libc::sched_param { sched_priority: 0 };
    // SAFETY: the pointer is to a live value; 0 names the calling thread.
    if unsafe { libc::sched_setscheduler(0, libc::SCHED_IDLE, &unused) } != 0 {
        let error = std::io::Error::last_os_error();
        tracing::debug!(%error, "upkeep of the store does not stand back behind the cores");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thread_of(priority: &mut Priority<'_>, job: impl FnOnce() + Send) -> thread::ThreadId {
        priority.run(|| {
            job();
            thread::current().id()
        })
    }

    #[test]
    fn a_job_that_the_committer_waited_for_is_the_last_idle_one_for_a_while() {
        let stalls = AtomicU64::new(0);
        let mut priority = Priority {
            stalls: &stalls,
            held_up: None,
        };
        let here = thread::current().id();
        assert_ne!(thread_of(&mut priority, || ()), here);
        let waits = || {
            stalls.fetch_add(1, Relaxed);
        };
        assert_ne!(thread_of(&mut priority, waits), here);
        assert_eq!(thread_of(&mut priority, || ()), here);
    }

    #[test]
    fn a_panic_in_a_job_is_one_of_the_thread() {
        let stalls = AtomicU64::new(0);
        let mut priority = Priority {
            stalls: &stalls,
            held_up: None,
        };
        let ran = std::panic::AssertUnwindSafe(|| priority.run(|| panic!("on purpose")));
        assert!(std::panic::catch_unwind(ran).is_err());
    }
}
