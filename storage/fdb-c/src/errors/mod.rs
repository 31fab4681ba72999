//! FoundationDB's errors as bindings see them: a text for each number, and the predicates of 7.3.

mod runtime;
mod usage;

use std::ffi::CStr;

/// What FoundationDB says of a number that it does not know.
const UNKNOWN_TEXT: &CStr = c"UNKNOWN_ERROR";

/// The predicate that a retry may help.
pub(crate) const RETRYABLE: i32 = 50_000;

/// Numbers past this are not looked up; FoundationDB takes them for 4000.
const CODE_MAX: i32 = 30_000;

/// Numbers that only the C API answers with, besides those of [`store::code`].
pub(crate) mod code {
    /// A future whose memory was given back.
    pub(crate) const FUTURE_RELEASED: i32 = 1102;
    /// A file could not be opened or read.
    pub(crate) const FILE_NOT_READABLE: i32 = 1513;
    /// Another process has the store.
    pub(crate) const LOCK_FILE_FAILURE: i32 = 1529;
    /// There is no cluster file where one was named, or where one is looked for.
    pub(crate) const NO_CLUSTER_FILE_FOUND: i32 = 1515;
    /// A cluster file is short.
    pub(crate) const FILE_TOO_LARGE: i32 = 1516;
    /// Bytes of the store are not what was written.
    pub(crate) const FILE_CORRUPT: i32 = 1522;
    /// A future that is not ready was asked for its value.
    pub(crate) const FUTURE_NOT_SET: i32 = 2015;
    /// The option does not exist, or not here.
    pub(crate) const INVALID_OPTION: i32 = 2007;
    /// Nothing goes before `fdb_setup_network`.
    pub(crate) const NETWORK_NOT_SETUP: i32 = 2008;
    /// `fdb_setup_network` goes once.
    pub(crate) const NETWORK_ALREADY_SETUP: i32 = 2009;
    /// Versions begin at 1.
    pub(crate) const VERSION_INVALID: i32 = 2011;
    /// A negative limit.
    pub(crate) const RANGE_LIMITS_INVALID: i32 = 2012;
    /// Databases of the legacy API are called `DB`.
    pub(crate) const INVALID_DATABASE_NAME: i32 = 2013;
    /// No atomic operation has this number.
    pub(crate) const INVALID_MUTATION_TYPE: i32 = 2018;
    /// A range without any limit was asked for as a whole.
    pub(crate) const EXACT_MODE_WITHOUT_LIMITS: i32 = 2210;
    /// `fdb_run_network` goes once.
    pub(crate) const NETWORK_CANNOT_BE_RESTARTED: i32 = 2025;
    /// A callback must not wait for the thread that it runs on.
    pub(crate) const BLOCKED_FROM_NETWORK_THREAD: i32 = 2026;
    /// What is not there without a cluster.
    pub(crate) const UNSUPPORTED_OPERATION: i32 = 2108;
    /// Neither a store nor a cluster.
    pub(crate) const CONNECTION_STRING_INVALID: i32 = 2104;
    /// There are no tenants.
    pub(crate) const TENANTS_DISABLED: i32 = 2136;
    /// The API version was chosen before.
    pub(crate) const API_VERSION_ALREADY_SET: i32 = 2201;
    /// The version asked for is newer than the header.
    pub(crate) const API_VERSION_INVALID: i32 = 2202;
    /// The version asked for is not known.
    pub(crate) const API_VERSION_NOT_SUPPORTED: i32 = 2203;
    /// What FoundationDB says of numbers that cannot be one.
    pub(crate) const UNKNOWN_ERROR: i32 = 4000;
    /// A defect of this library.
    pub(crate) const INTERNAL_ERROR: i32 = 4100;
}

/// What `fdb_get_error` says of `number`.
pub(crate) fn text(number: i32) -> &'static CStr {
    let known = |number| {
        [runtime::TEXTS, usage::TEXTS]
            .into_iter()
            .find_map(|texts| {
                let place = texts
                    .binary_search_by_key(&number, |(code, _)| *code)
                    .ok()?;
                Some(texts[place].1)
            })
    };
    known(validated(number)).unwrap_or(UNKNOWN_TEXT)
}

/// `number`, or 4000 if no error has such a number.
pub(crate) fn validated(number: i32) -> i32 {
    match number {
        0..=CODE_MAX => number,
        _ => code::UNKNOWN_ERROR,
    }
}

/// FoundationDB 7.3's predicates, by their numbers. Narrower than [`store::StoreError::is_retryable`],
/// which also knows of what later versions answer.
pub(crate) fn predicate(test: i32, number: i32) -> bool {
    const MAYBE_COMMITTED: i32 = 50_001;
    const RETRYABLE_NOT_COMMITTED: i32 = 50_002;
    match test {
        RETRYABLE => {
            predicate(MAYBE_COMMITTED, number) || predicate(RETRYABLE_NOT_COMMITTED, number)
        }
        MAYBE_COMMITTED => matches!(number, 1021 | 1039),
        RETRYABLE_NOT_COMMITTED => matches!(
            number,
            1007 | 1009 | 1020 | 1037 | 1038 | 1042 | 1051 | 1078 | 1213 | 1223
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_found() {
        for (number, expected) in runtime::TEXTS.iter().chain(usage::TEXTS) {
            assert_eq!(text(*number), *expected, "{number}");
        }
        assert_eq!(
            text(1020),
            c"Transaction not committed due to conflict with another transaction"
        );
        assert_eq!((text(2999), text(-1)), (UNKNOWN_TEXT, text(4000)));
    }

    #[test]
    fn predicates_are_those_of_7_3() {
        let all = |test| {
            (0..3_000)
                .filter(|number| predicate(test, *number))
                .collect::<Vec<_>>()
        };
        assert_eq!(all(50_001), [1021, 1039]);
        assert_eq!(
            all(50_002),
            [1007, 1009, 1020, 1037, 1038, 1042, 1051, 1078, 1213, 1223]
        );
        assert_eq!(all(50_000).len(), 12);
        assert!(all(1).is_empty());
    }
}
