//! `FDBTransaction`: a handle for any thread, and what it stands for on the network thread.

mod handle;
mod limits;
mod mapped;
mod mapper;
mod reads;
mod tuple;
mod writes;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use store::{Session, StoreError, Transaction as _, code};

use crate::api_version;
use crate::backend::AnyBackend;
use crate::database::Database;
use crate::errors;
use crate::future::FutureValue;
use crate::network::{Core, Promise};
use crate::options::{Effect, TransactionDefaults, TransactionOptionValue, is_layered};
use crate::special::SpecialKeys;

pub(crate) use handle::TransactionHandle;
pub(crate) use limits::RangeLimits;

/// A commit that failed has no version to tell.
const TRANSACTION_INVALID_VERSION: i32 = 2020;

/// Options that survive a retry: timeout, retry limit, retry delay and size limit.
const LASTING_OPTIONS: std::ops::RangeInclusive<i32> = 500..=503;

/// Retryable errors of FoundationDB that a session does not know, and one like them that it does.
const LIKE_TAG_THROTTLED: [i32; 2] = [1079, 1223];

/// A transaction, on the network thread.
pub(crate) struct Transaction {
    session: Session<AnyBackend>,
    database: Arc<Database>,
    defaults: RefCell<Arc<TransactionDefaults>>,
    /// For `fdb_transaction_get_committed_version`, which asks from another thread.
    committed_version: Arc<AtomicI64>,
    /// Who waits for the versionstamp of the next commit.
    stamps: RefCell<Vec<Promise>>,
    special: SpecialKeys,
    has_identifier: Cell<bool>,
    tags: RefCell<Vec<Vec<u8>>>,
    read_cost: Cell<usize>,
}

impl Transaction {
    fn new(
        core: &Core,
        database: Arc<Database>,
        defaults: Arc<TransactionDefaults>,
        committed_version: Arc<AtomicI64>,
    ) -> Self {
        let backend = database.store.backend(core.environment());
        let transaction = Self {
            session: store::Store::begin(&store::Database::new(backend)),
            database,
            defaults: RefCell::new(defaults),
            committed_version,
            stamps: RefCell::default(),
            special: SpecialKeys::default(),
            has_identifier: Cell::default(),
            tags: RefCell::default(),
            read_cost: Cell::default(),
        };
        transaction.apply_defaults(|_| true);
        transaction
    }

    /// The session beneath.
    pub(crate) fn session(&self) -> &Session<AnyBackend> {
        &self.session
    }

    /// The database that it belongs to.
    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// The special keys as this transaction sees them.
    pub(crate) fn special(&self) -> &SpecialKeys {
        &self.special
    }

    /// Sets an option; what is wrong with it the next call that returns something tells.
    pub(crate) fn set_option(&self, option: i32, value: Option<&[u8]>) {
        let tags = self.tags.borrow().len();
        match (TransactionOptionValue { option, value }).effect(tags) {
            Ok(effect) => self.take_effect(effect),
            Err(error) => self.session.refuse(error),
        }
    }

    fn take_effect(&self, effect: Effect) {
        match effect {
            Effect::Session(option) => self.session.set_option(option),
            Effect::SystemKeys { writes } => self.session.allow_system_keys(writes),
            Effect::Identifier(_) => self.has_identifier.set(true),
            Effect::Log if !self.has_identifier.get() => {
                self.session
                    .refuse(StoreError::new(code::CLIENT_INVALID_OPERATION));
            }
            Effect::Tag(tag) => {
                let mut tags = self.tags.borrow_mut();
                if !tags.contains(&tag) {
                    tags.push(tag);
                }
            }
            Effect::SpecialKeysRelaxed => self.special.relax(),
            Effect::SpecialKeysWrites => self.special.allow_writes(),
            Effect::BypassUnreadable => self.session.bypass_unreadable(),
            Effect::UsedDuringCommitProtectionDisable => self.session.spare_commit_from_misuse(),
            Effect::ReportConflictingKeys => self.session.report_conflicts(),
            Effect::CausalWriteRisky => self.session.set_self_conflicting(false),
            Effect::Log | Effect::None => {}
        }
    }

