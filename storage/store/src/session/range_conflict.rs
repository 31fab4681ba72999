//! What a range read rests on: the keys where a change could have changed its page.

use crate::selector::key_after;
use crate::{KeySelector, RangeRead, Rows};

use super::reach::Reach;
use super::selectors::start_of;

/// One page.
pub(super) struct Answered<'a> {
    pub(super) read: &'a RangeRead,
    pub(super) rows: &'a Rows,
    /// The ends of the keys that it found.
    pub(super) reach: Reach,
}

impl Answered<'_> {
    /// `addConflictRange` in `ReadYourWrites.actor.cpp`: from the selectors' references, as far as a change there could change
    /// the page. What own writes hide of it is taken out later.
    pub(super) fn conflict_range(&self, space_end: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let (begin, end) = (start_of(&self.read.begin), start_of(&self.read.end));
        let (from, to) = match begin < end {
            false => (end, begin),
            true if self.read.reverse => (
                self.unless_more(self.read.begin.offset <= 1, &end, begin),
                end,
            ),
            true => (
                begin.clone(),
                self.unless_more(self.read.end.offset > 0, &begin, end),
            ),
        };
        let (from, to) = self.widen_to_ends(from, to, space_end);
        self.widen_to_rows(from, to)
    }

    /// As above, but as it is without read-your-writes: `getRangeFinished` in `NativeAPI.actor.cpp`. Where a selector leads
    /// past the keys of programs, FoundationDB goes on in its own; here, up to them.
    pub(super) fn plain_conflict_range(&self, space_end: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let Self { read, rows, reach } = self;
        let (begin, end) = (start_of(&read.begin), start_of(&read.end));
        let ends = rows.rows.first().zip(rows.rows.last());
        let (low, high) = match ends.map(|((first, _), (last, _))| (first, last)) {
            Some((first, last)) if read.reverse => (Some(last), Some(first)),
            Some((first, last)) => (Some(first), Some(last)),
            None => (None, None),
        };
        let whole_below =
            read.begin.offset > 0 && (!read.reverse || !rows.more || read.begin.offset > 1);
        let whole_above =
            read.end.offset <= 1 && (read.reverse || !rows.more || read.end.offset <= 0);
        let mut from = match low.filter(|_| !whole_below) {
            _ if reach.to_begin || (begin.is_empty() && read.begin.offset < 1) => Vec::new(),
            Some(low) => low.clone(),
            None => begin.clone(),
        };
        if read.end.offset > read.begin.offset && end < from {
            from.clone_from(&end);
        }
        let mut to = match high.filter(|_| !whole_above) {
            _ if reach.to_end => space_end.to_vec(),
            Some(high) => key_after(high),
            None => end,
        };
        if read.begin.offset < read.end.offset && begin > to {
            to = begin;
        }
        (from, to)
    }

    /// `whole`, but `instead` if the page ended before the range and nothing past it counts.
    fn unless_more(&self, past_does_not_count: bool, instead: &[u8], whole: Vec<u8>) -> Vec<u8> {
        match self.rows.more && past_does_not_count {
            true => instead.to_vec(),
            false => whole,
        }
    }

    fn widen_to_ends(&self, from: Vec<u8>, to: Vec<u8>, space_end: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let reaches = |selector: &KeySelector, forwards: bool| (selector.offset > 0) == forwards;
        let from = match self.reach.to_begin && reaches(&self.read.begin, false) {
            true => Vec::new(),
            false => from,
        };
        let to = match self.reach.to_end && reaches(&self.read.end, true) {
            true => space_end.to_vec(),
            false => to,
        };
        (from, to)
    }

    fn widen_to_rows(&self, from: Vec<u8>, to: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
        let (Some((first, _)), Some((last, _))) = (self.rows.rows.first(), self.rows.rows.last())
        else {
            return (from, to);
        };
        let Self { read, .. } = self;
        let (low, high) = if read.reverse {
            (last, first)
        } else {
            (first, last)
        };
        let counts_low = read.reverse || read.begin.offset <= 0;
        let counts_high = !read.reverse || read.end.offset > 0;
        let from = if counts_low {
            from.min(low.clone())
        } else {
            from
        };
        let to = if counts_high && to <= *high {
            key_after(high)
        } else {
            to
        };
        (from, to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A read from `begin` to `end`, each a key and an offset.
    fn read(begin: (&str, i32), end: (&str, i32)) -> RangeRead {
        let selector =
            |(key, offset): (&str, i32)| KeySelector::first_greater_or_equal(key).plus(offset - 1);
        RangeRead::between(selector(begin), selector(end))
    }

    /// The conflict range of a page of `rows`, `+` behind them if there is more.
    #[track_caller]
    fn check(read: &RangeRead, rows: &str, reach: Reach, expected: &str) {
        assert_eq!(
            range(read, rows, reach, |page| page.conflict_range(b"\xff")),
            expected
        );
    }

    /// As [`check`], without read-your-writes.
    #[track_caller]
    fn check_plain(read: &RangeRead, rows: &str, reach: Reach, expected: &str) {
        let found = range(read, rows, reach, |page| page.plain_conflict_range(b"\xff"));
        assert_eq!(found, expected);
    }

    type Rule = fn(&Answered<'_>) -> (Vec<u8>, Vec<u8>);

    fn range(read: &RangeRead, rows: &str, reach: Reach, rule: Rule) -> String {
        let row = |key: char| (key.to_string().into_bytes(), Vec::new());
        let rows = Rows {
            rows: rows.chars().filter(|key| *key != '+').map(row).collect(),
            more: rows.ends_with('+'),
        };
        let answered = Answered {
            read,
            rows: &rows,
            reach,
        };
        let (begin, end) = rule(&answered);
        format!("{}..{}", begin.escape_ascii(), end.escape_ascii())
    }

    const NONE: Reach = Reach {
        to_begin: false,
        to_end: false,
    };
    const BOTH: Reach = Reach {
        to_begin: true,
        to_end: true,
    };

    /// `addConflictRange(GetRangeReq<false>)`: "If the end offset is 1 or more, then no changes to the range after the returned
    /// results can change the outcome."
    #[test]
    fn a_page_forwards_conflicts_as_far_as_it_came() {
        check(&read(("b", 1), ("y", 1)), "ce", NONE, "b..y");
        check(&read(("b", 1), ("y", 1)), "ce+", NONE, "b..e\\x00");
        check(&read(("b", 1), ("y", 3)), "ce+", NONE, "b..e\\x00");
        check(&read(("b", 1), ("y", 0)), "ce+", NONE, "b..y");
        check(&read(("b", 1), ("y", 1)), "", NONE, "b..y");
    }

    /// `addConflictRange(GetRangeReq<true>)`: the same downwards, for a begin whose offset is 1 or less.
    #[test]
    fn a_page_backwards_conflicts_as_far_as_it_came() {
        let reverse = |begin, end| read(begin, end).reverse();
        check(&reverse(("b", 1), ("y", 1)), "ec", NONE, "b..y");
        check(&reverse(("b", 1), ("y", 1)), "ec+", NONE, "c..y");
        check(&reverse(("b", 0), ("y", 1)), "ec+", NONE, "c..y");
        check(&reverse(("b", 2), ("y", 1)), "ec+", NONE, "b..y");
    }

    /// Either `addConflictRange`: rows that a selector leads to past its reference count, in the direction that it goes.
    #[test]
    fn rows_past_a_reference_count() {
        check(&read(("m", -1), ("n", 1)), "ck", NONE, "c..n");
        check(&read(("m", 1), ("n", 4)), "qs", NONE, "m..s\\x00");
        check(&read(("m", -1), ("n", 1)).reverse(), "kc", NONE, "c..n");
        check(&read(("m", 1), ("n", 4)).reverse(), "sq", NONE, "m..s\\x00");
        check(&read(("m", 1), ("n", 0)).reverse(), "", NONE, "m..n");
    }

    /// Either `addConflictRange`: selectors that start in the wrong order span what lies between.
    #[test]
    fn crossed_references_are_put_in_order() {
        check(&read(("m", -2), ("c", 3)), "", NONE, "c..m");
        check(&read(("m", -2), ("c", 3)).reverse(), "", NONE, "c..m");
    }

    /// Either `addConflictRange`, `readToBegin` and `readThroughEnd`: for a begin that goes back, and an end that goes on.
    #[test]
    fn an_end_of_the_keys_counts_if_the_selector_goes_there() {
        check(&read(("m", 0), ("n", 2)), "", BOTH, "..\\xff");
        check(&read(("m", 1), ("n", 0)), "", BOTH, "m..n");
        check(&read(("m", 0), ("n", 2)).reverse(), "", BOTH, "..\\xff");
    }

    /// `getRangeFinished` in `NativeAPI.actor.cpp`: from the first row if the begin goes back, to the last if the end goes on.
    #[test]
    fn without_own_writes_rows_bound_the_range() {
        check_plain(&read(("b", 1), ("y", 1)), "ce", NONE, "b..y");
        check_plain(&read(("b", 1), ("y", 1)), "ce+", NONE, "b..e\\x00");
        check_plain(&read(("m", 0), ("n", 2)), "kq", NONE, "k..q\\x00");
        check_plain(&read(("b", 1), ("y", 1)).reverse(), "ec+", NONE, "c..y");
        check_plain(&read(("m", 0), ("n", 1)), "", NONE, "m..n");
    }

    /// As above: a selector that leads past the first key rests on all before it, one past the last on all behind.
    #[test]
    fn without_own_writes_the_ends_of_the_keys_count() {
        check_plain(&read(("m", -3), ("y", 1)), "ce", BOTH, "..\\xff");
        check_plain(&read(("", 0), ("y", 1)), "ce+", NONE, "..e\\x00");
    }
}
