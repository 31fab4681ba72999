//! What cargo is asked to build.
//!
//! Cargo unites the features of shared crates over the packages that a command selects: with `-p` here and there it would
//! build the same crate again and again, each time with other features. So every command selects the same packages and picks
//! its targets by name:
//!
//! * [`checked`], in the dev profile: everything that this machine can build.
//! * [`shipped`], in the release profile: the default members, as `cargo demo` and the other aliases do.

use std::process::Command;

use crate::libclang;

/// The crate that needs clang's library to build.
const NEEDS_LIBCLANG: &str = "store-fdb";

/// A command that cargo runs; words are parted by spaces.
pub(crate) fn cargo(line: &str) -> Command {
    let mut command = Command::new("cargo");
    command.args(line.split(' '));
    command
}

/// `cargo VERB` for everything that this machine can build, then the other words.
pub(crate) fn checked(verb: &str, rest: &str) -> Command {
    let mut command = cargo(&format!("{verb} --workspace --locked"));
    match libclang::is_there() {
        true => command.args(["--features", "server/fdb,bench/fdb"]),
        false => command.args(["--exclude", NEEDS_LIBCLANG]),
    };
    command.args(rest.split_whitespace());
    command
}

/// `cargo VERB` for the default members in the release profile, then the other words.
pub(crate) fn shipped(verb: &str, rest: &str) -> Command {
    cargo(&format!("{verb} --release --locked {rest}"))
}
