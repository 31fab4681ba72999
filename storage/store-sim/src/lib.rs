//! FoundationDB's model in memory.
