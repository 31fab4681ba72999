//! What a setting takes, and what is wrong with a text that it does not take.

/// The kinds of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text; what it means is checked where it is read.
    Text,
    /// A text that is never shown; `@FILE` stands for what is in the file.
    Secret,
    /// One of these.
    Choice(&'static [&'static str]),
    /// A whole number within limits.
    Number {
        /// The least.
        min: u64,
        /// The greatest.
        max: u64,
        /// Of what; empty for a count.
        unit: &'static str,
    },
    /// A whole number within limits, or `auto`.
    NumberOrAuto {
        /// The least.
        min: u64,
        /// The greatest.
        max: u64,
        /// Of what; empty for a count.
        unit: &'static str,
    },
}

/// Stands for "as the machine allows".
pub(super) const AUTO: &str = "auto";

impl Kind {
    /// Whether `text` is a value; if not, what is wrong.
    pub fn check(&self, text: &str) -> Result<(), String> {
        match *self {
            Self::Text | Self::Secret => Ok(()),
            Self::Choice(choices) if choices.contains(&text) => Ok(()),
            Self::Choice(choices) => {
                Err(format!("expected {}, not {text:?}", choices.join(" or ")))
            }
            Self::NumberOrAuto { .. } if text == AUTO => Ok(()),
            Self::NumberOrAuto { min, max, .. } => {
                check_number(text, min, max).map_err(|fault| format!("{fault}, or {AUTO}"))
            }
            Self::Number { min, max, .. } => check_number(text, min, max),
        }
    }

    /// How `--help` names it.
    pub fn placeholder(&self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Secret => "SECRET",
            Self::Choice(_) => "CHOICE",
            Self::Number { .. } | Self::NumberOrAuto { .. } => "N",
        }
    }

    /// What `--help` says about the limits.
    pub fn limits(&self) -> String {
        match *self {
            Self::Text | Self::Secret => String::new(),
            Self::Choice(choices) => choices.join(" or "),
            Self::Number { min, max, unit } | Self::NumberOrAuto { min, max, unit } => {
                format!("{min} to {max} {unit}").trim_end().to_owned()
            }
        }
    }
}

fn check_number(text: &str, min: u64, max: u64) -> Result<(), String> {
    match text.parse::<u64>() {
        Ok(number) if (min..=max).contains(&number) => Ok(()),
        _ => Err(format!(
            "expected a whole number from {min} to {max}, not {text:?}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: Kind, text: &str, fault: &str) {
        assert_eq!(kind.check(text).err().unwrap_or_default(), fault);
    }

    const PORT: Kind = Kind::Number {
        min: 1,
        max: 9,
        unit: "",
    };

    #[test]
    fn numbers_have_limits() {
        check(PORT, "9", "");
        check(
            PORT,
            "10",
            "expected a whole number from 1 to 9, not \"10\"",
        );
        check(
            PORT,
            "-1",
            "expected a whole number from 1 to 9, not \"-1\"",
        );
        check(
            PORT,
            "2.5",
            "expected a whole number from 1 to 9, not \"2.5\"",
        );
        check(PORT, "", "expected a whole number from 1 to 9, not \"\"");
    }

    #[test]
    fn auto_is_only_for_those_that_know_it() {
        check(
            PORT,
            "auto",
            "expected a whole number from 1 to 9, not \"auto\"",
        );
        let kind = Kind::NumberOrAuto {
            min: 1,
            max: 9,
            unit: "",
        };
        check(kind, "auto", "");
        check(
            kind,
            "x",
            "expected a whole number from 1 to 9, not \"x\", or auto",
        );
    }

    #[test]
    fn a_choice_names_the_others() {
        check(
            Kind::Choice(&["text", "json"]),
            "xml",
            "expected text or json, not \"xml\"",
        );
    }
}
