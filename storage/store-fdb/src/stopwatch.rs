//! How long FoundationDB took over something, whatever the core did meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use foundationdb::FdbResult;
use foundationdb::future::FdbFuture;
use futures::FutureExt as _;

/// Times an answer on the network thread: the task that needs it is not woken for it, and when the core comes to look
/// does not count.
pub(crate) struct Timed {
    /// None: it was there at once.
    answer: Option<FdbFuture<i64>>,
    watch: Arc<Stopwatch>,
}

struct Stopwatch {
    started: Instant,
    /// Nanoseconds, at least 1; 0 while it runs.
    took_ns: AtomicU64,
}

impl Stopwatch {
    fn stop(&self) {
        let took = u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.took_ns.store(took.max(1), Relaxed);
    }
}

impl Wake for Stopwatch {
    fn wake(self: Arc<Self>) {
        self.stop();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.stop();
    }
}

impl Timed {
    /// Times the answer to a question that was asked just now.
    pub(crate) fn start(mut answer: FdbFuture<i64>) -> Self {
        let watch = Arc::new(Stopwatch {
            started: Instant::now(),
            took_ns: AtomicU64::new(0),
        });
        let answer = match poll(&mut answer, &watch) {
            Poll::Pending => Some(answer),
            Poll::Ready(Ok(_)) => {
                watch.stop();
                None
            }
            Poll::Ready(Err(_)) => None,
        };
        Self { answer, watch }
    }

    /// How long the answer took; none if there is none yet, or an error.
    pub(crate) fn took(self) -> Option<Duration> {
        if let Some(mut answer) = self.answer
            && !matches!(poll(&mut answer, &self.watch), Poll::Ready(Ok(_)))
        {
            return None;
        }
        let took_ns = self.watch.took_ns.load(Relaxed);
        (took_ns > 0).then(|| Duration::from_nanos(took_ns))
    }
}

fn poll(answer: &mut FdbFuture<i64>, watch: &Arc<Stopwatch>) -> Poll<FdbResult<i64>> {
    let waker = Waker::from(Arc::clone(watch));
    answer.poll_unpin(&mut Context::from_waker(&waker))
}
