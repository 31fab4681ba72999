//! Futures: callbacks, cancelling, giving back, and what is asked of them wrongly.

use std::ffi::c_void;
use std::ptr;
use std::sync::mpsc::{Sender, channel};
use std::thread::ThreadId;
use std::time::Duration;

use fdb_c::api as c;

use crate::binding::{Database, Future};

const LONG: Duration = Duration::from_secs(20);

/// What a callback tells: where it ran, the future's error, and what waiting there answers.
type Told = (ThreadId, i32, i32);

extern "C" fn tell(future: *mut c::FDBFuture, parameter: *mut c_void) {
    // SAFETY: the parameter is the sender that was boxed for this one call; the future lives.
    unsafe {
        let sender = Box::from_raw(parameter.cast::<Sender<Told>>());
        let error = c::fdb_future_get_error(future);
        let other = c::fdb_future_block_until_ready(future);
        sender
            .send((std::thread::current().id(), error, other))
            .unwrap();
    }
}

fn told_of(future: &Future) -> Told {
    let (sender, receiver) = channel();
    let parameter = Box::into_raw(Box::new(sender)).cast();
    // SAFETY: the callback takes the parameter back.
    assert_eq!(
        unsafe { c::fdb_future_set_callback(future.0, Some(tell), parameter) },
        0
    );
    receiver.recv_timeout(LONG).unwrap()
}

#[test]
fn a_callback_runs_on_the_network_thread_or_at_once() {
    let database = Database::memory("callbacks");
    let transaction = database.begin();
    let watch = transaction.watch(b"k");
    transaction.commit().unwrap();
    std::thread::scope(|scope| {
        let told = scope.spawn(|| told_of(&watch));
        std::thread::sleep(Duration::from_millis(20));
        database.put(b"k", b"v");
        let (thread, error, blocked) = told.join().unwrap();
        assert_ne!(thread, std::thread::current().id());
        assert_eq!((error, blocked), (0, 0));
    });
    let (thread, error, _) = told_of(&watch);
    assert_eq!((thread, error), (std::thread::current().id(), 0));
}

#[test]
fn waiting_on_the_network_thread_is_refused() {
    extern "C" fn wait(_: *mut c::FDBFuture, parameter: *mut c_void) {
        // SAFETY: the parameter is the pair that was boxed for this one call.
        unsafe {
            let (future, sender) = *Box::from_raw(parameter.cast::<(Future, Sender<i32>)>());
            sender
                .send(c::fdb_future_block_until_ready(future.0))
                .unwrap();
        }
    }
    let database = Database::memory("waiting");
    let transaction = database.begin();
    let (never, soon) = (transaction.watch(b"never"), transaction.watch(b"soon"));
    transaction.commit().unwrap();
    let (sender, receiver) = channel();
    let parameter = Box::into_raw(Box::new((never, sender))).cast();
    // SAFETY: the callback takes the parameter back.
    assert_eq!(
        unsafe { c::fdb_future_set_callback(soon.0, Some(wait), parameter) },
        0
    );
    database.put(b"soon", b"v");
    assert_eq!(receiver.recv_timeout(LONG), Ok(2026));
}

#[test]
fn a_cancelled_future_tells_so_and_a_ready_one_stays() {
    let database = Database::memory("cancelled");
    let transaction = database.begin();
    let watch = transaction.watch(b"k");
    transaction.commit().unwrap();
    // SAFETY: the futures live.
    unsafe {
        assert_eq!(
            (
                c::fdb_future_is_ready(watch.0),
                c::fdb_future_get_error(watch.0)
            ),
            (0, 2015)
        );
        c::fdb_future_cancel(watch.0);
    }
    assert_eq!(watch.wait(), Err(1101));
    let read = database.begin().get(b"k");
    read.wait()
        .unwrap_or_else(|code| assert_eq!(code, 1025, "its transaction has ended"));
    let transaction = database.begin();
    let read = transaction.get(b"k");
    read.wait().unwrap();
    // SAFETY: the future lives.
    unsafe { c::fdb_future_cancel(read.0) };
    assert_eq!(read.value(), Ok(None));
}

#[test]
fn the_callback_of_a_destroyed_future_may_ask_it() {
    let database = Database::memory("destroyed");
    let transaction = database.begin();
    let watch = transaction.watch(b"k");
    transaction.commit().unwrap();
    let (sender, receiver) = channel::<Told>();
    let parameter = Box::into_raw(Box::new(sender)).cast();
    // SAFETY: the callback takes the parameter back.
    assert_eq!(
        unsafe { c::fdb_future_set_callback(watch.0, Some(tell), parameter) },
        0
    );
    drop(watch);
    let (_, error, other) = receiver.recv_timeout(LONG).unwrap();
    assert_eq!((error, other), (1101, 0));
}

#[test]
fn released_memory_is_gone() {
    let database = Database::memory("released");
    database.put(b"k", b"v");
    let transaction = database.begin();
    let read = transaction.get(b"k");
    assert_eq!(read.value(), Ok(Some(b"v".to_vec())));
    // SAFETY: the future lives, and what it handed out was copied.
    unsafe { c::fdb_future_release_memory(read.0) };
    assert_eq!(read.value(), Err(1102));
}

#[test]
fn a_value_of_another_type_and_null_are_refused() {
    let database = Database::memory("mistaken");
    let transaction = database.begin();
    let read = transaction.get(b"k");
    assert_eq!(
        (read.key(), read.int64(), read.rows().err()),
        (Err(2000), Err(2000), Some(2000))
    );
    // SAFETY: null is checked.
    unsafe {
        assert_eq!(
            c::fdb_future_get_value(read.0, ptr::null_mut(), ptr::null_mut(), ptr::null_mut()),
            2000
        );
        assert_eq!(c::fdb_future_get_error(ptr::null_mut()), 2000);
        assert_eq!(c::fdb_future_block_until_ready(ptr::null_mut()), 2000);
        assert_eq!(c::fdb_future_is_ready(ptr::null_mut()), 0);
        c::fdb_future_destroy(ptr::null_mut());
        let failed = Future(c::fdb_transaction_get(ptr::null_mut(), ptr::null(), 0, 0));
        assert_eq!(failed.wait(), Err(2000));
        let failed = Future(c::fdb_transaction_get(transaction.0, ptr::null(), 1, 0));
        assert_eq!(failed.wait(), Err(2000));
        let failed = Future(c::fdb_transaction_get(transaction.0, b"k".as_ptr(), -1, 0));
        assert_eq!(failed.wait(), Err(2000));
        c::fdb_transaction_set(transaction.0, ptr::null(), 3, ptr::null(), 0);
    }
    assert_eq!(
        transaction.commit(),
        Err(2000),
        "a call that returns nothing is told by the next"
    );
}
