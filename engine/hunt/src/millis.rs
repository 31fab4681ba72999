//! A moment, in milliseconds. It is always an argument: nothing in this crate reads a clock.

use bincode::{Decode, Encode};
use serde::{Serialize, Serializer};
use std::fmt;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Milliseconds since 1970-01-01T00:00:00Z. Shown, and serialised, as RFC 3339 in UTC with milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct Millis(pub u64);

/// Why a text is not a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a moment of 1970 or later in RFC 3339: write it as 2026-12-01T18:00:00Z")]
pub struct MomentError;

impl Millis {
    /// The last moment that RFC 3339 can write: 9999-12-31T23:59:59.999Z.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// Reads RFC 3339 with any offset; what is finer than a millisecond is cut off.
    pub fn parse_rfc3339(text: &str) -> Result<Self, MomentError> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| MomentError)?;
        let ms = moment.unix_timestamp_nanos().div_euclid(1_000_000);
        u64::try_from(ms)
            .ok()
            .map(Self)
            .filter(|moment| *moment <= Self::MAX)
            .ok_or(MomentError)
    }

    /// Milliseconds from an earlier moment to this one; 0 if it is not earlier.
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// So many milliseconds later.
    pub fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Its rendering. Every answer to a claim has one, so its digits are made without the formatting machinery.
    fn text(self) -> [u8; 24] {
        let ms = self.0.min(Self::MAX.0);
        let seconds = i64::try_from(ms / 1_000).unwrap_or_default();
        let moment =
            OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let (year, month, day) = moment.to_calendar_date();
        let (hour, minute, second) = moment.to_hms();
        let [y3, y2, y1, y0] = digits(u64::from(year.unsigned_abs()));
        let [month1, month0] = digits(u64::from(u8::from(month)));
        let [day1, day0] = digits(u64::from(day));
        let [hour1, hour0] = digits(u64::from(hour));
        let [minute1, minute0] = digits(u64::from(minute));
        let [second1, second0] = digits(u64::from(second));
        let [ms2, ms1, ms0] = digits(ms % 1_000);
        [
            y3, y2, y1, y0, b'-', month1, month0, b'-', day1, day0, b'T', hour1, hour0, b':',
            minute1, minute0, b':', second1, second0, b'.', ms2, ms1, ms0, b'Z',
        ]
    }
}

/// The last `N` decimal digits.
fn digits<const N: usize>(mut number: u64) -> [u8; N] {
    let mut digits = [b'0'; N];
    for digit in digits.iter_mut().rev() {
        *digit += (number % 10) as u8;
        number /= 10;
    }
    digits
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.text()).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::{Millis, MomentError};

    fn check(text: &str, expected: Result<&str, MomentError>) {
        assert_eq!(
            Millis::parse_rfc3339(text).map(|moment| moment.to_string()),
            expected.map(str::to_owned),
            "{text}"
        );
    }

    #[test]
    fn reads_and_writes_rfc3339() {
        check("2026-12-01T18:00:00Z", Ok("2026-12-01T18:00:00.000Z"));
        check("2026-12-01T18:00:00.1239Z", Ok("2026-12-01T18:00:00.123Z"));
        check("2026-12-01T18:00:00+01:00", Ok("2026-12-01T17:00:00.000Z"));
        check("2028-02-29T00:00:00Z", Ok("2028-02-29T00:00:00.000Z"));
        check("1970-01-01T00:00:00Z", Ok("1970-01-01T00:00:00.000Z"));
        check("9999-12-31T23:59:59.999Z", Ok("9999-12-31T23:59:59.999Z"));
    }

    #[test]
    fn refuses_what_is_no_moment() {
        for text in [
            "",
            "tomorrow",
            "2026-12-01",
            "2026-02-30T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "2026-12-01T18:00:00",
        ] {
            check(text, Err(MomentError));
        }
        assert_eq!(Millis(u64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
    }
}
