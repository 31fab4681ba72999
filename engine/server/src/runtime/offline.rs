//! A host without a node: for commands that read a store while no engine runs.

use std::future::Future;

use node::NodeId;

use super::backend::Backend;
use super::engine::StartError;
use super::executor::executor;
use super::foundation::{Foundation, connect};
use super::host::GlommioHost;

/// Nobody: what runs offline owns nothing.
const OFFLINE: NodeId = NodeId(0);

/// Runs `task` on an executor of this thread, over the store.
pub fn run_offline<B: Backend, T, F>(
    backend: &B,
    task: impl FnOnce(GlommioHost<B::Store>) -> F,
) -> Result<T, StartError>
where
    F: Future<Output = T>,
{
    let ways_in = connect(1)
        .map_err(StartError::Connect)?
        .pop()
        .ok_or(StartError::NoCores)?;
    let executor = executor(None).map_err(|detail| StartError::Executor { core: 0, detail })?;
    executor.run(async {
        let foundation = Foundation::lay(OFFLINE, backend, ways_in).map_err(StartError::Connect)?;
        let host = foundation.host.clone();
        foundation.open(|_| {});
        Ok(task(host).await)
    })
}

/// An executor for this thread, pinned nowhere: for clients in the same process.
pub fn client_executor() -> Result<glommio::LocalExecutor, StartError> {
    executor(None).map_err(|detail| StartError::Executor { core: 0, detail })
}
