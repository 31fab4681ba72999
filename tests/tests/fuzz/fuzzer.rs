//! The loop: mutate a kept input, run the target, keep what reached an outcome that none reached before.
//!
//! ```text
//!  corpus ─▶ pool ──pick──▶ mutate ──▶ target ──▶ outcome ── new? ──▶ pool
//!                                        └─ panic ──▶ seed and input in hexadecimal
//! ```
//!
//! There is no coverage to steer by; that the decoders tell precisely what was wrong, and where, is used instead.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use tests::Random;
use tests::random::{number, seed};

use crate::mutation::Mutator;

/// Inputs that are kept; past it a new one takes the place of any other but the corpus.
const POOL_MAX: usize = 4_096;

/// Bytes of an input.
const INPUT_BYTES_MAX: usize = 64 << 10;

/// Mutations that are stacked on one another.
const STACK_MAX: usize = 6;

/// How long each target runs if nobody says otherwise.
const SECONDS: u64 = 8;

/// Runs that every target gets, however short its time.
const RUNS_MIN: u64 = 200;

/// What a target said of an input: equal texts are one outcome.
pub(crate) type Outcome = String;

/// Runs a target on mutations of a corpus for its time. `mend` makes what was mutated plausible again.
pub(crate) fn fuzz(
    name: &str,
    corpus: Vec<Vec<u8>>,
    mutator: &Mutator,
    mend: fn(&mut Random, &mut Vec<u8>),
    target: impl Fn(&[u8]) -> Outcome,
) {
    if let Some(input) = single() {
        eprintln!("{name}: {}", target(&input));
        return;
    }
    let seed = seed("HUNT_FUZZ_SEED");
    let end = Instant::now() + Duration::from_secs(number("HUNT_FUZZ_SECONDS", SECONDS));
    let mut random = Random::new(seed, name.bytes().map(u64::from).sum());
    let mut outcomes = BTreeSet::new();
    for input in &corpus {
        outcomes.insert(guarded(name, seed, &target, input));
    }
    let (kept, mut pool, mut runs) = (corpus.len(), corpus, 0);
    while runs < RUNS_MIN || Instant::now() < end {
        let mut input = random.pick(&pool).clone();
        for _ in 0..=random.below(STACK_MAX) {
            mutator.mutate(&mut random, &mut input, &pool);
        }
        input.truncate(INPUT_BYTES_MAX);
        mend(&mut random, &mut input);
        runs += 1;
        if outcomes.insert(guarded(name, seed, &target, &input)) {
            if pool.len() < POOL_MAX {
                pool.push(input);
            } else {
                let at = kept + random.below(POOL_MAX - kept);
                pool[at] = input;
            }
        }
    }
    eprintln!("{name}: {runs} inputs, {} outcomes", outcomes.len());
    assert!(
        outcomes.len() > 2,
        "{name} can only end one way: the target tests nothing"
    );
}

fn guarded(name: &str, seed: u64, target: &impl Fn(&[u8]) -> Outcome, input: &[u8]) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| target(input))).unwrap_or_else(|panic| {
        let hex: String = input.iter().map(|byte| format!("{byte:02x}")).collect();
        eprintln!(
            "{name} failed with HUNT_FUZZ_SEED={seed}; this input alone: HUNT_FUZZ_INPUT={hex}"
        );
        eprintln!("as text: {}", String::from_utf8_lossy(input));
        resume_unwind(panic)
    })
}

fn single() -> Option<Vec<u8>> {
    let hex = std::env::var("HUNT_FUZZ_INPUT").ok()?;
    let digits: Vec<u8> = hex.chars().map(|c| c.to_digit(16).unwrap() as u8).collect();
    Some(
        digits
            .chunks_exact(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect(),
    )
}
