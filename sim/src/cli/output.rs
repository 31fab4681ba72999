//! What goes to standard output and standard error. A reader that went away is no reason to fail.

use std::fmt::Display;
use std::io::{IsTerminal, Write};

/// Says it on standard output; false if nobody reads any more.
pub(super) fn say(text: impl Display) -> bool {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).is_ok()
}

/// Says the lines on standard output, as long as somebody reads.
pub(super) fn say_lines(lines: impl Iterator<Item = String>) {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in lines {
        if writeln!(out, "{line}").is_err() {
            return;
        }
    }
    let _ = out.flush();
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
