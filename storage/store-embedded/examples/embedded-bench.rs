//! Measures the store against raw append + fdatasync on the same disk, in one run.
//!
//! `cargo run --release -p store-embedded --example embedded-bench -- DIR [commits|gets|open]…`

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a program for a person at a terminal"
)]

use std::cell::Cell;
use std::error::Error;
use std::fs::{self, File};
use std::future::Future;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::pin::Pin;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use futures::executor::block_on;
use store::{Environment, KeyRange, RangeRead, Store as _, Transaction as _, rows_all};
use store_embedded::{EmbeddedDatabase, EmbeddedSettings, EmbeddedStore};

type Done<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const RUN: Duration = Duration::from_secs(3);
const ROWS: u64 = 2_000_000;
const ROW_BYTES: usize = 250;
const GETS: u64 = 200_000;
const BATCH_BYTES: usize = 36_000;

fn main() -> Done {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("name a directory to work in")?;
    let directory = Path::new(&directory);
    let mut wanted: Vec<String> = arguments.collect();
    if wanted.first().is_some_and(|first| first == "fill") {
        return fill_until_killed(directory);
    }
    if wanted.is_empty() {
        wanted = ["commits", "gets", "open"].map(str::to_owned).to_vec();
    }
    fs::create_dir_all(directory)?;
    for what in wanted {
        match what.as_str() {
            "commits" => measure_commits(directory)?,
            "gets" => measure_gets(directory)?,
            "open" => measure_open(directory)?,
            _ => return Err(format!("{what}: use commits, gets or open").into()),
        }
    }
    Ok(())
}

/// Commits a second with 1, 8 and 64 committers, beside one file that is appended and synced.
fn measure_commits(directory: &Path) -> Done {
    println!(
        "{:>28} {:>10} {:>9} {:>9} {:>10} {:>8}",
        "", "commits/s", "p50 us", "p99 us", "per group", "MB/s"
    );
    for bytes in [100, BATCH_BYTES] {
        let mut raw = append_and_sync(&directory.join("raw"), bytes)?;
        let rate = raw.len() as f64 / RUN.as_secs_f64();
        show(
            &format!("append+fdatasync {bytes} B"),
            rate,
            &mut raw,
            1.0,
            bytes,
        );
        for committers in [1, 8, 64] {
            let path = directory.join("commits");
            fs::remove_dir_all(&path).ok();
            let database = EmbeddedDatabase::open(&path, EmbeddedSettings::default())?;
            let mut took = commit_for(&database, committers, bytes)?;
            let rate = took.len() as f64 / RUN.as_secs_f64();
            let metrics = database.metrics();
            let per_group = metrics.commits as f64 / metrics.groups.max(1) as f64;
            show(
                &format!("{committers} committers {bytes} B"),
                rate,
                &mut took,
                per_group,
                bytes,
            );
            println!(
                "{:>28} pauses {}, stalls {}, flushes {}, rss {} MB",
                "",
                metrics.pauses,
                metrics.stalls,
                metrics.flushes,
                rss_mb()
            );
            drop(database);
            fs::remove_dir_all(&path)?;
        }
    }
    Ok(())
}

fn show(what: &str, rate: f64, took_us: &mut [u64], per_group: f64, bytes: usize) {
    took_us.sort_unstable();
    let at = |share: f64| took_us[((took_us.len() - 1) as f64 * share) as usize];
    let (p50, p99, mb) = (at(0.5), at(0.99), rate * bytes as f64 / 1e6);
    println!("{what:>28} {rate:>10.0} {p50:>9} {p99:>9} {per_group:>10.1} {mb:>8.1}");
}

fn append_and_sync(path: &Path, bytes: usize) -> Done<Vec<u64>> {
    let file = File::create(path)?;
    let value = value(1, bytes);
    let (began, mut offset, mut took) = (Instant::now(), 0, Vec::new());
    while began.elapsed() < RUN {
        let one = Instant::now();
        file.write_all_at(&value, offset)?;
        file.sync_data()?;
        offset += bytes as u64;
        took.push(one.elapsed().as_micros() as u64);
    }
    fs::remove_file(path)?;
    Ok(took)
}

/// Committers spread over two threads, as tasks over cores; the µs of each commit.
fn commit_for(database: &EmbeddedDatabase, committers: u64, bytes: usize) -> Done<Vec<u64>> {
    let threads = committers.min(2);
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|core| {
                scope.spawn(move || -> Done<Vec<u64>> {
                    let store = handle(database);
                    let began = Instant::now();
                    let tasks = (core..committers).step_by(threads as usize);
                    let tasks = tasks.map(|task| committer(store.clone(), task, bytes, began));
                    let took = block_on(futures::future::join_all(tasks));
                    took.into_iter()
                        .collect::<Done<Vec<_>>>()
                        .map(|took| took.concat())
                })
            })
            .collect();
        let took: Done<Vec<_>> = running
            .into_iter()
            .map(|thread| thread.join().map_err(|_| "a thread died")?)
            .collect();
        took.map(|took| took.concat())
    })
}

async fn committer(
    store: EmbeddedStore,
    task: u64,
    bytes: usize,
    began: Instant,
) -> Done<Vec<u64>> {
    let (value, mut took) = (value(task, bytes), Vec::new());
    for n in 0u64.. {
        let one = Instant::now();
        if one.duration_since(began) >= RUN {
            break;
        }
        let transaction = store.begin();
        transaction.set(&[task.to_be_bytes(), n.to_be_bytes()].concat(), &value);
        transaction.commit().await?;
        took.push(one.elapsed().as_micros() as u64);
    }
    Ok(took)
}

