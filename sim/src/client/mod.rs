//! The clients of a run. What one does at its n-th operation derives from (seed, client, n) alone, so any operation can
//! be left out and all others stay as they were.
//!
//! ```text
//! Plan ─▶ Scene (workload) ─▶ player │ operator │ onlooker │ reader ─▶ carry_out: try, wait, try elsewhere ─▶ History
//! ```

mod carry_out;
mod conduct;
mod inspector;
mod onlooker;
mod operator;
mod player;
mod punctual;
mod reader;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use crate::draw::Chance;
use crate::history::Ask;
use crate::plan::{ClientPlan, Plan, Role};
use crate::workload::Scene;
use crate::world::ClientPort;
use carry_out::carry_out;
use conduct::Conduct;
pub(crate) use inspector::{INSPECTOR, inspect};
use operator::Drafts;

/// Those who play and look come a little after those who make the hunts.
const LATE_MS_MAX: u64 = 400;
/// Operators begin their first operations so shortly after each other, until all hunts are made.
const SETUP_MS: u64 = 5;

/// What a draw is for. Draws for one purpose do not depend on those for another.
#[derive(Clone, Copy, Debug)]
enum Purpose {
    Ask,
    Conduct,
    Think,
    Start,
}

/// One client at work.
struct Client {
    port: ClientPort,
    plan: ClientPlan,
    scene: Rc<Scene>,
    drafts: Rc<Drafts>,
    /// Clients whose players may be named.
    named_clients: u64,
}

/// Starts the clients of a plan, each at the port that `port` has for its number.
pub fn start(plan: &Plan, port: impl Fn(u32) -> ClientPort) {
    let scene = Rc::new(plan.workload.scene(plan.seed));
    let drafts = Rc::new(Drafts::default());
    for client in &plan.clients {
        let port = port(client.id);
        let client = Client {
            port: port.clone(),
            plan: client.clone(),
            scene: scene.clone(),
            drafts: drafts.clone(),
            named_clients: plan.named(),
        };
        port.spawn(client.run());
    }
}

impl Client {
    async fn run(self) {
        if self.plan.role != Role::Operator {
            let late_ms = self.chance(0, Purpose::Start).below(LATE_MS_MAX);
            self.sleep_ms(self.plan.from_ms.saturating_add(late_ms))
                .await;
        }
        let mut reader = reader::Reader::default();
        for nth in 0..self.plan.ops {
            self.think(nth).await;
            if self.port.is_over() {
                return;
            }
            if self.plan.skip.contains(&nth) {
                continue;
            }
            match self.plan.role {
                Role::Player => self.ask(nth, self.play(nth)).await,
                Role::Operator => self.ask(nth, self.operate(nth)).await,
                Role::Onlooker => self.ask(nth, self.look(nth)).await,
                Role::FeedReader => self.read(nth, &mut reader).await,
            }
        }
    }

    async fn ask(&self, nth: u32, ask: Ask) {
        let mut conduct = Conduct::draw(&mut self.chance(nth, Purpose::Conduct), &self.scene, &ask);
        if self.plan.role == Role::Operator && self.sets_up(nth) {
            conduct = conduct.determined();
        }
        carry_out(&self.port, nth, ask, conduct).await;
    }

    fn chance(&self, nth: u32, purpose: Purpose) -> Chance {
        Chance::new(self.port.draw(nth, purpose as u64))
    }

    /// Pauses before the operation, on average as long as the plan says.
    async fn think(&self, nth: u32) {
        let mean_ms = match self.plan.role {
            Role::Operator if self.sets_up(nth) => SETUP_MS,
            _ => self.plan.think_ms,
        };
        let us = self.chance(nth, Purpose::Think).below(2_000 * mean_ms + 1);
        match self.edge(nth) {
            Some((.., at_us)) => self.until(at_us, us).await,
            None => self.port.sleep(us).await,
        }
    }

    async fn sleep_ms(&self, ms: u64) {
        self.port.sleep(ms.saturating_mul(1_000)).await;
    }
}
