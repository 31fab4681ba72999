//! `check`: what is wrong with a hunt, all at once.

use std::path::{Path, PathBuf};

use clap::Args;
use hunt::Draft;

use super::error::CliError;
use super::output;

/// Bytes of a hunt that is read at all; the rules allow far less.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Checks hunts before they are put: all faults, each with its place
#[derive(Args)]
#[command(
    after_help = "Prints FILE: POINTER: what is wrong. Exits with 1 if any file has a fault."
)]
pub(super) struct CheckArguments {
    /// Hunts in JSON
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(super) fn check(arguments: &CheckArguments) -> Result<(), CliError> {
    let mut faulty = 0;
    for file in &arguments.files {
        let faults = check_file(file);
        if faults.is_empty() {
            output::say(format_args!("{}: good", file.display()));
        } else {
            faulty += 1;
        }
        for fault in faults {
            output::say(format_args!("{}: {fault}", file.display()));
        }
    }
    match faulty {
        0 => Ok(()),
        1 => Err(CliError::Faults("1 file has faults".to_owned())),
        faulty => Err(CliError::Faults(format!("{faulty} files have faults"))),
    }
}

fn check_file(file: &Path) -> Vec<String> {
    match read_file(file) {
        Err(error) => vec![format!("can't be read: {error}")],
        Ok(json) => match Draft::parse(&json) {
            Ok(_) => Vec::new(),
            Err(faults) => faults.iter().map(ToString::to_string).collect(),
        },
    }
}

fn read_file(file: &Path) -> std::io::Result<Vec<u8>> {
    let bytes = std::fs::metadata(file)?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(std::io::Error::other(format!(
            "it has {bytes} bytes, more than {FILE_BYTES_MAX}"
        )));
    }
    std::fs::read(file)
}
