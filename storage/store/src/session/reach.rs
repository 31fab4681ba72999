//! Whether a range read finds out that the keys end: its conflict range then reaches to where they do.
//!
//! A selector may lead past the first or the last key. FoundationDB's client notices that at some points of its read and
//! not at others, and its conflict ranges show which: `getRangeValue` and `getRangeValueBack` in `ReadYourWrites.actor.cpp`
//! of 7.3.

use std::ops::ControlFlow;

use super::near::Near;
use super::selectors::Bound;

/// The ends of the keys that a read found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) to_begin: bool,
    pub(super) to_end: bool,
}

/// The selectors of a range read before it reads, as far as they are known to lead.
#[derive(Debug)]
pub(super) struct Selected<'a> {
    pub(super) begin: Near,
    pub(super) end: Near,
    pub(super) reverse: bool,
    /// The first key past all that may be read.
    pub(super) space_end: &'a [u8],
}

/// Where they lead.
#[derive(Debug)]
pub(super) struct Resolved<'a> {
    pub(super) begin: &'a Bound,
    pub(super) end: &'a Bound,
    pub(super) reverse: bool,
    /// What was found before.
    pub(super) found: Reach,
}

impl Selected<'_> {
    /// The selector where the read ends.
    pub(super) fn far(&self) -> &Near {
        if self.reverse { &self.begin } else { &self.end }
    }

    /// Whether the far selector starts behind the one where the read begins. FoundationDB's client then looks up the former by
    /// itself first, since the range between the two may be empty.
    pub(super) fn is_crossed(&self) -> bool {
        self.far().offset != 1 && self.begin.key > self.end.key
    }

    /// What is found if it is clear without a read that there is no row: the range is inverted, begins where all keys end, or ends
    /// where they begin. Such a read asks for no version. The client looks further at the side that it would read towards.
    pub(super) fn surely_empty(&self) -> Option<Reach> {
        let Self { begin, end, .. } = self;
        if begin.left >= end.left && begin.key >= end.key {
            return Some(Reach::default());
        }
        let (begins_last, ends_first) =
            (begin.key.as_slice() >= self.space_end, end.key.is_empty());
        let is_crossed = self.is_crossed();
        let is_empty = match self.reverse {
            true => begins_last && begin.offset >= 1 || ends_first && end.offset == 1,
            false if is_crossed => begins_last && begin.offset == 1,
            false => begins_last && begin.offset == 1 || ends_first && end.offset <= 1,
        };
        is_empty.then(|| self.found())
    }

    /// What is found by the key that the far selector of a crossed range names. [`ControlFlow::Break`]: nothing lies between, since
    /// the near selector can't get there, or the keys end there on the side that the read comes from.
    pub(super) fn look_at_far(&self, named: &[u8]) -> ControlFlow<Reach, Reach> {
        let is_inverted = match self.reverse {
            true => self.end.offset <= 1 && named >= self.end.key.as_slice(),
            false => self.begin.offset > 0 && self.begin.key.as_slice() >= named,
        };
        if is_inverted {
            return ControlFlow::Break(Reach::default());
        }
        let (is_first, is_last) = (named.is_empty(), named == self.space_end);
        let found = self.found();
        let found = Reach {
            to_begin: found.to_begin || is_first,
            to_end: found.to_end || is_last,
        };
        match if self.reverse { is_last } else { is_first } {
            true => ControlFlow::Break(found),
            false => ControlFlow::Continue(found),
        }
    }

    /// Which ends of the keys the selectors are known to lead past.
    pub(super) fn found(&self) -> Reach {
        let clamped = || {
            [&self.begin, &self.end]
                .into_iter()
                .filter(|near| near.is_clamped())
        };
        Reach {
            to_begin: clamped().any(|near| near.left < 1),
            to_end: clamped().any(|near| near.left > 1),
        }
    }
}

impl Resolved<'_> {
    /// Which ends of the keys the read found; `more`: its page ended before it did.
    pub(super) fn reach(&self, more: bool) -> Reach {
        let Self {
            begin, end, found, ..
        } = self;
        if begin.key >= end.key && begin.left >= end.left {
            return Reach::default();
        }
        let to_begin = found.to_begin || begin.is_before_all() || end.is_before_all();
        let to_end = found.to_end || begin.is_past_all() || end.is_past_all();
        Reach {
            to_begin: to_begin && !(self.reverse && more),
            to_end: to_end && (self.reverse || !more),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KeySelector;
    use crate::selector::key_after;
    use crate::session::selectors::start_of;

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
        let (begin, end) = (selector(begin), selector(end));
        let selected = Selected {
            begin: Near::start(&begin),
            end: Near::start(&end),
            reverse,
            space_end: b"\xff",
        };
        let (begin_named, begin) = resolved(&KEYS, &begin);
        let (end_named, end) = resolved(&KEYS, &end);
        let far = if reverse { begin_named } else { end_named };
        let found = match selected.is_crossed() {
            true => selected.look_at_far(&far),
            false => ControlFlow::Continue(selected.found()),
        };
        let reach = match (selected.surely_empty(), found) {
            (Some(reach), _) | (None, ControlFlow::Break(reach)) => reach,
            (None, ControlFlow::Continue(found)) => Resolved {
                begin: &begin,
                end: &end,
                reverse,
                found,
            }
            .reach(more),
        };
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
