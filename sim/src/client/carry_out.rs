//! Carries an operation out: tries, waits, tries elsewhere under the same request id, until there is an answer or the
//! client gives up. An answer that comes after its time-out counts too.

use std::pin::pin;

use futures::future::{Either, select};

use super::Conduct;
use crate::history::Ask;
use crate::world::{ClientPort, Told};

/// The first pause before another try; it doubles with each.
const PAUSE_US: u64 = 10_000;
/// The longest.
const PAUSE_US_MAX: u64 = 1_000_000;

/// Carries the `nth` operation of a client out; gives back what it was told, unless the client gave up.
pub(super) async fn carry_out(
    port: &ClientPort,
    nth: u32,
    ask: Ask,
    mut conduct: Conduct,
) -> Option<Told> {
    let op = port.begin(nth, ask);
    let told = until_answered(port, op, &mut conduct).await;
    match conduct.again_after_us.filter(|_| told.is_some()) {
        Some(after_us) => port.spawn(once_more(port.clone(), op, after_us, conduct)),
        None => port.ended(op),
    }
    told
}

async fn until_answered(port: &ClientPort, op: usize, conduct: &mut Conduct) -> Option<Told> {
    let mut pause_us = PAUSE_US;
    let mut tries = 0;
    loop {
        send(port, op, conduct);
        if conduct.overlaps {
            send(port, op, conduct);
        }
        tries += 1;
        let told = answer(port, op, conduct.timeout_us).await;
        if let Some(told) = told.filter(|told| told.settled) {
            return Some(told);
        }
        if conduct.tries_max.is_some_and(|max| tries >= max) {
            return None;
        }
        port.sleep(conduct.chance.between(pause_us / 2, pause_us))
            .await;
        pause_us = (pause_us * 2).min(PAUSE_US_MAX);
    }
}

/// Tries at a node by chance; what is answered is written down whenever it comes.
fn send(port: &ClientPort, op: usize, conduct: &mut Conduct) {
    let node = conduct.chance.between(1, port.nodes().into()) as u16;
    let core = conduct.chance.below(port.cores().into()) as u16;
    port.send(op, node, core);
}

/// Waits for an answer, not for ever.
async fn answer(port: &ClientPort, op: usize, timeout_us: u64) -> Option<Told> {
    match select(pin!(port.answer(op)), port.sleep(timeout_us)).await {
        Either::Left((told, _)) => Some(told),
        Either::Right(_) => None,
    }
}

/// Asks what was answered again, beside what the client does next.
async fn once_more(port: ClientPort, op: usize, after_us: u64, mut conduct: Conduct) {
    port.sleep(after_us).await;
    if !port.is_over() {
        send(&port, op, &mut conduct);
        answer(&port, op, conduct.timeout_us).await;
    }
    port.ended(op);
}
