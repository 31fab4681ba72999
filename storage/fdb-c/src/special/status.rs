//! `\xff\xff/status/json`: what monitoring reads of a cluster, as far as a store has it.

use serde_json::json;

use super::ADDRESS;
use crate::database::Database;
use crate::open_stores::OpenStore;

/// The version of FoundationDB that this behaves as.
const VERSION: &str = "7.3.79";

/// The status of `database`, in the layout of FoundationDB's.
pub(super) fn json(database: &Database) -> String {
    let status = json!({
        "client": {
            "cluster_file": { "path": database.place.location, "up_to_date": true },
            "connection_string": database.place.store.connection_string(),
            "coordinators": { "coordinators": [], "quorum_reachable": true },
            "database_status": { "available": true, "healthy": true },
            "messages": [],
        },
        "cluster": {
            "configuration": { "redundancy_mode": "single", "storage_engine": engine(database) },
            "connection_string": database.place.store.connection_string(),
            "data": { "state": { "healthy": true, "name": "healthy" }, "total_disk_used_bytes": disk_bytes(database) },
            "database_available": true,
            "database_lock_state": { "locked": false },
            "generation": 1,
            "machines": {},
            "messages": [],
            "processes": { "0": {
                "address": ADDRESS.to_string_lossy(),
                "class_type": "unset",
                "excluded": false,
                "messages": [],
                "roles": [],
                "version": VERSION,
            } },
            "recovery_state": { "name": "fully_recovered" },
        },
    });
    status.to_string()
}

/// What the client says of itself, in the layout of FoundationDB's: `fdb_database_get_client_status`.
pub(crate) fn client(database: &Database) -> Vec<u8> {
    let status = json!({
        "Healthy": true,
        "InitializationState": "created",
        "ProtocolVersion": "fdb00b073000000",
        "ConnectionRecord": database.place.store.connection_string(),
        "DatabaseStatus": { "Healthy": true, "Connections": [] },
        "AvailableClients": [{
            "ProtocolVersion": "fdb00b073000000",
            "ReleaseVersion": VERSION,
            "ThreadIndex": 0,
        }],
    });
    status.to_string().into_bytes()
}

fn engine(database: &Database) -> &'static str {
    match &*database.store {
        OpenStore::Embedded(_) => "store-embedded",
        OpenStore::Memory(_) => "memory",
    }
}

fn disk_bytes(database: &Database) -> u64 {
    match &*database.store {
        OpenStore::Embedded(directory) => directory.database().metrics().disk_bytes,
        OpenStore::Memory(_) => 0,
    }
}
