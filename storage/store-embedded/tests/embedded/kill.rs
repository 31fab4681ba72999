//! SIGKILL at any moment: what was acknowledged is there, and nothing is there by half.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use store::{AtomicOp, Store as _, Transaction as _};
use store_embedded::EmbeddedDatabase;

use crate::support::{Killed, Scratch, all_rows, block_on, handle, mix, small, value};

/// The directory that the killed process writes.
const CHILD: &str = "STORE_TEST_KILLED";
const ROUNDS: u64 = 24;
const THREADS: u8 = 3;
const SEED: u64 = 20_261_123;

#[test]
fn acknowledged_commits_survive_sigkill() {
    if let Some(path) = std::env::var_os(CHILD) {
        write_until_killed(Path::new(&path));
    }
    let scratch = Scratch::new("kill");
    let mut acknowledged = [0; THREADS as usize];
    for round in 0..ROUNDS {
        let kill_after = 1 + mix(SEED + round) % 400;
        run_and_kill(scratch.path(), kill_after, &mut acknowledged);
        // Every other time the next process finds what two killed ones left.
        if round % 2 == 1 {
            check(scratch.path(), &acknowledged);
        }
    }
    assert!(acknowledged.iter().sum::<u64>() > ROUNDS);
}

fn run_and_kill(path: &Path, kill_after: u64, acknowledged: &mut [u64]) {
    let child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "kill::acknowledged_commits_survive_sigkill",
            "--nocapture",
        ])
        .env(CHILD, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut child = Killed(child);
    let mut heard = 0;
    for line in BufReader::new(child.0.stdout.take().unwrap()).lines() {
        let Ok(line) = line else { break };
        let Some((thread, count)) = line
            .strip_prefix("ack ")
            .and_then(|ack| ack.split_once(' '))
        else {
            continue;
        };
        acknowledged[thread.parse::<usize>().unwrap()] = count.parse().unwrap();
        heard += 1;
        if heard == kill_after {
            child.0.kill().unwrap();
        }
    }
    assert!(
        heard >= kill_after,
        "the process ended by itself after {heard} commits"
    );
}

/// Each thread has its rows without a gap, each row has its twin, and the count is that of the rows.
fn check(path: &Path, acknowledged: &[u64]) {
    let database = EmbeddedDatabase::open(path, small()).unwrap();
    let rows = all_rows(&handle(&database)).unwrap();
    let mut rows = rows.into_iter().peekable();
    for (thread, &acknowledged) in acknowledged.iter().enumerate() {
        let mut counts = [0u64; 3];
        for (part, count) in counts.iter_mut().enumerate().take(2) {
            while let Some((_, found)) =
                rows.next_if(|(key, _)| key[..2] == [thread as u8, part as u8] && key.len() > 2)
            {
                assert_eq!(
                    found,
                    row_value(thread as u8, *count),
                    "thread {thread}, part {part}, row {count}"
                );
                *count += 1;
            }
        }
        let (key, count) = rows.next().unwrap();
        counts[2] = u64::from_le_bytes(count.try_into().unwrap());
        assert_eq!(key, [thread as u8, 2]);
        assert!(
            counts[0] >= acknowledged,
            "thread {thread} has {counts:?} of {acknowledged}"
        );
        assert!(
            counts[0] == counts[1] && counts[1] == counts[2],
            "half a commit: {counts:?}"
        );
    }
    assert_eq!(rows.next(), None);
}

fn row_value(thread: u8, n: u64) -> Vec<u8> {
    let seed = n * 256 + u64::from(thread);
    value(
        seed,
        if mix(seed).is_multiple_of(8) {
            9_000
        } else {
            (mix(seed) % 400) as usize
        },
    )
}

fn write_until_killed(path: &Path) -> ! {
    let database = EmbeddedDatabase::open(path, small()).unwrap();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let database = &database;
            scope.spawn(move || write_rows(database, thread));
        }
    });
    unreachable!("the threads write until they are killed");
}

fn write_rows(database: &EmbeddedDatabase, thread: u8) -> ! {
    let store = handle(database);
    let count = block_on(store.begin().get(&[thread, 2], true)).unwrap();
    let first = count.map_or(0, |count| u64::from_le_bytes(count.try_into().unwrap()));
    for n in first.. {
        let transaction = store.begin();
        for part in 0..2 {
            transaction.set(
                &[[thread, part].as_slice(), &n.to_be_bytes()].concat(),
                &row_value(thread, n),
            );
        }
        transaction.atomic(AtomicOp::Add, &[thread, 2], &1u64.to_le_bytes());
        block_on(transaction.commit()).unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "ack {thread} {}", n + 1).unwrap();
        out.flush().unwrap();
    }
    unreachable!("there are numbers enough");
}
