//! What a core of a simulated node stands on.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use hunt::{Millis, ShardId};
use node::{CoreAddress, Host, Message, SendRefused, View};
use rand_xoshiro::rand_core::Rng;
use store_sim::SimStore;

use super::clock::micros;
use super::life::Life;
use super::site::Endpoint;
use super::world::World;
use crate::kernel::{LaneId, Sleep, Stream};
use crate::oracle::{Belief, Closed};

/// What a message between two cores of a node takes.
const RING_US: u64 = 2;

/// The core of each node that beats.
const BEATING_CORE: u16 = 0;

/// What a hanging transaction is given.
const TRANSACTION_TIMEOUT: Duration = Duration::from_secs(5);

/// One core of one life of one node. Cheap to clone.
#[derive(Clone)]
pub(crate) struct SimHost(Rc<Standing>);

struct Standing {
    world: Rc<World>,
    life: Rc<Life>,
    core: u16,
    lane: LaneId,
    random: RefCell<Stream>,
    store: SimStore,
}

impl SimHost {
    /// For `core` of the node whose life it is.
    pub(crate) fn new(
        world: Rc<World>,
        life: Rc<Life>,
        core: u16,
        random: Stream,
        store: SimStore,
    ) -> Self {
        let lane = world.lane(life.node(), core);
        Self(Rc::new(Standing {
            world,
            life,
            core,
            lane,
            random: RefCell::new(random),
            store,
        }))
    }

    fn clock_us(&self) -> u64 {
        let Standing { world, life, .. } = &*self.0;
        world.clock(life.node()).monotonic_us(world.kernel.now_us())
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Core {
            node: self.0.life.node(),
            core: self.0.core,
        }
    }

    /// Within the node: reliable, in order, bounded.
    /// An answer to a question that an earlier process of the core asked must not be taken for one to this process.
    fn note_question(&self, id: u64) {
        let Standing {
            world, life, core, ..
        } = &*self.0;
        if let Some(fault) = world.questions.ask((life.node(), *core), life.id(), id) {
            world.fail("questions", fault);
        }
    }

    fn send_within(&self, to: u16, message: Message) -> Result<(), SendRefused> {
        let Standing {
            world, life, core, ..
        } = &*self.0;
        let messages_max = world.plan.engine.ring_messages_max;
        let woken = life.ring(*core, to, message, messages_max)?;
        if let Some(pump) = woken {
            world.kernel.wake_at(world.kernel.now_us() + RING_US, pump);
        }
        Ok(())
    }
}

impl Host for SimHost {
    type Store = SimStore;

    fn monotonic(&self) -> Duration {
        Duration::from_micros(self.clock_us())
    }

    fn wall(&self) -> Millis {
        let Standing { world, life, .. } = &*self.0;
        world.clock(life.node()).wall(world.kernel.now_us())
    }

    fn random(&self) -> u64 {
        self.0.world.kernel.count_draw();
        self.0.random.borrow_mut().next_u64()
    }

    /// By the node's own clock, which may run fast or slow meanwhile.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + 'static {
        let host = self.clone();
        let until_us = self.clock_us().saturating_add(micros(duration));
        async move {
            while host.clock_us() < until_us {
                let Standing { world, life, .. } = &*host.0;
                let at_us = world.clock(life.node()).true_us(until_us);
                Sleep::until(world.kernel.clone(), at_us).await;
            }
        }
    }

    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        let Standing {
            world, life, lane, ..
        } = &*self.0;
        if life.is_alive() {
            world.kernel.spawn(*lane, life.id(), task);
        }
    }

    fn send(&self, to: CoreAddress, message: Message) -> Result<(), SendRefused> {
        let Standing { world, life, .. } = &*self.0;
        if !life.is_alive() {
            return Ok(());
        }
        if to.node.0 == u64::from(life.node()) {
            return self.send_within(to.core, message);
        }
        if let Message::Ask { id, .. } = &message {
            self.note_question(*id);
        }
        if let Ok(node) = u16::try_from(to.node.0) {
            let to = Endpoint::Core {
                node,
                core: to.core,
            };
            let sent = world.send_message(self.endpoint(), to, message);
            return sent.map_err(SendRefused::NoWay);
        }
        Ok(())
    }

    /// What the core that beats believes, all believe. What is over by now may have begun under another rate of the clock.
    fn meet(&self, view: &Arc<View>) {
        let Standing {
            world, life, core, ..
        } = &*self.0;
        if *core != BEATING_CORE {
            return;
        }
        let node = life.node();
        let machine = &world.machines[usize::from(node)];
        if view.fresh_until > self.monotonic() {
            machine.note_belief(Belief {
                at_us: world.kernel.now_us(),
                node,
                member: view.member,
                until_us: world.clock(node).true_us(micros(view.fresh_until)),
            });
        }
        let wants_none = |shard: &ShardId| {
            let owner = view.owner(*shard).map(|owner| owner.node);
            let owner = owner.and_then(|owner| view.members().get(&owner));
            owner.is_some_and(|owner| owner.draining)
        };
        if let Some(shard) = (0..world.plan.engine.shards).find(wants_none) {
            machine.note_misplaced(node, shard);
        }
    }

    fn closed(&self, shard: ShardId, epoch: u64) {
        let Standing { world, life, .. } = &*self.0;
        if life.is_alive() {
            world.machines[usize::from(life.node())].note_closed(Closed {
                at_us: world.kernel.now_us(),
                node: life.node(),
                shard,
                epoch,
            });
        }
    }

    fn store(&self) -> &SimStore {
        &self.0.store
    }

    fn transaction_timeout(&self) -> Option<Duration> {
        Some(TRANSACTION_TIMEOUT)
    }

    fn corrupt(&self, what: &str) {
        let Standing { world, life, .. } = &*self.0;
        // Who looks at the store at the end is no node: the store may have been damaged for it.
        if life.node() > 0 {
            world.fail("corrupt", what.to_owned());
        }
    }

    fn probe(&self, name: &'static str) {
        self.0.world.probe(name);
    }

    fn buggify(&self, site: &'static str) -> bool {
        self.0.world.buggify(site, self.endpoint())
    }
}
