//! Whether a range read finds out that the keys end: its conflict range then reaches to where they do.
//!
//! A selector may lead past the first or the last key. FoundationDB's client notices that at some points of its read and
//! not at others, and its conflict ranges show which: `getRangeValue` and `getRangeValueBack` in `ReadYourWrites.actor.cpp`
//! of 7.3, for a transaction that has read nothing there before. What its cache holds by then can make it see that two
//! selectors cross where here the keys are looked at.

use crate::RangeRead;

use super::selectors::{Bound, start_of};

/// The ends of the keys that a read found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) to_begin: bool,
    pub(super) to_end: bool,
}

/// Where the selectors of a range read lead.
#[derive(Debug)]
pub(super) struct Resolved<'a> {
    pub(super) read: &'a RangeRead,
    pub(super) begin: &'a Bound,
    pub(super) end: &'a Bound,
    /// The key that the far selector names, if [`is_crossed`].
    pub(super) crossed: Option<Vec<u8>>,
    /// The first key past all that may be read.
    pub(super) space_end: &'a [u8],
}

/// Whether the selector where the read ends starts behind the one where it begins. FoundationDB's client then looks up the
/// former by itself first, since the range between the two may be empty.
pub(super) fn is_crossed(read: &RangeRead) -> bool {
    let far = if read.reverse { &read.begin } else { &read.end };
    far.offset != 1 && start_of(&read.begin) > start_of(&read.end)
}

