//! Every request is sent again and again, also at once and to several nodes.

use super::{Manners, Scene, hunts::harbour};

pub(super) fn scene() -> Scene {
    Scene {
        manners: Manners {
            timeout_ms: (1, 60),
            overlap_percent: 60,
            give_up_percent: 5,
            ask_again_percent: 40,
        },
        ..Scene::of(vec![harbour("echo", 15), harbour("mirror", 5)])
    }
}
