//! Ranges of seeds, as people write them: `0..100`, `0xBEEF..0xBF00`, `7`.

/// Seeds from `first` up to but without `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seeds {
    pub(crate) first: u64,
    pub(crate) end: u64,
}

impl Seeds {
    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.end - self.first
    }

    /// The one at this place, if there are so many.
    pub(crate) fn nth(&self, place: u64) -> Option<u64> {
        (place < self.count()).then(|| self.first + place)
    }
}

/// Reads a seed, decimal or `0x…`.
pub(crate) fn parse_seed(text: &str) -> Result<u64, String> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let (digits, radix) = digits.map_or((text, 10), |digits| (digits, 16));
    // The standard library takes a plus sign too.
    let is_plain = !digits.starts_with('+');
    let read = u64::from_str_radix(digits, radix).ok().filter(|_| is_plain);
    read.ok_or_else(|| {
        format!("{text:?} is not a seed: give a number below 2^64, decimal or as 0x…")
    })
}

/// Reads `A..B` (without B), or one seed.
pub(crate) fn parse_seeds(text: &str) -> Result<Seeds, String> {
    let Some((first, end)) = text.split_once("..") else {
        let first = parse_seed(text)?;
        let end = first.checked_add(1).ok_or_else(|| {
            format!("{text} is the last seed of all and can't be a range: replay it")
        })?;
        return Ok(Seeds { first, end });
    };
    let (first, end) = (parse_seed(first)?, parse_seed(end)?);
    if first >= end {
        return Err(format!(
            "{text} holds no seed: write the first, two dots, and one past the last, as in 0..100"
        ));
    }
    Ok(Seeds { first, end })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(u64, u64)>) {
        let seeds = parse_seeds(text).ok().map(|seeds| (seeds.first, seeds.end));
        assert_eq!(seeds, expected, "{text}");
    }

    #[test]
    fn ranges_and_single_seeds_are_read() {
        check("0..100", Some((0, 100)));
        check("0x10..0x20", Some((16, 32)));
        check(
            "0xFFFFFFFFFFFFFFF0..0xFFFFFFFFFFFFFFFF",
            Some((u64::MAX - 15, u64::MAX)),
        );
        check("7", Some((7, 8)));
    }

    #[test]
    fn what_holds_no_seed_is_refused() {
        for text in [
            "",
            "a",
            "5..5",
            "6..5",
            "..",
            "1..",
            "-1",
            "+5",
            "0x+5",
            "18446744073709551616",
            "18446744073709551615",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn seeds_are_counted_from_the_first() {
        let seeds = Seeds { first: 5, end: 8 };
        assert_eq!(
            (0..4).map(|n| seeds.nth(n)).collect::<Vec<_>>(),
            [Some(5), Some(6), Some(7), None]
        );
    }
}
