//! What a run of the suite found.

use std::fmt;

use super::Fault;

/// One promise, kept or not.
#[derive(Debug)]
pub struct CaseResult {
    /// The promise.
    pub name: &'static str,
    /// How it was broken.
    pub fault: Option<Fault>,
}

/// Every promise. Displays as one line each.
#[derive(Debug, Default)]
pub struct Report {
    /// In the order in which they ended.
    pub cases: Vec<CaseResult>,
}

impl Report {
    /// Those that were broken.
    pub fn broken(&self) -> impl Iterator<Item = &CaseResult> {
        self.cases.iter().filter(|case| case.fault.is_some())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for case in &self.cases {
            match &case.fault {
                None => writeln!(f, "kept    {}", case.name)?,
                Some(fault) => writeln!(f, "BROKEN  {}\n        {fault}", case.name)?,
            }
        }
        write!(
            f,
            "{} promises, {} broken",
            self.cases.len(),
            self.broken().count()
        )
    }
}
