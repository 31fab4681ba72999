//! Every setting as a flag.

use std::collections::BTreeMap;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use super::table::{SETTINGS, Setting};
use super::value::Kind;

/// The settings that the command line says.
#[derive(Clone, Debug, Default)]
pub struct SettingFlags(BTreeMap<&'static str, String>);

impl SettingFlags {
    /// What the command line says about a setting.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Says it, as if on the command line.
    pub fn set(&mut self, key: &'static str, value: impl Into<String>) {
        self.0.insert(key, value.into());
    }
}

impl Args for SettingFlags {
    fn augment_args(command: Command) -> Command {
        SETTINGS
            .iter()
            .fold(command, |command, setting| command.arg(argument(setting)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SettingFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for setting in SETTINGS {
            if let Some(value) = matches.get_one::<String>(setting.key) {
                self.0.insert(setting.key, value.clone());
            }
        }
        Ok(())
    }
}

fn argument(setting: &'static Setting) -> Arg {
    let mut notes = Vec::new();
    if !setting.default.is_empty() {
        notes.push(format!("default: {}", setting.default));
    }
    let limits = setting.kind.limits();
    if !limits.is_empty() {
        notes.push(limits);
    }
    notes.push(setting.variable());
    Arg::new(setting.key)
        .long(setting.flag())
        .value_name(setting.kind.placeholder())
        .hide_env_values(setting.kind == Kind::Secret)
        .help(format!("{} [{}]", setting.doc, notes.join("; ")))
        .help_heading("Settings (flag > environment > file > default)")
}
