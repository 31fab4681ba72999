//! What people are shown, rendered a second time from the model of the rules: JSON in the words of the product, without
//! any of the engine's own views. So a view that leaves something out, or counts wrong, meets another one that does not.

mod event;
mod hunt;
mod player;
mod reply;

use ::hunt::{Definition, Index, Millis, Phase, Seq, ShardId};
use serde::Serialize;
use serde_json::{Value, json};

pub(super) use event::event;
pub(super) use hunt::{hunt, stats, summary};
pub(super) use player::progress;
pub(super) use reply::{effect, outcome};

/// What the engine shows is what is right to show.
pub(super) fn is(given: &impl Serialize, right: &Value) -> bool {
    serde_json::to_value(given).is_ok_and(|given| given == *right)
}

/// A moment as the product writes it: RFC 3339, UTC, milliseconds.
pub(super) fn moment(at: Millis) -> String {
    let (days, ms) = (at.0 / DAY_MS, at.0 % DAY_MS);
    let (year, month, day) = date(days);
    let (hour, minute) = (ms / 3_600_000, ms / 60_000 % 60);
    let (second, milli) = (ms / 1_000 % 60, ms % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// The date so many days after 1970-01-01, counted year by year and month by month.
fn date(mut days: u64) -> (u64, u64, u64) {
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

/// The name of a phase.
fn named(phase: Phase) -> &'static str {
    match phase {
        Phase::Scheduled => "scheduled",
        Phase::Open => "open",
        Phase::Frozen => "frozen",
        Phase::Closed => "closed",
    }
}

/// A moment, or null.
fn maybe(at: Option<Millis>) -> Value {
    at.map_or(Value::Null, |at| moment(at).into())
}

/// A unit of a treasure: its id tells shard, event and place.
pub(super) fn grant(
    treasure: Index,
    (seq, at, place): (Seq, Millis, u16),
    definition: &Definition,
    shard: ShardId,
) -> Value {
    json!({
        "id": format!("{shard}-{seq}-{place}"),
        "treasure": treasure_id(definition, treasure),
        "seq": seq,
        "at": moment(at),
    })
}

/// The name of a treasure, also of one that the definition dropped before anybody joined.
fn treasure_id(definition: &Definition, index: Index) -> String {
    let treasure = definition.treasures().get(usize::from(index));
    treasure.map_or_else(
        || format!("dropped-{index}"),
        |treasure| treasure.id.as_str().to_owned(),
    )
}

/// The names of clues.
fn clue_ids(definition: &Definition, clues: &[Index]) -> Vec<String> {
    let named = |index: &Index| definition.clues().get(usize::from(*index));
    clues
        .iter()
        .filter_map(named)
        .map(|clue| clue.id.as_str().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::moment;
    use hunt::Millis;

    #[test]
    fn moments_are_those_of_the_calendar() {
        let check = |ms, expected| assert_eq!(moment(Millis(ms)), expected);
        check(0, "1970-01-01T00:00:00.000Z");
        check(951_782_399_999, "2000-02-28T23:59:59.999Z");
        check(951_782_400_000, "2000-02-29T00:00:00.000Z");
        check(1_800_000_000_000, "2027-01-15T08:00:00.000Z");
        check(4_107_542_400_000, "2100-03-01T00:00:00.000Z");
    }
}