    /// Commits, and tells those who wait for the versionstamp; not if a read failed: FoundationDB lets them wait for the reset then.
    pub(crate) async fn commit(self: Rc<Self>) -> Result<FutureValue, StoreError> {
        let is_sent = self.session.check_reads().is_ok();
        let committed = self.session.commit().await;
        if !is_sent {
            return committed.map(|_| FutureValue::Nothing);
        }
        if let Err(error) = &committed {
            self.special.conflicted_on(error.conflicts());
        }
        let stamps = std::mem::take(&mut *self.stamps.borrow_mut());
        if let Ok(committed) = &committed {
            self.committed_version
                .store(committed.version, Ordering::Release);
        }
        for promise in stamps {
            promise.keep(match &committed {
                Ok(committed) => committed
                    .stamp()
                    .map(|stamp| FutureValue::Key(stamp.0.to_vec())),
                Err(_) => Err(StoreError::new(TRANSACTION_INVALID_VERSION)),
            });
        }
        committed.map(|_| FutureValue::Nothing)
    }

    /// Tells `promise` the versionstamp of the next commit. Must be asked for before the commit.
    pub(crate) fn versionstamp(&self, promise: Promise) {
        match self.session.check() {
            Ok(()) => self.stamps.borrow_mut().push(promise),
            Err(error) => promise.keep(Err(error)),
        }
    }

    /// Starts anew after a retryable error, or hands it back.
    pub(crate) async fn on_error(self: Rc<Self>, number: i32) -> Result<FutureValue, StoreError> {
        let number = errors::validated(number);
        if number == 0 {
            return Err(StoreError::new(code::CLIENT_INVALID_OPERATION));
        }
        let known = known_to_session(number);
        let retried = self.session.on_error(StoreError::new(known)).await;
        match retried {
            Ok(()) => {
                // The others last, as whoever set them last left them.
                self.forget();
                self.apply_defaults(|option| !LASTING_OPTIONS.contains(&option));
            }
            Err(error) if error.code() == known => return Err(StoreError::new(number)),
            Err(error) => return Err(error),
        }
        Ok(FutureValue::Nothing)
    }

    /// As if it had just begun, with the defaults of now.
    pub(crate) fn reset(&self, defaults: Arc<TransactionDefaults>) {
        self.session.reset();
        *self.defaults.borrow_mut() = defaults;
        self.forget();
        self.apply_defaults(|_| true);
    }

    /// Fails all that is under way.
    pub(crate) fn cancel(&self) {
        self.session.cancel();
        self.fail_stamps();
    }

    fn forget(&self) {
        self.fail_stamps();
        self.committed_version
            .store(store::VERSION_READ_ONLY, Ordering::Release);
        self.special.reset();
        self.tags.borrow_mut().clear();
        self.read_cost.set(0);
        self.has_identifier.set(false);
    }

    fn fail_stamps(&self) {
        for promise in std::mem::take(&mut *self.stamps.borrow_mut()) {
            promise.keep(Err(StoreError::new(code::TRANSACTION_CANCELLED)));
        }
    }

    /// Sets what holds for every transaction of this library, and the defaults of the database that `applies` to.
    fn apply_defaults(&self, applies: impl Fn(i32) -> bool) {
        self.session.set_self_conflicting(true);
        self.session.mirror_client();
        let defaults = Arc::clone(&self.defaults.borrow());
        let snapshot_reads =
            defaults.snapshot_reads + if api_version::is_at_least(300) { 0 } else { -1 };
        let (step, count) = match snapshot_reads {
            0.. => (store::TransactionOption::SnapshotRywEnable, snapshot_reads),
            _ => (
                store::TransactionOption::SnapshotRywDisable,
                -snapshot_reads,
            ),
        };
        (0..count).for_each(|_| self.session.set_option(step));
        for (option, value) in &defaults.options {
            if applies(*option) {
                self.set_option(*option, value.as_deref());
            }
        }
    }
}

/// The number by which a session retries, or not, what FoundationDB 7.3's client retries on `number`.
fn known_to_session(number: i32) -> i32 {
    if LIKE_TAG_THROTTLED.contains(&number) {
        return code::TAG_THROTTLED;
    }
    let is_retried = match number {
        code::CLUSTER_VERSION_CHANGED => is_layered(),
        _ => errors::predicate(errors::RETRYABLE, number),
    };
    if is_retried {
        number
    } else {
        code::OPERATION_FAILED
    }
}
