//! Results that are kept in a file, one JSON object a line, so that a long trial that was stopped can go on.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Fate, Judged, MutantsError, Patch};

/// The file, and what it had when it was opened.
pub(crate) struct Results {
    file: PathBuf,
    known: Vec<Value>,
}

impl Results {
    /// Opens it; a file that is not there yet holds nothing.
    pub(crate) fn open(file: PathBuf) -> Result<Self, MutantsError> {
        let reading = |error| MutantsError::io(format!("reading {}", file.display()), error);
        let text = match fs::read_to_string(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            read => read.map_err(reading)?,
        };
        // A line that was cut off by a crash tells nothing.
        let known = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        Ok(Self {
            known: known.collect(),
            file,
        })
    }

    /// What became of this very patch before, if it is known.
    pub(crate) fn of(&self, patch: &Patch, seeds: u64) -> Option<Judged> {
        let is_it = |known: &&Value| {
            known["name"] == patch.name.as_str() && known["digest"] == digest(patch)
        };
        let known = self.known.iter().rev().find(is_it)?;
        let ran = known["seeds"].as_u64().unwrap_or(0);
        let fate = match known["fate"].as_str()? {
            "killed" => Fate::Killed {
                seed: known["seed"].as_u64()?,
                oracle: known["oracle"].as_str()?.to_owned(),
            },
            "hung" => Fate::Hung,
            // With more seeds than it was tried it may be killed.
            "survived" if ran >= seeds => Fate::Survived,
            _ => return None,
        };
        Some(Judged {
            patch: patch.clone(),
            fate,
            seeds: ran,
            built_in: Duration::ZERO,
            ran_in: Duration::ZERO,
        })
    }

    /// Adds one.
    pub(crate) fn add(&self, judged: &Judged) -> Result<(), MutantsError> {
        let (fate, seed, oracle) = match &judged.fate {
            Fate::Killed { seed, oracle } => ("killed", Some(*seed), Some(oracle.as_str())),
            Fate::Hung => ("hung", None, None),
            Fate::Survived => ("survived", None, None),
            Fate::Broken(why) => ("broken", None, Some(why.as_str())),
        };
        let line = json!({
            "name": judged.patch.name, "digest": digest(&judged.patch), "fate": fate, "seed": seed,
            "oracle": oracle, "seeds": judged.seeds,
        });
        let writing = |error| MutantsError::io(format!("writing {}", self.file.display()), error);
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.file)
            .map_err(writing)?;
        writeln!(file, "{line}").map_err(writing)
    }
}

/// Tells a patch from a later one of the same name.
fn digest(patch: &Patch) -> u64 {
    use std::hash::Hasher;
    let mut hasher = siphasher::sip::SipHasher13::new();
    hasher.write(patch.text.as_bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(text: &str) -> Patch {
        Patch {
            name: "01-a".to_owned(),
            breaks: "A.".to_owned(),
            file: PathBuf::new(),
            text: text.to_owned(),
            touches: Vec::new(),
        }
    }

    fn judged(fate: Fate) -> Judged {
        Judged {
            patch: patch("x"),
            fate,
            seeds: 100,
            built_in: Duration::ZERO,
            ran_in: Duration::ZERO,
        }
    }

    #[test]
    fn what_was_tried_is_known_again_as_long_as_it_is_the_same() {
        let name = format!("hunt-sim-results-{}", std::process::id());
        let file = std::env::temp_dir().join(name);
        let again = |add: Option<Fate>| {
            let results = Results::open(file.clone()).expect("it can be read");
            if let Some(fate) = add {
                results.add(&judged(fate)).expect("it can be written");
            }
            results
        };
        again(Some(Fate::Survived));
        let known = again(None);
        let found = known.of(&patch("x"), 100).expect("it is there");
        assert_eq!((found.fate, found.seeds), (Fate::Survived, 100));
        assert!(known.of(&patch("y"), 100).is_none());
        assert!(known.of(&patch("x"), 300).is_none());
        let killed = Fate::Killed {
            seed: 3,
            oracle: "stock".to_owned(),
        };
        again(Some(killed.clone()));
        let found = again(None).of(&patch("x"), 300).expect("it is there");
        assert_eq!(found.fate, killed);
        let _ = fs::remove_file(file);
    }
}
