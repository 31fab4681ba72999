//! SIGTERM and SIGINT: the first asks the engine to stop, the second ends the process at once.

use std::io;

use super::engine::StopHandle;

/// Exit code after a second signal: as a shell counts SIGINT.
pub const EXIT_INTERRUPTED: i32 = 130;

/// The signals, blocked for this thread and all that it starts.
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
            match libc::pthread_sigmask(libc::SIG_BLOCK, &set, std::ptr::null_mut()) {
                0 => Ok(Self(set)),
                error => Err(io::Error::from_raw_os_error(error)),
            }
        }
    }

    /// Waits for them on a thread of its own.
    pub fn watch(self, stop: StopHandle) -> io::Result<()> {
        std::thread::Builder::new().name("hunt-signals".to_owned()).spawn(move || {
            let signal = self.wait();
            tracing::info!(signal, "stopping: taking no more requests, finishing those under way; a second signal ends at once");
            stop.request();
            self.wait();
            std::process::exit(EXIT_INTERRUPTED);
        })?;
        Ok(())
    }

    fn wait(&self) -> i32 {
        let mut signal = 0;
        // SAFETY: the pointers are to a live set and a live number.
        unsafe { libc::sigwait(&self.0, &mut signal) };
        signal
    }
}
