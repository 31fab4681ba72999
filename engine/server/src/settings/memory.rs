//! One number for all memory, and who gets how much of it.
//!
//! The shares leave a sixth free: for the program itself, stacks, requests under way, and what the allocator can't give back.

use std::path::Path;

/// Of what the machine allows, in percent, if the operator says nothing.
const AUTO_PERCENT: u64 = 75;
const ROWS_PERCENT: u64 = 22;
const STORE_PERCENT: u64 = 18;
const CONNECTIONS_PERCENT: u64 = 40;
const TAILS_PERCENT: u64 = 4;

const _: () = assert!(
    ROWS_PERCENT + STORE_PERCENT + CONNECTIONS_PERCENT + TAILS_PERCENT <= 84,
    "the shares must leave room for what nobody counts"
);

/// Less does not hold one batch of each shard, the store's buffers and a few connections.
pub const MEMORY_MB_MIN: u64 = 128;

/// What one connection costs, as measured: hyper's read and write buffers, its task, the socket's bookkeeping.
pub const CONNECTION_BYTES: u64 = 28 << 10;

/// Bytes of memory by use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryPlan {
    /// Everything together.
    pub total: u64,
    /// Hunts and players, all cores together.
    pub rows: u64,
    /// The store's caches, buffers and queues.
    pub store: u64,
    /// Connections, all cores together.
    pub connections: u64,
    /// Committed batches kept for feeds, all cores together.
    pub tails: u64,
}

impl MemoryPlan {
    /// Splits `total`.
    pub fn of(total: u64) -> Self {
        let share = |percent| total / 100 * percent;
        Self {
            total,
            rows: share(ROWS_PERCENT),
            store: share(STORE_PERCENT),
            connections: share(CONNECTIONS_PERCENT),
            tails: share(TAILS_PERCENT),
        }
    }

    /// The plan for a setting; none means the machine decides.
    pub fn choose(setting: Option<u64>) -> Self {
        let floor = MEMORY_MB_MIN << 20;
        Self::of(
            setting
                .unwrap_or_else(|| memory_available() / 100 * AUTO_PERCENT)
                .max(floor),
        )
    }

    /// Connections that one of `cores` may have.
    pub fn connections_per_core(&self, cores: usize) -> usize {
        (self.connections / CONNECTION_BYTES) as usize / cores.max(1)
    }
}

/// Bytes that this process may use: the least of the machine's memory, its cgroup's limit and `ulimit -v`.
pub fn memory_available() -> u64 {
    let machine = total_memory();
    let cgroup = cgroup_limit(Path::new("/sys/fs/cgroup"), &own_cgroup());
    [machine, cgroup, address_space_limit()]
        .into_iter()
        .flatten()
        .min()
        .unwrap_or(1 << 30)
}

fn total_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
}

fn own_cgroup() -> String {
    let text = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    text.lines()
        .find_map(|line| line.strip_prefix("0::"))
        .unwrap_or("/")
        .to_owned()
}

/// The least `memory.max` of a cgroup and all above it.
fn cgroup_limit(root: &Path, cgroup: &str) -> Option<u64> {
    let own = root.join(cgroup.trim_start_matches('/'));
    own.ancestors()
        .take_while(|directory| directory.starts_with(root))
        .filter_map(|directory| {
            std::fs::read_to_string(directory.join("memory.max"))
                .ok()?
                .trim()
                .parse()
                .ok()
        })
        .min()
}

fn address_space_limit() -> Option<u64> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the pointer is to a live rlimit.
    let found = unsafe { libc::getrlimit(libc::RLIMIT_AS, &mut limit) };
    (found == 0 && limit.rlim_cur != libc::RLIM_INFINITY).then_some(limit.rlim_cur)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_stay_below_the_whole() {
        for total in [MEMORY_MB_MIN << 20, 512 << 20, 1 << 40] {
            let plan = MemoryPlan::of(total);
            assert!(plan.rows + plan.store + plan.connections + plan.tails < total / 100 * 85);
        }
    }

    #[test]
    fn a_gibibyte_has_room_for_ten_thousand_connections() {
        let plan = MemoryPlan::of((1 << 30) / 100 * AUTO_PERCENT);
        assert!(
            plan.connections_per_core(2) > 5_400,
            "{}",
            plan.connections_per_core(2)
        );
    }

    #[test]
    fn the_tightest_cgroup_counts() {
        let root = std::env::temp_dir().join(format!("hunt-cgroup-{}", std::process::id()));
        let own = root.join("a/b");
        std::fs::create_dir_all(&own).expect("a directory");
        std::fs::write(root.join("a/memory.max"), "1000\n").expect("a file");
        std::fs::write(own.join("memory.max"), "max\n").expect("a file");
        assert_eq!(cgroup_limit(&root, "/a/b"), Some(1_000));
        assert_eq!(cgroup_limit(&root, "/"), None);
        std::fs::remove_dir_all(&root).expect("it can go");
    }

    #[test]
    fn the_machine_has_memory() {
        assert!(memory_available() > MEMORY_MB_MIN << 20);
    }
}
