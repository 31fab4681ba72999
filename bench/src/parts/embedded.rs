//! The durable store, with its disk: `store-embedded`.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures::executor::block_on;
use store::{Environment, Store, Transaction};
use store_embedded::{EmbeddedDatabase, EmbeddedSettings};

use super::{Part, Run};

/// Transactions that share a sync, as eight busy shards have them.
const GROUP: u64 = 8;

/// Bytes of a batch: about 1,000 claims.
const BATCH_BYTES: usize = 60_000;

/// Rows of one transaction, as the engine writes them.
const ROWS: u64 = 512;

/// Bytes of a player's row.
const ROW_BYTES: usize = 80;

pub(super) const PARTS: &[Part] = &[
    Part {
        name: "store-batches",
        what: "commit of a batch of 60 kB, 8 at a time, synced (the disk's speed)",
        unit: "commit",
        units: 400,
        is_counted: false,
        prepare: batches,
    },
    Part {
        name: "store-rows",
        what: "commit of rows, 512 a transaction, synced",
        unit: "row",
        units: 51_200,
        is_counted: false,
        prepare: rows,
    },
];

struct Machine(Instant);

impl Environment for Machine {
    fn now_us(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn random_u64(&self) -> u64 {
        0
    }

    /// Nothing is retried here, so nothing waits.
    fn sleep(&self, _duration: Duration) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(std::future::ready(()))
    }
}

/// A database in a folder that goes with it.
struct Disk {
    database: EmbeddedDatabase,
    _folder: tempfile::TempDir,
}

impl Disk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("the temporary folder can be written to");
        let database = EmbeddedDatabase::open(folder.path(), EmbeddedSettings::default())
            .expect("an empty folder becomes a store");
        Self {
            database,
            _folder: folder,
        }
    }

    /// Commits so many transactions together, each with the rows that `write` sets.
    fn commit(&self, transactions: u64, write: impl Fn(u64, &dyn Fn(&[u8], &[u8]))) {
        let handle = self.database.handle(Rc::new(Machine(Instant::now())));
        let commits = (0..transactions).map(|number| {
            let transaction = handle.begin();
            write(number, &|key, value| transaction.set(key, value));
            async move { transaction.commit().await }
        });
        for committed in block_on(futures::future::join_all(commits)) {
            committed.expect("the disk takes it");
        }
    }
}

fn batches(units: u64) -> Run {
    let disk = Disk::new();
    Box::new(move || {
        let rounds = units.div_ceil(GROUP);
        for round in 0..rounds {
            disk.commit(GROUP, |number, set| {
                let key = [&number.to_be_bytes()[..], &round.to_be_bytes()].concat();
                set(&key, &[7; BATCH_BYTES]);
            });
        }
        rounds * GROUP
    })
}

fn rows(units: u64) -> Run {
    let disk = Disk::new();
    Box::new(move || {
        let rounds = units.div_ceil(ROWS);
        for round in 0..rounds {
            disk.commit(1, |_, set| {
                for row in 0..ROWS {
                    // Players come in any order.
                    let player = (round * ROWS + row).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                    let key = [b"player/", &player.to_be_bytes()[..]].concat();
                    set(&key, &[7; ROW_BYTES]);
                }
            });
        }
        rounds * ROWS
    })
}
