//! What goes to standard output and standard error. A reader that went away is no reason to fail.

use std::fmt::Display;
use std::io::{IsTerminal, Write};

/// Says it on standard output; false if nobody reads any more.
pub(super) fn say(text: impl Display) -> bool {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).is_ok()
}

/// Says why the command failed.
pub(super) fn complain(error: impl Display) {
    note(format_args!("hunt-engine: {error}"));
}

/// Says it on standard error.
pub(super) fn note(text: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Writes over the last line of a terminal.
pub(super) fn overwrite(text: impl Display) {
    let mut out = std::io::stderr().lock();
    let _ = write!(out, "\r\x1b[2K{text}").and_then(|()| out.flush());
}

/// Standard error is a terminal.
pub(super) fn is_terminal() -> bool {
    std::io::stderr().is_terminal()
}
