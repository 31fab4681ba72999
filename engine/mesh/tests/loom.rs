//! Models of the mesh, run by loom through every interleaving up to a bound of preemptions.
//!
//! ```text
//! RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=target/loom cargo test -p mesh --release --test loom
//! ```
//!
//! A lost wake-up shows as loom's "deadlock", a missing Release or Acquire as a concurrent access to a slot, a leak
//! or a double drop as a wrong count of drops. Without `--cfg loom` this binary is empty.
#![cfg(loom)]
#![allow(clippy::unwrap_used, reason = "a failed step fails the model")]

#[path = "loom/doorbell.rs"]
mod doorbell;
#[path = "loom/port.rs"]
mod port;
#[path = "loom/ring.rs"]
mod ring;
#[path = "loom/wake_set.rs"]
mod wake_set;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::sync::Notify;
use mesh::{Bell, Doorbell};

/// Few preemptions find nearly all concurrency bugs (Musuvathi and Qadeer, "Iterative Context
/// Bounding", 2007).
const PREEMPTIONS_MAX: usize = 4;

fn check(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(PREEMPTIONS_MAX);
    builder.check(model);
}

/// A bell that a thread of the model can sleep on; like an eventfd, it remembers a ring.
struct Sleep(Notify);

impl Sleep {
    fn new() -> Arc<Self> {
        Arc::new(Self(Notify::new()))
    }

    fn sleep(&self) {
        self.0.wait();
    }
}

impl Bell for Sleep {
    fn ring(&self) {
        self.0.notify();
    }
}

/// A bell that only counts. The count is no part of the model, hence a plain atomic.
#[derive(Default)]
struct Count(AtomicUsize);

impl Count {
    fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Bell for Count {
    fn ring(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn doorbell(bell: &Arc<impl Bell + 'static>) -> Arc<Doorbell> {
    Arc::new(Doorbell::new(Arc::clone(bell) as Arc<dyn Bell>))
}

/// Counts its own drops, made and dropped.
struct Drops(Arc<AtomicUsize>);

impl Drop for Drops {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
