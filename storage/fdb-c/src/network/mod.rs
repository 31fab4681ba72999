//! The network thread: jobs from all threads, and the tasks that they start.
//!
//! ```text
//!   any thread ──post──▶ jobs ──┐
//!   wakers ─────────────▶ woken ┼─▶ run: jobs in order, then tasks, then timers; sleep until one comes
//!   timers ────────────────────┘
//! ```

mod busyness;
mod core;
mod environment;
mod hook;
mod inbox;
mod promise;
mod timers;

use std::cell::Cell;
use std::sync::{Mutex, PoisonError};

use store::StoreError;

use crate::errors::code;

pub(crate) use self::core::Core;
pub(crate) use environment::now_us;
pub(crate) use hook::Hook;
pub(crate) use promise::Promise;

use busyness::Busyness;
use inbox::Inbox;

/// What runs on the network thread.
pub(crate) type Job = Box<dyn FnOnce(&Core) + Send>;

/// How far the one network of this process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    New,
    SetUp,
    Running,
    Stopped,
}

static PHASE: Mutex<Phase> = Mutex::new(Phase::New);
static HOOKS: Mutex<Vec<Hook>> = Mutex::new(Vec::new());
static INBOX: Inbox = Inbox::new();
static BUSYNESS: Busyness = Busyness::new();

thread_local! {
    static IS_NETWORK_THREAD: Cell<bool> = const { Cell::new(false) };
}

/// Lets databases be opened and jobs be posted; 2009 the second time.
pub(crate) fn set_up() -> Result<(), StoreError> {
    let mut phase = PHASE.lock().unwrap_or_else(PoisonError::into_inner);
    if *phase != Phase::New {
        return Err(StoreError::new(code::NETWORK_ALREADY_SETUP));
    }
    *phase = Phase::SetUp;
    Ok(())
}

/// 2008 before [`set_up`].
pub(crate) fn check_set_up() -> Result<(), StoreError> {
    match *PHASE.lock().unwrap_or_else(PoisonError::into_inner) {
        Phase::New => Err(StoreError::new(code::NETWORK_NOT_SETUP)),
        _ => Ok(()),
    }
}

/// Is the network thread until [`stop`]; 2025 the second time.
pub(crate) fn run() -> Result<(), StoreError> {
    begin_running()?;
    IS_NETWORK_THREAD.set(true);
    let core = Core::new();
    while !core.is_stopped() {
        let (jobs, woken) = INBOX.take(core.next_timer_us());
        let from_us = now_us();
        core.turn(jobs, woken);
        BUSYNESS.worked(from_us, now_us());
    }
    INBOX.close();
    drop(core);
    IS_NETWORK_THREAD.set(false);
    *PHASE.lock().unwrap_or_else(PoisonError::into_inner) = Phase::Stopped;
    let hooks = std::mem::take(&mut *HOOKS.lock().unwrap_or_else(PoisonError::into_inner));
    hooks.into_iter().for_each(Hook::call);
    Ok(())
}

/// Ends [`run`] after the jobs that were posted before.
pub(crate) fn stop() -> Result<(), StoreError> {
    check_set_up()?;
    post(Core::stop);
    Ok(())
}

/// Runs `hook` when the network thread ends.
pub(crate) fn add_hook(hook: Hook) -> Result<(), StoreError> {
    check_set_up()?;
    HOOKS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(hook);
    Ok(())
}

/// Has `job` run on the network thread, after all that were posted before. Once that thread has ended the
/// job is dropped.
pub(crate) fn post(job: impl FnOnce(&Core) + Send + 'static) {
    INBOX.post(Box::new(job));
}

/// How busy the network thread is, from 0 to 1.
pub(crate) fn busyness() -> f64 {
    BUSYNESS.share(now_us())
}

/// Whether the caller is the network thread.
pub(crate) fn is_network_thread() -> bool {
    IS_NETWORK_THREAD.get()
}

fn begin_running() -> Result<(), StoreError> {
    let mut phase = PHASE.lock().unwrap_or_else(PoisonError::into_inner);
    match *phase {
        Phase::New => Err(StoreError::new(code::NETWORK_NOT_SETUP)),
        Phase::SetUp => {
            *phase = Phase::Running;
            Ok(())
        }
        Phase::Running | Phase::Stopped => Err(StoreError::new(code::NETWORK_CANNOT_BE_RESTARTED)),
    }
}
