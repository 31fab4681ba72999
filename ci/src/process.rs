//! Child processes under a time limit.
//!
//! A hung test must end by itself, with everything it started: a killed `cargo test` leaves
//! its test binary behind, and that one its servers. So every process of a step carries a
//! mark in its environment, which children inherit, and what bears the mark is ended when the
//! limit passes, and also when the step's command is over but left something running. (A
//! process group would do that too, but would keep Ctrl-C from reaching the children.)

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The variable that marks what a step started.
const MARK: &str = "HUNT_CI_STEP";

/// How often a running child is looked at.
const POLL: Duration = Duration::from_millis(20);

/// How often ending the marked processes is tried before the rest is left to the system.
const END_TRIES_MAX: u32 = 50;

/// Starts the processes of one step, and ends them when its time is up.
#[derive(Debug)]
pub(crate) struct Processes<'a> {
    root: &'a Path,
    mark: String,
    started: Instant,
    limit: Duration,
}

impl<'a> Processes<'a> {
    /// The clock of `limit` starts now.
    pub(crate) fn new(root: &'a Path, step: &str, limit: Duration) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let mark = format!("{step}.{}.{count}", std::process::id());
        Self {
            root,
            mark,
            started: Instant::now(),
            limit,
        }
    }

    /// Runs a command with its output shown.
    ///
    /// # Errors
    /// It could not be started, passed the time limit, or ended with anything but 0.
    pub(crate) fn run(&self, command: &mut Command) -> Result<(), String> {
        println!("$ {}", shown(command));
        let mut child = self.start(command)?;
        let ended = self.wait(&mut child);
        self.end_left_behind();
        success(command, ended?)
    }

    /// Runs a command and returns what it wrote to standard output.
    ///
    /// # Errors
    /// As [`Processes::run`], or its output is not UTF-8.
    pub(crate) fn output(&self, command: &mut Command) -> Result<String, String> {
        let (status, output) = self.told(command)?;
        success(command, status).map(|()| output)
    }

    /// Runs a command and returns how it ended and what it wrote to standard output.
    ///
    /// # Errors
    /// It could not be started, passed the time limit, or its output is not UTF-8.
    pub(crate) fn told(&self, command: &mut Command) -> Result<(ExitStatus, String), String> {
        let mut child = self.start(command.stdout(Stdio::piped()))?;
        let mut pipe = child.stdout.take().expect("standard output was just piped");
        let (read, ended) = thread::scope(|scope| {
            let reader = scope.spawn(move || {
                let mut bytes = Vec::new();
                pipe.read_to_end(&mut bytes).map(|_| bytes)
            });
            let ended = self.wait(&mut child);
            self.end_left_behind();
            (reader.join().expect("the reader only reads"), ended)
        });
        let status = ended?;
        let bytes = read.map_err(|e| format!("`{}`: reading its output: {e}", shown(command)))?;
        let output = String::from_utf8(bytes)
            .map_err(|e| format!("`{}`: its output: {e}", shown(command)))?;
        Ok((status, output))
    }

    fn start(&self, command: &mut Command) -> Result<Child, String> {
        if command.get_current_dir().is_none() {
            command.current_dir(self.root);
        }
        command.env(MARK, &self.mark).stdin(Stdio::null());
        let start = command.spawn();
        start.map_err(|e| format!("`{}` could not be started: {e}", shown(command)))
    }

    fn wait(&self, child: &mut Child) -> Result<ExitStatus, String> {
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return Ok(status),
                Ok(None) if self.started.elapsed() < self.limit => thread::sleep(POLL),
                Ok(None) => {
                    self.end_marked();
                    // It may have ended between the look and the kill; either way it is over.
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(format!(
                        "killed: the step passed its time limit of {} s",
                        self.limit.as_secs_f64()
                    ));
                }
                Err(e) => return Err(format!("waiting for process {}: {e}", child.id())),
            }
        }
    }

    fn end_left_behind(&self) {
        let count = self.end_marked();
        if count > 0 {
            println!("note: ended {count} process(es) that the command left behind");
        }
    }

    /// Ends what bears this step's mark, and says how many processes that were.
    fn end_marked(&self) -> usize {
        let mut ended = 0;
        for _ in 0..END_TRIES_MAX {
            let marked = marked(&self.mark);
            if marked.is_empty() {
                break;
            }
            ended = ended.max(marked.len());
            // `kill` is a part of every shell, but not of every bare machine's /bin. A process
            // that is gone already makes it fail, which the next look notices.
            let _ = Command::new("sh")
                .args(["-c", "kill -s KILL -- \"$@\" 2>/dev/null", "kill"])
                .args(marked.iter().map(u32::to_string))
                .status();
            thread::sleep(POLL);
        }
        ended
    }
}

/// The processes whose environment carries the mark; one that has ended has no environment.
fn marked(mark: &str) -> Vec<u32> {
    let wanted = format!("{MARK}={mark}");
    let bears_mark = |pid: &u32| {
        fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environ| {
            environ
                .split(|byte| *byte == 0)
                .any(|v| v == wanted.as_bytes())
        })
    };
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(bears_mark)
        .collect()
}

fn success(command: &Command, status: ExitStatus) -> Result<(), String> {
    match status.success() {
        true => Ok(()),
        false => Err(format!("`{}` ended with {status}", shown(command))),
    }
}

/// The command as a person would type it.
fn shown(command: &Command) -> String {
    let text = |part: &OsStr| {
        let part = part.to_string_lossy();
        match part.contains(' ') {
            true => format!("'{part}'"),
            false => part.into_owned(),
        }
    };
    let set = command
        .get_envs()
        .filter(|(name, _)| *name != MARK)
        .filter_map(|(name, value)| Some(format!("{}={}", name.to_string_lossy(), text(value?))));
    let typed = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(text);
    set.chain(typed).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(200);
    const LATE: Duration = Duration::from_secs(600);

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn output_is_what_was_written() {
        let processes = Processes::new(Path::new("/"), "test", LATE);
        assert_eq!(
            processes.output(&mut sh("pwd; echo two")),
            Ok("/\ntwo\n".to_string())
        );
    }

    #[test]
    fn a_failed_command_is_told_with_its_line_and_status() {
        let processes = Processes::new(Path::new("/"), "test", LATE);
        let fault = processes
            .run(sh("exit 3").env("COLOUR", "red"))
            .expect_err("it exits with 3");
        assert_eq!(
            fault,
            "`COLOUR=red sh -c 'exit 3'` ended with exit status: 3"
        );
    }

    #[test]
    fn a_missing_program_is_told() {
        let processes = Processes::new(Path::new("/"), "test", LATE);
        let fault = processes
            .run(&mut Command::new("/no/such/program"))
            .expect_err("not there");
        assert!(
            fault.contains("`/no/such/program` could not be started"),
            "{fault}"
        );
    }

    #[test]
    fn past_the_limit_the_whole_family_is_killed() {
        let processes = Processes::new(Path::new("/"), "test", SOON);
        let fault = processes
            .run(&mut sh("sh -c 'sleep 600; true'; true"))
            .expect_err("too slow");
        assert_eq!(fault, "killed: the step passed its time limit of 0.2 s");
        assert!(marked(&processes.mark).is_empty());
    }

    #[test]
    fn what_a_command_leaves_behind_is_ended() {
        let processes = Processes::new(Path::new("/"), "test", LATE);
        let output = processes.output(&mut sh("sleep 600 & echo over"));
        assert_eq!(output, Ok("over\n".to_string()));
        assert!(marked(&processes.mark).is_empty());
    }
}
