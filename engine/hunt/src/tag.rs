//! Tags of requests: keyed hashes that tell a repeated command from another one under the same request id.

use siphasher::sip::SipHasher13;
use std::hash::Hasher;

use crate::{Action, Attempt, Command, Definition, RequestTag, Salt, codec};

/// The tag by which the log of a hunt with this salt knows the command: whoever checks a log finds a command's event.
pub fn request_tag(command: &Command, salt: &Salt) -> RequestTag {
    let sealed = match &command.action {
        Action::Put { draft, .. } => Some(draft.seal(*salt)),
        _ => None,
    };
    tag(command, salt, sealed.as_ref())
}

/// Tags a command under its hunt's salt. A `Put` is tagged by what its draft becomes when sealed, so that spelling
/// and order of fields don't matter.
pub(crate) fn tag(command: &Command, salt: &Salt, sealed: Option<&Definition>) -> RequestTag {
    let mut id = Canon::new(salt, 0);
    id.text(command.request.as_str());
    RequestTag {
        id: id.finish(),
        fingerprint: fingerprint(&command.action, salt, sealed),
    }
}

fn fingerprint(action: &Action, salt: &Salt, sealed: Option<&Definition>) -> u64 {
    let mut canon = Canon::new(salt, 1);
    match action {
        Action::Put { draft, .. } => {
            let sealed = sealed.map(codec::definition_bytes).unwrap_or_default();
            canon.byte(1).text(draft.id().as_str()).bytes(&sealed)
        }
        Action::Open => canon.byte(2),
        Action::Freeze => canon.byte(3),
        Action::Close => canon.byte(4),
        Action::Restock { treasure, add } => canon.byte(5).text(treasure.as_str()).number(*add),
        Action::Join { player } => canon.byte(6).text(player.as_str()),
        Action::Solve {
            player,
            clue,
            attempt,
        } => canon
            .byte(7)
            .text(player.as_str())
            .text(clue.as_str())
            .attempt(attempt),
        Action::Claim { player, treasure } => {
            canon.byte(8).text(player.as_str()).text(treasure.as_str())
        }
    }
    .finish()
}

/// Hashes fields so that no two lists of fields look the same: texts have their length in front.
struct Canon {
    hasher: SipHasher13,
    /// What comes next, gathered: the hash costs more for many small pieces than for one.
    gathered: [u8; GATHERED_BYTES],
    len: usize,
}

/// Room for all fields of most commands.
const GATHERED_BYTES: usize = 160;

impl Canon {
    fn new(salt: &Salt, purpose: u8) -> Self {
        let mut canon = Self {
            hasher: SipHasher13::new_with_key(&salt.0),
            gathered: [0; GATHERED_BYTES],
            len: 0,
        };
        canon.byte(purpose);
        canon
    }

    fn byte(&mut self, byte: u8) -> &mut Self {
        self.gather(&[byte])
    }

    fn number(&mut self, number: u64) -> &mut Self {
        self.gather(&number.to_le_bytes())
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.number(bytes.len() as u64).gather(bytes)
    }

    fn gather(&mut self, bytes: &[u8]) -> &mut Self {
        if let Some(room) = self.gathered.get_mut(self.len..self.len + bytes.len()) {
            room.copy_from_slice(bytes);
            self.len += bytes.len();
        } else {
            self.hash_gathered();
            self.hasher.write(bytes);
        }
        self
    }

    fn hash_gathered(&mut self) {
        let gathered = self.gathered.get(..self.len);
        self.hasher.write(gathered.unwrap_or_default());
        self.len = 0;
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    /// Minus zero is zero.
    fn position(&mut self, degrees: f64) -> &mut Self {
        self.number((degrees + 0.0).to_bits())
    }

    fn attempt(&mut self, attempt: &Attempt) -> &mut Self {
        match attempt {
            Attempt::Answer(answer) => self.byte(1).text(answer),
            Attempt::CheckIn {
                lat,
                lon,
                accuracy_m,
            } => self
                .byte(2)
                .position(*lat)
                .position(*lon)
                .position(*accuracy_m),
            Attempt::Scan(code) => self.byte(3).text(code),
        }
    }

    fn finish(&mut self) -> u64 {
        self.hash_gathered();
        self.hasher.finish()
    }
}
