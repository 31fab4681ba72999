//! The resolver against a model that compares every read with every write.

use super::*;
use crate::ConflictSet;
use crate::dice::Dice;

/// Every committed write range since the beginning.
#[derive(Default)]
struct Model {
    writes: Vec<(Vec<u8>, Vec<u8>, Version)>,
}

impl Model {
    fn resolve(&mut self, version: Version, oldest: Version, request: &CommitRequest) -> Verdict {
        if request.read_version < oldest && !request.read_conflicts.is_empty() {
            return Verdict::TooOld;
        }
        let meets = |range: ConflictRange<'_>| {
            self.writes.iter().any(|(begin, end, written)| {
                *written > request.read_version
                    && begin.as_slice() < range.end
                    && range.begin < end.as_slice()
            })
        };
        if request.read_conflicts.iter().any(meets) {
            return Verdict::Conflict;
        }
        let writes = request.write_conflicts.iter();
        self.writes
            .extend(writes.map(|range| (range.begin.to_vec(), range.end.to_vec(), version)));
        Verdict::Committed
    }
}

fn key(dice: &mut Dice) -> Vec<u8> {
    let len = 1 + dice.index(2);
    (0..len)
        .map(|_| b"\0abcdefgh\xfe"[dice.index(10)])
        .collect()
}

fn conflict_set(dice: &mut Dice, most: usize) -> ConflictSet {
    let mut set = ConflictSet::default();
    for _ in 0..dice.index(most + 1) {
        if dice.one_in(3) {
            let (a, b) = (key(dice), key(dice));
            set.add(a.as_slice().min(&b), a.as_slice().max(&b));
        } else {
            set.add_key(&key(dice));
        }
    }
    set
}

/// Runs `batches` random batches through both, and counts each verdict.
fn check(seed: u64, batches: usize, window: Version, bytes_max: usize) -> [usize; 3] {
    let mut dice = Dice::new(seed);
    let mut resolver = Resolver::with_limits(0, 0, window, bytes_max);
    let mut model = Model::default();
    let mut version = 0;
    let mut counts = [0; 3];
    for _ in 0..batches {
        version += 1 + dice.below(40) as Version;
        let oldest_asked = (version - 1 - dice.below(150) as Version).max(0);
        let batch: Vec<CommitRequest> = (0..dice.index(4))
            .map(|_| CommitRequest {
                read_version: oldest_asked + dice.below((version - oldest_asked) as u64) as Version,
                read_conflicts: conflict_set(&mut dice, 2),
                write_conflicts: conflict_set(&mut dice, 2),
                ..CommitRequest::default()
            })
            .collect();
        let verdicts = resolver.resolve(version, &batch);
        for (request, verdict) in batch.iter().zip(verdicts) {
            let expected = model.resolve(version, resolver.oldest(), request);
            assert_eq!(
                verdict, expected,
                "seed {seed}, version {version}: {request:?}"
            );
            counts[expected as usize] += 1;
        }
        assert!(
            resolver.oldest() >= version - window,
            "seed {seed}: the window moves"
        );
    }
    counts
}

#[test]
fn agrees_with_the_model() {
    let mut counts = [0; 3];
    for seed in 0..200 {
        for (total, count) in counts.iter_mut().zip(check(seed, 200, 100, usize::MAX)) {
            *total += count;
        }
    }
    assert!(
        counts.iter().all(|count| *count > 1_000),
        "every verdict occurs: {counts:?}"
    );
}

#[test]
fn agrees_with_the_model_when_memory_shortens_the_window() {
    for seed in 1_000..1_100 {
        check(seed, 200, 1_000, 8_000);
    }
}

fn request(read_version: Version, reads: &[&[u8]], writes: &[&[u8]]) -> CommitRequest {
    let mut request = CommitRequest {
        read_version,
        ..CommitRequest::default()
    };
    reads
        .iter()
        .for_each(|key| request.read_conflicts.add_key(key));
    writes
        .iter()
        .for_each(|key| request.write_conflicts.add_key(key));
    request
}

#[test]
fn an_earlier_one_of_the_batch_conflicts_with_a_later_one() {
    let mut resolver = Resolver::new(10, 0);
    let batch = [
        request(10, &[], &[b"k"]),
        request(10, &[b"k"], &[b"x"]),
        request(10, &[b"x"], &[]),
    ];
    assert_eq!(
        resolver.resolve(11, &batch),
        [Verdict::Committed, Verdict::Conflict, Verdict::Committed]
    );
}

#[test]
fn a_blind_write_is_never_too_old() {
    let mut resolver = Resolver::new(10, 0);
    let batch = [
        request(9, &[], &[b"k"]),
        request(9, &[b"k"], &[]),
        request(10, &[b"j"], &[]),
    ];
    assert_eq!(
        resolver.resolve(11, &batch),
        [Verdict::Committed, Verdict::TooOld, Verdict::Committed]
    );
    assert_eq!(
        resolver.resolve(11 + WINDOW_VERSIONS, &[request(11, &[b"z"], &[])]),
        [Verdict::Committed]
    );
    assert_eq!(
        resolver.resolve(12 + WINDOW_VERSIONS, &[request(11, &[b"z"], &[])]),
        [Verdict::TooOld]
    );
}

#[test]
fn memory_stays_within_its_limit() {
    const BYTES_MAX: usize = 100_000;
    let mut resolver = Resolver::with_limits(0, 0, WINDOW_VERSIONS, BYTES_MAX);
    for version in 1..20_000 {
        resolver.resolve(
            version,
            &[request(version - 1, &[], &[&version.to_be_bytes()])],
        );
    }
    assert!(
        resolver.size_bytes() <= BYTES_MAX,
        "{}",
        resolver.size_bytes()
    );
    assert!(resolver.oldest() > 0, "the window was shortened");
    assert_eq!(
        resolver.resolve(20_000, &[request(0, &[b"a"], &[])]),
        [Verdict::TooOld]
    );
    assert_eq!(
        resolver.resolve(20_001, &[request(19_999, &[b"a"], &[])]),
        [Verdict::Committed]
    );
}

#[test]
fn a_conflict_tells_its_ranges_if_it_is_asked() {
    let mut resolver = Resolver::new(10, 0);
    resolver.resolve(11, &[request(10, &[], &[b"b", b"d"])]);
    let mut late = request(10, &[b"a", b"b", b"c", b"d"], &[]);
    resolver.advance(12);
    assert_eq!(resolver.resolve_next(&late), Verdict::Conflict);
    assert_eq!(
        resolver.conflict(&late),
        StoreError::new(code::NOT_COMMITTED)
    );
    late.reports_conflicts = true;
    let told = resolver.conflict(&late);
    assert_eq!(
        (told.code(), told.conflicts()),
        (
            code::NOT_COMMITTED,
            [KeyRange::single(b"b"), KeyRange::single(b"d")].as_slice()
        )
    );
}
