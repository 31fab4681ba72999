//! Edits of JSON as a tree: what comes out is JSON again, so the fuzzer gets past the parser to the rules behind it.

use serde_json::{Map, Value};
use tests::Random;

/// Values that are at the edge of something.
const EDGES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-1",
    "1",
    "0.5",
    "1e400",
    "-1e400",
    "1e-400",
    "90.0000001",
    "180",
    "-180.5",
    "9007199254740991",
    "9007199254740993",
    "18446744073709551615",
    "18446744073709551616",
    "4294967296",
    "65536",
    "\"\"",
    "\" \"",
    "\"\\u0000\"",
    "\"\\ud83d\\ude00\"",
    "\"ı\"",
    "\"\u{fb01}\u{301}\"",
    "[]",
    "{}",
    "[[]]",
    "\"2026-12-01T18:00:00Z\"",
    "\"2026-12-01T18:00:00+14:00\"",
    "\"9999-12-31T23:59:60Z\"",
    "\"1969-12-31T23:59:59Z\"",
];

/// Depth of what an edit nests.
const NESTED_MAX: usize = 300;

/// Stands where raw text is put that no tree can hold.
const RAW: &str = "raw-text-goes-here";

/// The input with one edit; none if it is not JSON.
pub(crate) fn edit(random: &mut Random, input: &[u8], dictionary: &[&str]) -> Option<Vec<u8>> {
    let mut tree: Value = serde_json::from_slice(input).ok()?;
    let mut raw = String::new();
    {
        let nodes = count(&tree);
        let mut index = random.below(nodes);
        let node = find(&mut tree, &mut index)?;
        raw = change(random, node, dictionary).unwrap_or(raw);
    }
    let text = if random.percent(10) {
        serde_json::to_string_pretty(&tree)
    } else {
        serde_json::to_string(&tree)
    };
    let quoted = format!("\"{RAW}\"");
    Some(text.ok()?.replace(&quoted, &raw).into_bytes())
}

/// Changes a node; returns text to put in the place of the mark, if it left one.
fn change(random: &mut Random, node: &mut Value, dictionary: &[&str]) -> Option<String> {
    match random.below(5) {
        0 => {
            *node = Value::from(RAW);
            return Some((*random.pick(EDGES)).to_owned());
        }
        1 => {
            let depth = random.below(NESTED_MAX);
            *node = Value::from(RAW);
            return Some(format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
        }
        2 => *node = Value::from(*random.pick(dictionary)),
        _ => match node {
            Value::Object(fields) => change_object(random, fields, dictionary),
            Value::Array(items) => change_array(random, items),
            Value::String(text) => change_text(random, text),
            Value::Number(_) => *node = Value::from(random.any() >> random.below(64)),
            Value::Null | Value::Bool(_) => *node = Value::from(random.percent(50)),
        },
    }
    None
}

fn change_object(random: &mut Random, fields: &mut Map<String, Value>, dictionary: &[&str]) {
    let names: Vec<String> = fields.keys().cloned().collect();
    let new = (*random.pick(dictionary)).to_owned();
    if names.is_empty() {
        fields.insert(new, Value::Null);
        return;
    }
    let old = random.pick(&names).clone();
    match random.below(3) {
        0 => drop(fields.remove(&old)),
        1 => {
            let value = fields.remove(&old).unwrap_or_default();
            fields.insert(new, value);
        }
        _ => {
            let value = fields.get(random.pick(&names)).cloned().unwrap_or_default();
            fields.insert(old, value);
        }
    }
}

fn change_array(random: &mut Random, items: &mut Vec<Value>) {
    if items.is_empty() {
        items.push(Value::from(random.below(3)));
        return;
    }
    let (one, other) = (random.below(items.len()), random.below(items.len()));
    match random.below(3) {
        0 => drop(items.remove(one)),
        1 => items.insert(one, items[other].clone()),
        _ => items.swap(one, other),
    }
}

fn change_text(random: &mut Random, text: &mut String) {
    match random.below(4) {
        0 => *text = text.to_uppercase(),
        1 => *text = text.repeat(random.below(40)),
        2 => text.push(char::from_u32(random.below(0x2_0000) as u32).unwrap_or('~')),
        _ => drop(text.pop()),
    }
}

fn count(tree: &Value) -> usize {
    1 + match tree {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

/// The node of this number, counted from the root down.
fn find<'a>(tree: &'a mut Value, index: &mut usize) -> Option<&'a mut Value> {
    if *index == 0 {
        return Some(tree);
    }
    *index -= 1;
    match tree {
        Value::Array(items) => items.iter_mut().find_map(|item| find(item, index)),
        Value::Object(fields) => fields.values_mut().find_map(|field| find(field, index)),
        _ => None,
    }
}
