//! What a transaction costs before and behind the backend, in nanoseconds and as ratios of one run.
//!
//! `cargo bench -p store-sim` runs it in full; as a test it runs small, so that it cannot rot.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark reads the clock and prints"
)]

use std::future::{Future, ready};
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use store::{
    Backend, CommitRequest, Committed, Database, Environment, KeyRange, Rows, Scan, Snapshot,
    Store, StoreError, Transaction, Version, Versionstamp,
};
use store_sim::{Fates, MemoryDatabase};

/// Real time; nothing here draws or sleeps.
struct RealTime(Instant);

impl Environment for RealTime {
    fn now_us(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn random_u64(&self) -> u64 {
        4
    }

    fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(ready(()))
    }
}

/// A backend that costs nothing, so that what remains is the session.
#[derive(Clone)]
struct Nothing(Rc<dyn Environment>);

impl Backend for Nothing {
    type Snapshot = Empty;

    fn environment(&self) -> &Rc<dyn Environment> {
        &self.0
    }

    async fn read_version(&self) -> Result<Version, StoreError> {
        Ok(1)
    }

    async fn snapshot(&self) -> Result<Empty, StoreError> {
        Ok(Empty)
    }

    async fn snapshot_at(&self, _: Version) -> Result<Empty, StoreError> {
        Ok(Empty)
    }

    async fn commit(&self, request: CommitRequest) -> Result<Committed, StoreError> {
        drop(black_box(request));
        Ok(Committed::at(Versionstamp::new(2, 0)))
    }

    fn watch(
        &self,
        _: Vec<u8>,
        _: Option<Vec<u8>>,
    ) -> impl Future<Output = Result<(), StoreError>> + 'static {
        ready(Ok(()))
    }
}

/// Nothing happens to anybody, but every operation asks.
struct Fine;

impl Fates for Fine {}

struct Empty;

impl Snapshot for Empty {
    fn version(&self) -> Version {
        1
    }

    async fn get(&self, _: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(None)
    }

    async fn range(&self, _: Scan<'_>) -> Result<Rows, StoreError> {
        Ok(Rows::default())
    }
}

/// The shape of one batch of a shard's log: two conflict ranges, a chunk, a place in the global order.
async fn append<S: Store>(store: &S, number: u32) {
    let number = number.to_be_bytes();
    let (log, order) = (
        [b"hunt/log/0007/".as_slice(), &number].concat(),
        [b"hunt/all/".as_slice(), &number].concat(),
    );
    let transaction = store.begin();
    transaction.add_read_conflict_range(&KeyRange::single(b"hunt/lease/0007"));
    transaction.add_read_conflict_range(&KeyRange::single(&log));
    transaction.set(&log, &[7; 200]);
    transaction.set(&order, &number);
    transaction.commit().await.expect("nothing conflicts");
}

async fn get<S: Store>(store: &S, _: u32) {
    let value = store.begin().get(b"hunt/lease/0007", true).await;
    black_box(value.expect("a read"));
}

fn measure<S: Store>(name: &str, store: &S, rounds: u32, run: impl AsyncFn(&S, u32)) -> f64 {
    let start = Instant::now();
    let mut all = pin!(async {
        for number in 0..rounds {
            run(store, number).await;
        }
    });
    let done = all.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(done, Poll::Ready(()), "neither backend ever waits");
    let ns = start.elapsed().as_nanos() as f64 / f64::from(rounds);
    println!("{name:<44} {ns:>8.0} ns");
    ns
}

fn main() {
    let rounds = if std::env::args().any(|argument| argument == "--bench") {
        1_000_000
    } else {
        1_000
    };
    let environment: Rc<dyn Environment> = Rc::new(RealTime(Instant::now()));
    let nothing = Database::new(Nothing(Rc::clone(&environment)));
    let memory = MemoryDatabase::new(environment.now_us()).handle(Rc::clone(&environment));
    let fated = MemoryDatabase::new(environment.now_us());
    let fated = fated.handle_with(environment, 0, Rc::new(Fine));
    let session = measure(
        "append, session alone",
        &nothing,
        rounds,
        append::<Database<Nothing>>,
    );
    let whole = measure(
        "append, resolved and applied in memory",
        &memory,
        rounds,
        append,
    );
    measure("append, by a handle with fates", &fated, rounds, append);
    measure(
        "begin and get, session alone",
        &nothing,
        rounds,
        get::<Database<Nothing>>,
    );
    measure("begin and get, in memory", &memory, rounds, get);
    measure("begin and get, by a handle with fates", &fated, rounds, get);
    println!(
        "the session is {:.2} of an append in memory",
        session / whole
    );
}
