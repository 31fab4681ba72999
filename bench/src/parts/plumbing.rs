//! What carries messages between cores, and what tells who conflicts with whom: `mesh` and `store`.

use mesh::ring;
use store::{CommitRequest, Mutation, Resolver, Verdict};

use super::{Part, Run};

/// Messages that lie in the ring at once.
const BURST: u64 = 64;

/// Places of the ring.
const RING: usize = 1_024;

/// Commits that a group resolves together.
const GROUP: usize = 64;

pub(super) const PARTS: &[Part] = &[
    Part {
        name: "ring",
        what: "a message through the ring between two cores, 64 at a time",
        unit: "message",
        units: 1_000_000,
        is_counted: true,
        prepare: messages,
    },
    Part {
        name: "resolver",
        what: "a batch's commit (lease and own key read, batch and feed written), 64 at a time",
        unit: "commit",
        units: 50_000,
        is_counted: true,
        prepare: commits,
    },
];

fn messages(units: u64) -> Run {
    let (mut producer, mut consumer) = ring::<u64>(RING);
    Box::new(move || {
        let (mut sent, mut came) = (0, 0);
        while came < units {
            let burst = BURST.min(units - sent);
            for message in sent..sent + burst {
                producer.push(message).expect("the ring was emptied");
            }
            sent += burst;
            came += consumer.drain(BURST as usize, |_| {}) as u64;
        }
        came
    })
}

/// What the commit of a batch looks like to the resolver.
fn request(number: u64) -> CommitRequest {
    let (shard, seq) = (number % 64, number / 64);
    let key = |name: &str, rest: u64| [name.as_bytes(), &rest.to_be_bytes()].concat();
    let mut request = CommitRequest::default();
    let batch = [key("hunt/log/", shard), key("", seq)].concat();
    let lease = key("hunt/lease/", shard);
    request.read_conflicts.add_key(&lease);
    request.read_conflicts.add_key(&batch);
    request.write_conflicts.add_key(&batch);
    request.write_conflicts.add_key(&key("hunt/all/", number));
    request.mutations.push(Mutation::Set {
        key: batch,
        value: vec![0; 64],
    });
    request
}

fn commits(units: u64) -> Run {
    let mut groups: Vec<Vec<CommitRequest>> = Vec::new();
    for number in 0..units {
        match groups.last_mut().filter(|group| group.len() < GROUP) {
            Some(group) => group.push(request(number)),
            None => groups.push(vec![request(number)]),
        }
    }
    for (group, version) in groups.iter_mut().zip(1..) {
        group
            .iter_mut()
            .for_each(|request| request.read_version = version);
    }
    Box::new(move || {
        let mut resolver = Resolver::new(1, 0);
        let mut committed = 0;
        for (group, version) in groups.iter().zip(2..) {
            let verdicts = resolver.resolve(version, group);
            let all = verdicts
                .iter()
                .all(|verdict| *verdict == Verdict::Committed);
            assert!(all, "nobody else writes there");
            committed += group.len() as u64;
        }
        committed
    })
}