/// Random gets on 2,000,000 rows: right after opening, and once the cache is warm.
fn measure_gets(directory: &Path) -> Done {
    let path = directory.join("gets");
    fs::remove_dir_all(&path).ok();
    let began = Instant::now();
    let database = EmbeddedDatabase::open(&path, EmbeddedSettings::default())?;
    let store = handle(&database);
    for chunk in 0..ROWS / 1_000 {
        let transaction = store.begin();
        for n in chunk * 1_000..(chunk + 1) * 1_000 {
            transaction.set(&row_key(n), &value(n, ROW_BYTES));
        }
        block_on(transaction.commit())?;
    }
    let rate = ROWS as f64 / began.elapsed().as_secs_f64();
    println!(
        "put {ROWS} rows of {ROW_BYTES} B: {rate:.0} rows/s, rss {} MB, {:?}",
        rss_mb(),
        database.metrics()
    );
    database.close()?;
    drop((store, database));
    let began = Instant::now();
    let store = handle(&EmbeddedDatabase::open(&path, EmbeddedSettings::default())?);
    println!("opened in {:?}", began.elapsed());
    for pass in ["cold cache", "warm cache", "absent keys"] {
        let began = Instant::now();
        for get in 0..GETS {
            let transaction = store.begin();
            let n = mix(get * 7 + 1) % ROWS + if pass == "absent keys" { ROWS } else { 0 };
            let found = block_on(transaction.get(&row_key(n), true))?;
            assert_eq!(found.is_some(), n < ROWS);
        }
        println!(
            "{pass}: {:.0} gets/s, rss {} MB",
            GETS as f64 / began.elapsed().as_secs_f64(),
            rss_mb()
        );
    }
    let began = Instant::now();
    let transaction = store.begin();
    let (from, to) = (b"row\0".to_vec(), b"row\x10".to_vec());
    let rows = block_on(rows_all(
        &transaction,
        &RangeRead::of(&KeyRange::new(from, to)),
        true,
    ))?
    .len();
    println!(
        "range: {:.0} rows/s",
        rows as f64 / began.elapsed().as_secs_f64()
    );
    fs::remove_dir_all(&path)?;
    Ok(())
}

/// How long a store of 1 GB opens after its process was killed, with small rows and batches in the log.
fn measure_open(directory: &Path) -> Done {
    let path = directory.join("open");
    fs::remove_dir_all(&path).ok();
    for round in 0..5 {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(&path)
            .arg("fill")
            .stdout(Stdio::piped())
            .spawn()?;
        thread::sleep(Duration::from_millis(if round == 0 {
            14_000
        } else {
            1_500 + 370 * round
        }));
        child.kill()?;
        child.wait()?;
        let began = Instant::now();
        let database = EmbeddedDatabase::open(&path, EmbeddedSettings::default())?;
        let (opened, metrics) = (began.elapsed(), database.metrics());
        let store = handle(&database);
        block_on(store.begin().get(b"any", true))?;
        println!(
            "after SIGKILL: opened in {opened:?}, first read after {:?}; {} groups replayed, {} MB stored, rss {} MB",
            began.elapsed(),
            metrics.replayed,
            metrics.disk_bytes >> 20,
            rss_mb()
        );
    }
    fs::remove_dir_all(&path)?;
    Ok(())
}

/// 64 shards append batches, and rows are rewritten, until the process is killed.
fn fill_until_killed(path: &Path) -> Done {
    let database = EmbeddedDatabase::open(path, EmbeddedSettings::default())?;
    let next = AtomicU64::new(mix(u64::from(std::process::id())) >> 20);
    thread::scope(|scope| {
        let fill = || scope.spawn(|| fill_one_core(&database, &next));
        let cores = [fill(), fill()];
        cores
            .into_iter()
            .try_for_each(|core| core.join().map_err(|_| "a thread died")?)
    })
}

fn fill_one_core(database: &EmbeddedDatabase, next: &AtomicU64) -> Done {
    let store = handle(database);
    loop {
        let transaction = store.begin();
        let n = next.fetch_add(1, Relaxed);
        let batch = [b"log".as_slice(), &(n % 64).to_be_bytes(), &n.to_be_bytes()].concat();
        transaction.set(&batch, &value(n, BATCH_BYTES));
        for row in 0..100 {
            let player = mix(n * 100 + row) % ROWS;
            let key = [b"row".as_slice(), &player.to_be_bytes()].concat();
            transaction.set(&key, &value(row, 120));
        }
        block_on(transaction.commit())?;
    }
}

fn row_key(n: u64) -> Vec<u8> {
    [b"row".as_slice(), &mix(n).to_be_bytes()].concat()
}

fn rss_mb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok())
        .unwrap_or(0)
        / 1_000
}

fn mix(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn value(n: u64, bytes: usize) -> Vec<u8> {
    (0..bytes.div_ceil(8) as u64)
        .flat_map(|at| mix(n ^ (at << 32)).to_le_bytes())
        .take(bytes)
        .collect()
}

struct Machine {
    origin: Instant,
    dice: Cell<u64>,
}

impl Environment for Machine {
    fn now_us(&self) -> u64 {
        self.origin.elapsed().as_micros() as u64
    }

    fn random_u64(&self) -> u64 {
        self.dice.set(self.dice.get() + 1);
        mix(self.dice.get())
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(async move { thread::sleep(duration) })
    }
}

fn handle(database: &EmbeddedDatabase) -> EmbeddedStore {
    database.handle(Rc::new(Machine {
        origin: Instant::now(),
        dice: Cell::new(1),
    }))
}
