//! What the tests share: a directory, a clock, a way to wait, rows to write.

use std::cell::Cell;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::{Child, Command};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use futures::channel::oneshot;
pub(crate) use futures::executor::block_on;
use store::{
    Committed, Environment, KeyRange, RangeRead, Store as _, StoreError, Transaction as _,
};
use store_embedded::{EmbeddedDatabase, EmbeddedSettings, EmbeddedStore};

const CHILD: &str = "STORE_TEST_DIES";
const CHILD_ENDED: i32 = 42;

/// Settings under which a few hundred rows fill buffers, segments and tables.
pub(crate) fn small() -> EmbeddedSettings {
    EmbeddedSettings {
        cache_bytes: 1 << 20,
        write_buffer_bytes: 64 << 10,
        segment_bytes: 260 << 10,
        separate_value_bytes: 1 << 10,
        ..EmbeddedSettings::default()
    }
}

/// A key and its value.
pub(crate) type Row = (Vec<u8>, Vec<u8>);

/// A directory of its own, removed at the end.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("embedded-{}-{name}-{next}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// The machine's clock, and SplitMix64 for dice.
pub(crate) struct Machine {
    origin: Instant,
    dice: Cell<u64>,
}

impl Environment for Machine {
    fn now_us(&self) -> u64 {
        self.origin.elapsed().as_micros() as u64
    }

    fn random_u64(&self) -> u64 {
        self.dice
            .set(self.dice.get().wrapping_add(0x9e37_79b9_7f4a_7c15));
        mix(self.dice.get())
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()>>> {
        let (alarm, rung) = oneshot::channel();
        thread::spawn(move || {
            thread::sleep(duration);
            // Whoever slept may be gone.
            let _ = alarm.send(());
        });
        Box::pin(async move {
            let _ = rung.await;
        })
    }
}

/// SplitMix64's output for `state`.
pub(crate) fn mix(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The clock and timer of this thread.
pub(crate) fn machine() -> Rc<dyn Environment> {
    Rc::new(Machine {
        origin: Instant::now(),
        dice: Cell::new(1),
    })
}

/// A handle for this thread.
pub(crate) fn handle(database: &EmbeddedDatabase) -> EmbeddedStore {
    database.handle(machine())
}

/// Commits `rows`.
pub(crate) fn put(store: &EmbeddedStore, rows: &[Row]) -> Result<Committed, StoreError> {
    let transaction = store.begin();
    for (key, value) in rows {
        transaction.set(key, value);
    }
    block_on(transaction.commit())
}

/// The value of `key` now.
pub(crate) fn get(store: &EmbeddedStore, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
    block_on(store.begin().get(key, true))
}

/// Every row, while nobody writes. Each page is read by a transaction of its own: on a busy machine all of them may take
/// longer than one lasts.
pub(crate) fn all_rows(store: &EmbeddedStore) -> Result<Vec<Row>, StoreError> {
    let (mut rows, mut left) = (Vec::new(), KeyRange::prefix(b""));
    loop {
        let mut page = block_on(store.begin().get_range(&RangeRead::of(&left), true))?;
        rows.append(&mut page.rows);
        match rows.last() {
            Some((last, _)) if page.more => left.begin = [last.as_slice(), b"\0"].concat(),
            _ => return Ok(rows),
        }
    }
}

/// A value that only `n` has, `bytes` long.
pub(crate) fn value(n: u64, bytes: usize) -> Vec<u8> {
    let words = (0..).flat_map(|at| mix(n.wrapping_mul(1_000_003).wrapping_add(at)).to_le_bytes());
    words.take(bytes).collect()
}

/// Where the process that [`die`] started is to work; none in the test itself.
pub(crate) fn child_path() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

/// Runs the test `name` in a process of its own, in which [`child_path`] is `path`. It is to end by
/// [`end_child`]: nothing is closed, and what it leaves in `path` is what a dead process leaves.
pub(crate) fn die(name: &str, path: &Path) {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(CHILD, path)
        .output()
        .unwrap();
    assert_eq!(
        child.status.code(),
        Some(CHILD_ENDED),
        "{}",
        String::from_utf8_lossy(&child.stderr)
    );
}

/// Ends the process that [`die`] started.
pub(crate) fn end_child() -> ! {
    std::process::exit(CHILD_ENDED)
}

/// Copies the files of a store that nobody has open.
pub(crate) fn copy_store(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_store(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Kills the process when the test ends early.
pub(crate) struct Killed(pub(crate) Child);

impl Drop for Killed {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
