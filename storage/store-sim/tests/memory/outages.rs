//! What happens to the whole store, or to the way to it.

use futures::future::{join, join3};
use store::limits::RECOVERY_VERSIONS;
use store::{Store, Transaction, TransactionOption};
use store_sim::{CommitFate, RecoveryFate};

use crate::script::{World, code_of, put};

const MS: u64 = 1_000;

/// A commit that is in flight for 50 ms.
const IN_FLIGHT: CommitFate = CommitFate::Resolve {
    before_us: 50 * MS,
    after_us: MS,
};

#[test]
fn while_the_store_is_unavailable_everything_waits() {
    let world = World::new();
    world.commit_0(IN_FLIGHT);
    world.time.clone().run(async {
        let (writer, reader) = (world.handle(0), world.handle(1));
        let until_us = world.time.now() + 3_000 * MS;
        let down = async {
            world.pass(10 * MS).await;
            world.database.set_unavailable_until(until_us);
            assert!(!world.has(b"k").await && world.time.now() < until_us);
            reader.begin().get(b"k", true).await.expect("a read");
            world.time.now()
        };
        let (committed, read_us) = join(put(&writer, b"k"), down).await;
        committed.expect("nothing conflicts");
        assert!(read_us >= until_us && world.time.now() >= until_us);
    });
    assert!(world.time.probed("store_unavailable") > 0);
}

#[test]
fn an_outage_can_end_sooner_than_it_was_said_to() {
    let world = World::new();
    world.time.clone().run(async {
        let store = world.handle(0);
        world.database.set_unavailable_until(u64::MAX);
        let healing = async {
            world.pass(500 * MS).await;
            let (in_flight, next_us) = (world.database.in_flight(), world.database.next_event_us());
            assert_eq!((in_flight, next_us), (1, None));
            world.database.set_unavailable_until(0);
        };
        let blind = store.begin();
        blind.set(b"k", b"v");
        let (answer, ()) = join(blind.commit(), healing).await;
        answer.expect("nothing conflicts");
        assert!(world.time.now() < 2_000 * MS);
    });
}

#[test]
fn a_commit_sent_while_cut_off_is_lost_and_told_1021_afterwards() {
    let world = World::new();
    world.time.clone().run(async {
        let (store, neighbour) = (world.handle(0), world.handle(1));
        let transaction = store.begin();
        transaction.set(b"k", b"v");
        let until_us = world.time.now() + 2_000 * MS;
        world.database.cut_off(0, until_us);
        let answers = join(transaction.commit(), put(&neighbour, b"other")).await;
        assert_eq!((code_of(answers.0), code_of(answers.1)), (Some(1021), None));
        assert!(world.time.now() >= until_us && !world.has(b"k").await);
    });
    assert_eq!(world.time.probed("store_cut_off_unknown"), 1);
}

#[test]
fn a_commit_in_flight_when_its_client_is_cut_off_lands_and_is_told_1021() {
    let world = World::new();
    world.commit_0(IN_FLIGHT);
    world.time.clone().run(async {
        let store = world.handle(0);
        let cutting = async {
            world.pass(10 * MS).await;
            world.database.cut_off(0, world.time.now() + 1_000 * MS);
            world.pass(100 * MS).await;
            world.has(b"k").await
        };
        let (answer, landed) = join(put(&store, b"k"), cutting).await;
        assert_eq!((code_of(answer), landed), (Some(1021), true));
    });
}

#[test]
fn who_is_cut_off_for_longer_than_the_timeout_gets_1031() {
    let world = World::new();
    world.time.clone().run(async {
        let transaction = world.handle(0).begin();
        transaction.set_option(TransactionOption::Timeout(30));
        transaction.set(b"k", b"v");
        world.database.cut_off(0, u64::MAX);
        assert_eq!(code_of(transaction.commit().await), Some(1031));
        world.database.cut_off(0, 0);
        assert!(!world.has(b"k").await);
    });
    assert_eq!(world.time.probed("store_cut_off_timeout"), 1);
}

#[test]
fn a_recovery_ends_each_commit_in_flight_as_it_is_told() {
    let world = World::new();
    (0..3).for_each(|handle| world.first_commit(handle, IN_FLIGHT));
    world.time.clone().run(async {
        let stores = [0, 1, 2].map(|handle| world.handle(handle));
        let recovering = async {
            world.pass(10 * MS).await;
            world.database.recover(world.time.now(), |handle, nth| {
                assert_eq!(nth, 0);
                match handle {
                    0 => RecoveryFate::Done,
                    1 => RecoveryFate::NotDone,
                    _ => RecoveryFate::Refused,
                }
            });
        };
        let puts = join3(
            put(&stores[0], b"a"),
            put(&stores[1], b"b"),
            put(&stores[2], b"c"),
        );
        let ((a, b, c), ()) = join(puts, recovering).await;
        assert_eq!(
            [code_of(a), code_of(b), code_of(c)],
            [Some(1021), Some(1021), Some(1020)]
        );
        world.pass(1_000 * MS).await;
        assert_eq!(
            [
                world.has(b"a").await,
                world.has(b"b").await,
                world.has(b"c").await
            ],
            [true, false, false]
        );
    });
    assert_eq!(world.time.probed("store_recovery"), 1);
    assert_eq!(world.time.probed("store_recovery_applied_commit"), 1);
    assert_eq!(world.time.probed("store_recovery_killed_commit"), 2);
}

#[test]
fn after_a_recovery_what_was_read_before_is_too_old() {
    let world = World::new();
    world.time.clone().run(async {
        let store = world.handle(0);
        let before = put(&store, b"k").await.expect("nothing conflicts").version;
        let (reader, writer) = (store.begin(), store.begin());
        reader.read_version().await.expect("a version");
        writer.get(b"k", false).await.expect("a read");
        writer.set(b"k", b"w");
        let until_us = world.time.now() + 700 * MS;
        world
            .database
            .recover(world.time.now(), |_, _| RecoveryFate::NotDone);
        world.database.set_unavailable_until(until_us);
        assert_eq!(code_of(reader.get(b"k", true).await), Some(1007));
        assert!(world.time.now() >= until_us);
        assert_eq!(code_of(writer.commit().await), Some(1007));
        let after = put(&store, b"k").await.expect("nothing conflicts").version;
        assert!(after > before + RECOVERY_VERSIONS);
    });
}

#[test]
fn a_shorter_window_makes_reads_and_commits_too_old_sooner() {
    let world = World::new();
    world.database.set_window(100_000);
    world.time.clone().run(async {
        let store = world.handle(0);
        let (reader, writer) = (store.begin(), store.begin());
        reader.read_version().await.expect("a version");
        writer.get(b"k", false).await.expect("a read");
        writer.set(b"k", b"v");
        world.pass(50 * MS).await;
        assert_eq!(code_of(reader.get(b"k", true).await), None);
        world.pass(60 * MS).await;
        assert_eq!(code_of(reader.get(b"k", true).await), Some(1007));
        assert_eq!(code_of(writer.commit().await), Some(1007));
        world.database.set_window(5_000_000);
        assert_eq!(code_of(reader.get(b"k", true).await), Some(1007));
    });
}
