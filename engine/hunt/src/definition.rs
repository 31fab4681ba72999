//! A hunt's definition as the log holds it: complete, checked, and without a secret in clear.

use bincode::{
    BorrowDecode, Decode, Encode,
    de::{BorrowDecoder, Decoder},
    enc::Encoder,
    error::{DecodeError, EncodeError},
};

use crate::{
    Award, Clue, ClueId, Digest, GuessLimits, HuntId, Index, Salt, Schedule, Solve, Treasure,
    TreasureId, Unlock,
    limits::{CLUES_MAX, TREASURES_MAX},
    lookup::Lookup,
};

/// A hunt's definition, answers and codes digested. Every index in it is in range.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    parts: Parts,
    lookup: Lookup,
}

/// What is stored of a definition; the rest derives from it.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub(crate) struct Parts {
    pub(crate) id: HuntId,
    pub(crate) title: String,
    pub(crate) salt: Salt,
    pub(crate) schedule: Schedule,
    pub(crate) guesses: GuessLimits,
    pub(crate) clues: Vec<Clue>,
    pub(crate) treasures: Vec<Treasure>,
}

impl Definition {
    /// Takes parts that are sound; says what is not.
    pub(crate) fn new(parts: Parts) -> Result<Self, &'static str> {
        parts.check()?;
        let lookup = Lookup::of(&parts.clues, &parts.treasures);
        Ok(Self { parts, lookup })
    }

    /// The same under this salt, with these digests, by clue, as the answers and codes.
    pub(crate) fn sealed(&self, salt: Salt, digests: Vec<Vec<Digest>>) -> Self {
        let mut sealed = self.clone();
        sealed.parts.salt = salt;
        for (clue, digests) in sealed.parts.clues.iter_mut().zip(digests) {
            match &mut clue.solve {
                Solve::Answer(secrets) | Solve::Scan(secrets) => *secrets = digests,
                Solve::CheckIn(_) => {}
            }
        }
        sealed
    }

    /// The hunt's id.
    pub fn id(&self) -> &HuntId {
        &self.parts.id
    }

    /// The hunt's title.
    pub fn title(&self) -> &str {
        &self.parts.title
    }

    /// The hunt's randomness.
    pub fn salt(&self) -> &Salt {
        &self.parts.salt
    }

    /// When phases begin by themselves.
    pub fn schedule(&self) -> &Schedule {
        &self.parts.schedule
    }

    /// How often a player may guess wrong.
    pub fn guesses(&self) -> &GuessLimits {
        &self.parts.guesses
    }

    /// All clues, by index.
    pub fn clues(&self) -> &[Clue] {
        &self.parts.clues
    }

    /// All treasures, by index.
    pub fn treasures(&self) -> &[Treasure] {
        &self.parts.treasures
    }

    /// The clue at an index.
    pub fn clue(&self, index: Index) -> Option<&Clue> {
        self.parts.clues.get(usize::from(index))
    }

    /// The treasure at an index.
    pub fn treasure(&self, index: Index) -> Option<&Treasure> {
        self.parts.treasures.get(usize::from(index))
    }

    /// The index of a clue.
    pub fn clue_index(&self, id: &ClueId) -> Option<Index> {
        self.lookup.clue(&self.parts.clues, id)
    }

    /// The index of a treasure.
    pub fn treasure_index(&self, id: &TreasureId) -> Option<Index> {
        self.lookup.treasure(&self.parts.treasures, id)
    }

    /// The clues whose unlock names this one.
    pub(crate) fn dependents(&self, clue: Index) -> &[Index] {
        self.lookup.dependents(clue)
    }

    /// The treasures for the first to solve this clue.
    pub(crate) fn prizes(&self, clue: Index) -> &[Index] {
        self.lookup.prizes(clue)
    }

    /// Bytes in memory, with all that it points to.
    pub fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.parts.heap_bytes() + self.lookup.heap_bytes()
    }
}

impl Parts {
    /// What all rules rely on: whoever made the parts, indexing by them can't go wrong.
    fn check(&self) -> Result<(), &'static str> {
        if self.clues.len() > CLUES_MAX {
            return Err("a definition has too many clues");
        }
        if self.treasures.len() > TREASURES_MAX {
            return Err("a definition has too many treasures");
        }
        let clue = |index: &Index| usize::from(*index) < self.clues.len();
        let treasure = |index: &Index| usize::from(*index) < self.treasures.len();
        let clues_hold = self.clues.iter().all(|each| {
            each.grants.iter().all(treasure)
                && match &each.unlock {
                    Unlock::Open | Unlock::At(_) => true,
                    Unlock::After(of) | Unlock::Any { of, .. } => of.iter().all(clue),
                }
        });
        let treasures_hold = self.treasures.iter().all(|each| match &each.award {
            Award::OnSolve => true,
            Award::Claim { requires } => requires.iter().all(clue),
            Award::FirstToSolve(index) => clue(index),
        });
        if clues_hold && treasures_hold {
            Ok(())
        } else {
            Err("a definition names a clue or treasure that it lacks")
        }
    }

    fn heap_bytes(&self) -> usize {
        let index = size_of::<Index>();
        let clues: usize = self
            .clues
            .iter()
            .map(|clue| {
                let secrets = match &clue.solve {
                    Solve::Answer(digests) | Solve::Scan(digests) => digests.capacity() * 16,
                    Solve::CheckIn(_) => 0,
                };
                let unlock = match &clue.unlock {
                    Unlock::Open | Unlock::At(_) => 0,
                    Unlock::After(of) | Unlock::Any { of, .. } => of.capacity() * index,
                };
                let texts = clue.title.capacity() + clue.text.capacity() + clue.id.heap_bytes();
                size_of::<Clue>() + secrets + unlock + texts + clue.grants.capacity() * index
            })
            .sum();
        let treasures: usize = self
            .treasures
            .iter()
            .map(|treasure| {
                let requires = match &treasure.award {
                    Award::Claim { requires } => requires.capacity() * index,
                    Award::OnSolve | Award::FirstToSolve(_) => 0,
                };
                size_of::<Treasure>()
                    + treasure.title.capacity()
                    + treasure.id.heap_bytes()
                    + requires
            })
            .sum();
        self.title.capacity() + self.id.heap_bytes() + clues + treasures
    }
}

impl Encode for Definition {
    fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        self.parts.encode(encoder)
    }
}

impl<Context> Decode<Context> for Definition {
    fn decode<D: Decoder<Context = Context>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Self::new(Parts::decode(decoder)?).map_err(DecodeError::Other)
    }
}

impl<'de, Context> BorrowDecode<'de, Context> for Definition {
    fn borrow_decode<D: BorrowDecoder<'de, Context = Context>>(
        decoder: &mut D,
    ) -> Result<Self, DecodeError> {
        Self::decode(decoder)
    }
}
