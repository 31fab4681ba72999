//! A page of rows that are all there: selectors and limits as for other keys.

use store::{KeySelector, RangeRead, Rows};

use super::module::Module;

/// What a page counts for each row besides its key and value.
const ROW_OVERHEAD_BYTES: usize = 8;

/// Whether the selectors name no row, whatever rows there are.
pub(super) fn is_inverted(read: &RangeRead) -> bool {
    read.begin.offset >= read.end.offset && start_of(&read.begin) >= start_of(&read.end)
}

/// The page of `read` out of the rows of `module`.
pub(super) fn page(rows: Vec<(Vec<u8>, Vec<u8>)>, module: Module, read: &RangeRead) -> Rows {
    let begin = resolve(&rows, module, &read.begin);
    let end = resolve(&rows, module, &read.end);
    let within = |(key, _): &(Vec<u8>, Vec<u8>)| begin <= *key && *key < end;
    let mut rows: Vec<_> = rows.into_iter().filter(within).collect();
    if read.reverse {
        rows.reverse();
    }
    let mut bytes = 0;
    let ends_page = |(place, (key, value)): (usize, &(Vec<u8>, Vec<u8>))| {
        bytes += key.len() + value.len() + ROW_OVERHEAD_BYTES;
        place + 1 == read.limit || (read.bytes_target > 0 && bytes >= read.bytes_target)
    };
    let full = rows.iter().enumerate().position(ends_page);
    if let Some(last) = full {
        rows.truncate(last + 1);
    }
    Rows {
        rows,
        more: full.is_some(),
    }
}

/// The first key at or past what `selector` names, within the module.
fn resolve(rows: &[(Vec<u8>, Vec<u8>)], module: Module, selector: &KeySelector) -> Vec<u8> {
    let start = start_of(selector);
    if selector.offset == 1 {
        return start;
    }
    let before = rows.partition_point(|(key, _)| *key < start) as i64;
    let named = before + i64::from(selector.offset) - 1;
    match usize::try_from(named) {
        Ok(place) => rows
            .get(place)
            .map_or_else(|| module.end.to_vec(), |(key, _)| key.clone()),
        Err(_) => module.begin.to_vec(),
    }
}

fn start_of(selector: &KeySelector) -> Vec<u8> {
    match selector.or_equal {
        true => [selector.key.as_slice(), b"\0"].concat(),
        false => selector.key.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::module::ALL;
    use store::KeyRange;

    fn rows() -> Vec<(Vec<u8>, Vec<u8>)> {
        [b"\xff\xffa", b"\xff\xffb", b"\xff\xffc"]
            .map(|key| (key.to_vec(), b"1".to_vec()))
            .to_vec()
    }

    #[track_caller]
    fn check(read: &RangeRead, expected: &str, more: bool) {
        let page = page(rows(), ALL, read);
        let found: String = page
            .rows
            .iter()
            .map(|(key, _)| char::from(key[2]))
            .collect();
        assert_eq!((found.as_str(), page.more), (expected, more));
    }

    #[test]
    fn limits_and_direction() {
        let read = RangeRead::of(&KeyRange::new("\u{0}", b"\xff\xff\xff"));
        check(&read, "abc", false);
        check(&read.clone().limit(2), "ab", true);
        check(&read.clone().reverse().limit(1), "c", true);
        check(&read.clone().bytes_target(1), "a", true);
    }

    #[test]
    fn selectors_walk_rows() {
        let after = KeySelector::first_greater_than(*b"\xff\xffa");
        let last = KeySelector::last_less_than(*b"\xff\xff\xff");
        check(&RangeRead::between(after.clone(), last.clone()), "b", false);
        check(
            &RangeRead::between(last.clone().plus(-5), last.plus(5)),
            "abc",
            false,
        );
        let inverted = RangeRead::between(
            after.plus(1),
            KeySelector::first_greater_or_equal(*b"\xff\xffa"),
        );
        assert!(is_inverted(&inverted));
    }
}
