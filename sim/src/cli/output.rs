//! What goes to standard output and standard error. A reader that went away is no reason to fail.

use std::fmt::Display;
use std::fs::OpenOptions;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;

use super::error::CliError;

/// Says it on standard output.
pub(super) fn say(text: impl Display) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    told(writeln!(out, "{text}").and_then(|()| out.flush()))
}

/// Says the lines on standard output, as long as somebody reads.
pub(super) fn say_lines(mut lines: impl Iterator<Item = String>) -> Result<(), CliError> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let said = lines.try_for_each(|line| writeln!(out, "{line}"));
    told(said.and_then(|()| out.flush()))
}

/// Whoever went away has read enough; a full disk has lost the result.
fn told(said: std::io::Result<()>) -> Result<(), CliError> {
    match said {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(CliError::Io {
            what: "writing to standard output".to_owned(),
            source: error,
        }),
        _ => Ok(()),
    }
}

/// Sees to it that a file can be written before long work is done for it.
pub(super) fn expect_writable(file: &Path) -> Result<(), CliError> {
    let is_new = !file.exists();
    let opened = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(file);
    opened.map_err(|error| CliError::writing(file, error))?;
    if is_new {
        // The work may come to nothing, and then nothing is left behind. Not being able to remove it harms nobody.
        let _ = std::fs::remove_file(file);
    }
    Ok(())
}

/// Says why the command failed.
pub(super) fn complain(error: impl Display) {
    note(format_args!("hunt-sim: {error}"));
}

/// Says it on standard error.
pub(super) fn note(text: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A line on standard error that is written over and over; nothing where that is no terminal.
pub(super) struct Line {
    terminal: bool,
    shown: bool,
}

impl Line {
    pub(super) fn new() -> Self {
        Self {
            terminal: std::io::stderr().is_terminal(),
            shown: false,
        }
    }

    pub(super) fn show(&mut self, text: impl Display) {
        if self.terminal {
            self.shown = true;
            let mut out = std::io::stderr().lock();
            let _ = write!(out, "\r\x1b[2K{text}").and_then(|()| out.flush());
        }
    }

    /// Wipes it.
    pub(super) fn end(&self) {
        if self.shown {
            let mut out = std::io::stderr().lock();
            let _ = write!(out, "\r\x1b[2K").and_then(|()| out.flush());
        }
    }
}