impl Resolved<'_> {
    /// Which ends of the keys the read found; `more`: its page ended before it did.
    pub(super) fn reach(&self, more: bool) -> Reach {
        if self.ends_before_all() {
            return Reach::default();
        }
        let found = match &self.crossed {
            None => Reach::default(),
            Some(named) if self.is_surely_inverted(named) => return Reach::default(),
            Some(named) => Reach {
                to_begin: named.is_empty(),
                to_end: named == self.space_end,
            },
        };
        if self.is_surely_empty(found) {
            return found;
        }
        if self.begin.key >= self.end.key && self.begin.left >= self.end.left {
            return Reach::default();
        }
        let to_begin = found.to_begin || self.begin.is_before_all() || self.end.is_before_all();
        let to_end = found.to_end || self.begin.is_past_all() || self.end.is_past_all();
        Reach {
            to_begin: to_begin && !(self.read.reverse && more),
            to_end: to_end && (self.read.reverse || !more),
        }
    }

    /// Nothing lies before the empty key, so nothing is looked at.
    fn ends_before_all(&self) -> bool {
        let is_looked_up = self.crossed.is_some() && !self.read.reverse;
        self.read.end.offset <= 1 && start_of(&self.read.end).is_empty() && !is_looked_up
    }

    /// Whether the far selector leads to a key that the near one can't reach.
    fn is_surely_inverted(&self, named: &[u8]) -> bool {
        let RangeRead { begin, end, .. } = self.read;
        match self.read.reverse {
            true => end.offset <= 1 && named >= start_of(end).as_slice(),
            false => begin.offset > 0 && start_of(begin).as_slice() >= named,
        }
    }

    /// Whether the far selector leads to where the keys end on the side that the read comes from.
    fn is_surely_empty(&self, found: Reach) -> bool {
        match self.read.reverse {
            true => found.to_end,
            false => found.to_begin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KeySelector;
    use crate::selector::key_after;

    const KEYS: [&str; 4] = ["b", "d", "f", "h"];

    /// The key that `selector` names among `keys`, and where a range begins or ends by it.
    fn resolved(keys: &[&str], selector: &KeySelector) -> (Vec<u8>, Bound) {
        let start = start_of(selector);
        let place = keys.partition_point(|key| key.as_bytes() < start.as_slice()) as i64;
        let at = |place: i64| {
            usize::try_from(place)
                .ok()
                .and_then(|place| keys.get(place))
        };
        let nth = place + i64::from(selector.offset) - 1;
        let named = match at(nth) {
            Some(key) => key.as_bytes().to_vec(),
            None if nth < 0 => Vec::new(),
            None => b"\xff".to_vec(),
        };
        let left = match nth {
            ..0 => nth + 1,
            _ => (nth - keys.len() as i64 + 1).max(1),
        };
        let key = match (selector.offset, at(nth - 1)) {
            (1, _) => start,
            (2.., Some(before)) => key_after(before.as_bytes()),
            _ => named.clone(),
        };
        (named, Bound { key, left })
    }

    fn selector((key, offset): (&str, i32)) -> KeySelector {
        KeySelector::first_greater_or_equal(key).plus(offset - 1)
    }

    /// Which ends a read from `begin` to `end`, each a key and an offset, finds: `<`, `>`, both or none.
    #[track_caller]
    fn check(begin: (&str, i32), end: (&str, i32), reverse: bool, more: bool, expected: &str) {
        let mut read = RangeRead::between(selector(begin), selector(end));
        read.reverse = reverse;
        let (begin_named, begin) = resolved(&KEYS, &read.begin);
        let (end_named, end) = resolved(&KEYS, &read.end);
        let far = if reverse { begin_named } else { end_named };
        let resolved = Resolved {
            read: &read,
            begin: &begin,
            end: &end,
            crossed: is_crossed(&read).then_some(far),
            space_end: b"\xff",
        };
        let reach = resolved.reach(more);
        let found = [(reach.to_begin, '<'), (reach.to_end, '>')];
        let found: String = found
            .iter()
            .filter_map(|(is_found, sign)| is_found.then_some(sign))
            .collect();
        assert_eq!(found, expected);
    }

    /// `resolveKeySelectorFromCache`: what is left of an offset tells that the keys ended.
    #[test]
    fn a_selector_finds_the_end_that_it_leads_past() {
        check(("e", -2), ("h", 1), false, false, "<");
        check(("e", -1), ("h", 1), false, false, "");
        check(("c", 1), ("e", 4), false, false, ">");
        check(("c", 1), ("e", 3), false, false, "");
        check(("e", -2), ("e", 5), false, false, "<>");
    }

    /// The last lines of `getRangeValue` and `getRangeValueBack`: a page that ended early did not come to the far end.
    #[test]
    fn a_page_that_ends_early_does_not_find_the_far_end() {
        check(("e", -2), ("e", 5), false, true, "<");
        check(("e", -2), ("e", 5), true, true, ">");
        check(("e", -2), ("e", 5), true, false, "<>");
    }

    /// `getRangeValue`, `begin.getKey() > end.getKey()`: `GetKeyReq(end)` comes first. If nothing lies before the end, and the
    /// begin goes backwards too, the read ends there, and has found the begin of the keys.
    #[test]
    fn a_crossed_end_that_leads_before_all_is_found() {
        check(("f", -4), ("c", -3), false, false, "<");
        check(("f", -3), ("c", -2), false, false, "<");
        check(("f", -1), ("", 0), false, false, "<");
    }

    /// As above: with a begin that goes forwards the range is inverted, and nothing is found.
    #[test]
    fn a_crossed_end_before_the_begin_is_inverted() {
        check(("f", 1), ("c", 2), false, false, "");
        check(("f", 2), ("c", 3), false, false, "");
        check(("h", 1), ("c", 3), false, false, "");
    }

    /// As above: an end past all keys is found by that, though the range itself would only need the key before it.
    #[test]
    fn a_crossed_end_that_leads_past_all_is_found() {
        check(("e", 1), ("c", 4), false, false, ">");
        check(("e", 1), ("c", 4), false, true, "");
        check(("e", 1), ("c", 3), false, false, "");
    }

    /// `getRangeValueBack`, the same the other way round: `GetKeyReq(begin)` comes first.
    #[test]
    fn a_crossed_begin_of_a_reverse_read_is_looked_up() {
        check(("e", 4), ("c", 5), true, false, ">");
        check(("e", 2), ("c", 1), true, false, "");
        check(("e", -3), ("d", 2), true, false, "<");
    }

    /// `getRangeValue`, its first checks: resolved selectors that leave no range find nothing.
    #[test]
    fn an_empty_range_finds_nothing() {
        check(("b", 0), ("d", -1), false, false, "");
        check(("h", 3), ("h", 4), false, false, ">");
        check(("f", 4), ("i", 2), false, false, "");
        check(("", -1), ("", 0), false, false, "");
        check(("b", 0), ("", 1), false, false, "");
        check(("b", 0), ("", 1), true, false, "");
    }
}
