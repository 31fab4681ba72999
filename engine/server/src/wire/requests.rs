//! Commands on their way through the node: the frames that came together are carried out together.

use std::cell::Cell;
use std::rc::Rc;

use node::{COMMANDS_PER_REQUEST_MAX, Core, Host};
use wire::{Commands, FromServer, Replies};

use super::convert::replied;
use super::settings::COMMANDS_PER_CORE_MAX;

/// Commands under way on one core, over all of its connections.
#[derive(Clone, Default)]
pub(super) struct UnderWay(Rc<Cell<usize>>);

/// Holds places for as long as commands are under way, however that ends.
pub(super) struct Places {
    of: UnderWay,
    count: usize,
}

impl UnderWay {
    /// Places for so many more, if there are.
    pub(super) fn take(&self, count: usize) -> Option<Places> {
        let taken = self.0.get() + count;
        if taken > COMMANDS_PER_CORE_MAX {
            return None;
        }
        self.0.set(taken);
        Some(Places {
            of: self.clone(),
            count,
        })
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        self.of.0.set(self.of.0.get() - self.count);
    }
}

/// Frames that are carried out as one question to the node: fewer questions, fewer wake-ups between cores.
#[derive(Default)]
pub(super) struct Group {
    frames: Vec<(u64, usize)>,
    commands: Vec<hunt::Command>,
    places: Vec<Places>,
}

impl Group {
    /// Whether so many commands more still make one question.
    pub(super) fn has_room(&self, count: usize) -> bool {
        self.commands.len() + count <= COMMANDS_PER_REQUEST_MAX
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.commands.len()
    }

    pub(super) fn add(&mut self, frame: Commands, places: Places) {
        self.frames.push((frame.id, frame.commands.len()));
        if self.commands.is_empty() {
            self.commands = frame.commands;
        } else {
            self.commands.extend(frame.commands);
        }
        self.places.push(places);
    }

    /// Carries them out: one answer for each frame.
    pub(super) async fn carry_out<H: Host>(self, core: Core<H>) -> Vec<FromServer> {
        let mut answers = core.ask_many(self.commands).await.into_iter().map(replied);
        let answer = |(id, count): (u64, usize)| {
            FromServer::Replies(Replies {
                id,
                replies: answers.by_ref().take(count).collect(),
            })
        };
        self.frames.into_iter().map(answer).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_and_given_back() {
        let under_way = UnderWay::default();
        let most = under_way.take(COMMANDS_PER_CORE_MAX).expect("all are free");
        assert!(under_way.take(1).is_none());
        drop(most);
        assert!(under_way.take(1).is_some());
    }
}
