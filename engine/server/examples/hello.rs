//! How many requests a second a core's connections can carry, with nothing behind them: answers every request with two bytes.
//!
//! `cargo run --release -p server --example hello -- 127.0.0.1:7200`, then `wrk -c64 -t1 -d5 http://127.0.0.1:7200/`.

use std::future::{Future, ready};

use bytes::Bytes;
use futures::future::join;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::{Request, Response};
use server::connection::{Acceptor, ConnectionSettings, Handler, Registry, bind_each_core};
use server::runtime::client_executor;

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

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
    client_executor()?.run(async {
        let registry = Registry::new(ConnectionSettings::default());
        let acceptor = Acceptor::new(listener, registry.clone(), Hello)?;
        join(acceptor.run(), registry.sweep()).await;
        Ok(())
    })
}
