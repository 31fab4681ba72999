//! SIGTERM and SIGINT: the first asks the engine to stop, the second ends the process at once. SIGHUP has certificates read
//! again.

use std::io::{self, IsTerminal};

use super::engine::StopHandle;
use crate::tls::TlsReload;

/// Exit code after a second signal: as a shell counts SIGINT.
pub const EXIT_INTERRUPTED: i32 = 130;

/// The signals that stop the engine, blocked for this thread and all that it starts.
///
/// SIGXFSZ is blocked with them and never taken: past a limit of the size of files a write then fails, which the store tells,
/// and does not end the process without a word.
pub struct Signals(libc::sigset_t);

impl Signals {
    /// Blocks them. Call before any thread is started, so that none takes a signal for itself.
    pub fn block() -> io::Result<Self> {
        // SAFETY: all zeroes is a valid set, which sigemptyset then makes well-defined; the pointers are to live sets.
        unsafe {
            let mut set: libc::sigset_t = std::mem::zeroed();
            libc::sigemptyset(&mut set);
            libc::sigaddset(&mut set, libc::SIGTERM);
            libc::sigaddset(&mut set, libc::SIGINT);
            libc::sigaddset(&mut set, libc::SIGHUP);
            let mut blocked = set;
            libc::sigaddset(&mut blocked, libc::SIGXFSZ);
            match libc::pthread_sigmask(libc::SIG_BLOCK, &blocked, std::ptr::null_mut()) {
                0 => Ok(Self(set)),
                error => Err(io::Error::from_raw_os_error(error)),
            }
        }
    }

    /// Waits for them on a thread of its own.
    pub fn watch(self, stop: StopHandle, tls: TlsReload) -> io::Result<()> {
        std::thread::Builder::new().name("hunt-signals".to_owned()).spawn(move || {
            let signal = self.wait_to_stop(&tls);
            tracing::info!(signal, "stopping: taking no more requests, finishing those under way; a second signal ends at once");
            stop.request();
            self.wait_to_stop(&tls);
            // SAFETY: it ends the process and touches nothing: threads of libraries still run, and must not find their
            // data torn down under them.
            unsafe { libc::_exit(EXIT_INTERRUPTED) }
        })?;
        Ok(())
    }

    /// The next signal that is no request to read certificates again.
    fn wait_to_stop(&self, tls: &TlsReload) -> i32 {
        loop {
            match self.wait() {
                // The terminal is gone, and nobody else has a reason to send this.
                libc::SIGHUP if tls.is_empty() && io::stdin().is_terminal() => return libc::SIGHUP,
                libc::SIGHUP => tls.reload(),
                signal => return signal,
            }
        }
    }

    fn wait(&self) -> i32 {
        let mut signal = 0;
        // SAFETY: the pointers are to a live set and a live number.
        unsafe { libc::sigwait(&self.0, &mut signal) };
        signal
    }
}
