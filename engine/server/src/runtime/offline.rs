//! A host without a node: for commands that read a store while no engine runs.

use std::future::Future;

use node::NodeId;

use super::backend::{Backend, memory_database};
use super::bridge::Bridge;
use super::engine::StartError;
use super::executor::executor;
use super::foundation::{Foundation, connect};
use super::host::GlommioHost;
use super::pump::{NoInlet, start_pump};
use super::tasks::Counted;

/// Nobody: what runs offline owns nothing.
const OFFLINE: NodeId = NodeId(0);

/// Runs `task` on an executor of this thread pinned to `core`, with nothing but a bridge to other threads.
pub fn run_bridged<T, F>(core: usize, task: impl FnOnce(Bridge) -> F) -> Result<T, StartError>
where
    F: Future<Output = T>,
{
    run_founded(Some(core), &memory_database(), |founded| {
        task(founded.bridge)
    })
}

/// Runs `task` on an executor of this thread, over the store.
pub fn run_offline<B: Backend, T, F>(
    backend: &B,
    task: impl FnOnce(GlommioHost<B::Store>) -> F,
) -> Result<T, StartError>
where
    F: Future<Output = T>,
{
    run_founded(None, backend, |founded| task(founded.host))
}

struct Founded<S> {
    host: GlommioHost<S>,
    bridge: Bridge,
}

fn run_founded<B: Backend, T, F>(
    core: Option<usize>,
    backend: &B,
    task: impl FnOnce(Founded<B::Store>) -> F,
) -> Result<T, StartError>
where
    F: Future<Output = T>,
{
    let ways_in = connect(1)
        .map_err(StartError::Connect)?
        .pop()
        .ok_or(StartError::NoCores)?;
    let executor = executor(core).map_err(|detail| StartError::Executor { core: 0, detail })?;
    executor.run(Counted::new(async {
        let foundation = Foundation::lay(OFFLINE, backend, ways_in).map_err(StartError::Connect)?;
        let founded = Founded {
            host: foundation.host.clone(),
            bridge: foundation.bridge.clone(),
        };
        foundation.open(|_| {});
        Ok(task(founded).await)
    }))
}

/// An executor for this thread, pinned nowhere: for clients in the same process.
pub fn client_executor() -> Result<ClientExecutor, StartError> {
    executor(None)
        .map(ClientExecutor)
        .map_err(|detail| StartError::Executor { core: 0, detail })
}

/// Runs tasks that wait for sockets and timers.
pub struct ClientExecutor(glommio::LocalExecutor);

impl ClientExecutor {
    /// Runs `task` to its end.
    pub fn run<T>(&self, task: impl Future<Output = T>) -> T {
        self.0.run(Counted::new(async {
            start_pump(NoInlet);
            task.await
        }))
    }
}
