//! What the clients of each workload do, and on which hunts.

pub(crate) mod secret;
