//! What a future may hold.

use store::StoreError;

use super::{KeyArray, MappedRowArray, RowArray, StringArray};

/// A result of the C API. The getters of another type than it has answer 2000.
pub(crate) enum FutureValue {
    /// It is done.
    Nothing,
    Int64(i64),
    Uint64(u64),
    Double(f64),
    Key(Vec<u8>),
    Value(Option<Vec<u8>>),
    Rows(RowArray),
    MappedRows(MappedRowArray),
    Keys(KeyArray),
    Strings(StringArray),
    /// The path that a legacy `FDBCluster` stands for.
    Cluster(String),
    /// A legacy database; its handle is made when it is asked for.
    Database(std::sync::Arc<crate::database::Database>),
}

impl FutureValue {
    /// What a getter of another type answers.
    pub(crate) fn mistaken() -> StoreError {
        StoreError::with_context(
            store::code::CLIENT_INVALID_OPERATION,
            "the future holds a value of another type",
        )
    }
}
