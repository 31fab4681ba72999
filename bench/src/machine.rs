//! What the figures were measured on, and what its disk can do at best.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::error::BenchError;
use crate::load::new_histogram;
use crate::outcome::Percentiles;

/// Appends that are synced to see what the disk can do.
const SYNCS: usize = 300;

/// Bytes of each: about a claim.
const SYNC_BYTES: usize = 100;

/// A machine, as far as latency goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Cores that this process may use.
    pub cores: usize,
    /// The processor's name.
    pub cpu: String,
    /// Kernel and its version.
    pub kernel: String,
    /// Memory in MiB.
    pub memory_mb: u64,
    /// File system of the temporary folder: the servers' data is there.
    pub filesystem: String,
    /// Append of 100 bytes and fdatasync there, in microseconds: the floor of every durable answer.
    pub fdatasync_us: Percentiles,
}

impl Machine {
    /// Looks at this machine; `folder` is where the servers' data will be.
    pub fn look(folder: &Path) -> Result<Self, BenchError> {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        let field = |text: &str, name: &str| {
            let line = text.lines().find(|line| line.starts_with(name));
            line.and_then(|line| Some(line.split_once(':')?.1.trim().to_owned()))
                .unwrap_or_default()
        };
        let memory = field(&read("/proc/meminfo"), "MemTotal");
        let memory: u64 = memory.trim_end_matches(" kB").parse().unwrap_or_default();
        Ok(Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            cpu: field(&read("/proc/cpuinfo"), "model name"),
            kernel: format!("Linux {}", read("/proc/sys/kernel/osrelease").trim()),
            memory_mb: memory >> 10,
            filesystem: filesystem(folder, &read("/proc/self/mounts")),
            fdatasync_us: fdatasync(folder)?,
        })
    }

    /// Whether a sync of this folder means nothing.
    pub fn is_volatile(&self) -> bool {
        matches!(self.filesystem.as_str(), "tmpfs" | "ramfs")
    }

    /// In one line.
    pub fn line(&self) -> String {
        format!(
            "{} cores, {}, {}, {} MiB, {}; fdatasync p50 {:.0} µs, p99 {:.0} µs",
            self.cores,
            self.cpu,
            self.kernel,
            self.memory_mb,
            self.filesystem,
            self.fdatasync_us.p50,
            self.fdatasync_us.p99
        )
    }
}

/// The type of the mount that holds the folder: the one with the longest path that the folder's begins with.
fn filesystem(folder: &Path, mounts: &str) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    mounts
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ').skip(1);
            let (place, kind) = (words.next()?, words.next()?);
            folder.starts_with(place).then_some((place.len(), kind))
        })
        .max_by_key(|(length, _)| *length)
        .map_or_else(|| "unknown".to_owned(), |(_, kind)| kind.to_owned())
}

fn fdatasync(folder: &Path) -> Result<Percentiles, BenchError> {
    let path = folder.join("fdatasync");
    let failed = || BenchError::io(format!("syncing {}", path.display()));
    let mut file = File::create(&path).map_err(failed())?;
    let mut times = new_histogram(3);
    for _ in 0..SYNCS {
        let started = Instant::now();
        file.write_all(&[b'x'; SYNC_BYTES]).map_err(failed())?;
        file.sync_data().map_err(failed())?;
        times.saturating_record(started.elapsed().as_nanos() as u64);
    }
    fs::remove_file(&path).map_err(failed())?;
    Ok(Percentiles::of(&times))
}

/// Memory and processor time of some processes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Memory that is theirs, shared pages by their share, in MiB.
    pub rss_mb: f64,
    /// User and system time, in seconds.
    pub cpu_s: f64,
}

impl Usage {
    /// Of these processes now; what is gone counts nothing.
    pub fn of(processes: &[u32]) -> Self {
        let ticks_per_s = rustix::param::clock_ticks_per_second() as f64;
        processes.iter().fold(Self::default(), |sum, id| Self {
            rss_mb: sum.rss_mb + resident_kib(*id) as f64 / 1024.0,
            cpu_s: sum.cpu_s + ticks(*id) as f64 / ticks_per_s,
        })
    }
}

/// Proportional set size: of PostgreSQL's processes each counts its share of what they share.
fn resident_kib(id: u32) -> u64 {
    let number = |path: String, name: &str| {
        let text = fs::read_to_string(path).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().trim_end_matches(" kB").parse().ok()
    };
    number(format!("/proc/{id}/smaps_rollup"), "Pss:")
        .or_else(|| number(format!("/proc/{id}/status"), "VmRSS:"))
        .unwrap_or_default()
}

/// Fields 14 and 15 of proc(5)'s stat; the name before them may have spaces, so it is cut off first.
fn ticks(id: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields = after_name.split_ascii_whitespace().skip(11).take(2);
    fields.filter_map(|field| field.parse::<u64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_on_the_mount_with_the_longest_path() {
        let mounts = "a / ext4 rw 0 0\nb /dev tmpfs rw 0 0\nc /dev/shm ramfs rw 0 0\n";
        assert_eq!(filesystem(Path::new("/no/such/place"), mounts), "ext4");
        assert_eq!(filesystem(Path::new("/dev"), mounts), "tmpfs");
    }

    #[test]
    fn this_process_uses_memory_and_a_gone_one_none() {
        assert!(Usage::of(&[std::process::id()]).rss_mb > 0.5);
        assert_eq!(Usage::of(&[u32::MAX]), Usage::default());
    }

    #[test]
    fn a_machine_is_found_out() {
        let folder = tempfile::tempdir().unwrap();
        let machine = Machine::look(folder.path()).unwrap();
        assert!(machine.cores > 0 && machine.memory_mb > 0);
        assert!(machine.kernel.len() > "Linux ".len());
        assert!(machine.fdatasync_us.max >= machine.fdatasync_us.p50);
    }
}
