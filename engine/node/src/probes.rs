//! The names of rare paths and of places where a simulator may make rare things happen.
//!
//! A campaign that never hits one of them has not tested it.

/// Rare paths; see [`crate::Host::probe`].
pub const PROBES: &[&str] = &[];

/// Places where what is always allowed but rare may be made to happen; see [`crate::Host::buggify`].
pub const BUGGIFY_SITES: &[&str] = &[];
