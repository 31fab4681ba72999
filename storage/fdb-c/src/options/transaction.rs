//! Options of a transaction.

use store::{StoreError, TransactionOption};

use super::{absent, is_layered, present, whole_number};
use crate::api_version::is_at_least;
use crate::errors::code;

/// Longest name of a transaction in logs, in bytes.
const IDENTIFIER_BYTES_MAX: usize = 100;

/// Longest tag, in bytes (2110).
const TAG_BYTES_MAX: usize = 16;

/// Most tags of one transaction (2109).
const TAGS_MAX: usize = 5;

/// From this API version on it is told that there is no cache of read versions.
const GRV_CACHE_CHECKED_SINCE: i32 = 720;

const TAG_TOO_LONG: i32 = 2110;
const TOO_MANY_TAGS: i32 = 2109;

/// A number and a value, as the caller gave them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TransactionOptionValue<'a> {
    pub(crate) option: i32,
    pub(crate) value: Option<&'a [u8]>,
}

/// What an option of a transaction does here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The session does it.
    Session(TransactionOption),
    /// Reads, and writes if so, may name keys past `\xff`.
    SystemKeys {
        /// Whether writes may too.
        writes: bool,
    },
    /// Reads see a versionstamped value as it was written.
    BypassUnreadable,
    /// A call during a commit fails alone.
    UsedDuringCommitProtectionDisable,
    /// A commit need not know afterwards whether it happened.
    CausalWriteRisky,
    /// After 1020, special keys tell which ranges met a write.
    ReportConflictingKeys,
    /// A read of special keys may span modules.
    SpecialKeysRelaxed,
    /// Special keys may be written.
    SpecialKeysWrites,
    /// A name for logs was given.
    Identifier(Vec<u8>),
    /// The transaction is logged: needs a name.
    Log,
    /// A tag, of which there may only be so many.
    Tag(Vec<u8>),
    /// It is for a cluster.
    None,
}

/// Whether FoundationDB 7.3 knows the option.
pub(crate) fn is_known(option: i32) -> bool {
    matches!(
        option,
        10 | 20 | 21 | 23 | 30 | 40 | 50..=52 | 110 | 120 | 130 | 200 | 201 | 300..=304 | 400..=406
            | 500..=505 | 507..=511 | 600 | 601 | 700..=702 | 710..=714 | 800 | 801 | 900 | 1000
            | 1100..=1102 | 2000
    )
}

impl TransactionOptionValue<'_> {
    /// What it does; 2006 if the value is not one, `tags` being how many there are.
    pub(crate) fn effect(self, tags: usize) -> Result<Effect, StoreError> {
        let Self { option, value } = self;
        let int = i64::from(i32::MAX);
        match option {
            500 => Ok(Effect::Session(TransactionOption::Timeout(unsigned(
                whole_number(value, 0..=int)?,
            )))),
            // -1 is no limit, and so is more than anybody counts to.
            501 => {
                let limit = u32::try_from(whole_number(value, -1..=int)?).unwrap_or(u32::MAX);
                Ok(Effect::Session(TransactionOption::RetryLimit(limit)))
            }
            502 => {
                let delay_ms = unsigned(whole_number(value, 0..=int)?);
                Ok(Effect::Session(TransactionOption::MaxRetryDelay(delay_ms)))
            }
            503 => {
                let bounds = store::limits::SIZE_LIMIT_BYTES_MIN as i64
                    ..=store::limits::TRANSACTION_BYTES_MAX as i64;
                let bytes = unsigned(whole_number(value, bounds)?) as usize;
                Ok(Effect::Session(TransactionOption::SizeLimit(bytes)))
            }
            405 => match whole_number(value, -1..=int)? {
                0 => Err(super::invalid("a length other than 0")),
                _ => Ok(Effect::None),
            },
            402 | 403 => identifier(present(value)?),
            404 => absent(value).map(|()| Effect::Log),
            504 => match present(value)?.len() {
                16..=255 => Ok(Effect::None),
                _ => Err(StoreError::new(code::INVALID_OPTION)),
            },
            800 | 801 => tag(present(value)?, tags),
            900 => match present(value)?.len() {
                33 => Ok(Effect::None),
                _ => Err(super::invalid("33 bytes")),
            },
            // These do not look at their value.
            21 | 110 | 120 | 130 | 304 | 401 | 507..=511 | 2000 => Ok(Effect::None),
            // Read versions are shared by the layer for clients of several versions, if it is there.
            1101 if is_at_least(GRV_CACHE_CHECKED_SINCE) && !is_layered() => {
                absent(value).and(Err(StoreError::new(code::INVALID_OPTION)))
            }
            _ => absent(value).map(|()| flag(option)),
        }
    }
}

