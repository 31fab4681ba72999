//! What the world measures while a run goes on, and what it finds once everything has healed.

/// What the world measures while a run goes on, and what it finds once everything has healed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observations {
    /// The most that each core held.
    pub memory: Vec<MemoryPeak>,
    /// The lowest wall clock of all nodes at the end, in milliseconds, if the nodes had time to act on it.
    pub wall_ms_at_end: Option<u64>,
    /// What did not work again after everything had healed, in words.
    pub not_recovered: Vec<String>,
}

/// The most that one core held in memory, of what its budget counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryPeak {
    /// Which node.
    pub node: u16,
    /// Which core.
    pub core: u16,
    /// What it was allowed at that time.
    pub budget_bytes: u64,
    /// What it held.
    pub peak_bytes: u64,
}
