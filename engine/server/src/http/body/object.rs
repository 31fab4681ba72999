//! A flat JSON object, read strictly: each field known, at most once, its value kept as it was written.
//!
//! Values are read one by one from their text, so every fault gets its own pointer, and a number too large for any
//! type is a fault of its field and not of the whole body. Nothing is copied and no tree is built.

use std::borrow::Cow;
use std::fmt;

use hunt::Fault;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::http::problem::Problem;

/// Faults that are listed for one body.
const FAULTS_MAX: usize = 16;
/// Characters of an unknown field's name that a fault repeats.
const NAME_SHOWN_MAX: usize = 64;

/// The fields of an object, in the order of their names, and what is wrong with it.
#[derive(Debug)]
pub(super) struct Object<'a, const N: usize> {
    /// Where the object is, as a JSON pointer.
    at: String,
    names: [&'static str; N],
    values: [Option<&'a RawValue>; N],
    faults: Vec<Fault>,
}

impl<'a, const N: usize> Object<'a, N> {
    /// Reads an object with these fields. The error is about the text as a whole.
    pub(super) fn parse(
        text: &'a str,
        at: String,
        names: [&'static str; N],
    ) -> Result<Self, serde_json::Error> {
        let object = Self {
            at,
            names,
            values: [None; N],
            faults: Vec::new(),
        };
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let object = deserializer.deserialize_map(Fields(object))?;
        deserializer.end()?;
        Ok(object)
    }

    /// The text of a field.
    pub(super) fn raw(&self, field: usize) -> Option<&'a str> {
        self.values.get(field).copied().flatten().map(RawValue::get)
    }

    /// A field that is a string; `None` if it is absent or at fault.
    pub(super) fn text(&mut self, field: usize) -> Option<Cow<'a, str>> {
        let raw = self.raw(field)?;
        if let Some(plain) = raw
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            && !plain.contains('\\')
        {
            return Some(Cow::Borrowed(plain));
        }
        match serde_json::from_str::<String>(raw) {
            Ok(text) => Some(Cow::Owned(text)),
            Err(_) => self.fault(field, "must be a string of valid Unicode"),
        }
    }

    /// A field that is a finite number from `min` to `max`.
    pub(super) fn number(&mut self, field: usize, min: f64, max: f64) -> Option<f64> {
        let raw = self.raw(field)?;
        let is_number = raw.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        match raw.parse::<f64>() {
            Ok(number) if is_number && number.is_finite() && (min..=max).contains(&number) => {
                Some(number)
            }
            _ if max.is_finite() && max < f64::MAX => {
                self.fault(field, format!("must be a number from {min} to {max}"))
            }
            _ => self.fault(field, format!("must be a number of at least {min}")),
        }
    }

    /// A field that is a whole number from `min` to `max`.
    pub(super) fn whole(&mut self, field: usize, min: u64, max: u64) -> Option<u64> {
        match self.raw(field)?.parse() {
            Ok(number) if (min..=max).contains(&number) => Some(number),
            _ => self.fault(field, format!("must be a whole number from {min} to {max}")),
        }
    }

    /// A field that is true or false.
    pub(super) fn flag(&mut self, field: usize) -> Option<bool> {
        match self.raw(field)? {
            "true" => Some(true),
            "false" => Some(false),
            _ => self.fault(field, "must be true or false"),
        }
    }

    /// A field that is an id.
    pub(super) fn id<T>(
        &mut self,
        field: usize,
        new: impl Fn(&str) -> Result<T, hunt::IdError>,
    ) -> Option<T> {
        let text = self.text(field)?;
        new(&text).map_or_else(|error| self.fault(field, error.to_string()), Some)
    }

    /// Notes a fault of a field.
    pub(super) fn fault<T>(&mut self, field: usize, detail: impl Into<String>) -> Option<T> {
        let name = self.names.get(field).copied().unwrap_or_default();
        self.note(name, detail.into());
        None
    }

    /// Notes a fault of the object itself.
    pub(super) fn fault_of_whole(&mut self, detail: impl Into<String>) {
        let fault = Fault {
            pointer: self.at.clone(),
            detail: detail.into(),
        };
        self.push(fault);
    }

    /// Takes over the faults of an object within this one.
    pub(super) fn absorb<const M: usize>(&mut self, inner: Object<'_, M>) {
        for fault in inner.faults {
            self.push(fault);
        }
    }

    /// The pointer of a field.
    pub(super) fn pointer(&self, field: usize) -> String {
        format!(
            "{}/{}",
            self.at,
            self.names.get(field).copied().unwrap_or_default()
        )
    }

    /// Whether nothing is wrong so far.
    pub(super) fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    /// `value` if all was well.
    pub(super) fn finish<T>(mut self, value: Option<T>) -> Result<T, Problem> {
        match value {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ => {
                if self.faults.is_empty() {
                    self.fault_of_whole("is not complete");
                }
                Err(Problem::invalid(self.faults))
            }
        }
    }

    fn note(&mut self, name: &str, detail: String) {
        let shown: String = name.chars().take(NAME_SHOWN_MAX).collect();
        let pointer = format!(
            "{}/{}",
            self.at,
            shown.replace('~', "~0").replace('/', "~1")
        );
        self.push(Fault { pointer, detail });
    }

    fn push(&mut self, fault: Fault) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault);
        }
    }
}

struct Fields<'a, const N: usize>(Object<'a, N>);

impl<'de, const N: usize> Visitor<'de> for Fields<'de, N> {
    type Value = Object<'de, N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut object = self.0;
        while let Some(name) = access.next_key::<Name<'de>>()? {
            let Some(field) = object.names.iter().position(|known| *known == name.0) else {
                access.next_value::<IgnoredAny>()?;
                let known = object.names.join(", ");
                object.note(
                    &name.0,
                    format!(
                        "is not a known field: use {}",
                        if N == 0 { "none" } else { &known }
                    ),
                );
                continue;
            };
            let value = access.next_value::<&'de RawValue>()?;
            if object.values[field].replace(value).is_some() {
                object.fault::<()>(field, "is given twice");
            }
        }
        Ok(object)
    }
}

/// A field's name, borrowed where it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field's name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(NameVisitor)
    }
}
