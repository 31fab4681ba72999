//! What waits to be sent to one node: letters, in the order in which they were written.

use std::task::Waker;

use node::{CoreId, LetterError, Message, append_letter};

use super::frame::{Kind, append};
use super::limits::OUTBOX_BYTES;

/// Letters that wait for the link's task.
#[derive(Default)]
pub(super) struct Outbox {
    bytes: Vec<u8>,
    letters: u64,
    task: Option<Waker>,
}

/// Why a letter was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotTaken {
    /// So much waits already.
    Full,
    /// It is more than a letter holds.
    TooLarge,
    /// Such a message never leaves its node.
    Private,
}

impl Outbox {
    /// Takes a message to a core of the other node.
    pub(super) fn put(&mut self, to: CoreId, message: &Message) -> Result<(), NotTaken> {
        if self.bytes.len() >= OUTBOX_BYTES {
            return Err(NotTaken::Full);
        }
        let written = append(&mut self.bytes, Kind::Letter, |bytes| {
            append_letter(bytes, to, message)
        });
        written.map_err(|error| match error {
            LetterError::Private => NotTaken::Private,
            _ => NotTaken::TooLarge,
        })?;
        self.letters += 1;
        if let Some(task) = self.task.take() {
            task.wake();
        }
        Ok(())
    }

    /// Swaps all that waits with `output`, which is empty; says how many letters that is. If nothing waits, the task is
    /// woken once something does.
    pub(super) fn take(&mut self, output: &mut Vec<u8>, task: &Waker) -> u64 {
        if self.bytes.is_empty() {
            self.task = Some(task.clone());
        }
        std::mem::swap(&mut self.bytes, output);
        std::mem::take(&mut self.letters)
    }

    /// Throws away what waits; says how many letters that was.
    pub(super) fn clear(&mut self) -> u64 {
        self.bytes = Vec::new();
        std::mem::take(&mut self.letters)
    }

    /// Has the link's task look at what changed.
    pub(super) fn wake(&mut self) {
        if let Some(task) = self.task.take() {
            task.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::frame::split;
    use crate::cluster::limits::FRAME_BYTES_MAX;
    use node::read_letter;

    #[test]
    fn letters_come_out_in_order() {
        let mut outbox = Outbox::default();
        for shard in 0..3 {
            assert_eq!(outbox.put(shard, &Message::Freed { shard }), Ok(()));
        }
        let mut output = Vec::new();
        assert_eq!(outbox.take(&mut output, Waker::noop()), 3);
        let mut rest = &output[..];
        for expected in 0..3 {
            let (frame, used) = split(rest, FRAME_BYTES_MAX).expect("valid").expect("whole");
            let (to, message) = read_letter(frame.body).expect("a letter");
            assert!(
                matches!(message, Message::Freed { shard } if shard == expected && to == shard)
            );
            rest = &rest[used..];
        }
        assert!(rest.is_empty());
    }

    #[test]
    fn what_waits_is_bounded_and_says_so() {
        let mut outbox = Outbox::default();
        let mut taken = 0_u64;
        let refused = loop {
            match outbox.put(0, &Message::FeedAdvanced) {
                Ok(()) => taken += 1,
                Err(why) => break why,
            }
        };
        assert_eq!(refused, NotTaken::Full);
        assert_eq!(outbox.clear(), taken);
        assert_eq!(outbox.put(0, &Message::FeedAdvanced), Ok(()));
        assert_eq!(outbox.put(0, &Message::Drain), Err(NotTaken::Private));
    }
}
