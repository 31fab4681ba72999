//! Moments as the product reads and writes them.

use hunt::Millis;

use crate::draw::Chance;
use crate::oracle::{Evidence, shown};

/// The last millisecond of the year 9999.
const LAST_MS: u64 = 253_402_300_799_999;

pub(super) fn check(_: &Evidence<'_>, chance: &mut Chance) -> Result<(), String> {
    let at = Millis(chance.below(LAST_MS + 1));
    let text = shown::moment(at);
    if at.to_string() != text {
        return Err(format!("{} ms is written {at}: {text} is right", at.0));
    }
    let without_end = text.trim_end_matches('Z');
    // The same digits on clocks that are ahead and behind.
    for (form, expected) in [
        (format!("{without_end}Z"), Some(at.0)),
        (format!("{without_end}456789Z"), Some(at.0)),
        (format!("{without_end}+05:30"), at.0.checked_sub(19_800_000)),
        (format!("{without_end}-01:00"), Some(at.0 + 3_600_000)),
        (text.replace('T', " at "), None),
        (without_end.to_owned(), None),
    ] {
        let read = Millis::parse_rfc3339(&form).ok().map(|read| read.0);
        let expected = expected.filter(|ms| *ms <= LAST_MS);
        // Past the last year there is no way to write the date, so nobody asks.
        if read != expected && at.0 < LAST_MS - 3_600_000 {
            return Err(format!("{form} is read as {read:?}: {expected:?} is right"));
        }
    }
    let (ms, later) = (chance.below(1_000_000), chance.below(1_000_000));
    let (since, plus) = (Millis(later).since(Millis(ms)), Millis(ms).plus(later));
    match (since, plus.0) == (later.saturating_sub(ms), ms + later) {
        true => Ok(()),
        false => Err(format!(
            "{later} ms is {since} ms since {ms} ms, and with it {plus}"
        )),
    }
}
