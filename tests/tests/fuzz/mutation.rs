//! Mutations of bytes, and of JSON where the input is some.

use tests::Random;

use crate::json_edits;

/// Bytes that a run of one byte may have.
const RUN_BYTES_MAX: usize = 2_000;

/// What may be done to an input.
pub(crate) struct Mutator {
    /// Pieces that mean something to the decoder.
    pub(crate) dictionary: &'static [&'static str],
    /// Whether inputs may be edited as JSON trees.
    pub(crate) json: bool,
}

impl Mutator {
    /// Changes the input once.
    pub(crate) fn mutate(&self, random: &mut Random, input: &mut Vec<u8>, pool: &[Vec<u8>]) {
        if self.json
            && random.percent(50)
            && let Some(edited) = json_edits::edit(random, input, self.dictionary)
        {
            *input = edited;
            return;
        }
        let at = random.below(input.len() + 1);
        match random.below(10) {
            0 => flip(random, input),
            1 => input.truncate(at),
            2 => drop(input.drain(at..at + random.below((input.len() - at).min(16) + 1))),
            3 => splice(random, input, at, pool),
            4 => insert(input, at, random.pick(self.dictionary).as_bytes()),
            5 => overwrite(input, at, random.pick(self.dictionary).as_bytes()),
            6 => insert(input, at, &[random.any() as u8]),
            7 => overwrite(
                input,
                at,
                &[*random.pick(&[0, 1, 0x7f, 0x80, 0xfb, 0xfc, 0xfd, 0xfe, 0xff])],
            ),
            8 => {
                let end = at + random.below((input.len() - at).min(64) + 1);
                let piece = input[at..end].to_vec();
                insert(input, at, &piece);
            }
            _ => {
                let byte = *random.pick(b"[{\"\\0 9\xff");
                insert(input, at, &vec![byte; random.below(RUN_BYTES_MAX)]);
            }
        }
    }
}

fn flip(random: &mut Random, input: &mut [u8]) {
    if !input.is_empty() {
        let at = random.below(input.len());
        input[at] ^= 1 << random.below(8);
    }
}

fn splice(random: &mut Random, input: &mut Vec<u8>, at: usize, pool: &[Vec<u8>]) {
    let other = random.pick(pool);
    let from = random.below(other.len() + 1);
    let to = from + random.below(other.len() - from + 1);
    if random.percent(50) {
        input.truncate(at);
    }
    insert(input, at, &other[from..to]);
}

fn insert(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    input.splice(at..at, piece.iter().copied());
}

fn overwrite(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    let end = (at + piece.len()).min(input.len());
    input.splice(at..end, piece.iter().copied());
}
