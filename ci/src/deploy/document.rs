//! The files as values, whatever they are written in.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use yaml_rust2::{Yaml, YamlLoader};

/// The workspace's folder, from which all paths are.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(super) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    /// The files in a folder and below it with this ending, by path.
    pub(super) fn files(&self, below: &str, ending: &str) -> Result<Vec<String>, String> {
        let entries = fs::read_dir(self.root.join(below)).map_err(|e| format!("{below}: {e}"))?;
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|e| format!("{below}: {e}"))?;
            let path = format!("{below}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                found.extend(self.files(&path, ending)?);
            } else if path.ends_with(ending) {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    }

    pub(super) fn text(&self, path: &str) -> Result<String, String> {
        fs::read_to_string(self.root.join(path)).map_err(|e| format!("{path}: {e}"))
    }

    pub(super) fn json(&self, path: &str) -> Result<Value, String> {
        serde_json::from_str(&self.text(path)?).map_err(|e| format!("{path}: {e}"))
    }

    pub(super) fn yaml(&self, path: &str) -> Result<Value, String> {
        yaml(&self.text(path)?).map_err(|e| format!("{path}: {e}"))
    }
}

/// One YAML document. Aliases and merge keys (`<<`) are replaced by what they stand for.
pub(super) fn yaml(text: &str) -> Result<Value, String> {
    let documents = YamlLoader::load_from_str(text).map_err(|e| e.to_string())?;
    match documents.as_slice() {
        [document] => value(document),
        many => Err(format!("{} documents, one is expected", many.len())),
    }
}

fn value(yaml: &Yaml) -> Result<Value, String> {
    Ok(match yaml {
        Yaml::Real(text) | Yaml::String(text) => Value::String(text.clone()),
        Yaml::Integer(number) => Value::from(*number),
        Yaml::Boolean(truth) => Value::from(*truth),
        Yaml::Null => Value::Null,
        Yaml::Array(items) => items.iter().map(value).collect::<Result<Value, _>>()?,
        Yaml::Hash(pairs) => {
            let mut map = Map::new();
            for (key, item) in pairs {
                let key = key.as_str().ok_or_else(|| format!("{key:?} is no name"))?;
                let item = value(item)?;
                match (key, item) {
                    // What is said here goes before what is merged in, wherever the merge stands.
                    ("<<", Value::Object(merged)) => {
                        for (key, item) in merged {
                            map.entry(key).or_insert(item);
                        }
                    }
                    (key, item) => {
                        map.insert(key.to_owned(), item);
                    }
                }
            }
            Value::Object(map)
        }
        Yaml::Alias(_) | Yaml::BadValue => return Err("an alias stands for nothing".to_owned()),
    })
}

/// The members of an object, or nothing.
pub(super) fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let map = value.as_object().into_iter().flatten();
    map.map(|(key, value)| (key.as_str(), value))
}

/// The items of a list, or nothing.
pub(super) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The names in a list of names, or the keys of an object.
pub(super) fn names(value: &Value) -> impl Iterator<Item = &str> {
    let listed = items(value).filter_map(Value::as_str);
    listed.chain(members(value).map(|(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn merges_give_way_to_what_is_said() {
        let text = "a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\n";
        let found = yaml(text).expect("it is YAML");
        assert_eq!(found["b"], json!({"x": 1, "y": 3}));
    }

    #[test]
    fn what_is_no_yaml_is_told() {
        assert!(yaml("a: [1").is_err());
        assert!(yaml("a: *nobody").is_err());
        assert!(yaml("a: 1\n---\nb: 2\n").is_err());
    }
}
