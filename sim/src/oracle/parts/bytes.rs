//! The bytes of events and rows: what was written is read back, and what was changed since is refused.

use hunt::{
    Event, EventBody, HuntState, PlayerId, PlayerState, decode_events, decode_hunt, decode_player,
    encode_events, encode_hunt, encode_player,
};

use crate::draw::Chance;
use crate::oracle::Evidence;

/// Damages that are tried on each kind of record.
const DAMAGES: u64 = 6;

/// What version 1 wrote for [`golden_event`]: such bytes are in people's stores.
const GOLDEN: &str = "010101010e686172626f75722d6c6967687473fd7b505c18a301000000000703616d7903fb2c0101080706050403020118171615141312115c631e7e";

pub(super) fn check(evidence: &Evidence<'_>, chance: &mut Chance) -> Result<(), String> {
    golden()?;
    let batches = &evidence.truth.batches;
    if batches.is_empty() {
        return Ok(());
    }
    let events = &chance.pick(batches).events;
    let bytes = encode_events(events);
    let first = events.first().map_or(1, |event| event.seq);
    let read = decode_events(first, &bytes);
    if read.as_ref() != Ok(events) {
        return Err(format!("events {events:?} are read back as {read:?}"));
    }
    refused(chance, &bytes, "events", |bytes| {
        decode_events(first, bytes).is_err()
    })?;
    rows(evidence, chance, &bytes)
}

/// Rows of a hunt and of a player of it, as of some event.
fn rows(evidence: &Evidence<'_>, chance: &mut Chance, events: &[u8]) -> Result<(), String> {
    let hunts: Vec<_> = evidence.ledger.hunts().map(|(_, log)| log).collect();
    let log = *chance.pick(&hunts);
    let count = chance.between(1, log.events.len() as u64) as usize;
    let known: Vec<&Event> = log.events.iter().take(count).map(|it| it.event).collect();
    let Some((first, rest)) = known.split_first() else {
        return Ok(());
    };
    let mut hunt = HuntState::created(first);
    rest.iter().for_each(|event| hunt.apply(event));
    let bytes = encode_hunt(&hunt);
    let read = decode_hunt(&bytes);
    if read.as_ref() != Ok(&hunt) {
        return Err(format!("{hunt:?} is read back as {read:?}"));
    }
    if decode_hunt(events).is_ok() || decode_player(&bytes).is_ok() {
        return Err("a record is read as one of another kind".to_owned());
    }
    refused(chance, &bytes, "a hunt's row", |bytes| {
        decode_hunt(bytes).is_err()
    })?;
    let players: Vec<&PlayerId> = known
        .iter()
        .filter_map(|event| event.body.player())
        .collect();
    if players.is_empty() {
        return Ok(());
    }
    let player = *chance.pick(&players);
    let mut state = PlayerState::default();
    let own = known
        .iter()
        .filter(|event| event.body.player() == Some(player));
    own.for_each(|event| state.apply(event));
    let bytes = encode_player(&state);
    let read = decode_player(&bytes);
    if read.as_ref() != Ok(&state) {
        return Err(format!("{state:?} is read back as {read:?}"));
    }
    refused(chance, &bytes, "a player's row", |bytes| {
        decode_player(bytes).is_err()
    })
}

/// A flipped bit, a lost end and another version are noticed.
fn refused(
    chance: &mut Chance,
    bytes: &[u8],
    what: &str,
    is_refused: impl Fn(&[u8]) -> bool,
) -> Result<(), String> {
    for _ in 0..DAMAGES {
        let at = chance.below(bytes.len() as u64) as usize;
        let mut flipped = bytes.to_vec();
        flipped[at] ^= 1 << chance.below(8);
        if !is_refused(&flipped) {
            return Err(format!("{what}: a flipped bit of byte {at} goes unnoticed"));
        }
        if !is_refused(&bytes[..at]) {
            return Err(format!(
                "{what}: that {at} bytes are cut off goes unnoticed"
            ));
        }
    }
    Ok(())
}

fn golden_event() -> Event {
    Event {
        seq: 7,
        at: hunt::Millis(1_800_000_000_123),
        hunt: hunt::HuntId::new("harbour-lights").expect("it is an id"),
        body: EventBody::Claimed {
            player: PlayerId::new("amy").expect("it is an id"),
            grant: hunt::Granted {
                treasure: 3,
                nth: 300,
            },
            joined: true,
            request: hunt::RequestTag {
                id: 0x0102_0304_0506_0708,
                fingerprint: 0x1112_1314_1516_1718,
            },
        },
    }
}

fn golden() -> Result<(), String> {
    let digits = GOLDEN.as_bytes().chunks_exact(2);
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Vec<u8> = digits.filter_map(byte).collect();
    let written = encode_events(&[golden_event()]);
    let read = decode_events(7, &bytes);
    if read.as_deref() == Ok(&[golden_event()]) && written == bytes {
        return Ok(());
    }
    let written: String = written.iter().map(|byte| format!("{byte:02x}")).collect();
    Err(format!(
        "an event is written as {written}, and as version 1 wrote it read as {read:?}"
    ))
}
