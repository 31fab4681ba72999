//! The in-memory store: faithful where it must be, and lying where it is told to.

mod conformance;
mod fates;
mod landings;
mod lies;
mod model;
mod outages;
mod script;
mod virtual_time;
