//! How long a token lives, as people write it.

use std::time::Duration;

/// Ten years: a token that outlives this is a mistake.
const TTL_MAX: Duration = Duration::from_secs(10 * 365 * 86_400);

/// Reads `90s`, `15m`, `8h` or `7d`.
pub(super) fn parse_ttl(text: &str) -> Result<Duration, String> {
    let expected =
        || format!("expected a time such as 90s, 15m, 8h or 7d, up to 3650d, not {text:?}");
    let unit = text.chars().last().ok_or_else(expected)?;
    let seconds_per_unit = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(expected()),
    };
    let number: u64 = text[..text.len() - unit.len_utf8()]
        .parse()
        .map_err(|_| expected())?;
    let ttl = number
        .checked_mul(seconds_per_unit)
        .map(Duration::from_secs);
    ttl.filter(|ttl| !ttl.is_zero() && *ttl <= TTL_MAX)
        .ok_or_else(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, seconds: Option<u64>) {
        assert_eq!(
            parse_ttl(text).ok(),
            seconds.map(Duration::from_secs),
            "{text}"
        );
    }

    #[test]
    fn a_time_has_a_number_and_a_unit() {
        check("90s", Some(90));
        check("15m", Some(900));
        check("1h", Some(3_600));
        check("7d", Some(604_800));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "h",
            "1",
            "1w",
            "-1h",
            "1.5h",
            "0s",
            "9999d",
            "1é",
            "99999999999999999999d",
        ] {
            check(text, None);
        }
    }
}
