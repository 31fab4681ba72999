//! `token`: a token, signed with the secret of the settings.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::error::CliError;
use super::ttl::parse_ttl;
use super::{environment, output};
use crate::http::auth::{Claims, KeyKind, Keys, Role, sign_hs256};
use crate::runtime::{StartError, wall};
use crate::settings::{SettingFlags, Settings};

/// Makes a token, signed with the secret of the settings
///
/// The secret comes from --jwt-secret, HUNT_JWT_SECRET, or jwt_secret in the settings file. Tokens of an EdDSA key are made
/// where its private key is; the engine never sees that.
#[derive(Args)]
#[command(
    after_help = "Example:\n  curl -H \"Authorization: Bearer $(hunt-engine token --role player --sub ada)\" …"
)]
pub(super) struct TokenArguments {
    /// What its bearer may do
    #[arg(long)]
    role: RoleArgument,
    /// Whom it is for; a player's id for players
    #[arg(long)]
    sub: Option<String>,
    /// How long it holds: 90s, 15m, 8h, 7d
    #[arg(long, default_value = "1h", value_parser = parse_ttl)]
    ttl: Duration,
    /// Settings file
    #[arg(long, value_name = "FILE", env = "HUNT_CONFIG")]
    config: Option<PathBuf>,
    /// The secret to sign with; @FILE reads it from a file
    #[arg(long, value_name = "SECRET")]
    jwt_secret: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleArgument {
    /// Plays
    Player,
    /// A game server: acts for any player, reads the feed
    Service,
    /// Makes and runs hunts
    Operator,
}

pub(super) fn token(arguments: &TokenArguments) -> Result<(), CliError> {
    let mut flags = SettingFlags::default();
    if let Some(secret) = &arguments.jwt_secret {
        flags.set("jwt_secret", secret);
    }
    let settings = Settings::load(&flags, arguments.config.clone(), &environment)?;
    // What the engine would refuse is refused here too.
    Keys::from_settings(&settings.keys).map_err(StartError::Keys)?;
    let Some(secret) = signing_secret(&settings) else {
        return Err(CliError::Usage(
            "only tokens of a secret (HS256) can be made here: set jwt_secret, or sign with the private key of jwt_public_key elsewhere".to_owned(),
        ));
    };
    let (role, name) = match arguments.role {
        RoleArgument::Player => (Role::Player, None),
        RoleArgument::Service => (Role::Service, Some("service")),
        RoleArgument::Operator => (Role::Operator, Some("operator")),
    };
    let Some(sub) = arguments.sub.as_deref().or(name) else {
        return Err(CliError::Usage(
            "a player's token needs --sub with the player's id".to_owned(),
        ));
    };
    output::say(make_token(secret, sub, role, arguments.ttl));
    Ok(())
}

/// The secret of the settings that tokens can be signed with.
pub(super) fn signing_secret(settings: &Settings) -> Option<&str> {
    settings.keys.iter().rev().find_map(|key| match &key.kind {
        KeyKind::Hs256Secret(secret) => Some(secret.as_str()),
        KeyKind::EdDsaPem(_) => None,
    })
}

/// A token that holds from now.
pub(super) fn make_token(secret: &str, sub: &str, role: Role, ttl: Duration) -> String {
    let exp = wall().0 / 1_000 + ttl.as_secs();
    sign_hs256(
        secret,
        &Claims {
            sub: sub.to_owned(),
            role,
            exp,
        },
    )
}