/// What an option without a value does.
fn flag(option: i32) -> Effect {
    match option {
        10 => Effect::CausalWriteRisky,
        30 => Effect::Session(TransactionOption::NextWriteNoWriteConflictRange),
        51 => Effect::Session(TransactionOption::ReadYourWritesDisable),
        600 => Effect::Session(TransactionOption::SnapshotRywEnable),
        601 => Effect::Session(TransactionOption::SnapshotRywDisable),
        301 => Effect::SystemKeys { writes: true },
        302 => Effect::SystemKeys { writes: false },
        701 => Effect::UsedDuringCommitProtectionDisable,
        712 => Effect::ReportConflictingKeys,
        713 => Effect::SpecialKeysRelaxed,
        714 => Effect::SpecialKeysWrites,
        1100 => Effect::BypassUnreadable,
        _ => Effect::None,
    }
}

fn identifier(value: &[u8]) -> Result<Effect, StoreError> {
    match value.len() {
        1..=IDENTIFIER_BYTES_MAX => Ok(Effect::Identifier(value.to_vec())),
        _ => Err(super::invalid("a name of 1 to 100 bytes")),
    }
}

fn tag(value: &[u8], tags: usize) -> Result<Effect, StoreError> {
    if value.len() > TAG_BYTES_MAX {
        return Err(StoreError::new(TAG_TOO_LONG));
    }
    if tags >= TAGS_MAX {
        return Err(StoreError::new(TOO_MANY_TAGS));
    }
    Ok(Effect::Tag(value.to_vec()))
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).expect("the bounds leave no negative number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(option: i32, value: Option<&[u8]>, expected: Result<Effect, i32>) {
        let effect = TransactionOptionValue { option, value }.effect(0);
        assert_eq!(effect.map_err(|error| error.code()), expected);
    }

    #[test]
    fn numbers_have_bounds() {
        check(
            500,
            Some(&7i64.to_le_bytes()),
            Ok(Effect::Session(TransactionOption::Timeout(7))),
        );
        check(500, Some(&(-1i64).to_le_bytes()), Err(2006));
        check(500, Some(b"7"), Err(2006));
        check(500, None, Err(2006));
        check(
            501,
            Some(&(-1i64).to_le_bytes()),
            Ok(Effect::Session(TransactionOption::RetryLimit(u32::MAX))),
        );
        check(503, Some(&31i64.to_le_bytes()), Err(2006));
        check(405, Some(&0i64.to_le_bytes()), Err(2006));
    }

    #[test]
    fn flags_take_no_value() {
        check(301, None, Ok(Effect::SystemKeys { writes: true }));
        check(301, Some(b""), Ok(Effect::SystemKeys { writes: true }));
        check(301, Some(b"x"), Err(2006));
        check(711, None, Ok(Effect::None));
    }

    #[test]
    fn names_and_tags_have_lengths() {
        check(403, Some(&[b'a'; 101]), Err(2006));
        check(403, Some(b"a"), Ok(Effect::Identifier(b"a".to_vec())));
        check(800, Some(&[b'a'; 17]), Err(2110));
        let sixth = TransactionOptionValue {
            option: 801,
            value: Some(b"t"),
        };
        assert_eq!(sixth.effect(5).unwrap_err().code(), 2109);
    }
}
