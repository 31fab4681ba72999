//! Each fate of each operation.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use futures::future::join;
use store::{KeyRange, RangeRead, Store, Transaction, TransactionOption, rows_all};
use store_sim::{CommitFate, ReadFate, ReadVersionFate, WatchFate};

use crate::script::{World, code_of, put};

const MS: u64 = 1_000;

/// Polls `future` once and drops it.
async fn start_and_leave(future: impl Future) {
    let mut future = pin!(future);
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await;
}

/// The answer of one commit under `fate`, and whether it was there when the answer came and a second later.
#[track_caller]
fn commit_under(fate: CommitFate, probe: &str) -> (Option<i32>, bool, bool) {
    let world = World::new();
    world.commit_0(fate);
    let seen = world.time.clone().run(async {
        let answer = code_of(put(&world.handle(0), b"k").await);
        let at_once = world.has(b"k").await;
        world.pass(1_000 * MS).await;
        (answer, at_once, world.has(b"k").await)
    });
    assert!(
        probe.is_empty() || world.time.probed(probe) == 1,
        "{probe} under {fate:?}"
    );
    assert_eq!(world.database.in_flight(), 0);
    seen
}

#[test]
fn each_fate_of_a_commit_is_told_and_done_as_it_says() {
    let (before_us, after_us) = (2 * MS, 3 * MS);
    let late = |code| CommitFate::Late {
        code,
        error_after_us: 5 * MS,
        lands_after_us: 500 * MS,
    };
    let fine = CommitFate::Resolve {
        before_us,
        after_us,
    };
    assert_eq!(commit_under(fine, ""), (None, true, true));
    for (code, probe) in [
        (1020, "store_spurious_conflict"),
        (1007, "store_too_old"),
        (1042, "store_refused"),
    ] {
        let refused = CommitFate::Refused { code, after_us };
        assert_eq!(commit_under(refused, probe), (Some(code), false, false));
    }
    let done = CommitFate::UnknownDone {
        before_us,
        after_us,
    };
    assert_eq!(
        commit_under(done, "store_unknown_done"),
        (Some(1021), true, true)
    );
    let not_done = CommitFate::UnknownNotDone { after_us };
    assert_eq!(
        commit_under(not_done, "store_unknown_not_done"),
        (Some(1021), false, false)
    );
    for code in [1031, 1025, 1039, 1101] {
        assert_eq!(
            commit_under(late(code), "store_zombie_landed"),
            (Some(code), false, true)
        );
    }
}

#[test]
#[should_panic(expected = "FoundationDB never does")]
fn a_commit_told_1021_is_never_late() {
    commit_under(
        CommitFate::Late {
            code: 1021,
            error_after_us: 1,
            lands_after_us: 2,
        },
        "",
    );
}

#[test]
fn a_commit_takes_its_time_before_and_after() {
    let world = World::new();
    world.commit_0(CommitFate::Resolve {
        before_us: 40 * MS,
        after_us: 60 * MS,
    });
    world.time.clone().run(async {
        let (started, store) = (world.time.now(), world.handle(0));
        let observer = async {
            world.pass(39 * MS).await;
            let early = world.has(b"k").await;
            world.pass(10 * MS).await;
            (early, world.has(b"k").await)
        };
        let (committed, seen) = join(put(&store, b"k"), observer).await;
        committed.expect("nothing conflicts");
        assert_eq!(seen, (false, true));
        let took = world.time.now() - started;
        assert!((100 * MS..102 * MS).contains(&took), "{took} us");
    });
}

#[test]
fn a_zombie_meets_the_write_of_the_retry_and_is_refused() {
    let world = World::new();
    world.commit_0(CommitFate::Late {
        code: 1039,
        error_after_us: MS,
        lands_after_us: 100 * MS,
    });
    world.time.clone().run(async {
        let store = world.handle(0);
        let transaction = store.begin();
        let mut answers = Vec::new();
        loop {
            transaction.get(b"k", false).await.expect("a read");
            transaction.set(b"k", &[answers.len() as u8]);
            match transaction.commit().await {
                Ok(_) => break,
                Err(error) => {
                    answers.push(error.code());
                    transaction
                        .on_error(error)
                        .await
                        .expect("1039 is retryable");
                }
            }
        }
        world.pass(200 * MS).await;
        assert_eq!(
            (answers, world.value(b"k").await),
            (vec![1039], Some(vec![1]))
        );
        put(&store, b"other").await.expect("nothing conflicts");
    });
    assert_eq!(world.time.probed("store_zombie_refused"), 1);
}

