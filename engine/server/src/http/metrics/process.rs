//! Figures of the process, from /proc. Where that can't be read, they are left out.

use super::exposition::{Exposition, Kind};

pub(super) fn render(out: &mut Exposition) {
    if let Some(bytes) = resident_bytes() {
        out.family(
            "process_resident_memory_bytes",
            Kind::Gauge,
            "Resident memory of the process.",
        );
        out.sample("process_resident_memory_bytes", &[], bytes);
    }
}

fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let resident = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = resident
        .trim()
        .strip_suffix("kB")?
        .trim_end()
        .parse()
        .ok()?;
    Some(kib * 1_024)
}
