//! Another user of the same store, who has nothing to do with hunts: transactions on keys of its own, under the same
//! faults. What they keep up holds only if the store is serializable, whatever it disappoints them with.
//!
//! The keys are links of one ring, and each transaction swaps two of them (FoundationDB's own test "Cycle"): if any two
//! overlap that must not, the ring falls apart. A watcher waits for one link to change.

use std::rc::Rc;

use store::{Committed, Store, StoreError, Transaction, TransactionOption, code};
use store_sim::SimStore;

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
/// From one swap to the next, at most.
const PAUSE_US_MAX: u64 = 400_000;
/// How long a transaction may take; a watch is given up after so long as well.
const TIMEOUT_MS: u64 = 5_000;

impl World {
    /// Lets the tenant begin, if the run has one.
    pub(crate) fn start_tenant(self: &Rc<Self>) {
        if !self.has_tenant() {
            return;
        }
        for swapper in 0..SWAPPERS {
            let store = self.tenant_store();
            let chance = Chance::new(self.plan.seed).fork(swapper + 1);
            let world = self.clone();
            self.kernel.spawn(WORLD_LANE, WORLD_LIFE, async move {
                world.swap_on(store, chance).await;
            });
        }
        let (world, store) = (self.clone(), self.tenant_store());
        self.kernel.spawn(WORLD_LANE, WORLD_LIFE, async move {
            world.watch_on(store).await;
        });
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

    async fn swap_on(self: Rc<Self>, store: SimStore, mut chance: Chance) {
        while !self.faults.are_over() {
            let first = chance.below(LINKS);
            let pause_us = chance.below(PAUSE_US_MAX);
            // What is not retryable is told by the ring at the end.
            let _ = retry(&store, async |transaction| swap(transaction, first).await).await;
            let at_us = self.kernel.now_us() + pause_us;
            Sleep::until(self.kernel.clone(), at_us).await;
        }
    }

    async fn watch_on(self: Rc<Self>, store: SimStore) {
        while !self.faults.are_over() {
            let transaction = begin(&store);
            let changed = transaction.watch(&key(0));
            if transaction.commit().await.is_ok() {
                let at_us = self.kernel.now_us() + TIMEOUT_MS * 1_000;
                let limit = Sleep::until(self.kernel.clone(), at_us);
                futures::future::select(Box::pin(changed), Box::pin(limit)).await;
            }
            let at_us = self.kernel.now_us() + PAUSE_US_MAX;
            Sleep::until(self.kernel.clone(), at_us).await;
        }
    }

    /// The ring is whole; if not, what is wrong.
    pub(crate) async fn check_tenant(self: Rc<Self>) -> Option<String> {
        if !self.has_tenant() {
            return None;
        }
        let transaction = self.tenant_store().begin();
        let (mut at, mut passed) = (0, 0);
        loop {
            at = match next(&transaction, at).await {
                Ok(next) => next,
                Err(error) => return Some(format!("the tenant can't read its ring: {error}")),
            };
            passed += 1;
            if at == 0 || passed > LINKS {
                break;
            }
        }
        (passed != LINKS)
            .then(|| format!("the tenant's ring of {LINKS} links comes back after {passed}"))
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
