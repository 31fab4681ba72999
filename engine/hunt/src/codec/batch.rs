//! A batch of events: what one commit appends to the log. Hunts are named once in front, sequence numbers are implied
//! by the first, times are differences; so a claim takes about 60 bytes, most of them its player and its request.

use std::collections::BTreeMap;

use super::{
    DecodeError,
    frame::{self, Body, Kind},
};
use crate::{Event, EventBody, HuntId, Millis, Seq};

/// Bytes that an event takes at least; what bounds the count that a batch may claim.
const EVENT_BYTES_MIN: usize = 4;

/// Bytes to make room for, for each event.
const EVENT_BYTES_USUAL: usize = 64;

/// Writes a batch.
///
/// # Panics
///
/// If the sequence numbers are not consecutive: they are not stored.
pub fn encode_events(events: &[Event]) -> Vec<u8> {
    let consecutive = events
        .windows(2)
        .all(|pair| matches!(pair, [a, b] if b.seq == a.seq + 1));
    assert!(
        consecutive,
        "the events of a batch have consecutive sequence numbers"
    );
    let mut hunts: Vec<&HuntId> = Vec::new();
    let mut known: BTreeMap<&HuntId, usize> = BTreeMap::new();
    let places: Vec<usize> = events
        .iter()
        .map(|event| {
            *known.entry(&event.hunt).or_insert_with(|| {
                hunts.push(&event.hunt);
                hunts.len() - 1
            })
        })
        .collect();
    let mut bytes = frame::begin(Kind::Events, events.len() * EVENT_BYTES_USUAL);
    let mut at = events.first().map_or(0, |event| event.at.0);
    frame::append(&mut bytes, &(events.len(), hunts, at));
    for (event, hunt) in events.iter().zip(places) {
        let later = event.at.0.wrapping_sub(at).cast_signed();
        at = event.at.0;
        frame::append(&mut bytes, &(hunt, later, &event.body));
    }
    frame::end(bytes)
}

/// Reads a batch again; the key under which it was stored tells its first sequence number.
pub fn decode_events(first_seq: Seq, bytes: &[u8]) -> Result<Vec<Event>, DecodeError> {
    let mut body = Body::open(bytes, Kind::Events)?;
    let (count, hunts, mut at): (usize, Vec<HuntId>, u64) = body.take()?;
    if count > body.len() / EVENT_BYTES_MIN {
        return Err(DecodeError::malformed(format_args!(
            "{count} events don't fit in {} bytes",
            body.len()
        )));
    }
    let mut events = Vec::with_capacity(count);
    for seq in (first_seq..).take(count) {
        let (hunt, later, body): (usize, i64, EventBody) = body.take()?;
        at = at.wrapping_add(later.cast_unsigned());
        let hunt: &HuntId = hunts
            .get(hunt)
            .ok_or_else(|| DecodeError::malformed("an event names no hunt"))?;
        events.push(Event {
            seq,
            at: Millis(at),
            hunt: hunt.clone(),
            body,
        });
    }
    body.close()?;
    Ok(events)
}
