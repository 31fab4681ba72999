//! Several threads on the same keys.

use std::thread;

use store::{Store as _, Transaction as _};
use store_embedded::EmbeddedDatabase;

use crate::support::{Scratch, block_on, get, handle, small};

const THREADS: u64 = 4;
const INCREMENTS: u64 = 150;

#[test]
fn increments_that_read_first_add_up() {
    let scratch = Scratch::new("contention");
    let database = EmbeddedDatabase::open(scratch.path(), small()).unwrap();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let database = &database;
            scope.spawn(move || {
                let store = handle(database);
                for n in 0..INCREMENTS {
                    block_on(increment(&store, &[b'k', ((thread + n) % 3) as u8]));
                }
            });
        }
    });
    let store = handle(&database);
    let sum: u64 = (0..3)
        .map(|key| number(get(&store, &[b'k', key]).unwrap().as_deref()))
        .sum();
    assert_eq!(sum, THREADS * INCREMENTS);
    let metrics = database.metrics();
    assert_eq!(metrics.commits, THREADS * INCREMENTS);
    assert!(metrics.groups <= metrics.commits + metrics.conflicts);
}

async fn increment(store: &store_embedded::EmbeddedStore, key: &[u8]) {
    let transaction = store.begin();
    loop {
        let tried = async {
            let value = number(transaction.get(key, false).await?.as_deref()) + 1;
            transaction.set(key, &value.to_le_bytes());
            transaction.commit().await
        };
        match tried.await {
            Ok(_) => return,
            Err(error) => transaction.on_error(error).await.unwrap(),
        }
    }
}

fn number(value: Option<&[u8]>) -> u64 {
    value.map_or(0, |value| u64::from_le_bytes(value.try_into().unwrap()))
}