#[test]
fn a_hanging_commit_ends_with_1031_and_lands_all_the_same() {
    let world = World::new();
    world.commit_0(CommitFate::Resolve {
        before_us: 800 * MS,
        after_us: 0,
    });
    world.time.clone().run(async {
        let transaction = world.handle(0).begin();
        transaction.set_option(TransactionOption::Timeout(50));
        transaction.set(b"k", b"v");
        assert_eq!(code_of(transaction.commit().await), Some(1031));
        assert!(!world.has(b"k").await);
        world.pass(800 * MS).await;
        assert!(world.has(b"k").await);
    });
    assert_eq!(world.time.probed("store_left_in_flight"), 1);
    assert_eq!(world.time.probed("store_zombie_landed"), 1);
}

#[test]
fn the_commit_of_a_killed_client_lands_when_the_database_is_advanced() {
    let world = World::new();
    world.commit_0(CommitFate::Resolve {
        before_us: 10 * MS,
        after_us: 0,
    });
    world.time.clone().run(async {
        start_and_leave(put(&world.handle(0), b"k")).await;
    });
    let due_us = world.database.next_event_us().expect("it is in flight");
    world.database.advance(due_us - 1);
    assert_eq!(world.database.in_flight(), 1);
    world.database.advance(due_us);
    let mut probes = Vec::new();
    world.database.drain_probes(|name| probes.push(name));
    assert_eq!(
        (world.database.in_flight(), world.database.next_event_us()),
        (0, None)
    );
    assert_eq!(probes, ["store_zombie_landed"]);
    assert!(world.time.clone().run(world.has(b"k")));
}

#[test]
fn commits_of_one_moment_share_a_version_and_conflict_in_order() {
    let world = World::new();
    world.database.set_commit_interval_us(10 * MS);
    world.time.clone().run(async {
        let (one, other, third) = (world.handle(1), world.handle(2), world.handle(3));
        let (blind, rival) = (put(&one, b"a"), put(&other, b"b"));
        let ((first, second), loser) = join(join(blind, rival), put(&third, b"a")).await;
        let stamps = [first, second].map(|answer| answer.expect("no conflict").stamp());
        let [first, second] = stamps.map(|stamp| stamp.expect("it wrote"));
        assert_eq!(first.version(), second.version());
        assert_eq!((first.batch_index(), second.batch_index()), (0, 1));
        assert_eq!(code_of(loser), Some(1020));
    });
    assert!(world.time.probed("store_shared_commit_version") >= 1);
    assert!(world.time.probed("store_conflict") >= 1);
}

#[test]
fn a_handle_made_anew_goes_on_counting() {
    let world = World::new();
    world.commit_0(CommitFate::UnknownNotDone { after_us: 0 });
    world.time.clone().run(async {
        let first_life = put(&world.handle(0), b"k").await;
        let second_life = put(&world.handle(0), b"k").await;
        let neighbour = put(&world.handle(1), b"k").await;
        let answers = [first_life, second_life, neighbour].map(code_of);
        assert_eq!(answers, [Some(1021), None, None]);
    });
}

#[test]
fn reads_and_read_versions_fail_and_lag_as_told() {
    for (code, probe) in [
        (1007, "store_too_old"),
        (1009, "store_future_version"),
        (1037, "store_process_behind"),
        (1051, "store_read_failed"),
    ] {
        let after_us = 30 * MS;
        let (read, version) = (World::new(), World::new());
        read.read_0(ReadFate::Fails { code, after_us });
        version.read_version_0(ReadVersionFate::Fails { code, after_us });
        for world in [read, version] {
            world.time.clone().run(async {
                let (store, started) = (world.handle(0), world.time.now());
                assert_eq!(code_of(store.begin().get(b"k", true).await), Some(code));
                assert!(world.time.now() >= started + after_us);
                assert_eq!(code_of(store.begin().get(b"k", true).await), None);
            });
            assert_eq!(world.time.probed(probe), 1);
        }
    }
}

