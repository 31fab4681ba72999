//! Lock-free bounded rings and wake-ups between cores.
//!
//! Every shard belongs to one core, so cores share nothing but messages. This crate carries them, and it is the
//! only one of the engine that touches an atomic: whatever has to be argued about memory ordering is argued
//! here, and proven by loom.
//!
//! ```text
//!   core A                                                core B
//!   Port::send ──push──▶ ring A→B ──────────────pop──▶ Port::recv / drain
//!        └──────ring──▶ Doorbell of B ──Bell (one system call, only if B sleeps)──▶ wakes B
//!                            ▲
//!   foreign thread ──────────┘ after setting a bit
//!   SlotWaker::wake ──set──▶ WakeSet of B ────────────drain──▶ B wakes its own futures
//! ```
//!
//! * [`ring()`]: one producer, one consumer, bounded; a full ring hands the item back.
//! * [`Doorbell`]: one system call wakes a sleeping core, however many messages wait for it.
//! * [`WakeSet`]: threads that are no core (a committer, a client library's network thread) wake a core's futures.
//! * [`mesh()`]: a ring for each ordered pair of cores and a doorbell for each core, as one [`Port`] per core.
//!
//! There is no runtime, no I/O and no clock here; how a core sleeps is behind the [`Bell`] trait.
//!
//! # Proof
//!
//! The models in `tests/loom.rs` run every interleaving (up to a bound of preemptions) and every value that a
//! relaxed memory model lets a load return. They need a build of their own:
//!
//! ```text
//! RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=target/loom cargo test -p mesh --release --test loom
//! ```
//!
//! loom treats `SeqCst` accesses as `AcqRel`, so nothing here relies on `SeqCst`: where two threads each write
//! and then look at the other (the Dekker pattern), both do it by read-modify-writes of one word. loom does not
//! explore load buffering; `tests/stress.rs` runs the same code on the real machine.

mod doorbell;
mod padded;
mod port;
mod ring;
mod sync;
mod wake_set;

pub use doorbell::{Bell, Doorbell};
pub use port::{CORES_MAX, Port, mesh};
pub use ring::{Consumer, Producer, PushError, RING_CAPACITY_MAX, ring};
pub use wake_set::{Slot, SlotWaker, WAKE_SLOTS_MAX, WakeSet};
