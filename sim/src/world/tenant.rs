//! Another user of the same store, who has nothing to do with hunts: transactions on keys of its own, under the same
//! faults. What they keep up holds only if the store is serializable, whatever it disappoints them with.
//!
//! The keys are links of one ring, and each transaction swaps two of them (FoundationDB's own test "Cycle"): if any two
//! overlap that must not, the ring falls apart. A walker goes round the ring again and again. It is whole at every
//! version, so a read that sees a later one than the read before shows; and what was committed before a walk begins must not
//! be later than its version. A watcher waits for one link to change. Beside the ring, rivals contend for ranges that overlap
//! in every way ([`contest`]).

mod contest;

use std::cell::Cell;
use std::rc::Rc;

use store::{Committed, Store, StoreError, Transaction, TransactionOption, Version, code};
use store_sim::SimStore;

use self::contest::Attempt;
pub(crate) use self::contest::Contest;
use super::environment::StoreEnvironment;
use super::fates::Turn;
use super::world::{WORLD_LANE, WORLD_LIFE, World};
use crate::draw::Chance;
use crate::kernel::Sleep;

/// Links of the ring.
const LINKS: u64 = 6;
/// Those who swap at the same time.
const SWAPPERS: u64 = 3;
/// One run of so many has a tenant.
const EVERY: u64 = 4;
/// Those who contend for ranges at the same time.
const RIVALS: u64 = 3;
/// From one swap or walk to the next, at most.
const PAUSE_US_MAX: u64 = 400_000;
/// How long a transaction may take; a watch is given up after so long as well.
const TIMEOUT_MS: u64 = 5_000;

/// The tenant's tasks, and what they know of each other.
struct Tenant {
    world: Rc<World>,
    /// The newest version that a swap was told to be committed at.
    committed: Cell<Version>,
}

impl Tenant {
    async fn swap_on(&self, store: SimStore, mut chance: Chance) {
        while !self.world.faults.are_over() {
            let first = chance.below(LINKS);
            let pause_us = chance.below(PAUSE_US_MAX);
            // What is not retryable is told by the ring at the end.
            let swapped = retry(&store, async |transaction| swap(transaction, first).await).await;
            if let Ok(swapped) = swapped {
                let newest = self.committed.get().max(swapped.version);
                self.committed.set(newest);
            }
            self.pause(pause_us).await;
        }
    }

    async fn walk_on(&self, store: SimStore, mut chance: Chance) {
        while !self.world.faults.are_over() {
            // A walk that can't be ended says nothing of the store.
            if let Ok(Some(fault)) = self.walk_now(&begin(&store)).await {
                self.world.fail("tenant", fault);
            }
            self.pause(chance.below(PAUSE_US_MAX)).await;
        }
    }

    /// A walk at a version that must not be older than what was committed before.
    async fn walk_now(&self, transaction: &impl Transaction) -> Result<Option<String>, StoreError> {
        let committed = self.committed.get();
        let version = transaction.read_version().await?;
        if version < committed {
            return Ok(Some(format!(
                "the tenant reads at version {version} after it committed at {committed}"
            )));
        }
        walk(transaction).await
    }

    async fn contend_on(&self, store: SimStore, mut chance: Chance) {
        while !self.world.faults.are_over() {
            let attempt = Attempt::draw(&mut chance);
            // What was not told to be committed says nothing.
            let _ = self.contend(&store.begin(), attempt).await;
            self.pause(chance.below(PAUSE_US_MAX)).await;
        }
    }

    async fn contend(
        &self,
        transaction: &impl Transaction,
        attempt: Attempt,
    ) -> Result<(), StoreError> {
        let read_version = attempt.begin(transaction).await?;
        self.pause(attempt.wait_us).await;
        attempt.write(transaction);
        let committed = transaction.commit().await?;
        self.world.contest.note(attempt, read_version, committed);
        Ok(())
    }

    async fn watch_on(&self, store: SimStore) {
        while !self.world.faults.are_over() {
            let transaction = begin(&store);
            let changed = transaction.watch(&key(0));
            if transaction.commit().await.is_ok() {
                let limit = self.pause(TIMEOUT_MS * 1_000);
                futures::future::select(Box::pin(changed), Box::pin(limit)).await;
            }
            self.pause(PAUSE_US_MAX).await;
        }
    }

    async fn pause(&self, for_us: u64) {
        let kernel = &self.world.kernel;
        Sleep::until(kernel.clone(), kernel.now_us() + for_us).await;
    }
}

