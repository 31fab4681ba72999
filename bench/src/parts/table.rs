//! The table of instructions that is kept with the code: what a change costs shows there, whatever the machine does.

use std::collections::BTreeMap;
use std::fmt;

/// How far a count may lie above the table. Counts change a little with compiler, C library and dependencies; what is
/// lost by carelessness on a hot path is mostly more.
pub const TOLERANCE_PERCENT: f64 = 8.0;

/// What stands on the table's first lines.
const HEAD: &str = "\
# Instructions for one unit of each part, counted by callgrind: `hunt-bench parts --count --record FILE` writes this file.
# `cargo ci parts` compares with it. A count that falls is written down too, so that it can't creep back.
";

/// Instructions for a unit, by part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table(pub BTreeMap<String, f64>);

impl Table {
    /// Reads a table: a part and a number on each line; `#` begins a comment.
    ///
    /// # Errors
    /// A line is neither.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut table = BTreeMap::new();
        for (line, number) in text.lines().zip(1..) {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let row = line.split_once(char::is_whitespace);
            let row = row.and_then(|(part, count)| Some((part, count.trim().parse().ok()?)));
            let Some((part, count)) = row else {
                return Err(format!(
                    "line {number}: `{line}`: expected a part's name and a number"
                ));
            };
            table.insert(part.to_owned(), count);
        }
        Ok(Self(table))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEAD)?;
        for (part, count) in &self.0 {
            writeln!(f, "{part:<18} {count:>10.0}")?;
        }
        Ok(())
    }
}

/// What a comparison found that somebody must look at.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// It costs more than the table allows.
    Dearer {
        /// The part.
        part: String,
        /// What the table says.
        kept: f64,
        /// What was counted.
        counted: f64,
    },
    /// It costs so much less that the table would hide the next loss.
    Cheaper {
        /// The part.
        part: String,
        /// What the table says.
        kept: f64,
        /// What was counted.
        counted: f64,
    },
    /// The table does not know the part.
    Unknown {
        /// The part.
        part: String,
        /// What was counted.
        counted: f64,
    },
}

impl Finding {
    /// Whether the check must fail by it.
    pub fn is_fault(&self) -> bool {
        !matches!(self, Self::Cheaper { .. })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let change = |kept: &f64, counted: &f64| 100.0 * (counted / kept - 1.0);
        match self {
            Self::Dearer {
                part,
                kept,
                counted,
            } => write!(
                f,
                "{part}: {counted:.0} instructions, the table says {kept:.0} ({:+.1} %, {TOLERANCE_PERCENT} % are allowed): \
                 find what it is for, or record the table anew and say why",
                change(kept, counted)
            ),
            Self::Cheaper {
                part,
                kept,
                counted,
            } => write!(
                f,
                "{part}: {counted:.0} instructions, the table says {kept:.0} ({:+.1} %): record the table anew to keep this",
                change(kept, counted)
            ),
            Self::Unknown { part, counted } => write!(
                f,
                "{part}: {counted:.0} instructions, and the table has no line for it: record the table anew"
            ),
        }
    }
}

/// Compares what was counted with the table.
pub fn compare(kept: &Table, counted: &Table) -> Vec<Finding> {
    let allowed = 1.0 + TOLERANCE_PERCENT / 100.0;
    let finding = |(part, counted): (&String, &f64)| {
        let (part, counted) = (part.clone(), *counted);
        match kept.0.get(&part).copied() {
            None => Some(Finding::Unknown { part, counted }),
            Some(kept) if counted > kept * allowed => Some(Finding::Dearer {
                part,
                kept,
                counted,
            }),
            Some(kept) if counted * allowed < kept => Some(Finding::Cheaper {
                part,
                kept,
                counted,
            }),
            Some(_) => None,
        }
    };
    counted.0.iter().filter_map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[(&str, f64)]) -> Table {
        let rows = rows
            .iter()
            .map(|(part, count)| ((*part).to_owned(), *count));
        Table(rows.collect())
    }

    #[test]
    fn a_table_is_read_as_it_was_written() {
        let rows = table(&[("claim", 1_234.0), ("feed-encode", 56.0)]);
        assert_eq!(Table::parse(&rows.to_string()), Ok(rows));
        let error = Table::parse("# x\n\nclaim many\n").expect_err("not a number");
        assert!(error.starts_with("line 3: `claim many`"), "{error}");
    }

    #[test]
    fn what_lies_within_the_tolerance_is_no_finding() {
        let kept = table(&[("a", 1_000.0), ("b", 1_000.0), ("gone", 1.0)]);
        assert_eq!(compare(&kept, &table(&[("a", 1_075.0), ("b", 930.0)])), []);
        let found = compare(&kept, &table(&[("a", 1_090.0), ("b", 900.0), ("c", 5.0)]));
        let faults: Vec<_> = found.iter().map(Finding::is_fault).collect();
        assert_eq!(faults, [true, false, true]);
        assert!(
            found[0].to_string().contains("(+9.0 %, 8 % are allowed)"),
            "{}",
            found[0]
        );
    }
}
