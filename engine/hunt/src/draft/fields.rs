//! Reads values out of JSON. Each reader gives `None` where it found a fault and has added it; so reading goes on
//! and all faults are found at once.

use std::fmt::Display;

use super::{
    fault::{At, Faults},
    json::Json,
};
use crate::{IdError, Millis};

/// The fields of an object, known by name and present at most once.
pub(super) struct Fields<'a> {
    at: At<'a>,
    fields: &'a [(String, Json)],
}

impl<'a> Fields<'a> {
    /// Checks that the value is an object whose fields all have one of these names, each at most once.
    pub(super) fn of(
        json: &'a Json,
        at: At<'a>,
        names: &[&str],
        faults: &mut Faults,
    ) -> Option<Self> {
        let Json::Object(fields) = json else {
            faults.add(&at, format_args!("is {}: make it an object", json.kind()));
            return None;
        };
        let mut seen: Vec<&str> = Vec::new();
        for (name, _) in fields {
            if !names.contains(&name.as_str()) {
                let known = names.join(", ");
                faults.add(
                    &at.field(name),
                    format_args!("is not a field here: the fields are {known}"),
                );
            } else if seen.contains(&name.as_str()) {
                faults.add(&at.field(name), "is there twice: keep one");
            } else {
                seen.push(name);
            }
        }
        Some(Self { at, fields })
    }

    /// Where the object is.
    pub(super) fn at(&self) -> &At<'a> {
        &self.at
    }

    /// The value of a field, if it is there.
    pub(super) fn get(&self, name: &str) -> Option<&'a Json> {
        self.fields
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value)
    }

    /// Reads a field that must be there.
    pub(super) fn need<T>(
        &self,
        name: &str,
        faults: &mut Faults,
        read: impl FnOnce(&'a Json, &At<'_>, &mut Faults) -> Option<T>,
    ) -> Option<T> {
        match self.get(name) {
            Some(value) => read(value, &self.at.field(name), faults),
            None => {
                faults.add(&self.at, format_args!("lacks the field {name}"));
                None
            }
        }
    }

    /// Reads a field that may be absent or null; then the default holds.
    pub(super) fn may<T>(
        &self,
        name: &str,
        default: T,
        faults: &mut Faults,
        read: impl FnOnce(&'a Json, &At<'_>, &mut Faults) -> Option<T>,
    ) -> Option<T> {
        match self.get(name) {
            Some(Json::Null) | None => Some(default),
            Some(value) => read(value, &self.at.field(name), faults),
        }
    }
}

/// An id of any kind.
pub(super) fn id<T>(
    new: impl FnOnce(&str) -> Result<T, IdError>,
) -> impl FnOnce(&Json, &At<'_>, &mut Faults) -> Option<T> {
    |json, at, faults| {
        new(string(json, at, faults)?)
            .map_err(|error| faults.add(at, error))
            .ok()
    }
}

/// A string.
pub(super) fn string<'a>(json: &'a Json, at: &At<'_>, faults: &mut Faults) -> Option<&'a str> {
    match json {
        Json::Text(text) => Some(text),
        _ => wrong(json, at, "a string", faults),
    }
}

/// A string of at most so many bytes.
pub(super) fn text(bytes_max: usize) -> impl FnOnce(&Json, &At<'_>, &mut Faults) -> Option<String> {
    move |json, at, faults| {
        let text = string(json, at, faults)?;
        if text.len() > bytes_max {
            faults.add(
                at,
                format_args!("has {} bytes: at most {bytes_max} are allowed", text.len()),
            );
            return None;
        }
        Some(text.to_owned())
    }
}

/// A title: a text that is not blank.
pub(super) fn title(json: &Json, at: &At<'_>, faults: &mut Faults) -> Option<String> {
    let title = text(crate::limits::TITLE_BYTES_MAX)(json, at, faults)?;
    if title.trim().is_empty() {
        faults.add(at, "is blank: people read it");
        return None;
    }
    Some(title)
}

/// An array of at most so many items.
pub(super) fn array<'a>(
    items_max: usize,
) -> impl FnOnce(&'a Json, &At<'_>, &mut Faults) -> Option<&'a [Json]> {
    move |json, at, faults| match json {
        Json::Array(items) if items.len() > items_max => {
            faults.add(
                at,
                format_args!("has {} items: at most {items_max} are allowed", items.len()),
            );
            None
        }
        Json::Array(items) => Some(items),
        _ => wrong(json, at, "an array", faults),
    }
}

/// A whole number from `min` to `max`.
pub(super) fn whole(min: u64, max: u64) -> impl FnOnce(&Json, &At<'_>, &mut Faults) -> Option<u64> {
    move |json, at, faults| match json {
        Json::Whole(number) if (min..=max).contains(number) => Some(*number),
        Json::Whole(_) | Json::Number(_) => {
            faults.add(
                at,
                format_args!("must be a whole number from {min} to {max}"),
            );
            None
        }
        _ => wrong(json, at, "a whole number", faults),
    }
}

/// A number from `min` to `max`.
pub(super) fn number(
    min: f64,
    max: f64,
) -> impl FnOnce(&Json, &At<'_>, &mut Faults) -> Option<f64> {
    move |json, at, faults| {
        let number = match json {
            Json::Whole(number) => *number as f64,
            Json::Number(number) => *number,
            _ => return wrong(json, at, "a number", faults),
        };
        if !(min..=max).contains(&number) {
            faults.add(at, format_args!("must be a number from {min} to {max}"));
            return None;
        }
        Some(number)
    }
}

/// A moment.
pub(super) fn moment(json: &Json, at: &At<'_>, faults: &mut Faults) -> Option<Millis> {
    Millis::parse_rfc3339(string(json, at, faults)?)
        .map_err(|error| faults.add(at, error))
        .ok()
}

/// Adds the fault that a value is of another kind.
pub(super) fn wrong<T>(
    json: &Json,
    at: &At<'_>,
    wanted: impl Display,
    faults: &mut Faults,
) -> Option<T> {
    faults.add(at, format_args!("is {}: make it {wanted}", json.kind()));
    None
}