#[test]
fn a_read_that_hangs_ends_with_the_timeout() {
    let world = World::new();
    world.read_0(ReadFate::Answer {
        after_us: 60_000 * MS,
    });
    world.time.clone().run(async {
        let (transaction, started) = (world.handle(0).begin(), world.time.now());
        transaction.set_option(TransactionOption::Timeout(20));
        assert_eq!(code_of(transaction.get(b"k", true).await), Some(1031));
        assert!(world.time.now() < started + 21 * MS);
    });
}

#[test]
fn a_read_version_that_travels_for_long_is_too_old() {
    let world = World::new();
    world.read_version_0(ReadVersionFate::Answer {
        before_us: 0,
        after_us: 6_000 * MS,
    });
    world.time.clone().run(async {
        let store = world.handle(0);
        assert_eq!(code_of(store.begin().get(b"k", true).await), Some(1007));
    });
    assert_eq!(world.time.probed("store_too_old"), 1);
}

#[test]
fn a_short_page_says_more_though_nothing_is_left() {
    for (rows, probe) in [(2, "store_short_page"), (9, "store_more_with_nothing_left")] {
        let world = World::new();
        world.read_0(ReadFate::Short { rows, after_us: 0 });
        world.time.clone().run(async {
            let faithful = world.database.handle(world.time.clone());
            let writer = faithful.begin();
            (0..3u8).for_each(|key| writer.set(&[b'k', key], b"v"));
            writer.commit().await.expect("nothing conflicts");
            let reader = world.handle(0).begin();
            let all = RangeRead::of(&KeyRange::prefix(b"k"));
            let page = reader.get_range(&all, true).await.expect("a page");
            assert_eq!((page.rows.len(), page.more), (rows.min(3), true));
            let next = all.next(&page).expect("it said more");
            let rest = reader.get_range(&next, true).await.expect("a page");
            assert_eq!((rest.rows.len(), rest.more), (3 - rows.min(3), false));
        });
        assert_eq!(world.time.probed(probe), 1);
    }
}

#[test]
fn a_walk_over_short_pages_finds_every_row() {
    let world = World::new();
    world.read_0(ReadFate::Short {
        rows: 1,
        after_us: 0,
    });
    world.time.clone().run(async {
        let store = world.handle(0);
        let writer = store.begin();
        (0..5u8).for_each(|key| writer.set(&[b'k', key], b"v"));
        writer.commit().await.expect("nothing conflicts");
        let read = RangeRead::of(&KeyRange::prefix(b"k")).reverse();
        let rows = rows_all(&store.begin(), &read, true).await.expect("rows");
        assert_eq!(rows.len(), 5);
    });
}

#[test]
fn a_watch_is_told_late_or_for_nothing_or_fails() {
    let after_us = 70 * MS;
    for (fate, changes, probe, code) in [
        (WatchFate::Told { after_us }, true, "store_watch_late", None),
        (
            WatchFate::Spurious { after_us },
            false,
            "store_watch_spurious",
            None,
        ),
        (
            WatchFate::Fails {
                code: 1101,
                after_us,
            },
            false,
            "store_watch_failed",
            Some(1101),
        ),
    ] {
        let world = World::new();
        world.watch_0(fate);
        world.time.clone().run(async {
            let (store, started) = (world.handle(0), world.time.now());
            let watcher = store.begin();
            let watch = watcher.watch(b"k");
            watcher.commit().await.expect("it wrote nothing");
            if changes {
                put(&store, b"k").await.expect("nothing conflicts");
            }
            assert_eq!(code_of(watch.await), code);
            assert!(world.time.now() >= started + after_us);
        });
        assert_eq!(world.time.probed(probe), 1);
    }
}
