//! The simplest database there is, and random transactions that run on both it and the store.

use std::collections::BTreeMap;

use super::{Context, Fault};
use crate::dice::Dice;
use crate::{AtomicOp, KeySelector, RangeRead, Store, StoreError, Transaction};

/// Rows by name.
pub(super) type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

/// Operations whose result is as good as random; compare and clear is the last.
const ATOMIC_OPS: [AtomicOp; 10] = [
    AtomicOp::Add,
    AtomicOp::BitAnd,
    AtomicOp::BitOr,
    AtomicOp::BitXor,
    AtomicOp::AppendIfFits,
    AtomicOp::Max,
    AtomicOp::Min,
    AtomicOp::ByteMin,
    AtomicOp::ByteMax,
    AtomicOp::CompareAndClear,
];

/// What the steps of one transaction are drawn from. FoundationDB's client counts a key that the transaction itself may have
/// cleared by compare and clear as a step of a selector, so nothing is promised of both together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mix {
    WithSelectors,
    WithCompareAndClear,
}

impl Mix {
    pub(super) fn random(dice: &mut Dice) -> Self {
        match dice.one_in(2) {
            true => Self::WithSelectors,
            false => Self::WithCompareAndClear,
        }
    }

    fn atomic_ops(self) -> &'static [AtomicOp] {
        match self {
            Self::WithSelectors => &ATOMIC_OPS[..ATOMIC_OPS.len() - 1],
            Self::WithCompareAndClear => &ATOMIC_OPS,
        }
    }
}

/// One step of a transaction, by names.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Get {
        name: Vec<u8>,
        snapshot: bool,
    },
    GetRange {
        begin: Vec<u8>,
        end: Vec<u8>,
        limit: usize,
        reverse: bool,
        snapshot: bool,
    },
    GetKey {
        name: Vec<u8>,
        or_equal: bool,
        offset: i32,
        snapshot: bool,
    },
    Set {
        name: Vec<u8>,
        value: Vec<u8>,
    },
    Clear {
        name: Vec<u8>,
    },
    ClearRange {
        begin: Vec<u8>,
        end: Vec<u8>,
    },
    Atomic {
        op: AtomicOp,
        name: Vec<u8>,
        operand: Vec<u8>,
    },
}

/// What a read finds: rows, or the one key as a row without a value.
pub(super) type Found = Vec<(Vec<u8>, Vec<u8>)>;

impl Step {
    /// A step on few short names, so that steps meet.
    pub(super) fn random(dice: &mut Dice, mix: Mix) -> Self {
        let snapshot = dice.one_in(4);
        match dice.below(11) {
            0..3 => Self::Get {
                name: name(dice),
                snapshot,
            },
            3 => {
                let (begin, end) = two_names(dice);
                Self::GetRange {
                    begin,
                    end,
                    limit: 1 + dice.index(6),
                    reverse: dice.one_in(2),
                    snapshot,
                }
            }
            4 if mix == Mix::WithSelectors => {
                let offset = dice.below(7) as i32 - 3;
                Self::GetKey {
                    name: name(dice),
                    or_equal: dice.one_in(2),
                    offset,
                    snapshot,
                }
            }
            4..8 => Self::Set {
                name: name(dice),
                value: value(dice),
            },
            8 => Self::Clear { name: name(dice) },
            9 if dice.one_in(2) => {
                let (begin, end) = two_names(dice);
                Self::ClearRange { begin, end }
            }
            _ => {
                let ops = mix.atomic_ops();
                let op = ops[dice.index(ops.len())];
                Self::Atomic {
                    op,
                    name: name(dice),
                    operand: value(dice),
                }
            }
        }
    }

    /// Whether the step is a read whose result the commit must uphold.
    pub(super) fn is_serializable_read(&self) -> bool {
        match self {
            Self::Get { snapshot, .. }
            | Self::GetRange { snapshot, .. }
            | Self::GetKey { snapshot, .. } => !snapshot,
            _ => false,
        }
    }

    pub(super) fn is_write(&self) -> bool {
        matches!(
            self,
            Self::Set { .. } | Self::Clear { .. } | Self::ClearRange { .. } | Self::Atomic { .. }
        )
    }

