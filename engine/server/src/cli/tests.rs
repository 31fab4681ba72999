//! What the command line takes and says.

use super::*;
use clap::CommandFactory;

#[test]
fn the_command_line_is_sound() {
    CommandLine::command().debug_assert();
}

#[test]
fn help_begins_with_what_the_program_does() {
    let help = CommandLine::command().render_help().to_string();
    let first = "Serves treasure hunts: durable, exactly once, never oversold\n";
    assert!(help.starts_with(first), "{help}");
}

/// What clap says about a command line; empty if it takes it.
fn check(line: &str, expected: &str) {
    let said = match CommandLine::try_parse_from(line.split_whitespace()) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    };
    let first = said.lines().next().unwrap_or_default();
    assert_eq!(first, expected, "{line}");
}

#[test]
fn every_documented_line_is_taken() {
    for line in [
        "hunt-engine serve",
        "hunt-engine serve --config hunt.toml --listen 127.0.0.1:0 --store memory --cores 0,1 --dev",
        "hunt-engine demo --players 10 --hunt x.json --keep --json",
        "hunt-engine check a.json b.json",
        "hunt-engine token --role player --sub ada --ttl 1h",
        "hunt-engine events --store embedded:x --hunt harbour-lights --after 7",
        "hunt-engine verify --store embedded:x --json",
    ] {
        check(line, "");
    }
}

#[test]
fn what_is_wrong_is_named() {
    check(
        "hunt-engine serve --listn x",
        "error: unexpected argument '--listn' found",
    );
    check(
        "hunt-engine token --role king",
        "error: invalid value 'king' for '--role <ROLE>'",
    );
    check(
        "hunt-engine demo --players 0",
        "error: invalid value '0' for '--players <N>': 0 is not in 1..=1000000",
    );
    check(
        "hunt-engine check",
        "error: the following required arguments were not provided:",
    );
}

#[test]
fn help_of_serve_lists_every_setting_with_its_default_and_variable() {
    let mut command = CommandLine::command();
    let serve = command
        .find_subcommand_mut("serve")
        .expect("serve is a command");
    let help = serve
        .render_long_help()
        .to_string()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    for setting in crate::settings::SETTINGS {
        assert!(
            help.contains(&format!("--{} ", setting.flag())),
            "{}",
            setting.key
        );
        assert!(help.contains(&setting.variable()), "{}", setting.key);
        assert!(
            help.contains(&format!("default: {}", setting.default)),
            "{}",
            setting.key
        );
    }
}
