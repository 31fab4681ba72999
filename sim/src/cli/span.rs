//! Lengths of time, as people write them.

use std::time::Duration;

/// Reads `500ms`, `60s`, `2m` or `1h`, also with a fraction (`1.5s`).
pub(super) fn parse_span(text: &str) -> Result<Duration, String> {
    let expected = || format!("{text:?} is not a length of time: write 500ms, 60s, 2m or 1h");
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let seconds_per_unit = match &text[digits.len()..] {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        _ => return Err(expected()),
    };
    let number: f64 = digits.parse().map_err(|_| expected())?;
    let span = Duration::try_from_secs_f64(number * seconds_per_unit).map_err(|_| expected())?;
    match span.is_zero() {
        true => Err(expected()),
        false => Ok(span),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, ms: Option<u64>) {
        let span = parse_span(text).ok();
        assert_eq!(span, ms.map(Duration::from_millis), "{text}");
    }

    #[test]
    fn a_span_has_a_number_and_a_unit() {
        check("500ms", Some(500));
        check("60s", Some(60_000));
        check("1.5s", Some(1_500));
        check("2m", Some(120_000));
        check("1h", Some(3_600_000));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "s", "60", "0s", "-1s", "1d", "inf s", "NaNs", "1e99h"] {
            check(text, None);
        }
    }
}