    /// Runs the step on the model.
    pub(super) fn run_on(&self, rows: &mut Rows) -> Found {
        match self {
            Self::Get { name, .. } => rows
                .get(name)
                .map(|value| (name.clone(), value.clone()))
                .into_iter()
                .collect(),
            Self::GetRange {
                begin,
                end,
                limit,
                reverse,
                ..
            } => {
                let within = rows
                    .range(begin.clone()..end.clone())
                    .map(|(name, value)| (name.clone(), value.clone()));
                if *reverse {
                    within.rev().take(*limit).collect()
                } else {
                    within.take(*limit).collect()
                }
            }
            Self::GetKey {
                name,
                or_equal,
                offset,
                ..
            } => vec![(selected(rows, name, *or_equal, *offset), Vec::new())],
            write => {
                write.write_on(rows);
                Vec::new()
            }
        }
    }

    fn write_on(&self, rows: &mut Rows) {
        match self {
            Self::Set { name, value } => drop(rows.insert(name.clone(), value.clone())),
            Self::Clear { name } => drop(rows.remove(name)),
            Self::ClearRange { begin, end } => rows.retain(|name, _| name < begin || end <= name),
            Self::Atomic { op, name, operand } => {
                match op.apply(rows.get(name).map(Vec::as_slice), operand) {
                    Some(value) => drop(rows.insert(name.clone(), value)),
                    None => drop(rows.remove(name)),
                }
            }
            Self::Get { .. } | Self::GetRange { .. } | Self::GetKey { .. } => {}
        }
    }

    /// Runs the step on the store.
    pub(super) async fn run<S: Store>(
        &self,
        t: &Context<S>,
        on: &S::Transaction,
    ) -> Result<Found, StoreError> {
        match self {
            Self::Get { name, snapshot } => {
                let value = on.get(&t.key(name), *snapshot).await?;
                return Ok(value
                    .map(|value| (name.clone(), value))
                    .into_iter()
                    .collect());
            }
            Self::GetRange {
                begin,
                end,
                limit,
                reverse,
                snapshot,
            } => {
                let range = crate::KeyRange::new(t.key(begin), t.key(end));
                let mut read = RangeRead::of(&range).limit(*limit);
                read.reverse = *reverse;
                let rows = crate::rows_all(on, &read, *snapshot).await?;
                return Ok(rows
                    .into_iter()
                    .map(|(key, value)| (t.name(&key).unwrap_or_default(), value))
                    .collect());
            }
            Self::GetKey {
                name,
                or_equal,
                offset,
                snapshot,
            } => {
                let selector = KeySelector {
                    key: t.key(name),
                    or_equal: *or_equal,
                    offset: *offset,
                };
                let key = on.get_key(&selector, *snapshot).await?;
                let outside = if key < t.key("") {
                    b"<".to_vec()
                } else {
                    b">".to_vec()
                };
                return Ok(vec![(t.name(&key).unwrap_or(outside), Vec::new())]);
            }
            Self::Set { name, value } => on.set(&t.key(name), value),
            Self::Clear { name } => on.clear(&t.key(name)),
            Self::ClearRange { begin, end } => {
                on.clear_range(&crate::KeyRange::new(t.key(begin), t.key(end)))
            }
            Self::Atomic { op, name, operand } => on.atomic(*op, &t.key(name), operand),
        }
        Ok(Vec::new())
    }
}

/// A fault that says by which seed to find it again.
pub(super) fn disagreement(seed: u64, step: &Step, found: &Found, expected: &Found) -> Fault {
    Fault::new(format!(
        "seed {seed}, {step:?}: expected {expected:?}, found {found:?}"
    ))
}

/// The key that a selector names; `<` and `>` outside of the rows.
fn selected(rows: &Rows, name: &[u8], or_equal: bool, offset: i32) -> Vec<u8> {
    let before = rows
        .keys()
        .filter(|key| key.as_slice() < name || (or_equal && key.as_slice() == name))
        .count();
    let index = before as i64 - 1 + i64::from(offset);
    match usize::try_from(index) {
        Ok(index) => rows
            .keys()
            .nth(index)
            .cloned()
            .unwrap_or_else(|| b">".to_vec()),
        Err(_) => b"<".to_vec(),
    }
}

fn name(dice: &mut Dice) -> Vec<u8> {
    let len = 1 + dice.index(2);
    (0..len).map(|_| b"\0abcd\xfe"[dice.index(6)]).collect()
}

fn two_names(dice: &mut Dice) -> (Vec<u8>, Vec<u8>) {
    let (one, other) = (name(dice), name(dice));
    if one < other {
        (one, other)
    } else {
        (other, one)
    }
}

fn value(dice: &mut Dice) -> Vec<u8> {
    let len = dice.index(4);
    (0..len).map(|_| dice.below(4) as u8).collect()
}
