//! What is wrong with a definition, and where.

use serde::Serialize;
use std::fmt;

use crate::limits::FAULTS_MAX;

/// One thing that is wrong with a definition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fault {
    /// Where, as a JSON pointer (RFC 6901); empty for the whole definition.
    pub pointer: String,
    /// What is wrong, and what to do.
    pub detail: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.as_str() {
            "" => f.write_str(&self.detail),
            pointer => write!(f, "{pointer}: {}", self.detail),
        }
    }
}

/// Collects faults; past the limit they are counted only.
#[derive(Debug, Default)]
pub(super) struct Faults {
    listed: Vec<Fault>,
    further: usize,
}

impl Faults {
    pub(super) fn add(&mut self, at: &At<'_>, detail: impl fmt::Display) {
        if self.listed.len() < FAULTS_MAX {
            self.listed.push(Fault {
                pointer: at.to_string(),
                detail: detail.to_string(),
            });
        } else {
            self.further += 1;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// All of them; the last says how many more there are.
    pub(super) fn into_vec(mut self) -> Vec<Fault> {
        if self.further > 0 {
            let detail = format!("and {} more faults: mend these first", self.further);
            self.listed.push(Fault {
                pointer: String::new(),
                detail,
            });
        }
        self.listed
    }
}

/// Where in the definition one is: a path from the root, built on the stack and only written out for a fault.
#[derive(Clone, Copy, Debug)]
pub(super) enum At<'a> {
    /// The whole.
    Root,
    /// A field of an object.
    Field(&'a At<'a>, &'a str),
    /// An item of an array.
    Item(&'a At<'a>, usize),
}

impl At<'_> {
    pub(super) fn field<'a>(&'a self, name: &'a str) -> At<'a> {
        At::Field(self, name)
    }

    pub(super) fn item(&self, index: usize) -> At<'_> {
        At::Item(self, index)
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(parent, name) => {
                write!(f, "{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
            }
            Self::Item(parent, index) => write!(f, "{parent}/{index}"),
        }
    }
}
