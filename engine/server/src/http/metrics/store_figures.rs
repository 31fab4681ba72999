//! What a store says of itself.

use std::fmt::Display;
use std::sync::Arc;

use node::Histogram;

use super::exposition::{Exposition, Kind};

/// Asks a store, from any thread.
pub type StoreFigures = Arc<dyn Fn() -> Vec<StoreFigure> + Send + Sync>;

/// One family of `/metrics`.
#[derive(Clone, Debug)]
pub enum StoreFigure {
    /// Only grows.
    Counter {
        /// Its name.
        name: &'static str,
        /// What it means.
        help: &'static str,
        /// Labels with their values, and the count.
        samples: Vec<(Vec<(&'static str, String)>, u64)>,
    },
    /// How long something took.
    Durations {
        /// Its name.
        name: &'static str,
        /// What it means.
        help: &'static str,
        /// In microseconds.
        us: Box<Histogram>,
    },
}

impl StoreFigure {
    /// A count without labels.
    pub fn count(name: &'static str, help: &'static str, value: u64) -> Self {
        Self::Counter {
            name,
            help,
            samples: vec![(Vec::new(), value)],
        }
    }
}

pub(super) fn render(out: &mut Exposition, figures: &[StoreFigure]) {
    for figure in figures {
        match figure {
            StoreFigure::Counter {
                name,
                help,
                samples,
            } => {
                out.family(name, Kind::Counter, help);
                for (labels, count) in samples {
                    let labels: Vec<(&str, &dyn Display)> = labels
                        .iter()
                        .map(|(label, value)| (*label, value as &dyn Display))
                        .collect();
                    out.sample(name, &labels, count);
                }
            }
            StoreFigure::Durations { name, help, us } => {
                out.family(name, Kind::Histogram, help);
                out.histogram_us(name, &[], us);
            }
        }
    }
}
