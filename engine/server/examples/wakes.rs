//! How long a foreign thread's wake takes to reach a task of a busy core: by the runtime's own foreign wake, and by a bridge
//! (one bit, one bell, the pump).
//!
//! `cargo run --release -p server --example wakes -- 20` keeps the core busy with 20 tasks that each run 50 µs at a time.

#![allow(
    clippy::disallowed_methods,
    reason = "it measures time, and needs a foreign thread"
)]

use std::error::Error;
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use server::runtime::{Bridge, run_bridged, tasks};

const WAKES: usize = 2_000;
const INTERVAL: Duration = Duration::from_micros(500);
const SPIN: Duration = Duration::from_micros(50);

fn main() -> Result<(), Box<dyn Error>> {
    let busy_tasks: usize = std::env::args()
        .nth(1)
        .map_or(Ok(20), |text| text.parse())?;
    for bridged in [false, true] {
        let mut delays_us = run_bridged(0, |bridge| measure(bridge, bridged, busy_tasks))??;
        delays_us.sort_unstable();
        let at = |q: usize| delays_us[WAKES * q / 1_000];
        let way = if bridged { "bridge" } else { "foreign wake" };
        let mut out = std::io::stdout().lock();
        std::io::Write::write_fmt(
            &mut out,
            format_args!(
                "{way}: p50 {} µs, p99 {} µs, p99.9 {} µs, {busy_tasks} busy tasks\n",
                at(500),
                at(990),
                at(999)
            ),
        )?;
    }
    Ok(())
}

async fn measure(
    bridge: Bridge,
    bridged: bool,
    busy_tasks: usize,
) -> Result<Vec<u128>, &'static str> {
    for _ in 0..busy_tasks {
        tasks::spawn(spin()).detach();
    }
    let (sender, mut receiver) = unbounded();
    let thread = std::thread::spawn(move || send(&sender));
    let mut delays_us = Vec::with_capacity(WAKES);
    while delays_us.len() < WAKES {
        let sent: Option<Instant> = if bridged {
            bridge.carry(receiver.next()).await
        } else {
            receiver.next().await
        };
        delays_us.push(sent.ok_or("the sender ended early")?.elapsed().as_micros());
    }
    thread.join().map_err(|_| "the sender failed")?;
    Ok(delays_us)
}

fn send(sender: &UnboundedSender<Instant>) {
    for _ in 0..WAKES {
        std::thread::sleep(INTERVAL);
        if sender.unbounded_send(Instant::now()).is_err() {
            return;
        }
    }
}

async fn spin() {
    loop {
        let start = Instant::now();
        while start.elapsed() < SPIN {
            std::hint::spin_loop();
        }
        glommio::executor().yield_now().await;
    }
}
