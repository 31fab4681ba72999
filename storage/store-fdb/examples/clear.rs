//! Removes all keys with a prefix from a cluster: what tests leave behind.
//!
//! `cargo run -p store-fdb --example clear -- CLUSTER_FILE PREFIX`
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a program at the edge: it reads its environment and says what it did"
)]

use std::error::Error;
use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use store::{KeyRange, Store as _, StoreError, Transaction as _};
use store_fdb::{FdbDatabase, FdbSettings, FdbStore};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [cluster_file, prefix] = arguments.as_slice() else {
        return Err("usage: clear CLUSTER_FILE PREFIX".into());
    };
    if prefix.is_empty() {
        return Err("the prefix is empty: that would be the whole cluster".into());
    }
    let mut settings = FdbSettings::default();
    if let Some(library) = std::env::var_os("HUNT_FDB_LIBRARY") {
        settings.library = library.into();
    }
    let database = FdbDatabase::open(Path::new(cluster_file), &settings)?;
    wait(clear(&database.handle(), prefix.as_bytes()))?;
    println!("cleared {prefix:?}");
    database.close();
    Ok(())
}

async fn clear(store: &FdbStore, prefix: &[u8]) -> Result<(), StoreError> {
    let transaction = store.begin();
    loop {
        transaction.clear_range(&KeyRange::prefix(prefix));
        match transaction.commit().await {
            Ok(_) => return Ok(()),
            Err(error) => transaction.on_error(error).await?,
        }
    }
}

/// One transaction is worth no executor: it is looked at from time to time.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        match future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(done) => return done,
            Poll::Pending => std::thread::sleep(Duration::from_millis(1)),
        }
    }
}
