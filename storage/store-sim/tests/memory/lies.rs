//! Each planted lie, shown by the promise that it breaks.

use store::{Store, Transaction, Versionstamp};
use store_sim::Lie;

use crate::script::{World, code_of, put};

/// What is seen of the store while it tells a lie.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    conflict_passed: bool,
    future_read: bool,
    own_commit_missing_at_read: bool,
    lost: bool,
    torn: bool,
    stamp_twice: bool,
}

async fn look(world: &World) -> Seen {
    let store = world.handle(0);
    let (early, rival) = (store.begin(), store.begin());
    early.read_version().await.expect("a version");
    rival.get(b"k", false).await.expect("a read");
    rival.set(b"rival", b"v");

    let writer = store.begin();
    writer.set(b"k", b"v");
    writer.set(b"z", b"v");
    let first = stamp(writer.commit().await);
    let future_read = early.get(b"k", true).await.expect("a read").is_some();
    let conflict_passed = code_of(rival.commit().await).is_none();
    let second = stamp(put(&store, b"other").await);

    let read_version = store.begin().read_version().await.expect("a version");
    let (lost, torn) = (!world.has(b"k").await, !world.has(b"z").await);
    Seen {
        conflict_passed,
        future_read,
        own_commit_missing_at_read: read_version < second.version(),
        lost,
        torn: torn && !lost,
        stamp_twice: first == second,
    }
}

fn stamp(answer: Result<store::Committed, store::StoreError>) -> Versionstamp {
    answer
        .and_then(|committed| committed.stamp())
        .expect("it wrote")
}

#[test]
fn each_lie_breaks_its_promise_and_no_other() {
    let truth = Seen::default;
    let broken = |lie| match lie {
        Lie::NoConflictCheck => Seen {
            conflict_passed: true,
            ..truth()
        },
        Lie::ReadFromTheFuture => Seen {
            future_read: true,
            ..truth()
        },
        Lie::StaleRead => Seen {
            own_commit_missing_at_read: true,
            ..truth()
        },
        Lie::LostCommit => Seen {
            lost: true,
            ..truth()
        },
        Lie::TornCommit => Seen {
            torn: true,
            ..truth()
        },
        Lie::DuplicateVersionstamp => Seen {
            stamp_twice: true,
            ..truth()
        },
    };
    for planted in Lie::ALL.map(Some).into_iter().chain([None]) {
        let world = World::new();
        world.database.plant(planted);
        let seen = world.time.clone().run(look(&world));
        assert_eq!(seen, planted.map_or_else(truth, broken), "{planted:?}");
        assert_eq!(world.time.probed("store_lie_told") > 0, planted.is_some());
    }
}
