//! A server as a child process, which never outlives the harness.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, set_parent_process_death_signal};

use crate::error::BenchError;

/// How long a server may take to get ready.
const START: Duration = Duration::from_secs(60);

/// How long it may take to stop, before it is killed.
const STOP: Duration = Duration::from_secs(60);

/// How often it is looked at meanwhile.
const POLL: Duration = Duration::from_millis(10);

/// Bytes of a log's end that an error shows.
const LOG_BYTES: usize = 2_000;

/// A running server; dropped, it is stopped.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
    stop: Signal,
}

impl Process {
    /// Starts a program that writes its log to `log`; `package` is Debian's that has it.
    pub fn start(
        mut command: Command,
        log: &Path,
        package: &'static str,
    ) -> Result<Self, BenchError> {
        let program = command.get_program().to_owned();
        let name = Path::new(&program)
            .file_name()
            .unwrap_or(&program)
            .to_string_lossy()
            .into_owned();
        let file =
            File::create(log).map_err(BenchError::io(format!("making {}", log.display())))?;
        let copy = file
            .try_clone()
            .map_err(BenchError::io(format!("opening {}", log.display())))?;
        // Ctrl-C is the harness's to hear: it counts and stops in order.
        command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(copy);
        // SAFETY: one system call, which allocates nothing and takes no lock, between fork and exec.
        unsafe {
            command.pre_exec(|| {
                set_parent_process_death_signal(Some(Signal::KILL)).map_err(io::Error::from)
            });
        }
        let child = command
            .spawn()
            .map_err(|error| missing(error, &name, package))?;
        Ok(Self {
            name,
            child,
            log: log.to_owned(),
            stop: Signal::TERM,
        })
    }

    /// Another signal than SIGTERM asks it to stop.
    pub(crate) fn stopped_by(mut self, signal: Signal) -> Self {
        self.stop = signal;
        self
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until `is_ready` says so.
    pub fn wait_ready(&mut self, mut is_ready: impl FnMut() -> bool) -> Result<(), BenchError> {
        let started = Instant::now();
        while started.elapsed() < START {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(self.fault(format!("ended with {status} before it was ready")));
            }
            if is_ready() {
                return Ok(());
            }
            std::thread::sleep(POLL);
        }
        Err(self.fault(format!("was not ready after {} s", START.as_secs())))
    }

    /// Asks it to stop and waits for that; it must end well.
    pub fn stop(mut self) -> Result<(), BenchError> {
        match self.end() {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(self.fault(format!("ended with {status}"))),
            None => Err(self.fault(format!("did not stop within {} s", STOP.as_secs()))),
        }
    }

    fn end(&mut self) -> Option<ExitStatus> {
        if let Ok(Some(status)) = self.child.try_wait() {
            return Some(status);
        }
        let id = Pid::from_raw(i32::try_from(self.child.id()).ok()?)?;
        // It may have ended in this moment: then the wait below says so.
        let _ = kill_process(id, self.stop);
        let started = Instant::now();
        while started.elapsed() < STOP {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            std::thread::sleep(POLL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        None
    }

    fn fault(&self, what: String) -> BenchError {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        let end = &bytes[bytes.len().saturating_sub(LOG_BYTES)..];
        BenchError::Server {
            server: self.name.clone(),
            what,
            log: String::from_utf8_lossy(end).into_owned(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// Runs a program to its end; returns what it printed.
pub(super) fn output(mut command: Command, package: &'static str) -> Result<String, BenchError> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| missing(error, &name, package))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => Err(BenchError::Server {
            server: name,
            what: format!("ended with {}", output.status),
            log: text(&output.stderr) + &text(&output.stdout),
        }),
    }
}

fn missing(error: io::Error, program: &str, package: &'static str) -> BenchError {
    match error.kind() {
        ErrorKind::NotFound => BenchError::Missing {
            program: program.to_owned(),
            package,
        },
        _ => BenchError::io(format!("starting {program}"))(error),
    }
}
