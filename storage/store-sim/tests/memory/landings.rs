//! What commits did, as the database tells whoever asked.

use store::{Mutation, Store, Transaction};
use store_sim::{CommitFate, Landing};

use crate::script::{World, put};

fn keys(landings: &[Landing]) -> Vec<Vec<u8>> {
    let of = |landing: &Landing| match &landing.mutations[..] {
        [Mutation::Set { key, .. }] => key.clone(),
        other => panic!("one key is set, not {other:?}"),
    };
    landings.iter().map(of).collect()
}

#[test]
fn only_what_was_applied_to_the_keys_asked_for_is_told() {
    let world = World::new();
    world.first_commit(4, CommitFate::UnknownNotDone { after_us: 5 });
    world.time.clone().run(async move {
        let store = world.handle(3);
        put(&store, b"log/before").await.expect("it commits");
        world.database.watch_landings(vec![b"log/".to_vec()]);
        put(&world.handle(4), b"log/unknown")
            .await
            .expect_err("nobody knows");
        let refused = store.begin();
        refused.get(b"log/x", false).await.expect("a read");
        refused.set(b"log/refused", b"v");
        put(&store, b"log/x").await.expect("it commits");
        refused.commit().await.expect_err("it conflicts");
        put(&store, b"other").await.expect("it commits");
        put(&world.database.handle(world.time.clone()), b"log/y")
            .await
            .expect("it commits");

        let landings = world.database.take_landings();
        assert_eq!(keys(&landings), [b"log/x", b"log/y"]);
        assert_eq!((landings[0].handle, landings[1].handle), (Some(3), None));
        assert!(landings[0].stamp < landings[1].stamp);
        assert!(world.database.take_landings().is_empty());
    });
}
