//! The network's end, in a process of its own: it can't be run twice.

use std::ffi::c_void;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use fdb_c::api as c;

use crate::binding::{Database, Future};

/// Set for the process that ends its network.
const CHILD: &str = "FDB_C_TEST_NETWORK_CHILD";

static HOOKS: AtomicU32 = AtomicU32::new(0);

extern "C" fn hook(_: *mut c_void) {
    HOOKS.fetch_add(1, Ordering::SeqCst);
}

#[test]
fn the_network_ends_once() {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "network::child", "--nocapture"])
        .env(CHILD, "1")
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let database = Database::memory("end");
    let transaction = database.begin();
    let never = transaction.watch(b"k");
    transaction.commit().unwrap();
    // SAFETY: the hook takes no parameter.
    assert_eq!(
        unsafe { c::fdb_add_network_thread_completion_hook(Some(hook), std::ptr::null_mut()) },
        0
    );
    assert_eq!(c::fdb_stop_network(), 0);
    assert_eq!(never.wait(), Err(1101), "nobody waits for ever");
    let late: Future = database.begin().get(b"k");
    assert_eq!(late.wait(), Err(1101));
    while HOOKS.load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
    assert_eq!(c::fdb_run_network(), 2025);
}
