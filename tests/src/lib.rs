//! The integration tests: one binary, many modules.
