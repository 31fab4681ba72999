//! Options of a database: defaults for its transactions, and some that need a cluster.

use store::StoreError;

use super::{absent, transaction::is_known, whole_number};
use crate::errors::code;

/// FoundationDB's bound of `max_watches`.
const WATCHES_ABSOLUTE_MAX: i64 = 1_000_000;

/// What an option of a database does here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DatabaseOption {
    /// Each new transaction begins with this option.
    Default(i32),
    /// Snapshot reads of new transactions see own writes, or do so less.
    SnapshotReads(i32),
    /// So many watches may be under way.
    WatchesMax(usize),
    /// It is for a cluster.
    WithoutEffect,
}

/// What the transactions of one database begin with.
#[derive(Clone, Debug, Default)]
pub(crate) struct TransactionDefaults {
    /// Options of transactions with their values, in the order in which they were set.
    pub(crate) options: Vec<(i32, Option<Vec<u8>>)>,
    /// Added to how often snapshot reads of own writes are enabled.
    pub(crate) snapshot_reads: i32,
}

impl DatabaseOption {
    /// The option of this number with this value; 2007 if there is none, 2006 if the value is not one.
    pub(crate) fn of(option: i32, value: Option<&[u8]>) -> Result<Self, StoreError> {
        let default = match option {
            405 | 500..=503 => option,
            504 => 20,
            505 => 23,
            506 => 505,
            700 => 1100,
            701 => 701,
            702 => 712,
            26 | 27 => {
                absent(value)?;
                return Ok(Self::SnapshotReads(if option == 26 { 1 } else { -1 }));
            }
            10 => return ignored(whole_number(value, 0..=i32::MAX.into()).map(drop)),
            20 => {
                let most = whole_number(value, 0..=WATCHES_ABSOLUTE_MAX)?;
                return Ok(Self::WatchesMax(
                    usize::try_from(most).expect("it is not negative"),
                ));
            }
            21 | 22 => return ignored(Ok(())),
            800 => return ignored(absent(value)),
            900 => return ignored(whole_number(value, 0..=100).map(drop)),
            _ => return Err(StoreError::new(code::INVALID_OPTION)),
        };
        assert!(is_known(default), "a default is an option of transactions");
        Ok(Self::Default(default))
    }
}

fn ignored(checked: Result<(), StoreError>) -> Result<DatabaseOption, StoreError> {
    checked.map(|()| DatabaseOption::WithoutEffect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_lead_to_options_of_transactions() {
        assert_eq!(
            DatabaseOption::of(504, None),
            Ok(DatabaseOption::Default(20))
        );
        assert_eq!(
            DatabaseOption::of(500, None),
            Ok(DatabaseOption::Default(500))
        );
        assert_eq!(
            DatabaseOption::of(27, None),
            Ok(DatabaseOption::SnapshotReads(-1))
        );
        let too_many = 2_000_000i64.to_le_bytes();
        let code_of =
            |option, value| DatabaseOption::of(option, value).map_err(|error| error.code());
        assert_eq!(code_of(20, Some(&too_many)), Err(2006));
        assert_eq!(code_of(11, None), Err(2007));
    }
}
