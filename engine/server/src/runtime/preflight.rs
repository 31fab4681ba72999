//! What the machine must allow before anything is started, said before anything fails in a stranger way.

use std::io;

/// Memory that one executor locks for its rings.
const MEMLOCK_PER_CORE_BYTES: u64 = 512 << 10;

/// Descriptors that are no connection: the store's files, sockets of cores, logs.
const DESCRIPTORS_RESERVED: u64 = 512;

/// Why the engine can't run on this machine.
#[derive(Debug, thiserror::Error)]
pub enum PreflightError {
    /// No io_uring at all.
    #[error(
        "this kernel has no io_uring: Linux 5.8 or newer is needed; where it is new enough, \
         check that `sysctl kernel.io_uring_disabled` is 0"
    )]
    NoIoUring,
    /// Somebody forbids it.
    #[error(
        "io_uring is blocked ({0}): in a container allow the system calls io_uring_setup, io_uring_enter and io_uring_register \
         (Docker: --security-opt seccomp=unconfined, or a profile that lists them); on the host set `sysctl kernel.io_uring_disabled=0`"
    )]
    IoUringBlocked(io::Error),
    /// io_uring fails in another way.
    #[error(
        "io_uring does not start: {0}; check `ulimit -l` (locked memory) and `ulimit -n` (open files)"
    )]
    IoUringFails(io::Error),
    /// The rings do not fit.
    #[error(
        "locked memory is limited to {found} KiB, but each core needs {needed} KiB: raise it with `ulimit -l {needed}` \
         (systemd: LimitMEMLOCK=8M; Docker: --ulimit memlock=8388608)"
    )]
    Memlock {
        /// KiB that the limit allows.
        found: u64,
        /// KiB that are needed.
        needed: u64,
    },
    /// Nothing to run on.
    #[error("can't tell which cores this process may use: {0}")]
    Affinity(io::Error),
}

/// Checks that executors can be started.
pub fn check_machine() -> Result<(), PreflightError> {
    let memlock = raise_limit(libc::RLIMIT_MEMLOCK);
    if memlock < MEMLOCK_PER_CORE_BYTES {
        return Err(PreflightError::Memlock {
            found: memlock >> 10,
            needed: MEMLOCK_PER_CORE_BYTES >> 10,
        });
    }
    try_io_uring().map_err(explain_io_uring)
}

/// Raises the limit of open files as far as allowed; returns how many connections it leaves room for.
pub fn raise_descriptors() -> u64 {
    raise_limit(libc::RLIMIT_NOFILE)
        .saturating_sub(DESCRIPTORS_RESERVED)
        .max(1)
}

/// The cores that this process may run on, in order.
pub fn usable_cores() -> Result<Vec<usize>, PreflightError> {
    // SAFETY: all zeroes is an empty set.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer and the size are of one live set.
    if unsafe { libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &mut set) } != 0 {
        return Err(PreflightError::Affinity(io::Error::last_os_error()));
    }
    // SAFETY: the index is below the size of the set.
    let is_set = |core: &usize| unsafe { libc::CPU_ISSET(*core, &set) };
    Ok((0..libc::CPU_SETSIZE as usize).filter(is_set).collect())
}

fn try_io_uring() -> io::Result<()> {
    /// Size of `struct io_uring_params`.
    const PARAMS_BYTES: usize = 120;
    let mut params = [0u8; PARAMS_BYTES];
    // SAFETY: the pointer is to a live buffer of the size that the kernel reads and writes.
    let ring = unsafe { libc::syscall(libc::SYS_io_uring_setup, 4, params.as_mut_ptr()) };
    if ring < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor was just made and belongs to nobody else.
    unsafe { libc::close(ring as libc::c_int) };
    Ok(())
}

fn explain_io_uring(error: io::Error) -> PreflightError {
    match error.raw_os_error() {
        Some(libc::ENOSYS) => PreflightError::NoIoUring,
        Some(libc::EPERM | libc::EACCES) => PreflightError::IoUringBlocked(error),
        _ => PreflightError::IoUringFails(error),
    }
}

/// Raises a limit to the most that this process may set; returns what holds then.
fn raise_limit(resource: libc::__rlimit_resource_t) -> u64 {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the pointer is to a live rlimit.
    if unsafe { libc::getrlimit(resource, &mut limit) } != 0 {
        return u64::MAX;
    }
    let wanted = libc::rlimit {
        rlim_cur: limit.rlim_max,
        rlim_max: limit.rlim_max,
    };
    // SAFETY: as above.
    if unsafe { libc::setrlimit(resource, &wanted) } == 0 {
        wanted.rlim_cur
    } else {
        limit.rlim_cur
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(errno: i32, expected: &str) {
        let message = explain_io_uring(io::Error::from_raw_os_error(errno)).to_string();
        assert!(message.contains(expected), "{message}");
    }

    #[test]
    fn each_way_that_io_uring_fails_says_what_to_do() {
        check(libc::ENOSYS, "Linux 5.8 or newer is needed");
        check(libc::EPERM, "--security-opt seccomp=unconfined");
        check(libc::ENOMEM, "check `ulimit -l`");
    }

    #[test]
    fn the_error_of_a_low_memlock_names_both_numbers() {
        let message = PreflightError::Memlock {
            found: 64,
            needed: 512,
        }
        .to_string();
        assert!(
            message.contains("limited to 64 KiB") && message.contains("ulimit -l 512"),
            "{message}"
        );
    }

    #[test]
    fn this_machine_will_do() {
        check_machine().expect("tests need io_uring");
        assert!(!usable_cores().expect("cores").is_empty());
        assert!(raise_descriptors() >= 1);
    }
}