impl World {
    /// Lets the tenant begin, if the run has one.
    pub(crate) fn start_tenant(self: &Rc<Self>) {
        if !self.has_tenant() {
            return;
        }
        let tenant = Rc::new(Tenant {
            world: self.clone(),
            committed: Cell::new(0),
        });
        let chance = |fork| Chance::new(self.plan.seed).fork(fork);
        for swapper in 1..=SWAPPERS {
            let (tenant, store, chance) = (tenant.clone(), self.tenant_store(), chance(swapper));
            self.spawn_tenant(async move { tenant.swap_on(store, chance).await });
        }
        for rival in 0..RIVALS {
            let (tenant, store) = (tenant.clone(), self.tenant_store());
            let chance = chance(SWAPPERS + 2 + rival);
            self.spawn_tenant(async move { tenant.contend_on(store, chance).await });
        }
        let (watcher, store) = (tenant.clone(), self.tenant_store());
        self.spawn_tenant(async move { watcher.watch_on(store).await });
        let (store, chance) = (self.tenant_store(), chance(SWAPPERS + 1));
        self.spawn_tenant(async move { tenant.walk_on(store, chance).await });
    }

    fn spawn_tenant(&self, task: impl Future<Output = ()> + 'static) {
        self.kernel.spawn(WORLD_LANE, WORLD_LIFE, task);
    }

    fn has_tenant(&self) -> bool {
        self.plan.seed % EVERY == 1
    }

    /// The handle of someone who comes after all nodes.
    fn tenant_store(self: &Rc<Self>) -> SimStore {
        let node = self.plan.nodes + 1;
        let random = self.stream("tenant", node, 0, 0);
        let environment = Rc::new(StoreEnvironment::new(self.clone(), random));
        let handle = self.fates.handle(node, 0, Turn::First);
        self.database
            .handle_with(environment, handle, self.fates.clone())
    }

    /// The ring is whole, and the contest was a fair one; if not, what is wrong.
    pub(crate) async fn check_tenant(self: Rc<Self>) -> Option<String> {
        if !self.has_tenant() {
            return None;
        }
        match walk(&self.tenant_store().begin()).await {
            Ok(torn) => torn.or_else(|| self.contest.fault()),
            Err(error) => Some(format!("the tenant can't read its ring: {error}")),
        }
    }
}

fn key(link: u64) -> Vec<u8> {
    format!("tenant/{link}").into_bytes()
}

/// The link after this one; what nobody has changed yet leads to the one with the next number.
async fn next(transaction: &impl Transaction, link: u64) -> Result<u64, StoreError> {
    let value = transaction.get(&key(link), false).await?;
    let next = value.and_then(|value| Some(u64::from_le_bytes(value.try_into().ok()?)));
    Ok(next.unwrap_or((link + 1) % LINKS))
}

/// Goes round the ring; if it isn't whole, what is wrong.
async fn walk(transaction: &impl Transaction) -> Result<Option<String>, StoreError> {
    let (mut at, mut passed) = (0, 0);
    while passed == 0 || (at != 0 && passed <= LINKS) {
        at = next(transaction, at).await?;
        passed += 1;
    }
    let torn = || format!("the tenant's ring of {LINKS} links comes back after {passed}");
    Ok((passed != LINKS).then(torn))
}

/// Takes the second link after `first` out of the ring, and puts it in one place further on.
async fn swap(transaction: &impl Transaction, first: u64) -> Result<(), StoreError> {
    let second = next(transaction, first).await?;
    let third = next(transaction, second).await?;
    let fourth = next(transaction, third).await?;
    let lead = |from: u64, to: u64| transaction.set(&key(from), &to.to_le_bytes());
    lead(first, third);
    lead(third, second);
    lead(second, fourth);
    Ok(())
}

fn begin<T: Transaction>(store: &impl Store<Transaction = T>) -> T {
    let transaction = store.begin();
    transaction.set_option(TransactionOption::Timeout(TIMEOUT_MS));
    transaction
}

/// Does it as often as it takes. Twice is as good as once: the ring is whole after each.
async fn retry<T: Transaction>(
    store: &impl Store<Transaction = T>,
    work: impl AsyncFn(&T) -> Result<(), StoreError>,
) -> Result<Committed, StoreError> {
    let mut transaction = begin(store);
    loop {
        let error = match work(&transaction).await {
            Ok(()) => match transaction.commit().await {
                Ok(committed) => return Ok(committed),
                Err(error) => error,
            },
            Err(error) => error,
        };
        let is_over = [
            code::TRANSACTION_TIMED_OUT,
            code::TRANSACTION_CANCELLED,
            code::OPERATION_CANCELLED,
        ];
        match is_over.contains(&error.code()) {
            true => transaction = begin(store),
            false => transaction.on_error(error).await?,
        }
    }
}
