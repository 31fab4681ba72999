//! Hunts as operators write them: what is accepted can be sealed and kept, and what is kept holds no answer in clear.

use hunt::limits::FAULTS_MAX;
use hunt::{
    Audience, Draft, Event, EventBody, HuntState, Millis, Salt, decode_events, encode_events,
    hunt_view, normalise,
};
use serde_json::Value;

use crate::corpus;
use crate::fuzzer::{Outcome, fuzz};
use crate::mutation::Mutator;

const WORDS: &[&str] = &[
    "id",
    "title",
    "text",
    "points",
    "solve",
    "unlock",
    "grants",
    "answer",
    "scan",
    "check_in",
    "lat",
    "lon",
    "radius_m",
    "accuracy_max_m",
    "open",
    "after",
    "any",
    "of",
    "at",
    "stock",
    "per_player",
    "award",
    "on_solve",
    "claim",
    "requires",
    "first_to_solve",
    "guesses",
    "per_clue",
    "cooldown_ms",
    "opens_at",
    "freezes_at",
    "closes_at",
    "clues",
    "treasures",
    "pharos",
    "pier",
    "a",
    "b",
    "k",
    "\u{feff}",
    "\\u0000",
    "~0/~1",
    "İstanbul ǅ ﬃ",
    "2026-12-01T18:00:00Z",
];

/// Bytes of a secret that are too many to be in a record by chance.
const TELLING_BYTES: usize = 6;

#[test]
fn definitions() {
    let mutator = Mutator {
        dictionary: WORDS,
        json: true,
    };
    fuzz("definitions", corpus::hunts(), &mutator, |_, _| {}, check);
}

fn check(input: &[u8]) -> Outcome {
    let draft = match Draft::parse(input) {
        Ok(draft) => draft,
        Err(faults) => {
            assert!(!faults.is_empty(), "refused without a reason");
            assert!(faults.len() <= FAULTS_MAX + 1, "{} faults", faults.len());
            for fault in &faults {
                assert!(
                    fault.pointer.is_empty() || fault.pointer.starts_with('/'),
                    "{fault:?}"
                );
                assert!(!fault.detail.is_empty(), "{fault:?}");
            }
            return outcome(&faults);
        }
    };
    let event = Event {
        seq: 1,
        at: Millis(1),
        hunt: draft.id().clone(),
        body: EventBody::Put {
            definition: Box::new(draft.seal(Salt([9; 16]))),
            created: true,
            request: Default::default(),
        },
    };
    let bytes = encode_events(std::slice::from_ref(&event));
    let read = decode_events(1, &bytes).expect("what was accepted can be read again");
    assert_eq!(
        encode_events(&read),
        bytes,
        "a record is the same after a round trip"
    );
    let state = HuntState::created(&event);
    let shown =
        serde_json::to_string(&hunt_view(&state, None, Audience::Player, Millis(1))).unwrap();
    let debug = format!("{draft:?} {event:?} {state:?}");
    hides_secrets(input, &[bytes, shown.into_bytes(), debug.into_bytes()]);
    format!(
        "{} clues, {} treasures",
        state.definition().clues().len(),
        state.definition().treasures().len()
    )
}

/// Faults with their numbers taken out: what tells one kind of fault from another.
fn outcome(faults: &[hunt::Fault]) -> Outcome {
    let kind = |fault: &hunt::Fault| {
        let text = format!("{} {}", fault.pointer, fault.detail);
        text.chars()
            .filter(|c| c.is_ascii_lowercase() || *c == '/')
            .take(80)
            .collect::<String>()
    };
    faults.first().map(kind).unwrap_or_default() + &format!(" {}", faults.len().min(8))
}

/// No secret of the definition is in any of these, as it was written or normalised. Secrets that are public too (a clue's
/// id may be its answer) or short tell nothing.
fn hides_secrets(input: &[u8], kept: &[Vec<u8>]) {
    let tree: Value = serde_json::from_slice(input).expect("what was accepted is JSON");
    let (mut secrets, mut public) = (Vec::new(), vec![format!("{PUBLIC_WORDS} {WORDS:?}")]);
    part(&tree, false, &mut secrets, &mut public);
    let public = public.join("\n").to_lowercase();
    let normalised: Vec<String> = secrets.iter().map(|secret| normalise(secret)).collect();
    for secret in secrets.into_iter().chain(normalised) {
        if secret.len() < TELLING_BYTES
            || public.contains(&secret.to_lowercase())
            || public.contains(&normalise(&secret))
        {
            continue;
        }
        for bytes in kept {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "the secret {secret:?} is kept in clear");
        }
    }
}

/// Words of the format's own, which an answer may happen to be.
const PUBLIC_WORDS: &str = "null false true hidden secrets HuntState definition Definition tally created_at defined_by \
    announced restocked granted unlock_at cooldown count Some None RequestTag fingerprint EventBody Digest Millis schedule \
    requests players locked_clues scheduled";

fn part(tree: &Value, secret: bool, secrets: &mut Vec<String>, public: &mut Vec<String>) {
    match tree {
        Value::String(text) if secret => secrets.push(text.clone()),
        Value::String(text) => public.push(text.clone()),
        Value::Number(number) => public.push(number.to_string()),
        Value::Array(items) => items
            .iter()
            .for_each(|item| part(item, secret, secrets, public)),
        Value::Object(fields) => {
            for (name, value) in fields {
                public.push(name.clone());
                part(value, name == "answer" || name == "scan", secrets, public);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}
