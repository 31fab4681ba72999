//! The modules: ranges of special keys, and what is in them.

use store::StoreError;

use super::{conflicts, random, status};
use crate::transaction::Transaction;

/// A read that leaves its module (2112), and one that begins in none (2113).
const CROSS_MODULE_READ: i32 = 2112;
const NO_MODULE_FOUND: i32 = 2113;

/// A range of special keys that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Module {
    pub(super) begin: &'static [u8],
    pub(super) end: &'static [u8],
}

macro_rules! modules {
    ($($name:ident: $begin:literal to $end:literal,)*) => {
        $(pub(super) const $name: Module = Module {
            begin: concat_bytes($begin),
            end: concat_bytes($end),
        };)*

        /// All of them, in the order of their keys.
        const MODULES: &[Module] = &[$($name),*];
    };
}

/// Gives a byte string of any length the type of a slice.
const fn concat_bytes<const N: usize>(bytes: &'static [u8; N]) -> &'static [u8] {
    bytes
}

modules! {
    ACTOR_LINEAGE: b"\xff\xff/actor_lineage/" to b"\xff\xff/actor_lineage0",
    ACTOR_PROFILER_CONF: b"\xff\xff/actor_profiler_conf/" to b"\xff\xff/actor_profiler_conf0",
    CLUSTER_FILE_PATH: b"\xff\xff/cluster_file_path" to b"\xff\xff/cluster_file_path\0",
    CLUSTER_ID: b"\xff\xff/cluster_id" to b"\xff\xff/cluster_id\0",
    CONFIGURATION: b"\xff\xff/configuration/" to b"\xff\xff/configuration0",
    CONNECTION_STRING: b"\xff\xff/connection_string" to b"\xff\xff/connection_string\0",
    ERROR_MESSAGE: b"\xff\xff/error_message" to b"\xff\xff/error_message\0",
    GLOBAL_CONFIG: b"\xff\xff/global_config/" to b"\xff\xff/global_config0",
    MANAGEMENT: b"\xff\xff/management/" to b"\xff\xff/management0",
    METRICS: b"\xff\xff/metrics/" to b"\xff\xff/metrics0",
    STATUS_JSON: b"\xff\xff/status/json" to b"\xff\xff/status/json\0",
    TRACING: b"\xff\xff/tracing/" to b"\xff\xff/tracing0",
    TRANSACTION: b"\xff\xff/transaction/" to b"\xff\xff/transaction0",
    WORKER_INTERFACES: b"\xff\xff/worker_interfaces/" to b"\xff\xff/worker_interfaces0",
}

/// Every special key.
pub(super) const ALL: Module = Module {
    begin: b"\xff\xff",
    end: b"\xff\xff\xff",
};

/// The module that a read from `begin` to `end` stays within.
pub(super) fn of(begin: &[u8], end: &[u8]) -> Result<Module, StoreError> {
    let holds = |module: &&Module| module.begin <= begin && begin < module.end;
    if let Some(module) = MODULES.iter().find(holds) {
        return match module.begin <= end && end <= module.end {
            true => Ok(*module),
            false => Err(StoreError::new(CROSS_MODULE_READ)),
        };
    }
    let next = MODULES
        .iter()
        .find(|module| begin < module.begin)
        .map_or(ALL.end, |module| module.begin);
    Err(StoreError::new(match end <= next {
        true => NO_MODULE_FOUND,
        false => CROSS_MODULE_READ,
    }))
}

impl Module {
    /// Whether a read from `begin` to before `end` of it waits for nothing.
    pub(super) fn answers_at_once(self, begin: &[u8], end: &[u8]) -> bool {
        match self {
            CLUSTER_FILE_PATH | CONNECTION_STRING | TRACING => true,
            TRANSACTION => !conflicts::waits_for_reads(begin, end),
            _ => false,
        }
    }

    /// Its rows, as `transaction` sees them now.
    pub(super) fn rows(self, transaction: &Transaction) -> Vec<(Vec<u8>, Vec<u8>)> {
        let place = &transaction.database().place;
        let single = |value: String| vec![(self.begin.to_vec(), value.into_bytes())];
        match self {
            ALL => MODULES
                .iter()
                .flat_map(|module| module.rows(transaction))
                .collect(),
            CLUSTER_FILE_PATH => single(place.location.clone()),
            CONNECTION_STRING => single(place.store.connection_string()),
            STATUS_JSON => single(status::json(transaction.database())),
            TRACING => transaction.special().tracing.rows(|| random(transaction)),
            TRANSACTION => conflicts::rows(transaction),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_in_order_and_apart() {
        assert!(MODULES.windows(2).all(|pair| pair[0].end <= pair[1].begin));
        assert!(MODULES.iter().all(|module| module.begin < module.end));
    }

    #[test]
    fn a_read_stays_within_its_module() {
        let code_of = |begin: &[u8], end: &[u8]| of(begin, end).map_err(|error| error.code());
        assert_eq!(
            code_of(b"\xff\xff/status/json", b"\xff\xff/status/json\0"),
            Ok(STATUS_JSON)
        );
        assert_eq!(
            code_of(b"\xff\xff/transaction/a", b"\xff\xff/transaction0"),
            Ok(TRANSACTION)
        );
        assert_eq!(code_of(b"\xff\xff/transaction/a", b"\xff\xff/u"), Err(2112));
        assert_eq!(
            code_of(b"\xff\xff/nothing", b"\xff\xff/nothing\0"),
            Err(2113)
        );
        assert_eq!(code_of(b"\xff\xff/nothing", b"\xff\xff/t"), Err(2112));
        assert_eq!(code_of(b"\xff\xff/z", b"\xff\xff\xff"), Err(2113));
    }
}
