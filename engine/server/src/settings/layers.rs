//! Where values come from, and which of them counts.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::error::SettingsError;
use super::flags::SettingFlags;
use super::keys::{self, KeyTable};
use super::table::{SETTINGS, Setting};
use super::value::{AUTO, Kind};

/// Looks up a variable of the environment.
pub type Environment<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Bytes of a settings file, or of a key's file.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Where a value was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// On the command line.
    Flag(&'static str),
    /// In the environment.
    Variable(String),
    /// In the settings file.
    File(PathBuf, String),
    /// Nowhere.
    Default(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(key) => write!(f, "--{}", key.replace('_', "-")),
            Self::Variable(name) => write!(f, "{name} in the environment"),
            Self::File(path, key) => write!(f, "{key} in {}", path.display()),
            Self::Default(key) => write!(f, "the default of {key}"),
        }
    }
}

/// The value that counts for each setting, within its limits.
#[derive(Debug)]
pub struct Values {
    values: BTreeMap<&'static str, (String, Origin)>,
    /// Keys by `kid`; only the file can say them.
    pub keys: Vec<KeyTable>,
}

impl Values {
    /// Reads all layers and checks each value that counts.
    pub fn load(
        flags: &SettingFlags,
        file: Option<PathBuf>,
        environment: &Environment<'_>,
    ) -> Result<Self, SettingsError> {
        let (mut from_file, keys) = match &file {
            Some(path) => read_file(path)?,
            None => Default::default(),
        };
        let mut values = BTreeMap::new();
        for setting in SETTINGS {
            let variable = setting.variable();
            let (text, origin) = if let Some(text) = flags.get(setting.key) {
                (text.to_owned(), Origin::Flag(setting.key))
            } else if let Some(text) = environment(&variable).filter(|text| !text.is_empty()) {
                (text, Origin::Variable(variable))
            } else if let Some(value) = from_file.remove(setting.key) {
                value
            } else {
                (setting.default.to_owned(), Origin::Default(setting.key))
            };
            let text = if setting.kind == Kind::Secret {
                expand_secret(text)?
            } else {
                text
            };
            if let Err(detail) = setting.kind.check(&text) {
                return Err(SettingsError::Invalid { origin, detail });
            }
            values.insert(setting.key, (text, origin));
        }
        Ok(Self { values, keys })
    }

    /// The text of a setting.
    pub fn text(&self, key: &str) -> &str {
        &self.get(key).0
    }

    /// The text of a secret, if it is set.
    pub fn secret(&self, key: &str) -> Option<&str> {
        Some(self.text(key)).filter(|text| !text.is_empty())
    }

    /// The number of a setting.
    pub fn integer(&self, key: &str) -> u64 {
        self.text(key)
            .parse()
            .expect("numbers were checked when they were read")
    }

    /// The number of a setting, unless it is `auto`.
    pub fn integer_or_auto(&self, key: &str) -> Option<u64> {
        (self.text(key) != AUTO).then(|| self.integer(key))
    }

    /// A setting with a meaning of its own.
    pub fn parse<T>(
        &self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, SettingsError> {
        self.parse_secret(key, |text| {
            parse(text).map_err(|detail| format!("{detail}, not {text:?}"))
        })
    }

    /// A secret with a meaning of its own; an error does not show it.
    pub fn parse_secret<T>(
        &self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, SettingsError> {
        let (text, origin) = self.get(key);
        parse(text).map_err(|detail| SettingsError::Invalid {
            origin: origin.clone(),
            detail,
        })
    }

    /// What is wrong with a setting that does not go with the others.
    pub fn invalid(&self, key: &str, detail: &str) -> SettingsError {
        SettingsError::Invalid {
            origin: self.get(key).1.clone(),
            detail: detail.to_owned(),
        }
    }

    fn get(&self, key: &str) -> &(String, Origin) {
        self.values
            .get(key)
            .expect("every setting of the table has a value")
    }
}

type FileValues = BTreeMap<&'static str, (String, Origin)>;

fn read_file(path: &Path) -> Result<(FileValues, Vec<KeyTable>), SettingsError> {
    let text = read_text(path)?;
    let not_toml = |detail: String| SettingsError::NotToml {
        path: path.to_owned(),
        detail,
    };
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| not_toml(error.to_string().trim_end().to_owned()))?;
    let mut values = FileValues::new();
    let mut key_tables = Vec::new();
    for (key, value) in table {
        if key == "keys" {
            key_tables = keys::read(path, value)?;
            continue;
        }
        let Some(setting) = Setting::find(&key) else {
            return Err(SettingsError::Unknown {
                path: path.to_owned(),
                hint: hint(&key),
                key,
            });
        };
        let origin = Origin::File(path.to_owned(), key);
        let text = match value {
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            other => {
                let detail = format!(
                    "expected a text or a whole number, not a {}",
                    other.type_str()
                );
                return Err(SettingsError::Invalid { origin, detail });
            }
        };
        values.insert(setting.key, (text, origin));
    }
    Ok((values, key_tables))
}

/// A secret, or the file that it is in.
pub(super) fn expand_secret(text: String) -> Result<String, SettingsError> {
    match text.strip_prefix('@') {
        Some(path) => Ok(read_text(Path::new(path))?
            .trim_end_matches(['\r', '\n'])
            .to_owned()),
        None => Ok(text),
    }
}

fn read_text(path: &Path) -> Result<String, SettingsError> {
    let unreadable = |source| SettingsError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(unreadable(std::io::Error::other(format!(
            "it has {bytes} bytes, more than {FILE_BYTES_MAX}"
        ))));
    }
    std::fs::read_to_string(path).map_err(unreadable)
}

/// The setting that is closest to a misspelt one.
fn hint(key: &str) -> String {
    let common = |setting: &Setting| {
        let same_start = setting
            .key
            .bytes()
            .zip(key.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        let same_end = setting
            .key
            .bytes()
            .rev()
            .zip(key.bytes().rev())
            .take_while(|(a, b)| a == b)
            .count();
        same_start + same_end
    };
    match SETTINGS.iter().max_by_key(|setting| common(setting)) {
        Some(setting) if common(setting) * 2 > key.len() => {
            format!(" (perhaps {:?} is meant)", setting.key)
        }
        _ => String::new(),
    }
}
