//! How many requests a second a core's connections can carry, with nothing behind them: answers every request with two bytes.
//!
//! `cargo run --release -p server --example hello -- 127.0.0.1:7200`, then `wrk -c64 -t1 -d5 http://127.0.0.1:7200/`.

use std::convert::Infallible;
use std::future::{Future, ready};
use std::time::Duration;

use bytes::Bytes;
use glommio::{LocalExecutorBuilder, Placement};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::{Request, Response};
use server::connection::{Acceptor, ConnectionSettings, Handler, Registry, bind_each_core};
use server::runtime::timers;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Clone)]
struct Hello;

impl Handler for Hello {
    type Body = Full<Bytes>;

    fn handle(&self, _: Request<Incoming>) -> impl Future<Output = Response<Self::Body>> {
        ready(Response::new(Full::new(Bytes::from_static(b"ok"))))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args()
        .nth(1)
        .unwrap_or("127.0.0.1:7200".to_owned())
        .parse()?;
    let (_, mut listeners) = bind_each_core(address, 1)?;
    let listener = listeners.pop().ok_or("no listener")?;
    let executor = LocalExecutorBuilder::new(Placement::Fixed(0))
        .preempt_timer(Duration::from_millis(1))
        .make()?;
    executor.run(async {
        glommio::spawn_local(timers::turn_wheel()).detach();
        let registry = Registry::new(ConnectionSettings::default());
        let sweeping = registry.clone();
        glommio::spawn_local(async move { sweeping.sweep().await }).detach();
        Acceptor::new(listener, registry, Hello).run().await;
    });
    Ok::<(), Infallible>(())?;
    Ok(())
}
