//! Figures of the links to other nodes.

use super::exposition::{Exposition, Kind};
use crate::cluster::{LinkBoard, LinkMeters};

/// A family with one sample per core: name, kind, help, value.
type Family = (&'static str, Kind, &'static str, fn(&LinkMeters) -> u64);

#[rustfmt::skip]
const OF_LINKS: [Family; 5] = [
    ("hunt_links_in", Kind::Gauge, "Links of other nodes' cores that end here.", LinkMeters::receivers),
    ("hunt_link_letters_sent_total", Kind::Counter, "Messages sent to other nodes.", LinkMeters::sent),
    ("hunt_link_letters_received_total", Kind::Counter, "Messages received from other nodes.", LinkMeters::received),
    ("hunt_link_letters_lost_total", Kind::Counter, "Messages lost with a link, or for want of room.", LinkMeters::lost),
    ("hunt_link_letters_refused_total", Kind::Counter, "Messages not taken, since too many waited.", LinkMeters::refused),
];

/// Appends them.
pub(super) fn render(out: &mut Exposition, board: &LinkBoard) {
    let up = "Links to other nodes that are up.";
    out.family("hunt_links_out", Kind::Gauge, up);
    for (core, links) in board.up() {
        out.sample("hunt_links_out", &[("core", &core)], links);
    }
    let meters = board.all_meters();
    for (name, kind, help, value) in OF_LINKS {
        out.family(name, kind, help);
        for (core, meters) in &meters {
            out.sample(name, &[("core", core)], value(meters));
        }
    }
}
