//! How hyper starts tasks: HTTP/2 runs each stream in one.

use std::future::Future;

use crate::runtime::tasks;

/// Starts tasks on the running core.
#[derive(Clone, Copy, Debug)]
pub struct LocalTasks;

impl<F> hyper::rt::Executor<F> for LocalTasks
where
    F: Future<Output = ()> + 'static,
{
    fn execute(&self, task: F) {
        tasks::spawn(task).detach();
    }
}
