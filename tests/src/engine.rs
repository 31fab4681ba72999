//! The engine as a child process.

use std::fs::{File, OpenOptions};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::ports::free_address;
use crate::program::command;
use crate::store::StoreUnderTest;
use crate::tokens::SECRET;

/// How long a start or a stop may take: far longer than it does, so that only what hangs fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often it is looked at meanwhile.
const POLL: Duration = Duration::from_millis(5);

/// A running engine. Dropped, it is killed.
#[derive(Debug)]
pub struct Engine {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
}

/// What a process may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Signal {
    /// To read its certificates again.
    HangUp = libc::SIGHUP,
    /// To end well.
    Terminate = libc::SIGTERM,
    /// To stand still.
    Stop = libc::SIGSTOP,
    /// To go on.
    Continue = libc::SIGCONT,
}

/// An engine that ended, or hung, before it was ready.
#[derive(Debug)]
pub struct NotReady {
    /// How it ended; none: it hung, and was killed.
    pub status: Option<ExitStatus>,
    /// What it wrote.
    pub log: String,
}

impl Engine {
    /// Starts the engine on the store that stands for a directory (see [`StoreUnderTest`]) and waits until it is ready. Settings are (name, value).
    ///
    /// # Panics
    ///
    /// If it does not get ready.
    pub fn start(store: &Path, settings: &[(&str, &str)]) -> Self {
        Self::try_start(store, settings).unwrap_or_else(|not_ready| panic!("{not_ready:#?}"))
    }

    /// Starts the engine; if it does not get ready, says how it ended.
    ///
    /// # Panics
    ///
    /// If the program can't be started at all.
    pub fn try_start(store: &Path, settings: &[(&str, &str)]) -> Result<Self, NotReady> {
        let mut engine = Self::spawn(store, settings);
        match engine.wait_ready(PATIENCE) {
            Ok(()) => Ok(engine),
            Err(status) => Err(NotReady {
                status,
                log: engine.log(),
            }),
        }
    }

    /// Starts the engine and does not wait for it.
    ///
    /// # Panics
    ///
    /// If the program can't be started at all.
    pub fn spawn(store: &Path, settings: &[(&str, &str)]) -> Self {
        Self::spawn_at(free_address(), store, settings)
    }

    /// As [`Engine::spawn`], at an address of the caller's choice.
    ///
    /// # Panics
    ///
    /// If the program can't be started at all.
    pub fn spawn_at(address: SocketAddr, store: &Path, settings: &[(&str, &str)]) -> Self {
        let log = log_path(store);
        let file = log_file(&log);
        let mut command = command(&["serve"]);
        command
            .args(["--listen", &address.to_string()])
            .env("HUNT_JWT_SECRET", SECRET)
            .stdout(file.try_clone().unwrap())
            .stderr(file);
        StoreUnderTest::of(store).tell(&mut command);
        for (name, value) in settings {
            command.env(format!("HUNT_{}", name.to_ascii_uppercase()), value);
        }
        let child = command.spawn().unwrap();
        Self {
            child,
            address,
            log,
        }
    }

    /// Waits until it is ready; else says how it ended, if it did.
    pub fn wait_ready(&mut self, patience: Duration) -> Result<(), Option<ExitStatus>> {
        let started = Instant::now();
        while started.elapsed() < patience {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(Some(status));
            }
            if self.client().finds_ready() {
                return Ok(());
            }
            std::thread::sleep(POLL);
        }
        Err(None)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A client of it.
    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// All that it, and engines before it on the same store, wrote.
    pub fn log(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Whether the process runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// No file of it may grow past `bytes` from now on: a full disk, played.
    ///
    /// # Panics
    ///
    /// If the system does not allow it.
    pub fn limit_files(&self, bytes: u64) {
        let id = rustix::process::Pid::from_child(&self.child);
        let limit = rustix::process::Rlimit {
            current: Some(bytes),
            maximum: None,
        };
        rustix::process::prlimit(Some(id), rustix::process::Resource::Fsize, limit).unwrap();
    }

    /// Waits until it ends by itself.
    ///
    /// # Panics
    ///
    /// If it does not.
    pub fn wait_end(mut self) -> ExitStatus {
        self.until_ended("the engine does not end by itself")
    }

    /// Resident memory in bytes.
    pub fn rss_bytes(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        kib.unwrap_or_default() << 10
    }

    /// SIGKILL, at once.
    pub fn kill(mut self) {
        self.end();
    }

    /// SIGTERM, and waits for the end.
    ///
    /// # Panics
    ///
    /// If it does not end.
    pub fn stop(mut self) -> ExitStatus {
        self.signal(Signal::Terminate);
        self.until_ended("SIGTERM was not heeded")
    }

    fn until_ended(&mut self, complaint: &str) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "{complaint}: {}", self.log());
            std::thread::sleep(POLL);
        }
    }

    /// Sends the process a signal.
    pub fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).expect("process ids fit");
        // SAFETY: a signal to a child that was not yet waited for.
        unsafe { libc::kill(id, signal as i32) };
    }

    fn end(&mut self) {
        // It may have ended by itself; either way it is over then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.end();
    }
}

/// Where engines on this store write.
pub fn log_path(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".log");
    name.into()
}

fn log_file(path: &Path) -> File {
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.unwrap()
}
