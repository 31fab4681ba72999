//! Delta debugging: the smallest part of a list that still fails.

/// Reduces `items` to a part from which no single one can be taken while `fails` holds (1-minimal). `fails` holds for
/// the whole list; when it does not want to be asked any more it says no, and the smallest list so far is the answer.
pub(super) fn ddmin<T: Clone>(mut items: Vec<T>, mut fails: impl FnMut(&[T]) -> bool) -> Vec<T> {
    if !items.is_empty() && fails(&[]) {
        return Vec::new();
    }
    let mut parts = 2;
    while items.len() >= 2 {
        let size = items.len().div_ceil(parts);
        let smaller = one_part(&items, size, &mut fails)
            .map(|part| (part, 2))
            .or_else(|| without_one(&items, size, &mut fails).map(|rest| (rest, parts - 1)));
        match smaller {
            Some((left, next)) => {
                items = left;
                parts = next.clamp(2, items.len().max(2));
            }
            None if size == 1 => break,
            None => parts = (parts * 2).min(items.len()),
        }
    }
    items
}

/// The first part that fails by itself.
fn one_part<T: Clone>(
    items: &[T],
    size: usize,
    fails: &mut impl FnMut(&[T]) -> bool,
) -> Option<Vec<T>> {
    let part = items.chunks(size).find(|part| fails(part));
    part.map(<[T]>::to_vec)
}

/// What is left when the first part that can be spared is taken away.
fn without_one<T: Clone>(
    items: &[T],
    size: usize,
    fails: &mut impl FnMut(&[T]) -> bool,
) -> Option<Vec<T>> {
    let starts = (0..items.len()).step_by(size);
    let mut rests = starts.map(|start| {
        let end = (start + size).min(items.len());
        [&items[..start], &items[end..]].concat()
    });
    // Of two parts, the rest of the one is the other, which was tried already.
    rests.find(|rest| items.len() > 2 * size && fails(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(count: u32, fails: impl Fn(&[u32]) -> bool, expected: &[u32]) -> u32 {
        let mut runs = 0;
        let left = ddmin((0..count).collect(), |items| {
            runs += 1;
            fails(items)
        });
        assert_eq!(left, expected);
        runs
    }

    #[test]
    fn a_single_culprit_is_found_in_logarithmic_time() {
        let runs = check(1_024, |items| items.contains(&700), &[700]);
        assert!(runs < 60, "{runs} runs");
    }

    #[test]
    fn culprits_far_apart_are_kept_together() {
        let all = |items: &[u32]| [3, 500, 997].iter().all(|i| items.contains(i));
        check(1_000, all, &[3, 500, 997]);
    }

    #[test]
    fn all_are_needed_or_none() {
        check(5, |items| items.len() == 5, &[0, 1, 2, 3, 4]);
        check(5, |_| true, &[]);
        check(0, |_| true, &[]);
        check(1, |items| items.len() == 1, &[0]);
    }

    #[test]
    fn the_result_is_1_minimal() {
        let odd = |items: &[u32]| items.iter().filter(|i| **i % 7 == 0).count() >= 3;
        let left = ddmin((0..50).collect(), odd);
        assert_eq!(left.len(), 3);
        for gone in &left {
            let rest: Vec<u32> = left.iter().copied().filter(|i| i != gone).collect();
            assert!(!odd(&rest));
        }
    }
}
